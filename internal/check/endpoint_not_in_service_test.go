package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestEndpointNotInService(t *testing.T) {
	is := func(status string, so time.Duration) func(*fixture) {
		return func(f *fixture) { f.endpoint.Status, f.endpoint.LastModified = status, noon.Add(-so) }
	}
	goes := func(so time.Duration) func(*fixture) {
		return func(f *fixture) {
			f.variant.Activity.Recent = []fleet.Activity{{Status: "InProgress", Start: noon.Add(-so)}}
		}
	}
	table(t, "endpoint_not_in_service",
		row{"in service", nil, Warning, false, nil},
		row{"an update", changes(is(fleet.Updating, 20*time.Minute)), Warning, false, nil},
		row{"a long one", changes(is(fleet.Updating, 13*time.Hour)), Warning, true, []string{"Updating for 13 h", "nothing scales"}},
		row{"that starves requests", changes(is(fleet.Updating, 13*time.Hour), instancesOf(0, 0), queued(3, time.Minute)), Critical, true, []string{"no instance starts"}},
		row{"that wants an instance", changes(is("RollingBack", time.Hour), instancesOf(0, 1), queued(3, time.Minute)), Critical, true, nil},
		row{"instances that Auto Scaling asked for", changes(is(fleet.Updating, time.Hour), instancesOf(0, 1), goes(time.Hour)), Warning, false, nil},
		row{"an activity that does not end", changes(is(fleet.Updating, 13*time.Hour), goes(12*time.Hour)), Warning, true, []string{"12 h"}},
		row{"failed just now", changes(is("Failed", time.Minute)), Warning, true, []string{"is Failed", "FailureReason"}},
		row{"nobody knows since when", changes(func(f *fixture) { f.endpoint.Status = fleet.Updating }), Warning, false, nil},
		row{"no target", changes(unregistered, is("Creating", time.Hour)), Warning, true, nil},
	)
}

// instancesOf lets so many run, of so many.
func instancesOf(current, desired int) func(*fixture) {
	return func(f *fixture) { f.variant.Current, f.variant.Desired = &current, &desired }
}
