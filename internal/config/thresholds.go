package config

import (
	"fmt"
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Thresholds are values from which on an alert fires, for all endpoints.
type Thresholds struct {
	NearExpiryRatio     Ratio `yaml:"nearExpiryRatio"`     // of the requestTTL, which the oldest request has waited; default 0.5
	DrainRatio          Ratio `yaml:"drainRatio"`          // of a queue, by which it shrinks in 20 minutes; default 0.05
	IdleRatio           Ratio `yaml:"idleRatio"`           // of a day with instances, in which no request was queued; default 0.5
	FlappingWakes       Count `yaml:"flappingWakes"`       // wakes in six hours; default 4
	FlappingQueuedRatio Ratio `yaml:"flappingQueuedRatio"` // of the time at zero instances, in which requests were queued; default 0.5
	ThrottledRatio      Ratio `yaml:"throttledRatio"`      // of the calls of an AWS operation in half an hour; default 0.05
}

// Count is a number of events, 1 or more; zero where the file leaves it out.
type Count int

// UnmarshalYAML reads the number of a file.
func (c *Count) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) error {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 || number > math.MaxInt32 {
			return fmt.Errorf("%q is not a number of events: write a whole number, 1 or more", text)
		}
		*c = Count(number)
		return nil
	})
}

// String is the number as it is written in the file.
func (c Count) String() string { return strconv.Itoa(int(c)) }
