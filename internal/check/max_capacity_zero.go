package check

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/behavior"
)

var maxCapacityZero = &Check{
	Name: "max_capacity_zero", Severities: []Severity{Critical, Warning}, Needs: targets, run: runMaxCapacityZero,
	Stage: StageTarget, Holds: Wake | Out, Alert: "SageMakerAsyncWakePolicyMissing",
}

// runMaxCapacityZero looks at the maximum as it is, and as scheduled actions set it. What they will do is no page: until then the
// variant may well wake.
func runMaxCapacityZero(s *Subject) verdict {
	if !s.scaled() {
		return verdict{}
	}
	stop, now := behavior.Stop{}, s.Variant.Target.MaxCapacity == 0
	if s.Behavior.Scheduled != nil {
		stop = s.Behavior.Scheduled.Stops
		if now {
			stop = s.Behavior.Scheduled.Stands
		}
	}
	wait, lost := s.stopped(stop)
	open := stop.Ends == "" && s.Behavior.Scheduled != nil && s.Behavior.Scheduled.Open.Raises != ""
	if open {
		wait, lost = fmt.Sprintf("wait for the scheduled action %q, whose schedule is not understood", s.Behavior.Scheduled.Open.Raises), false
	}
	if s.others() != "" {
		wait, lost = "are left to another variant", false
	}
	severity := Warning
	if now && lost && s.queued() > 0 {
		severity = Critical
	}
	switch {
	case !now && stop.For == 0:
		return pass(Warning)
	case !now:
		v := fail(severity, "The scheduled action %q of variant %q sets a maximum of 0: it removes all instances, whatever they work on, none "+
			"starts, and queued requests %s.", stop.By, s.Variant.Name, wait).advise("Let it set the minimum to 0 alone.")
		v.held = Later
		return v
	}
	advice := "Raise MaxCapacity"
	switch {
	case stop.Ends != "", open:
		advice = "Let no scheduled action set the maximum to 0"
	case s.selected():
		advice += ", or write maxCapacity in the policy that selects it"
	}
	return fail(severity, "The scalable target of variant %q has a maximum of 0, so no instance starts and queued requests %s.", s.Variant.Name,
		wait).advise("%s.", advice)
}

// stopped says what becomes of requests in a time at a maximum of 0, and whether some are lost.
func (s *Subject) stopped(stop behavior.Stop) (wait string, lost bool) {
	switch {
	case stop.Ends == "":
		return "wait until they expire", true
	case stop.For > s.ttl():
		return fmt.Sprintf("wait up to %s for the scheduled action %q, and expire after %s", short(stop.For), stop.Ends, short(s.ttl())), true
	}
	return fmt.Sprintf("wait up to %s for the scheduled action %q", short(stop.For), stop.Ends), false
}
