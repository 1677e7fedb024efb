package check

import (
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var wakeAlarmUnwired = &Check{
	Name: "wake_alarm_unwired", Severities: []Severity{Critical}, Needs: wiring, run: runWakeAlarmUnwired,
}

// runWakeAlarmUnwired applies to what may sleep, if there is a wake policy or a wake alarm at all. Without a scalable
// target it applies only to an alarm that did wake the variant: its policy went with the target, the alarm stays.
func runWakeAlarmUnwired(s *Subject) verdict {
	alarm, wake := s.wakeAlarm(), s.Match.Wake
	switch {
	case s.Variant.Target == nil:
		if alarm == nil || !slices.ContainsFunc(alarm.AlarmActions, func(action string) bool { return fleet.ScaledResource(action) == s.resource() }) {
			return verdict{}
		}
		return fail(Critical, "The wake alarm %q triggers a scaling policy of variant %q that was deleted together with the "+
			"scalable target, so it wakes nothing. %s.", alarm.Name, s.Variant.Name,
			s.mend("Register the target, put the policy and make its ARN an action of the alarm"))
	case !s.hasWakePath():
		return verdict{}
	case alarm == nil:
		return fail(Critical, "No alarm triggers the wake policy %q, so variant %q stays at 0 instances while requests wait. %s.",
			wake.Name, s.Variant.Name, s.mend("Put an alarm on HasBacklogWithoutCapacity with the policy's ARN as its action"))
	case wake == nil:
		return fail(Critical, "The wake alarm %q triggers no scaling policy of variant %q, which stays at 0 instances while requests "+
			"wait. %s.", alarm.Name, s.Variant.Name, s.mend("Put a step policy and make its ARN an action of the alarm"))
	case !slices.Contains(alarm.AlarmActions, wake.ARN):
		return fail(Critical, "The wake alarm %q lacks the present ARN of the wake policy %q among its actions (%d), so variant %q stays "+
			"at 0 instances while requests wait. %s.", alarm.Name, wake.Name, len(alarm.AlarmActions), s.Variant.Name,
			s.mend("Make that ARN an action of the alarm"))
	case !alarm.ActionsEnabled:
		return fail(Critical, "The actions of the wake alarm %q are disabled, so it rings and wakes nothing: variant %q stays at 0 "+
			"instances while requests wait. %s.", alarm.Name, s.Variant.Name, s.mend("Enable them"))
	}
	return pass(Critical)
}
