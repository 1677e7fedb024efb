package check

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

var (
	wakesForNothing = &Check{
		Name: "wakes_for_nothing", Severities: []Severity{Warning}, Needs: wiring, run: runWakesForNothing, Stage: StageAlarm,
	}
	scalesOutForNothing = &Check{
		Name: "scales_out_for_nothing", Severities: []Severity{Warning}, Needs: wiring, run: runScalesOutForNothing, Stage: StagePolicy,
	}
)

func runWakesForNothing(s *Subject) verdict {
	switch acts := s.Behavior.WakesForNothing; {
	case !s.sleeps():
		return verdict{}
	case len(acts) > 0:
		return fail(Warning, "%s starts instances of variant %q while nothing is queued, so it never stays at 0 and is paid for around the clock.",
			fleet.Capital(via(acts[0].Path)), s.Variant.Name).
			advise("Change the condition of the alarm, so that it goes into ALARM only when requests are queued.")
	}
	return pass(Warning)
}

func runScalesOutForNothing(s *Subject) verdict {
	if !s.scaled() {
		return verdict{}
	}
	if acts := s.Behavior.ScalesOutForNothing; len(acts) > 0 {
		act := acts[0]
		if act.Situation == behavior.Idle {
			return fail(Warning, "%s adds instances to variant %q while nothing is queued, up to %d.", fleet.Capital(via(act.Path)), s.Variant.Name, act.To).
				advise("Change the condition at which it adds instances.")
		}
		if act.Situation == behavior.Woken {
			return fail(Warning, "%s goes on adding instances to variant %q once the first one runs, up to %d, that have nothing to do: the alarm still "+
				"counts the minutes before.", fleet.Capital(via(act.Path)), s.Variant.Name, act.To).advise("Let the alarm ask for 2 of 2 periods of 1m.")
		}
		return fail(Warning, "One request that takes long keeps %s of variant %q adding instances, up to %d, that have nothing to do.",
			via(act.Path), s.Variant.Name, act.To).advise("%s", s.toStopAdding(act.Path))
	}
	return pass(Warning)
}

// toStopAdding says how a path adds no instance for a request that is in service already.
func (s *Subject) toStopAdding(path behavior.Path) string {
	const falls = "ApproximateBacklogSizePerInstance, which falls when instances are added"
	p, alarm, tracker := s.policy(path.Policy), s.alarm(path.Alarm), s.Behavior.Tracker()
	switch {
	case p != nil && p.Tracking.OnBacklogPerInstance():
		return fmt.Sprintf("Raise its target value, %g: one request in service is no reason to add an instance.", p.Tracking.TargetValue)
	case p != nil && p.Tracking != nil:
		return "Let it track " + falls + "."
	case alarm == nil:
		return "Change the condition at which it adds instances."
	case alarm.Metric.Name == fleet.BacklogPerInstance.String():
		return fmt.Sprintf("Raise the threshold of the alarm, %g: one request in service is no reason to add an instance.", alarm.Threshold)
	case alarm.Metric.Name == fleet.WithoutCapacity.String() && alarm.Statistic == "SampleCount":
		return "Set its statistic to Average: SampleCount is 1 whatever the values are."
	case alarm.Metric.Name == fleet.WithoutCapacity.String():
		return "Let the alarm go into ALARM at values of 1 or more alone."
	case s.Behavior.Wakes.By != path:
		return "Let the alarm watch " + falls + "."
	case tracker != nil && tracker.Name != path.Policy:
		return "Wake by an alarm on HasBacklogWithoutCapacity alone, which is 0 once an instance runs."
	}
	return "Wake by an alarm on HasBacklogWithoutCapacity alone, which is 0 once an instance runs, and scale out by " + falls + "."
}
