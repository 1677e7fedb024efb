package observe

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// month is the one that bills are projected for: thirty days.
const month = 30 * 24 * time.Hour

// MonthlyDollars is what a month of refreshes of that load costs.
func (i Intervals) MonthlyDollars(load fleet.Load) float64 {
	return monthly(load.Queue, i.Queue) + monthly(load.Idle, i.idle()) + monthly(load.Metrics, i.Metrics)
}

func monthly(metrics int, interval time.Duration) float64 {
	return float64(metrics) * month.Seconds() / interval.Seconds() * fleet.DollarsPerMetric
}

// Stretched are the intervals at which a month costs no more than the budget, and the largest factor by which one of
// them is longer than configured. Endpoints that sleep are asked less often first, then counters, because nothing of them is
// lost, then the queue. None is stretched beyond the limit, even if the budget is exceeded then. A budget of 0 is none.
func (i Intervals) Stretched(load fleet.Load, budget float64, limit time.Duration) (Intervals, float64) {
	if budget <= 0 || i.MonthlyDollars(load) <= budget {
		return i, 1
	}
	stretched, factor := i, 1.0
	if load.Idle > 0 {
		stretched.Idle = i.idle()
	}
	for _, one := range []struct {
		metrics  int
		interval *time.Duration
	}{{load.Idle, &stretched.Idle}, {load.Metrics, &stretched.Metrics}, {load.Queue, &stretched.Queue}} {
		if one.metrics == 0 {
			continue
		}
		before, dollars := *one.interval, monthly(one.metrics, *one.interval)
		*one.interval = stretch(before, dollars, budget-(stretched.MonthlyDollars(load)-dollars), limit)
		factor = max(factor, one.interval.Seconds()/before.Seconds())
	}
	return stretched, factor
}

// stretch is the interval, in whole seconds, at which what costs so many dollars costs no more than are left.
func stretch(interval time.Duration, dollars, left float64, limit time.Duration) time.Duration {
	limit = max(interval, limit)
	switch {
	case dollars <= left:
		return interval
	case left <= 0 || dollars/left*interval.Seconds() >= limit.Seconds():
		return limit
	}
	wanted := time.Duration(dollars / left * float64(interval))
	return min(limit, (wanted + time.Second - 1).Truncate(time.Second))
}
