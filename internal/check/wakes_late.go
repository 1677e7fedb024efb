package check

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var wakesLate = &Check{
	Name: "wakes_late", Severities: []Severity{Critical, Warning}, Needs: wiring, run: runWakesLate, Stage: StageAlarm, Remedy: []plan.Kind{plan.WakePolicy, plan.WakeAlarm},
}

// runWakesLate leaves out what AWS needs to provide an instance.
func runWakesLate(s *Subject) verdict {
	w := &s.Behavior.Wakes
	if !s.sleeps() || w.Verdict != behavior.Yes {
		return verdict{}
	}
	if s.others() != "" && s.Behavior.Joins.Verdict == behavior.Yes {
		return pass(Warning) // that one works the queue off, and this one comes to its help when somebody wanted it to
	}
	after, severity := w.After+metricLag, Critical
	if s.others() != "" {
		severity = Warning
	}
	switch {
	case w.From > 1:
		return fail(severity, "Variant %q wakes only from %d queued requests on, through %s: fewer wait until they expire.", s.Variant.Name, w.From, via(w.By)).
			advise("%s", beside)
	case w.UpTo > 0:
		advice := beside
		if w.Leaves {
			return fail(severity, "Variant %q wakes only while at most %d requests are queued, because the alarm %q does not stay in %s with more: a "+
				"longer queue waits until it expires.", s.Variant.Name, w.UpTo, w.By.Alarm, w.State).advise("%s", advice)
		}
		if s.ends(w.By.Policy) {
			advice = "Leave out the upper bound of the last step of that policy."
		}
		return fail(severity, "Variant %q wakes only while at most %d requests are queued, because the policy %q has no step for more: a "+
			"longer queue waits until it expires.", s.Variant.Name, w.UpTo, w.By.Policy).advise("%s", advice)
	case after > s.ttl():
		return fail(severity, "The wake alarm %q of variant %q takes %s to go into ALARM, and requests expire after %s.", w.By.Alarm, s.Variant.Name,
			short(w.After), short(s.ttl())).advise("%s", s.sooner(w.By.Alarm))
	case s.Latency > 0 && after > s.Latency/2:
		return fail(Warning, "The wake alarm %q of variant %q takes up to %s to go into ALARM, more than half of %s, "+
			"before an instance is even asked for.", w.By.Alarm, s.Variant.Name, short(after), s.objective()).advise("%s", s.sooner(w.By.Alarm))
	}
	return pass(Critical)
}

const beside = "Put a step policy with an alarm on HasBacklogWithoutCapacity beside it."

// ends tells whether the last step of a policy has an upper bound.
func (s *Subject) ends(name string) bool {
	p := s.policy(name)
	return p != nil && p.Step != nil && len(p.Step.Adjustments) > 0 &&
		!slices.ContainsFunc(p.Step.Adjustments, func(step fleet.StepAdjustment) bool { return step.Upper == nil })
}

// sooner says how an alarm goes into ALARM sooner.
func (s *Subject) sooner(name string) string {
	alarm := s.alarm(name)
	switch {
	case alarm == nil:
		return beside
	case alarm.Period == time.Minute && alarm.EvaluationPeriods == 1 && len(alarm.Math) == 0:
		return "No alarm is faster than 1 period of 1m: keep an instance running, or allow for a longer wait."
	case alarm.Period == time.Minute && alarm.EvaluationPeriods <= policy.WakeEvaluationPeriods && len(alarm.Math) == 0:
		return "Let the alarm ask for 1 period of 1m."
	}
	return "Let the alarm ask for 2 periods of 1m."
}
