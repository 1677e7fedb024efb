package check

import (
	"fmt"
	"slices"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

var neverReachesZero = &Check{
	Name: "never_reaches_zero", Severities: []Severity{Warning}, Needs: wiring, run: runNeverReachesZero,
	Stage: StagePolicy, Holds: In, Remedy: []plan.Kind{plan.TrackingPolicy},
}

// runNeverReachesZero applies where the minimum is 0 and no other check names the cause.
func runNeverReachesZero(s *Subject) verdict {
	if !s.sleeps() || s.Variant.Target.Suspended.ScaleIn || s.followsNothing() {
		return verdict{}
	}
	b, most := s.atZero(), s.Variant.Target.MaxCapacity
	if b != s.Behavior { // a scheduled action sets the bounds
		most = s.Behavior.Scheduled.Target.MaxCapacity
	}
	if most == 0 || b.ScalesIn.Silenced { // another check says it
		return verdict{}
	}
	nothing, advice := s.removesNone(s.toZero())
	switch in := &b.ScalesIn; {
	case in.Verdict == behavior.Yes && in.To == 0:
		return pass(Warning)
	case in.Possible == 0, in.Verdict == behavior.No && (s.holdsScaleIn() || b.ScalesOut.Level == behavior.Never):
		return verdict{}
	case in.Possible < max(1, most):
		return fail(Warning, "%s brings variant %q below %s, although its minimum is 0: those are paid for around the clock.", nothing, s.Variant.Name,
			instances(in.Possible)).advise("%s", advice)
	}
	return fail(Warning, "%s removes idle instances of variant %q, although its minimum is 0: they are paid for around the clock.", nothing, s.Variant.Name).
		advise("%s", advice)
}

// toZero says how the last instances are removed.
func (s *Subject) toZero() string {
	for _, act := range s.Behavior.ScalesOutForNothing {
		if act.Situation == behavior.Idle {
			return "Change what adds instances while nothing is queued: " + via(act.Path) + "."
		}
	}
	const last = "emove the last instances with a step policy on ApproximateBacklogSize below 1."
	if p := s.followsLoad(); p != nil {
		if s.Behavior.Tracker() == nil {
			return "R" + last + fmt.Sprintf(" The policy %q keeps the last one, because the load of a host that runs is never 0, and AWS removes instances only "+
				"when all tracking policies would.", p.Name)
		}
		return fmt.Sprintf("Put the policy %q again with DisableScaleIn true: it keeps the last instance, because the load of a host that runs is "+
			"never 0, and AWS removes instances only when all tracking policies would. Or r", p.Name) + last
	}
	if s.Behavior.Tracker() != nil {
		return "R" + last
	}
	return "Let a policy track ApproximateBacklogSizePerInstance, which is 0 with an empty queue, or r" + last
}

// followsLoad is a tracking policy on the load of hosts that may scale in; nil where there is none.
func (s *Subject) followsLoad() *fleet.Policy {
	for i := range s.Variant.Policies {
		p := &s.Variant.Policies[i]
		if !autoscaling.TracksIn(p) {
			continue
		}
		load := func(m *fleet.Metric) bool { return m != nil && m.Namespace == fleet.HostNamespace }
		if load(p.Tracking.Metric) || slices.ContainsFunc(p.Tracking.Math, func(q fleet.MathQuery) bool { return load(q.Metric) }) {
			return p
		}
	}
	return nil
}

// holdsScaleIn tells whether a tracking policy has scale-in disabled.
func (s *Subject) holdsScaleIn() bool {
	return slices.ContainsFunc(s.Variant.Policies, func(p fleet.Policy) bool { return p.Tracking != nil && p.Tracking.DisableScaleIn })
}
