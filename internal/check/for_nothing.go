package check

import "github.com/sagemaker-async/exporter/internal/behavior"

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
		return fail(Warning, "%s starts instances of variant %q while nothing is queued, so it never stays at 0 and is paid for around the "+
			"clock. Change the condition of the alarm, so that it goes into ALARM only when requests are queued.",
			capital(via(acts[0].Path)), s.Variant.Name)
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
			return fail(Warning, "%s adds instances to variant %q while nothing is queued, up to %d. Change the condition of the alarm.",
				capital(via(act.Path)), s.Variant.Name, act.To)
		}
		return fail(Warning, "One request that takes long keeps %s of variant %q adding instances, up to %d, that have nothing to do. Let it "+
			"watch ApproximateBacklogSizePerInstance, which falls when instances are added, or wake by HasBacklogWithoutCapacity.",
			via(act.Path), s.Variant.Name, act.To)
	}
	return pass(Warning)
}
