package config

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// The objective of endpoints that no entry names.
const (
	defaultLatency = 30 * time.Minute
	defaultTTL     = 6 * time.Hour // SageMaker's own, and the longest there is

	defaultFailures         = 0.1
	defaultCriticalFailures = 0.5
)

// shortestTTL is the shortest time to live that SageMaker takes for a request.
const shortestTTL = time.Minute

// Objective says how long requests may wait in the queue of endpoints, and how many of them may fail. The first entry that
// matches counts.
type Objective struct {
	Endpoints  Pattern `yaml:"endpoints"`  // names; left out: all
	Latency    Wait    `yaml:"latency"`    // longest acceptable wait; default 30m
	RequestTTL Wait    `yaml:"requestTTL"` // what the clients of InvokeEndpointAsync set; default 6h

	FailureRatio         Ratio `yaml:"failureRatio"`         // more failures are a ticket; default 0.1
	CriticalFailureRatio Ratio `yaml:"criticalFailureRatio"` // more failures are a page; default 0.5
}

// Ratio is a part of a whole, above 0 and at most 1; zero where the file leaves it out.
type Ratio float64

// UnmarshalYAML reads the ratio of a file.
func (r *Ratio) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) error {
		ratio, err := strconv.ParseFloat(text, 64)
		if err != nil || !(ratio > 0 && ratio <= 1) {
			return fmt.Errorf("%q is not a ratio: write a number above 0 and at most 1, for example 0.1", text)
		}
		*r = Ratio(ratio)
		return nil
	})
}

func (r Ratio) or(otherwise float64) float64 {
	if r == 0 {
		return otherwise
	}
	return float64(r)
}

// String is the ratio as it is written in the file.
func (r Ratio) String() string { return strconv.FormatFloat(float64(r), 'f', -1, 64) }

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

// SetsLatency tells whether an entry says how long the requests of an endpoint may wait; else Objective is the default.
func (c Config) SetsLatency(endpoint string) bool {
	for i := range c.Objectives {
		if o := &c.Objectives[i]; o.Endpoints.orAll().Match(endpoint) {
			return o.Latency != 0
		}
	}
	return false
}

// FailureRatios are the parts of an endpoint's invocations above which those that fail are a ticket, and a page.
func (c Config) FailureRatios(endpoint string) (warning, critical float64) {
	for i := range c.Objectives {
		if o := &c.Objectives[i]; o.Endpoints.orAll().Match(endpoint) {
			return o.FailureRatio.or(defaultFailures), o.CriticalFailureRatio.or(defaultCriticalFailures)
		}
	}
	return defaultFailures, defaultCriticalFailures
}

// objectiveProblems checks the rules that look at two values of an objective.
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
		if warning, critical := o.FailureRatio.or(defaultFailures), o.CriticalFailureRatio.or(defaultCriticalFailures); warning > critical {
			key := "failureRatio"
			if o.FailureRatio == 0 {
				key = "criticalFailureRatio"
			}
			found = append(found, problem{[]any{"objectives", i, key}, fmt.Sprintf(
				"failureRatio %s is above criticalFailureRatio %s: failures would be a page before they are a ticket", Ratio(warning), Ratio(critical))})
		}
	}
	return found
}

// String is the time as it is written in the file.
func (w Wait) String() string { return model.Duration(w).String() }
