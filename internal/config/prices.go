package config

import (
	"fmt"
	"maps"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// InstanceType is the type of an instance of an endpoint, for example ml.g5.xlarge.
type InstanceType string

var instanceForm = regexp.MustCompile(`^ml\.[a-z0-9-]+\.[a-z0-9-]+$`)

// UnmarshalYAML reads the type of a file.
func (t *InstanceType) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) error {
		if !instanceForm.MatchString(text) {
			return fmt.Errorf("%q is not an instance type: write for example ml.g5.xlarge", text)
		}
		*t = InstanceType(text)
		return nil
	})
}

// knownPrices are AWS's prices on demand in us-west-2, in dollars an hour.
var knownPrices = map[string]float64{
	"ml.g4dn.xlarge": 0.736, "ml.g5.xlarge": 1.408, "ml.g5.2xlarge": 1.515, "ml.g6.xlarge": 1.127, "ml.g6.2xlarge": 1.222,
}

// InstancePrices are the dollars an hour by instance type: the built-in ones under those of the file.
func (c Config) InstancePrices() map[string]float64 {
	prices := maps.Clone(knownPrices)
	for instanceType, dollars := range c.Prices {
		prices[string(instanceType)] = float64(dollars)
	}
	return prices
}
