package explain

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// State is what an endpoint does, in a word.
type State string

// The states.
const (
	Asleep     State = "asleep"      // no instance runs, and nothing waits
	Waking     State = "waking"      // no instance runs yet, and the chain is at work
	Working    State = "working"     // the instances that run are as many as there should be
	ScalingOut State = "scaling_out" // more instances come, or are about to
	AtMaximum  State = "at_maximum"  // more waits than is tracked, and all instances allowed run
	ScalingIn  State = "scaling_in"  // instances go, or are about to
	Idle       State = "idle"        // nothing waits, and instances stay
	Fixed      State = "fixed"       // nothing scales it
	Failing    State = "broken"      // a link is broken
	NotKnown   State = "unknown"     // what matters is not known
)

// States lists them all.
func States() []State {
	return []State{Asleep, Waking, Working, ScalingOut, AtMaximum, ScalingIn, Idle, Fixed, Failing, NotKnown}
}

// StateOf is the state that One concludes, for readers of all endpoints: most of them rest, and for those it costs next to nothing.
func StateOf(r *report.Report, e *report.Endpoint, at time.Time) State {
	if state, ok := Resting(r, e, at); ok {
		return state
	}
	return Brief(r, e, at).State
}

// Resting is the state of an endpoint at which nothing waits, moves or fails; ok is false at all others.
func Resting(r *report.Report, e *report.Endpoint, at time.Time) (state State, ok bool) {
	backlog := e.Queue[fleet.Backlog]
	known := func(source fleet.SourceName) bool { return r.Snapshot.Fresh(source, at) }
	if !at.Before(e.Expires) || e.Unread || !known(fleet.SourceEndpoints) || !known(fleet.SourceQueue) || !known(fleet.SourceScaling) ||
		!known(fleet.SourceAlarms) || !backlog.Fresh(at) || backlog.Value != 0 || len(e.Variants) == 0 {
		return "", false
	}
	state = Asleep
	for i := range e.Variants {
		v := &e.Variants[i]
		if v.Current == nil || v.Desired == nil || *v.Current != *v.Desired || v.Target == nil || *v.Current > v.Target.MinCapacity || fails(v) {
			return "", false
		}
		if *v.Current > 0 {
			state = Idle
		}
	}
	return state, true
}

// fails tells whether a check of the variant does.
func fails(v *report.Variant) bool {
	return slices.ContainsFunc(v.Findings, serious)
}

// serious tells whether a finding fails and is more than worth knowing.
func serious(f check.Finding) bool { return f.Failed && f.Severity != check.Info }
