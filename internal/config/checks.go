package config

import (
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
		name, err := oneOf(text, "a check", check.Names()...)
		*n = CheckName(name)
		return err
	})
}

// Muted tells whether a check is taken away from an endpoint by any entry.
func (c Config) Muted(endpoint, check string) bool {
	return slices.ContainsFunc(c.Checks, func(mute Mute) bool {
		return mute.Endpoints.orAll().Match(endpoint) && slices.Contains(mute.Disable, CheckName(check))
	})
}
