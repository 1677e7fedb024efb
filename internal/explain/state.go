package explain

import (
	"cmp"
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

// Stuck is what an endpoint of state Failing does where requests wait and no instance will process them by itself.
const Stuck State = "stuck"

// States lists them all.
func States() []State {
	return []State{Asleep, Waking, Working, ScalingOut, AtMaximum, ScalingIn, Idle, Fixed, Failing, NotKnown}
}

// StateOf is the state that an explanation of the endpoint concludes.
func StateOf(r *report.Report, e *report.Endpoint, at time.Time) State { return Brief(r, e, at).State }

// restsAs is the state of an endpoint at which nothing waits, moves or fails; empty at all others. Most endpoints are at rest, and no link
// of these is followed for their state alone.
func (l *looked) restsAs() State {
	if !l.counted || !l.empty || l.endpoint.Unread || l.why(fleet.SourceTargets, fleet.SourceScaling, fleet.SourceAlarms) != "" || slices.Contains(fleet.Lasting, l.endpoint.Status) {
		return ""
	}
	if _, stuck := check.Stuck(l.endpoint.Endpoint, l.at); stuck {
		return ""
	}
	for i := range l.endpoint.Variants {
		if v := &l.endpoint.Variants[i]; *v.Current != *v.Desired || v.Target == nil || *v.Current > v.Target.MinCapacity || slices.ContainsFunc(v.Findings, serious) {
			return ""
		}
	}
	if l.running > 0 {
		return Idle
	}
	return Asleep
}

// foremost is the variant whose number of instances has to move the most.
func (l *looked) foremost() *variant {
	return slices.MaxFunc(l.variants, func(a, b *variant) int { return cmp.Compare(a.moves(), b.moves()) })
}

// does is the state by what waits and runs alone, of the foremost variant.
func (l *looked) does(of *variant) State {
	switch {
	case l.resting != "":
		return l.resting
	case of.Target == nil && (of.goes == rest || of.goes == in):
		return Fixed
	case of.goes == rest && l.running == 0:
		return Asleep
	case of.goes == wake:
		return Waking
	case of.goes == out && of.Target != nil && of.desired == of.current && of.atMaximum():
		return AtMaximum
	case of.goes == out:
		return ScalingOut
	case of.goes == in && (of.atMinimum() || of.desired == of.current && of.empty && of.rests()):
		return Idle
	case of.goes == in:
		return ScalingIn
	}
	return Working
}

// doing is what an endpoint does of which a link is broken: where that keeps its instances from changing, they do not.
func (l *looked) doing(broken *Link) State {
	of := l.foremost()
	state := l.does(of)
	switch {
	case !l.counted || !l.waiting && !l.empty:
		return NotKnown
	case l.waiting && (l.running == 0 || l.endpoint.Status != fleet.RollbackFailed && slices.Contains(fleet.Lasting, l.endpoint.Status)):
		return Stuck
	case broken.lacks == check.Keep && l.waiting:
		return ScalingIn
	case state != ScalingOut && state != ScalingIn || of.desired != of.current:
		return state
	case l.waiting:
		return Working
	}
	return Idle
}

// serious tells whether a finding fails and is more than worth knowing.
func serious(f check.Finding) bool { return f.Failed && f.Severity != check.Info }
