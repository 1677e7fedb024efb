package sim

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// sample is what CloudWatch keeps of one minute of one metric. Its zero value says that nothing was published.
type sample struct {
	sum      float64
	min, max float32
	n        uint32
}

func (s *sample) add(v float64) { s.merge(sample{sum: v, min: float32(v), max: float32(v), n: 1}) }

func (s *sample) merge(other sample) {
	if other.n == 0 {
		return
	}
	if s.n == 0 {
		*s = other
		return
	}
	s.sum += other.sum
	s.min, s.max = min(s.min, other.min), max(s.max, other.max)
	s.n += other.n
}

func (s sample) statistic(name string) (float64, bool) {
	if s.n == 0 {
		return 0, false
	}
	switch name {
	case "Average":
		return s.sum / float64(s.n), true
	case "Sum":
		return s.sum, true
	case "Minimum":
		return float64(s.min), true
	case "Maximum":
		return float64(s.max), true
	case "SampleCount":
		return float64(s.n), true
	}
	return 0, false
}

// series is one metric, minute by minute since the world began.
type series struct {
	metric  fleet.Metric
	unit    string
	seed    uint32 // of its delays
	first   int    // the minute of minutes[0]
	minutes []sample
}

// keepMinutes is how much history a series holds.
const keepMinutes = 26 * 60

func (s *series) put(minute int, what sample) {
	if what.n == 0 {
		return
	}
	if len(s.minutes) == 0 {
		s.first = minute
	}
	for s.first+len(s.minutes) <= minute {
		s.minutes = append(s.minutes, sample{})
	}
	s.minutes[minute-s.first] = what
	if extra := len(s.minutes) - keepMinutes; extra > keepMinutes/4 {
		s.minutes = slices.Clone(s.minutes[extra:])
		s.first += extra
	}
}

// at is the sample of a minute.
func (s *series) at(minute int) sample {
	if i := minute - s.first; i >= 0 && i < len(s.minutes) {
		return s.minutes[i]
	}
	return sample{}
}

// delay is how long after its end a minute becomes visible: one to three minutes, never the same order twice.
func (s *series) delay(minute int) time.Duration {
	mixed := (s.seed ^ uint32(minute)) * 2654435761
	return time.Minute + time.Duration(mixed>>16%120)*time.Second
}

// visible is the sample of a minute as CloudWatch shows it at the given moment since the world began.
func (s *series) visible(minute int, now time.Duration) sample {
	if time.Duration(minute+1)*time.Minute+s.delay(minute) > now {
		return sample{}
	}
	return s.at(minute)
}

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

// of finds or makes the series of a metric.
func (s store) of(metric fleet.Metric, unit string) *series {
	key := keyOf(metric)
	if s[key] == nil {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(key)) // a hash never fails
		s[key] = &series{metric: metric, unit: unit, seed: hash.Sum32()}
	}
	return s[key]
}

// Datapoints are what CloudWatch shows of a metric now: the visible minutes from (inclusive) to (exclusive), in periods.
// The dimensions have to match exactly.
func (w *World) Datapoints(m fleet.Metric, statistic string, period time.Duration, from, to time.Time) []fleet.Point {
	now := w.now.Sub(w.epoch)
	return w.points(m, statistic, period, from, to, func(s *series, minute int) sample { return s.visible(minute, now) })
}

// Published are the minutes that were published of a metric, visible yet or not: the truth, for tests.
func (w *World) Published(m fleet.Metric, statistic string, from, to time.Time) []fleet.Point {
	return w.points(m, statistic, time.Minute, from, to, (*series).at)
}

func (w *World) points(
	m fleet.Metric, statistic string, period time.Duration, from, to time.Time, read func(*series, int) sample,
) (points []fleet.Point) {
	s := w.metrics[keyOf(m)]
	if s == nil || period < time.Minute {
		return nil
	}
	end := min(to.Sub(w.epoch), w.now.Sub(w.epoch))
	start := max(from.Truncate(period).Sub(w.epoch), time.Duration(s.first)*time.Minute-period)
	for at := w.epoch.Add(start).Truncate(period); at.Sub(w.epoch) < end; at = at.Add(period) {
		if at.Before(from.Truncate(period)) {
			continue
		}
		var merged sample
		first := int(at.Sub(w.epoch) / time.Minute)
		for minute := first; minute < first+int(period/time.Minute); minute++ {
			merged.merge(read(s, minute))
		}
		if v, ok := merged.statistic(statistic); ok {
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
		if s.metric.Namespace == namespace && len(s.minutes) > 0 {
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
