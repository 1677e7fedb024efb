package report

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Rules are what is concluded by: they come from the configuration.
type Rules struct {
	Policies      policy.Policies
	Muted         func(endpoint, check string) bool // checks that are not shown; nil: none
	Objective     Objectives
	SetsLatency   func(endpoint string) bool   // whether somebody has set the latency of Objective; nil: of every endpoint
	Limits        func(endpoint string) Limits // nil: nothing is known
	Thresholds    Thresholds
	Prices        map[string]float64 // dollars an hour by instance type; never changed
	RecreateAfter time.Duration      // how long a scalable target has to be missing before it is registered again
	MaxSteps      int                // most writes in one round; 0 is without bound
	Endpoints     []string           // the only ones that are planned for, by their exact names; none is all
	Reconcile     bool               // plans are carried out
	Leader        bool               // by this process and no other
	Started       Started            // how, for commands that somebody else runs
}

// Objectives say of an endpoint how long its requests may wait, and after how long they expire; nil: nothing is known.
type Objectives func(endpoint string) (latency, requestTTL time.Duration)

func (r Rules) muted(endpoint string) func(check string) bool {
	if r.Muted == nil {
		return func(string) bool { return false }
	}
	return func(check string) bool { return r.Muted(endpoint, check) }
}

// defaults tells whether nobody has set the latency of an endpoint's objective.
func (r Rules) defaults(endpoint string) bool {
	return r.Objective != nil && r.SetsLatency != nil && !r.SetsLatency(endpoint)
}

func (r Rules) plan(past Past) plan.Rules {
	return plan.Rules{
		RecreateAfter: r.RecreateAfter, MaxSteps: r.MaxSteps, Endpoints: r.Endpoints,
		Behavior: func(e *fleet.Endpoint, v *fleet.Variant) *behavior.Behavior {
			return past.planned.Of(e, v, behavior.Context{})
		},
	}
}
