package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestDiffersFromDocumented(t *testing.T) {
	minute := time.Minute
	table(t, "differs_from_documented",
		row{"documented", nil, Info, false, nil},
		row{"AWS's defaults", changes(
			tracked(func(p *fleet.Tracking) { p.ScaleInCooldown, p.ScaleOutCooldown = nil, nil }),
			step(func(s *fleet.Step) { s.Cooldown, s.Aggregation = nil, "" }),
			alarm(func(a *fleet.Alarm) { a.DatapointsToAlarm = 0 })), Info, false, nil},
		row{"as good", changes(step(func(s *fleet.Step) { s.AdjustmentType = "ExactCapacity" }),
			alarm(func(a *fleet.Alarm) { a.TreatMissingData = "notBreaching" })), Info, false, nil},
		row{"the minimum is another check's", changes(minimum(1)), Info, false, nil},
		row{"the maximum", changes(func(f *fixture) { f.variant.Target.MaxCapacity = 20 }), Info, true, []string{"MaxCapacity is 20, not 5"}},
		row{"tracking", changes(tracked(func(p *fleet.Tracking) {
			p.TargetValue, p.ScaleInCooldown, p.ScaleOutCooldown = 12.5, &minute, &minute
		})), Info, true, []string{"TargetValue is 12.5, not 5", "ScaleInCooldown is 1m, not 5m", "ScaleOutCooldown is 1m, not 5m"}},
		row{"the wake policy", changes(step(func(s *fleet.Step) {
			s.Adjustments[0].Adjustment, s.Cooldown, s.Aggregation = 3, &minute, "Maximum"
		})), Info, true, []string{"adjustment of the wake policy is 3, not 1", "cooldown of the wake policy is 1m, not 5m", `is "Maximum", not "Average"`}},
		row{"a step that adds nothing is another check's", changes(step(func(s *fleet.Step) { s.AdjustmentType = "PercentChangeInCapacity" })), Info, false, nil},
		row{
			"the alarm", changes(alarm(func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 5, 3 })), Info, true,
			[]string{"EvaluationPeriods of the wake alarm is 5, not 2", "DatapointsToAlarm of the wake alarm is 3, not 2"},
		},
		row{"metric math, by its target alone", changes(byMath, tracked(func(p *fleet.Tracking) { p.ScaleInCooldown = &minute })), Info, false, nil},
		row{"metric math with another target", changes(byMath, tracked(func(p *fleet.Tracking) { p.TargetValue = 3 })), Info, true, []string{"TargetValue is 3"}},
		row{"nothing but a target", changes(without("tracking", "wake", "alarm")), Info, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
