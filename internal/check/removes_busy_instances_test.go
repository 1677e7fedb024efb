package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestRemovesBusyInstances(t *testing.T) {
	concurrent := func(n int) func(*fixture) {
		return func(f *fixture) { f.endpoint.Async.MaxConcurrentInvocationsPerInstance = &n }
	}
	value := func(v float64) func(*fixture) {
		return func(f *fixture) { f.tracking.Tracking.TargetValue = v; onlyAssumed(f) }
	}
	idle := func(metric fleet.QueueMetric, threshold float64, period time.Duration) func(*fixture) {
		return func(f *fixture) {
			another(below("in", -1), fleet.Alarm{Metric: metric.Query("e").Metric, Comparison: "LessThanThreshold", Threshold: threshold})(f)
			f.variant.Alarms[3].Period = period
		}
	}
	slow := func(f *fixture) { f.service = 20 * time.Minute }
	table(t, "removes_busy_instances",
		row{"4.5 of 5", nil, Warning, false, nil},
		row{"4.5 of 4", changes(concurrent(4)), Info, true, []string{"value 5", "works on, 4", "4.4 at most"}},
		row{"exactly as many", changes(concurrent(9), value(10)), Warning, false, nil},
		row{"just above", changes(concurrent(3), value(4)), Info, true, nil},
		row{"unset", changes(func(f *fixture) { f.endpoint.Async.MaxConcurrentInvocationsPerInstance = nil }), Warning, false, nil},
		row{"no backlog without capacity", changes(idle(fleet.WithoutCapacity, 1, time.Minute)), Warning, true, []string{`"of-in"`, "after 5m"}},
		row{"and requests take longer", changes(idle(fleet.WithoutCapacity, 1, time.Minute), slow), Critical, true, []string{"Requests take 20m"}},
		row{"the average of five minutes", changes(tracked(func(p *fleet.Tracking) { p.DisableScaleIn = true }), idle(fleet.Backlog, .5, 5*time.Minute)), Warning, true, []string{"Maximum"}},
		row{"nothing queued nor in service", changes(idle(fleet.Backlog, 1, time.Minute)), Warning, false, nil},
		row{"pulled back after a start", changes(step(func(s *fleet.Step) { s.AdjustmentType = "ExactCapacity" })), Info, true, []string{"3 minutes", "1 instance again"}},
		row{"an exact capacity whenever something is queued", changes(step(func(s *fleet.Step) { s.AdjustmentType = "ExactCapacity" }), alarm(func(a *fleet.Alarm) {
			a.Metric = fleet.Backlog.Query("e").Metric
		})), Warning, true, []string{"have requests in service", "leaves 1", "ChangeInCapacity"}},
		row{"to 0 below a few requests", changes(idle(fleet.Backlog, 4, time.Minute)), Warning, true, []string{"with 1 request at 1 instance it leaves 0"}},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
