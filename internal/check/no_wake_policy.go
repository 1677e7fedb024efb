package check

import (
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/plan"
)

var noWakePolicy = &Check{
	Name: "no_wake_policy", Severities: []Severity{Critical, Warning, Info}, Needs: wiring, run: runNoWakePolicy,
	Stage: StagePolicy, Holds: Wake, Alert: "SageMakerAsyncWakePolicyMissing", Remedy: []plan.Kind{plan.WakePolicy, plan.WakeAlarm},
}

// runNoWakePolicy applies where scaling may bring the variant to zero.
func runNoWakePolicy(s *Subject) verdict {
	fault, v, fails := s.cause(behavior.Nothing, behavior.NoStep)
	if !fails {
		return v
	}
	severity, cost := s.weight()
	if fault.Kind == behavior.NoStep {
		return fail(severity, "The policy %q of variant %q has no step that adds an instance at the value at which the alarm %q triggers it. "+
			"%s. %s.", fault.Policy, s.Variant.Name, fault.Alarm, cost,
			s.remedy("Give it a step with lower bound 0: bounds are distances from the alarm's threshold"))
	}
	return fail(severity, "Nothing wakes variant %q from 0 instances: target tracking multiplies the instances that run, and no alarm "+
		"triggers a policy that adds the first. %s. %s.", s.Variant.Name, cost,
		s.remedy("Put a step policy with an alarm on HasBacklogWithoutCapacity"))
}
