package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestNeverScalesIn(t *testing.T) {
	ladder := changes(without("tracking"), another(change("more", "ChangeInCapacity", 1), fleet.Alarm{
		Metric: fleet.BacklogPerInstance.Query("e").Metric, Comparison: "GreaterThanThreshold", Threshold: 5,
	}))
	table(t, "never_scales_in",
		row{"documented", nil, Warning, false, nil},
		row{"documented, a minimum of 1", changes(minimum(1)), Warning, false, nil},
		row{"AWS's own low alarm is gone", changes(minimum(1), bereft("low")), Warning, true, []string{"-AlarmLow-1", "is gone, so nothing removes idle instances", "again as it is"}},
		row{"nothing scales in", append(ladder, minimum(1)), Warning, true, []string{"Nothing removes idle instances", "minimum 1, now"}},
		row{"a minimum of 0 is another check's", ladder, absent, false, nil},
		row{"nothing scales out, as another check says", changes(minimum(1), without("tracking")), absent, false, nil},
		row{"scale-in disabled is another check's", changes(minimum(1), tracked(func(p *fleet.Tracking) { p.DisableScaleIn = true })), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
