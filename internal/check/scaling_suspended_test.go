package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestScalingSuspended(t *testing.T) {
	suspended := func(s fleet.Suspension) []func(*fixture) {
		return changes(func(f *fixture) { f.variant.Target.Suspended = s })
	}
	table(t, "scaling_suspended",
		row{"nothing", nil, Critical, false, nil},
		row{"scale-out", suspended(fleet.Suspension{ScaleOut: true}), Critical, true, []string{"2 instances: scale-out;"}},
		row{"scale-in", suspended(fleet.Suspension{ScaleIn: true}), Warning, true, []string{"scale-in", "paid for"}},
		row{
			"all", suspended(fleet.Suspension{ScaleIn: true, ScaleOut: true, Scheduled: true}), Critical, true,
			[]string{"scale-out, scale-in, scheduled scaling"},
		},
		row{"scheduled actions", suspended(fleet.Suspension{Scheduled: true}), Warning, true, []string{"scheduled"}},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
