package check

import (
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

var neverScalesIn = &Check{
	Name: "never_scales_in", Severities: []Severity{Warning}, Needs: wiring, run: runNeverScalesIn,
	Stage: StagePolicy, Holds: In, Remedy: []plan.Kind{plan.TrackingPolicy},
}

// runNeverScalesIn fails where the minimum is above 0 at all times, something adds instances to it, and no other check names the cause.
func runNeverScalesIn(s *Subject) verdict {
	if !s.scaled() || s.Variant.Target.Suspended.ScaleIn || s.followsNothing() {
		return verdict{}
	}
	in, least, most := &s.Behavior.ScalesIn, s.Variant.Target.MinCapacity, s.Variant.Target.MaxCapacity
	adds := s.Behavior.ScalesOut.Level == behavior.Moderate || s.Behavior.ScalesOut.Level == behavior.BurstOnly
	switch {
	case in.Verdict == behavior.Yes && in.To <= least:
		return pass(Warning)
	case in.Possible <= least, least == 0, s.sleeps(), !adds, in.Silenced, in.Verdict == behavior.No && s.holdsScaleIn():
		return verdict{}
	}
	nothing, advice := s.removesNone("Let a policy track ApproximateBacklogSizePerInstance, or remove idle instances with a step policy on ApproximateBacklogSize below 1.")
	if in.Possible < most {
		return fail(Warning, "%s brings variant %q below %s, although its minimum is %d: those are paid for around the clock.", nothing, s.Variant.Name,
			instances(in.Possible), least).advise("%s", advice)
	}
	return fail(Warning, "%s removes idle instances of variant %q (minimum %d, now %s): those that a queue has started are paid for around "+
		"the clock.", nothing, s.Variant.Name, least, s.instances()).advise("%s", advice)
}

// removesNone begins a sentence on instances that nothing removes, with the cause where AWS's own alarm is gone, and says what to do
// about it: that cause first, else what is given.
func (s *Subject) removesNone(otherwise string) (nothing, advice string) {
	if p, gone := s.lost(fleet.TrackingLow); gone != "" {
		return gone + ", so nothing", again(p)
	}
	return "Nothing", otherwise
}
