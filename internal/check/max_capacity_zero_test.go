package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// queued is an endpoint with so many requests, the oldest of which is so old.
func queued(requests float64, age time.Duration) func(*fixture) {
	return func(f *fixture) {
		f.endpoint.Queue[fleet.Backlog] = fleet.Reading{At: noon, Value: requests, Expires: noon.Add(time.Minute)}
		f.endpoint.Queue[fleet.OldestAge] = fleet.Reading{At: noon, Value: age.Seconds(), Expires: noon.Add(time.Minute)}
	}
}

func TestMaxCapacityZero(t *testing.T) {
	none := func(f *fixture) { f.variant.Target.MaxCapacity = 0 }
	at := func(name, schedule string, most int) func(*fixture) {
		return func(f *fixture) {
			f.variant.Scheduled = append(f.variant.Scheduled, fleet.ScheduledAction{Name: name, Schedule: schedule, MaxCapacity: &most})
		}
	}
	night, late := at("night", "cron(0 1 * * ? *)", 0), at("late", "cron(0 20 * * ? *)", 0)
	morning := at("morning", "cron(0 6 * * ? *)", 5)
	table(t, "max_capacity_zero",
		row{"five", nil, Warning, false, nil},
		row{"none", changes(none), Warning, true, []string{"maximum of 0", "MaxCapacity"}},
		row{"none, and a queue", changes(none, queued(3, time.Minute)), Critical, true, nil},
		row{"at night", changes(night, morning), Warning, true, []string{`"night"`, "maximum of 0", `wait up to 5h for the scheduled action "morning"`}},
		row{"for longer than requests live", changes(late, morning), Warning, true, []string{`"late"`, "10h", "expire after 6h"}},
		row{"for good", changes(night), Warning, true, []string{`"night"`, "wait until they expire"}},
		row{"now, until the morning", changes(none, morning, queued(3, time.Minute)), Critical, true, []string{`"morning"`, "18h"}},
		row{"now, and nothing raises it", changes(none, at("other", "cron(0 6 * * ? *)", 0), queued(3, time.Minute)), Critical, true, []string{"wait until they expire", "Raise MaxCapacity"}},
		row{"never 0", changes(at("night", "cron(0 1 * * ? *)", 1), morning), Warning, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
