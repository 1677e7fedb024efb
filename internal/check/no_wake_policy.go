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
		advice := "Give it a step that adds an instance from lower bound 0 on: bounds are distances from the alarm's threshold."
		if p := s.policy(fault.Policy); p != nil && p.Step != nil && p.Step.AdjustmentType == "PercentChangeInCapacity" {
			advice = "A percentage of 0 instances is 0: put a step policy that adds a number of instances, with an alarm on HasBacklogWithoutCapacity, beside it."
		}
		return fail(severity, "The policy %q of variant %q has no step that adds an instance at the value at which the alarm %q triggers it. %s.",
			fault.Policy, s.Variant.Name, fault.Alarm, cost).advise("%s", advice)
	}
	return fail(severity, "Nothing wakes variant %q from 0 instances: target tracking multiplies the instances that run, and no alarm "+
		"triggers a policy that adds the first. %s.", s.Variant.Name, cost).advise("%s", s.toWake())
}
