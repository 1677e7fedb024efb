package check

import "github.com/sagemaker-async/exporter/internal/policy"

var noWakePolicy = &Check{
	Name: "no_wake_policy", Severities: []Severity{Critical}, Needs: wiring, run: runNoWakePolicy,
}

// runNoWakePolicy applies where scaling may bring the variant to zero.
func runNoWakePolicy(s *Subject) verdict {
	switch {
	case !s.sleeps():
		return verdict{}
	case s.wakeless():
		return fail(Critical, "Variant %q may scale in to 0 instances and has no policy that wakes it: target tracking multiplies "+
			"what runs, so from 0 nothing starts and requests wait until they expire. %s.", s.Variant.Name,
			s.mend("Put a step policy with an alarm on HasBacklogWithoutCapacity"))
	case s.wakesNothing():
		return fail(Critical, "The wake policy %q of variant %q adds nothing to 0 instances when the value is 1 and the alarm's "+
			"threshold %g (adjustment type %q), so requests wait until they expire. %s.", s.Match.Wake.Name, s.Variant.Name,
			s.threshold(), s.Match.Wake.Step.AdjustmentType, s.mend("Give it a step from 0 with ChangeInCapacity +1"))
	}
	return pass(Critical)
}

// wakeless tells whether there is nothing at all that could wake the variant.
func (s *Subject) wakeless() bool { return s.Match.Wake == nil && s.wakeAlarm() == nil }

// wakesNothing tells whether the wake policy is none: its steps start no instance at the moment the alarm rings. Where it
// is the alarm that rings at a wrong moment, the steps are not to blame.
func (s *Subject) wakesNothing() bool {
	if s.Match.Wake == nil {
		return false
	}
	alarm := s.wakeAlarm()
	return (alarm == nil || policy.WakeCondition(alarm)) && !policy.WakeSteps(s.Match.Wake, s.threshold())
}

// hasWakePath tells whether there is something that could wake the variant and has to be looked at more closely.
func (s *Subject) hasWakePath() bool { return s.sleeps() && !s.wakeless() && !s.wakesNothing() }
