package check

import (
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/plan"
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
	after, severity := w.After+metricLag, Critical
	if s.otherWakes() {
		severity = Warning
	}
	switch {
	case w.From > 1:
		return fail(severity, "Variant %q wakes only from %d queued requests on, through %s: fewer wait until they expire. %s.",
			s.Variant.Name, w.From, via(w.By), s.remedy("Put a step policy with an alarm on HasBacklogWithoutCapacity beside it"))
	case w.UpTo > 0:
		return fail(severity, "Variant %q wakes only while at most %d requests are queued, because the policy %q has no step for more: a "+
			"longer queue waits until it expires. Leave out the upper bound of its last step.", s.Variant.Name, w.UpTo, w.By.Policy)
	case after > s.ttl():
		return fail(severity, "The wake alarm %q of variant %q takes %s to go into ALARM, and requests expire after %s. Lower its evaluation "+
			"periods to 2 of 1m.", w.By.Alarm, s.Variant.Name, short(w.After), short(s.ttl()))
	case s.Latency > 0 && after > s.Latency/2:
		return fail(Warning, "The wake alarm %q of variant %q takes up to %s to go into ALARM, more than half of the latency objective of %s, "+
			"before an instance is even asked for. Lower its periods.", w.By.Alarm, s.Variant.Name, short(after), short(s.Latency))
	}
	return pass(Critical)
}
