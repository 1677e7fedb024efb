package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// scaleOutsOf makes scale-outs seen that took so long.
func scaleOutsOf(durations ...time.Duration) func(*fixture) {
	return func(f *fixture) {
		f.variant.Activity.ScaleOuts = fleet.Histogram{}
		for _, d := range durations {
			f.variant.Activity.ScaleOuts = f.variant.Activity.ScaleOuts.With(d)
		}
	}
}

func TestWakeCooldownShort(t *testing.T) {
	exact := step(func(s *fleet.Step) { s.AdjustmentType = "ExactCapacity" })
	unset := step(func(s *fleet.Step) { s.Cooldown = nil })
	long := step(func(s *fleet.Step) { *s.Cooldown = time.Hour })
	table(t, "wake_cooldown_short",
		row{"longer", nil, Warning, false, nil},
		row{"as long", changes(scaleOutsOf(5 * time.Minute)), Warning, false, nil},
		row{"shorter", changes(scaleOutsOf(6*time.Minute, 9*time.Minute)), Warning, true, []string{"5m", "7m30s", "2 seen", "8m or more"}},
		row{"long enough", changes(scaleOutsOf(9*time.Minute), long), Warning, false, nil},
		row{"AWS's default", changes(scaleOutsOf(6*time.Minute), unset), Warning, true, []string{"5m"}},
		row{"an exact capacity", changes(scaleOutsOf(9*time.Minute), exact), Warning, false, nil},
		row{"none seen", changes(scaleOutsOf()), absent, false, nil},
		row{"no wake policy", changes(without("wake")), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
