package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestScalingSuspended(t *testing.T) {
	suspended := func(s fleet.Suspension) []func(*fixture) {
		return changes(func(f *fixture) { f.variant.Target.Suspended = s })
	}
	table(t, "scaling_suspended",
		row{"nothing", nil, Warning, false, nil},
		row{"scale-out", suspended(fleet.Suspension{ScaleOut: true}), Warning, true, []string{"2 instances (scale-out): "}},
		row{"scale-in", suspended(fleet.Suspension{ScaleIn: true}), Warning, true, []string{"scale-in", "paid for"}},
		row{
			"all", suspended(fleet.Suspension{ScaleIn: true, ScaleOut: true, Scheduled: true}), Warning, true,
			[]string{"scale-in, scale-out, scheduled scaling"},
		},
		row{"scheduled actions", suspended(fleet.Suspension{Scheduled: true}), Warning, true, []string{"scheduled"}},
		row{"scale-out, at zero, and requests wait", append(suspended(fleet.Suspension{ScaleOut: true}), instancesRun(0), queued(3, time.Minute)), Critical, true, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
