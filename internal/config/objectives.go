package config

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// defaultObjective is that of endpoints that no entry names, and what an entry leaves out.
var defaultObjective = Objective{
	Endpoints:            all,
	Latency:              Wait(30 * time.Minute),
	LatencyMissRatio:     0.01,
	RequestTTL:           Wait(6 * time.Hour), // SageMaker's own, and the longest there is
	FailureRatio:         0.1,
	CriticalFailureRatio: 0.5,
	MinFailures:          3,
	CriticalMinFailures:  10,
	Processing:           Wait(50 * time.Minute),
}

const (
	// shortestTTL is the shortest time to live that SageMaker takes for a request.
	shortestTTL = time.Minute
	// longestInvocation is how long an invocation may take at most before SageMaker ends it.
	longestInvocation = time.Hour
	// mostMisses is the greatest share of minutes that the page for missed latency can tell from all: it comes at six times
	// the share within six hours.
	mostMisses = 0.15
)

// Objective says how long requests may wait in the queue of endpoints, how long they may take, and how many of them may
// fail. The first entry that matches counts.
type Objective struct {
	Endpoints        Pattern `yaml:"endpoints"`        // names; left out: all
	Latency          Wait    `yaml:"latency"`          // longest acceptable wait; default 30m
	LatencyMissRatio Ratio   `yaml:"latencyMissRatio"` // of the minutes, in which the wait may be longer; default 0.01
	RequestTTL       Wait    `yaml:"requestTTL"`       // what the clients of InvokeEndpointAsync set; default 6h

	FailureRatio         Ratio `yaml:"failureRatio"`         // more failures are a ticket; default 0.1
	CriticalFailureRatio Ratio `yaml:"criticalFailureRatio"` // more failures are a page; default 0.5
	MinFailures          Count `yaml:"minFailures"`          // fewer failures are no ticket; default 3
	CriticalMinFailures  Count `yaml:"criticalMinFailures"`  // fewer failures are no page; default 10
	Processing           Wait  `yaml:"processing"`           // an invocation that takes longer is a ticket; default 50m
}

// filled is the objective with the default of everything that its entry leaves out.
func (o Objective) filled() Objective {
	d := &defaultObjective
	return Objective{
		Endpoints:            o.Endpoints.orAll(),
		Latency:              cmp.Or(o.Latency, d.Latency),
		LatencyMissRatio:     cmp.Or(o.LatencyMissRatio, d.LatencyMissRatio),
		RequestTTL:           cmp.Or(o.RequestTTL, d.RequestTTL),
		FailureRatio:         cmp.Or(o.FailureRatio, d.FailureRatio),
		CriticalFailureRatio: cmp.Or(o.CriticalFailureRatio, d.CriticalFailureRatio),
		MinFailures:          cmp.Or(o.MinFailures, d.MinFailures),
		CriticalMinFailures:  cmp.Or(o.CriticalMinFailures, d.CriticalMinFailures),
		Processing:           cmp.Or(o.Processing, d.Processing),
	}
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

// Duration is the time as the standard library knows it.
func (w Wait) Duration() time.Duration { return time.Duration(w) }

// ObjectiveOf is the objective of an endpoint, with every default.
func (c Config) ObjectiveOf(endpoint string) Objective {
	for i := range c.Objectives {
		if o := &c.Objectives[i]; o.Endpoints.orAll().Match(endpoint) {
			return o.filled()
		}
	}
	return defaultObjective
}

// Objective is the longest acceptable wait in the queue of an endpoint, and after how long its requests expire.
func (c Config) Objective(endpoint string) (latency, requestTTL time.Duration) {
	o := c.ObjectiveOf(endpoint)
	return o.Latency.Duration(), o.RequestTTL.Duration()
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

// objectiveProblems checks the rules that look at two values of an objective, and the bounds of one.
func (c Config) objectiveProblems() (found []problem) {
	for i := range c.Objectives {
		entry := &c.Objectives[i]
		o := entry.filled()
		bad := func(key, format string, args ...any) {
			found = append(found, problem{[]any{"objectives", i, key}, fmt.Sprintf(format, args...)})
		}
		found = append(found, entry.Endpoints.problems("objectives", i, "endpoints")...)
		switch {
		case o.RequestTTL.Duration() < shortestTTL || o.RequestTTL > defaultObjective.RequestTTL:
			bad("requestTTL", "requestTTL %s is not one that SageMaker takes: write a time between %s and %s", o.RequestTTL, Wait(shortestTTL), defaultObjective.RequestTTL)
		case o.Latency >= o.RequestTTL:
			bad(either(entry.Latency != 0, "latency", "requestTTL"),
				"latency %s is not below requestTTL %s: requests would expire before they wait too long", o.Latency, o.RequestTTL)
		}
		if o.LatencyMissRatio > mostMisses {
			bad("latencyMissRatio", "latencyMissRatio %s is above %s: no page could tell such misses from all minutes", o.LatencyMissRatio, Ratio(mostMisses))
		}
		if o.FailureRatio > o.CriticalFailureRatio {
			bad(either(entry.FailureRatio != 0, "failureRatio", "criticalFailureRatio"),
				"failureRatio %s is above criticalFailureRatio %s: failures would be a page before they are a ticket", o.FailureRatio, o.CriticalFailureRatio)
		}
		if o.MinFailures > o.CriticalMinFailures {
			bad(either(entry.MinFailures != 0, "minFailures", "criticalMinFailures"),
				"minFailures %d is above criticalMinFailures %d: failures would be a page before they are a ticket", o.MinFailures, o.CriticalMinFailures)
		}
		if o.Processing.Duration() >= longestInvocation {
			bad("processing", "processing %s is not below %s, after which SageMaker ends an invocation", o.Processing, Wait(longestInvocation))
		}
	}
	return found
}

// either is the key that an entry writes, or the one whose value its default meets.
func either(written bool, key, otherwise string) string {
	if written {
		return key
	}
	return otherwise
}

// String is the time as it is written in the file.
func (w Wait) String() string { return model.Duration(w).String() }
