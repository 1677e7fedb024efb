package check

import (
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

var wakeAlarmUnwired = &Check{
	Name: "wake_alarm_unwired", Severities: []Severity{Critical, Warning, Info}, Needs: wiring, run: runWakeAlarmUnwired,
	Stage: StageAlarm, Holds: Wake, Alert: "SageMakerAsyncWakeAlarmBroken", Remedy: []plan.Kind{plan.WakePolicy, plan.WakeAlarm},
}

func runWakeAlarmUnwired(s *Subject) verdict {
	fault, v, fails := s.cause(behavior.DeadAction, behavior.Disabled, unwired)
	if !fails {
		return v
	}
	severity, cost := s.weight()
	switch {
	case fault.Kind == unwired:
		return fail(severity, "No alarm triggers the wake policy %q of variant %q. %s.", fault.Policy, s.Variant.Name, cost).
			advise("Put an alarm on %s with the policy's ARN as its action.", s.wakeMetric())
	case fault.Kind == behavior.Disabled:
		return fail(severity, "The actions of the wake alarm %q of variant %q are disabled. %s.", fault.Alarm, s.Variant.Name, cost).
			advise("The command aws cloudwatch enable-alarm-actions --alarm-names %s enables them.", fleet.ShellWord(fault.Alarm))
	case fault.Policy != "":
		return fail(severity, "The wake alarm %q triggers a policy of variant %q that does not exist any more: the policy %q has another "+
			"ARN. %s.", fault.Alarm, s.Variant.Name, fault.Policy, cost).advise("Make its ARN an action of the alarm.")
	}
	return fail(severity, "The wake alarm %q triggers a policy of variant %q that does not exist any more. %s.", fault.Alarm, s.Variant.Name, cost).
		advise("Put a step policy and make its ARN an action of the alarm.")
}
