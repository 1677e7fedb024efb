package sim

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// store holds every series of a world.
type store map[string]*series

func keyOf(m fleet.Metric) string {
	dimensions := m.Dimensions
	if !slices.IsSortedFunc(dimensions, byName) {
		dimensions = slices.Clone(dimensions)
		slices.SortFunc(dimensions, byName)
	}
	var key strings.Builder
	key.WriteString(m.Namespace + "\x00" + m.Name)
	for _, dimension := range dimensions {
		key.WriteString("\x00" + dimension.Name + "\x00" + dimension.Value)
	}
	return key.String()
}

func byName(a, b fleet.Dimension) int { return strings.Compare(a.Name, b.Name) }

// series finds or makes the series of a metric, in the unit in which AWS publishes it.
func (w *World) series(metric fleet.Metric) *series {
	key := keyOf(metric)
	if w.metrics[key] == nil {
		unit, _, _ := autoscaling.Published(metric)
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(key)) // a hash never fails
		w.metrics[key] = &series{
			metric: metric, unit: unit, seed: hash.Sum32(), slow: w.assumes.SlowMetrics, keeps: w.keeps,
			prompt: w.assumes.SlowMetrics && w.assumes.SlowBut == metric.Name,
			lead:   int(w.epoch.Sub(w.epoch.Truncate(time.Hour)) / time.Minute),
		}
	}
	return w.metrics[key]
}

// Datapoints are what CloudWatch shows of a metric now: the visible minutes from (inclusive) to (exclusive), in periods.
// The dimensions have to match exactly. Minutes are kept for a day and a bit, the hours of what was done for 40 days.
func (w *World) Datapoints(m fleet.Metric, statistic string, period time.Duration, from, to time.Time) []fleet.Point {
	now := w.elapsed()
	return w.points(m, statistic, period, from, to, func(s *series, minute int) autoscaling.Sample { return s.visible(minute, now) })
}

// Published are the minutes that were published of a metric, visible yet or not, as CloudWatch has them in the end: the
// truth, for tests.
func (w *World) Published(m fleet.Metric, statistic string, from, to time.Time) []fleet.Point {
	return w.points(m, statistic, time.Minute, from, to, (*series).at)
}

func (w *World) points(
	m fleet.Metric, statistic string, period time.Duration, from, to time.Time, read func(*series, int) autoscaling.Sample,
) (points []fleet.Point) {
	s := w.metrics[keyOf(m)]
	if s == nil || period < time.Minute {
		return nil
	}
	if to.After(w.now) {
		to = w.now
	}
	hourly := period%time.Hour == 0
	kept := max(s.kept(w.minuteAt(w.now), hourly), -s.lead)
	if first := w.epoch.Add(time.Duration(kept) * time.Minute); from.Before(first) {
		from = first
	}
	for at := from.Truncate(period); at.Before(to); at = at.Add(period) {
		first := int(at.Sub(w.epoch) / time.Minute)
		all := s.merged(max(first, kept), first+int(period/time.Minute), hourly, read)
		if v, ok := all.Statistic(statistic); ok {
			points = append(points, fleet.Point{At: at, Value: v})
		}
	}
	return points
}

// Unit is the unit in which CloudWatch has a metric; empty when it has none of the name.
func (w *World) Unit(m fleet.Metric) string {
	if s := w.metrics[keyOf(m)]; s != nil {
		return s.unit
	}
	return ""
}

// Metrics lists the metrics of a namespace that have been published, sorted.
func (w *World) Metrics(namespace string) []fleet.Metric {
	var keys []string
	for key, s := range w.metrics {
		if s.metric.Namespace == namespace && len(s.minutes.samples) > 0 {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	metrics := make([]fleet.Metric, len(keys))
	for i, key := range keys {
		metrics[i] = w.metrics[key].metric
	}
	return metrics
}
