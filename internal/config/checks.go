package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/check"
)

// Mute takes checks away from endpoints.
type Mute struct {
	Endpoints Pattern     `yaml:"endpoints"` // names; left out: all
	Disable   []CheckName `yaml:"disable"`
}

// CheckName is the name of a check that exists.
type CheckName string

// UnmarshalYAML reads the name of a file.
func (n *CheckName) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) error {
		if _, renamed := check.Alias(text); renamed {
			*n = CheckName(text)
			return nil
		}
		name, err := oneOf(text, "a check", check.Names()...)
		*n = CheckName(name)
		return err
	})
}

// Muted tells whether a check is taken away from an endpoint by any entry.
func (c Config) Muted(endpoint, check string) bool {
	return slices.ContainsFunc(c.Checks, func(mute Mute) bool {
		return mute.Endpoints.orAll().Match(endpoint) && slices.ContainsFunc(mute.Disable, func(name CheckName) bool { return name.now() == check })
	})
}

// now is the present name of the check.
func (n CheckName) now() string {
	if present, renamed := check.Alias(string(n)); renamed {
		return present
	}
	return string(n)
}

// Warnings are what still works and should be written in another way, a sentence each.
func (c Config) Warnings() []string {
	warnings := slices.Clone(c.former)
	for _, mute := range c.Checks {
		for _, name := range mute.Disable {
			if present := name.now(); present != string(name) {
				warnings = append(warnings, fmt.Sprintf("checks: %s is now called %s; change the name in the config file", name, present))
			}
		}
	}
	slices.Sort(warnings)
	return slices.Compact(warnings)
}
