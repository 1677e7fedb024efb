package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

func TestNoTrackingPolicy(t *testing.T) {
	burst := func(threshold float64) func(*fixture) {
		return another(change("burst", "ChangeInCapacity", 2), fleet.Alarm{
			Metric: fleet.Backlog.Query("e").Metric, Comparison: "GreaterThanOrEqualToThreshold", Threshold: threshold,
		})
	}
	slow := func(f *fixture) { f.service, f.latency = 10*time.Minute, 30*time.Minute }
	table(t, "no_tracking_policy",
		row{"documented", nil, Critical, false, nil},
		row{"under another name", changes(func(f *fixture) { f.tracking.Name = "mine" }), Critical, false, nil},
		row{"by metric math", changes(byMath), Critical, false, nil},
		row{"none", changes(without("tracking")), Critical, true, []string{"2 instances, at most 5", "nothing removes idle ones"}},
		row{"steps instead", changes(without("tracking"), burst(3)), Critical, false, nil},
		row{"steps in a burst only", changes(without("tracking"), burst(500), slow), Warning, true, []string{"in a burst only", `"burst"`}},
		row{"host load", changes(tracked(func(p *fleet.Tracking) { p.Metric, p.TargetValue = hostLoad(), 50 }), onlyAssumed), absent, false, nil},
		row{"one instance at most", changes(without("tracking"), func(f *fixture) { f.variant.Target.MaxCapacity = 1 }), Critical, false, nil},
		row{"suspended", changes(without("tracking"), func(f *fixture) { f.variant.Target.Suspended.ScaleOut = true }), absent, false, nil},
		row{"on a metric without data", changes(tracked(func(p *fleet.Tracking) { p.Metric, p.Predefined = nil, "SageMakerVariantInvocationsPerInstance" })), absent, false, nil},
		row{"AWS's own alarms are gone", changes(bereft("high", "low")), Critical, true, []string{"-AlarmHigh-1", "is gone, so a queue adds no instance", "again as it is: AWS then makes its alarms anew"}},
		row{"AWS's own low alarm is gone", changes(bereft("low")), Critical, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}

// byMath makes the policy track the backlog by metric math.
func byMath(f *fixture) {
	metric, no := fleet.Backlog.Query("e").Metric, false
	f.tracking.Tracking.Metric, f.tracking.Tracking.Math = nil, []fleet.MathQuery{
		{ID: "e", Expression: "m / 2"}, {ID: "m", Metric: &metric, Statistic: policy.WakeStatistic, ReturnData: &no},
	}
	onlyAssumed(f)
}
