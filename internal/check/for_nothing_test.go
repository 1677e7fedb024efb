package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestForNothing(t *testing.T) {
	backlog := fleet.Backlog.Query("e").Metric
	total := func(f *fixture) {
		f.tracking.Tracking.Metric, f.tracking.Tracking.TargetValue = &backlog, .9
		onlyAssumed(f)
	}
	ladder := another(change("ladder", "ChangeInCapacity", 1), fleet.Alarm{Metric: backlog, Comparison: "GreaterThanThreshold"})
	up := another(below("up", 1), fleet.Alarm{Metric: backlog, Comparison: "LessThanThreshold", Threshold: 1})
	table(t, "scales_out_for_nothing",
		row{"documented", nil, Warning, false, nil},
		row{"a ladder on the backlog", changes(ladder), Warning, true, []string{`"ladder"`, "up to 5", "ApproximateBacklogSizePerInstance"}},
		row{"tracking the total", changes(total), Warning, true, []string{"up to 5"}},
		row{"a pool of a fixed size", changes(another(change("pool", "ExactCapacity", 5), fleet.Alarm{Metric: backlog, Comparison: "GreaterThanThreshold"})), Warning, false, nil},
		row{"while nothing is queued", changes(up), Warning, true, []string{"while nothing is queued"}},
		row{"no target", changes(unregistered), absent, false, nil},
	)
	table(t, "wakes_for_nothing",
		row{"documented", nil, Warning, false, nil},
		row{"while nothing is queued", changes(up), Warning, true, []string{`"of-up"`}},
		row{"never at zero", changes(up, minimum(1)), absent, false, nil},
	)
}
