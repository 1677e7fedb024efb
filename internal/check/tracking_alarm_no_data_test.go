package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestTrackingAlarmNoData(t *testing.T) {
	silent := func(alarm int, ago time.Duration) func(*fixture) {
		return func(f *fixture) {
			f.variant.Alarms[alarm].State, f.variant.Alarms[alarm].StateSince = "INSUFFICIENT_DATA", noon.Add(-ago)
		}
	}
	scaled := func(status string, ago time.Duration, notScaled ...fleet.NotScaledReason) func(*fixture) {
		return func(f *fixture) {
			f.variant.Activity.Recent = []fleet.Activity{{Status: status, End: noon.Add(-ago), NotScaled: notScaled}}
		}
	}
	undated := func(f *fixture) {
		f.variant.Alarms[0].StateSince, f.variant.Alarms[0].StateUpdated = time.Time{}, time.Time{}
	}
	table(t, "tracking_alarm_no_data",
		row{"data", nil, Warning, false, nil},
		row{"the high alarm", changes(silent(0, time.Hour)), Warning, true, []string{`"high"`, "1h", "2 instances"}},
		row{"the low alarm", changes(silent(1, 30*time.Minute)), Warning, true, []string{`"low"`, "30m"}},
		row{"not for long", changes(silent(1, 29*time.Minute)), Warning, false, nil},
		row{"at zero", changes(silent(1, time.Hour), instancesRun(0)), Warning, false, nil},
		row{"the wake alarm", changes(silent(2, time.Hour)), Warning, false, nil},
		row{"since nobody knows when", changes(silent(0, time.Hour), undated), Warning, false, nil},
		row{"just woken", changes(silent(1, 9*time.Hour), scaled("Successful", 5*time.Minute)), Warning, false, nil},
		row{"just changed", changes(silent(1, 9*time.Hour), func(f *fixture) { f.endpoint.LastModified = noon.Add(-8 * time.Minute) }), Warning, false, nil},
		row{"waking", changes(silent(1, 9*time.Hour), scaled("InProgress", 0)), Warning, false, nil},
		row{"woken long ago", changes(silent(1, 9*time.Hour), scaled("Successful", 31*time.Minute)), Warning, true, nil},
		row{"not scaled", changes(silent(1, 9*time.Hour), scaled("Failed", time.Minute, fleet.NotScaledReason{Code: "AlreadyAtMaxCapacity"})), Warning, true, nil},
		row{"scaling failed", changes(silent(1, 9*time.Hour), scaled("Failed", time.Minute)), Warning, true, nil},
		row{"no tracking", changes(without("tracking")), absent, false, nil},
	)
}
