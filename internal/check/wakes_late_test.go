package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestWakesLate(t *testing.T) {
	periods := func(n int, of time.Duration) func(*fixture) {
		return alarm(func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm, a.Period = n, n, of })
	}
	objective := func(d time.Duration) func(*fixture) { return func(f *fixture) { f.latency = d } }
	burst := func(bounds ...float64) func(*fixture) {
		p := change("burst", "ChangeInCapacity", 2)
		if len(bounds) > 0 {
			p.Step.Adjustments[0].Upper = &bounds[0]
		}
		return func(f *fixture) {
			f.variant.Policies, f.variant.Alarms = f.variant.Policies[:1], f.variant.Alarms[:2]
			another(p, fleet.Alarm{Metric: fleet.Backlog.Query("e").Metric, Comparison: "GreaterThanOrEqualToThreshold", Threshold: 10})(f)
		}
	}
	one := func(f *fixture) { burst(20)(f); f.variant.Alarms[2].Threshold = 1 }
	table(t, "wakes_late",
		row{"documented", nil, Critical, false, nil},
		row{"documented, within the objective", changes(objective(15 * time.Minute)), Critical, false, nil},
		row{"half of the objective", changes(objective(8 * time.Minute)), Warning, true, []string{"up to 5m", "of the latency objective of 8m,"}},
		row{"half of what nobody has set", changes(objective(8*time.Minute), func(f *fixture) { f.defaulted = true }), Warning, true, []string{"of the default objective of 8m (set objectives:"}},
		row{"five minutes each", changes(periods(2, 5*time.Minute), objective(15*time.Minute)), Warning, true, []string{"up to 13m"}},
		row{"past the time to live", changes(periods(400, time.Minute)), Critical, true, []string{"6h40m", "expire after 6h"}},
		row{"from ten on", changes(burst()), Critical, true, []string{"from 10 queued requests", `"burst"`}},
		row{"up to twenty", changes(one), Critical, true, []string{"at most 20 requests"}},
		row{"does not wake", changes(without("wake", "alarm")), absent, false, nil},
		row{"never at zero", changes(minimum(1)), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
