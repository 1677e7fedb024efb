package check

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var wakeCooldownShort = &Check{
	Name: "wake_cooldown_short", Severities: []Severity{Warning},
	Needs: []fleet.SourceName{fleet.SourceScaling, fleet.SourceAlarms, fleet.SourceActivities}, run: runWakeCooldownShort,
	Stage: StagePolicy, Alert: "SageMakerAsyncWakeCooldownShort",
}

// runWakeCooldownShort applies once a scale-out has been seen. An exact capacity may be set twice without harm.
func runWakeCooldownShort(s *Subject) verdict {
	wake, outs := s.policy(s.Behavior.WakePath().Policy), s.Variant.Activity.ScaleOuts
	if !s.scaled() || wake == nil || wake.Step == nil || outs.Count == 0 {
		return verdict{}
	}
	mean, set := outs.Sum/time.Duration(outs.Count), fleet.Cooldown(wake.Step.Cooldown)
	if set >= mean || wake.Step.AdjustmentType == policy.ExactCapacity {
		return pass(Warning)
	}
	return fail(Warning, "The wake policy %q of variant %q cools down for %s, and a scale-out takes %s on average (%d seen): before the "+
		"first instance works another may be started and paid for.", wake.Name, s.Variant.Name, short(set), short(mean), outs.Count).
		advise("Set the cooldown to %s or more.", short(mean.Truncate(time.Minute)+time.Minute))
}
