package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestNeverReachesZero(t *testing.T) {
	host := func(f *fixture) {
		f.tracking.Tracking.Metric, f.tracking.Tracking.TargetValue = hostLoad(), 50
		onlyAssumed(f)
	}
	table(t, "never_reaches_zero",
		row{"documented", nil, Warning, false, nil},
		row{"host load is never 0", changes(host), Warning, true, []string{"below 1 instance"}},
		row{"nobody knows", changes(without("tracking"), another(change("in", "ChangeInCapacity", -1), fleet.Alarm{
			Metric: fleet.Metric{Namespace: "Team", Name: "Jobs"}, Comparison: "LessThanThreshold", Threshold: 1,
		})), absent, false, nil},
		row{"steps remove the last, unless tracking asks for more", changes(host, another(stepPolicy("in", "ExactCapacity", fleet.StepAdjustment{Upper: new(float64)}), fleet.Alarm{
			Metric: fleet.Backlog.Query("e").Metric, Comparison: "LessThanThreshold", Threshold: 1,
		})), absent, false, nil},
		row{"scale-in disabled is another check's", changes(tracked(func(p *fleet.Tracking) { p.DisableScaleIn = true })), absent, false, nil},
		row{"a minimum of 1", changes(host, minimum(1)), absent, false, nil},
		row{"AWS's own low alarm is gone", changes(bereft("low")), Warning, true, []string{"-AlarmLow-1", "is gone, so nothing removes idle instances", "again as it is"}},
		row{"both are gone, as another check says", changes(bereft("high", "low")), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
