package config

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// The objective of endpoints that no entry names.
const (
	defaultLatency = 30 * time.Minute
	defaultTTL     = 6 * time.Hour // SageMaker's own, and the longest there is
)

// shortestTTL is the shortest time to live that SageMaker takes for a request.
const shortestTTL = time.Minute

// Objective says how long requests may wait in the queue of endpoints. The first entry that matches counts.
type Objective struct {
	Endpoints  Pattern `yaml:"endpoints"`  // names; left out: all
	Latency    Wait    `yaml:"latency"`    // longest acceptable wait; default 30m
	RequestTTL Wait    `yaml:"requestTTL"` // what the clients of InvokeEndpointAsync set; default 6h
}

// Wait is a time that is longer than nothing; zero where the file leaves it out.
type Wait time.Duration

// UnmarshalYAML reads the time of a file.
func (w *Wait) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) error {
		d, err := model.ParseDuration(text)
		if err != nil || d == 0 {
			return fmt.Errorf("%q is not a time to wait: write for example 90s, 30m or 6h", text)
		}
		*w = Wait(d)
		return nil
	})
}

func (w Wait) or(otherwise time.Duration) time.Duration {
	if w == 0 {
		return otherwise
	}
	return time.Duration(w)
}

// Objective is the longest acceptable wait in the queue of an endpoint, and after how long its requests expire.
func (c Config) Objective(endpoint string) (latency, requestTTL time.Duration) {
	for i := range c.Objectives {
		if o := &c.Objectives[i]; o.Endpoints.orAll().Match(endpoint) {
			return o.Latency.or(defaultLatency), o.RequestTTL.or(defaultTTL)
		}
	}
	return defaultLatency, defaultTTL
}

// objectiveProblems checks the rules that look at both times of an objective.
func (c Config) objectiveProblems() (found []problem) {
	for i := range c.Objectives {
		o := &c.Objectives[i]
		found = append(found, o.Endpoints.problems("objectives", i, "endpoints")...)
		latency, ttl := o.Latency.or(defaultLatency), o.RequestTTL.or(defaultTTL)
		switch {
		case ttl < shortestTTL || ttl > defaultTTL:
			found = append(found, problem{[]any{"objectives", i, "requestTTL"}, fmt.Sprintf(
				"requestTTL %s is not one that SageMaker takes: write a time between %s and %s", o.RequestTTL, Wait(shortestTTL), Wait(defaultTTL))})
		case latency >= ttl:
			key := "latency"
			if o.Latency == 0 {
				key = "requestTTL"
			}
			found = append(found, problem{[]any{"objectives", i, key}, fmt.Sprintf(
				"latency %s is not below requestTTL %s: requests would expire before they wait too long", Wait(latency), Wait(ttl))})
		}
	}
	return found
}

// String is the time as it is written in the file.
func (w Wait) String() string { return model.Duration(w).String() }
