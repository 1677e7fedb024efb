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
	table(t, "max_capacity_zero",
		row{"five", nil, Warning, false, nil},
		row{"none", changes(none), Warning, true, []string{"maximum of 0", "MaxCapacity"}},
		row{"none, and a queue", changes(none, queued(3, time.Minute)), Critical, true, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
