package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestTargetValueRemovesBusy(t *testing.T) {
	concurrent := func(n int) func(*fixture) {
		return func(f *fixture) { f.endpoint.Async.MaxConcurrentInvocationsPerInstance = &n }
	}
	value := func(v float64) func(*fixture) { return tracked(func(p *fleet.Tracking) { p.TargetValue = v }) }
	table(t, "target_value_removes_busy",
		row{"4.5 of 5", nil, Info, false, nil},
		row{"4.5 of 4", changes(concurrent(4)), Info, true, []string{"below 4.5", "value 5", "works on 4", "4.4 or less"}},
		row{"exactly as many", changes(concurrent(9), value(10)), Info, false, nil},
		row{"just above", changes(concurrent(9), value(10.01)), Info, true, nil},
		row{"unset", changes(func(f *fixture) { f.endpoint.Async.MaxConcurrentInvocationsPerInstance = nil }), absent, false, nil},
		row{"metric math", changes(byMath, concurrent(1)), absent, false, nil},
		row{"no tracking", changes(without("tracking")), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
