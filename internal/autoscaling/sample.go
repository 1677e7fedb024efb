package autoscaling

import (
	"math"
	"strconv"
	"strings"
)

// Sample is what CloudWatch keeps of a metric in one period. Its zero value says that nothing was published. Sums of whole
// numbers are exact, in whatever order they are added up.
type Sample struct {
	Sum, Min, Max float64
	N             uint32
}

// Add takes one more measurement in.
func (s *Sample) Add(v float64) { s.Merge(Sample{Sum: v, Min: v, Max: v, N: 1}) }

// Merge takes the measurements of another period in.
func (s *Sample) Merge(other Sample) {
	if other.N == 0 {
		return
	}
	if s.N == 0 {
		*s = other
		return
	}
	s.Sum += other.Sum
	s.Min, s.Max = min(s.Min, other.Min), max(s.Max, other.Max)
	s.N += other.N
}

// Statistic is a statistic of the period by its name in CloudWatch. Of a percentile and of a trimmed mean only the bounds are
// known: it is taken as if the measurements lay evenly between them. ok is false without measurements and for other names.
func (s Sample) Statistic(name string) (v float64, ok bool) {
	if s.N == 0 {
		return 0, false
	}
	switch name {
	case "Average":
		return s.Sum / float64(s.N), true
	case "Sum":
		return s.Sum, true
	case "Minimum":
		return s.Min, true
	case "Maximum":
		return s.Max, true
	case "SampleCount":
		return float64(s.N), true
	}
	share, ok := middle(name)
	if !ok || s.Min == s.Max {
		return s.Min, ok
	}
	return s.Min + share*(s.Max-s.Min), true
}

// middle tells for an extended statistic that lies between the smallest and the largest measurement, where about: percentiles
// (p90), trimmed means (tm90) and winsorized means (wm90). ok is false for every other name.
func middle(name string) (share float64, ok bool) {
	kind, number := strings.TrimRight(name, "0123456789."), strings.TrimLeft(name, "pPtTwWmM")
	percent, err := strconv.ParseFloat(number, 64)
	if kind+number != name || err != nil || percent < 0 || percent > 100 {
		return 0, false
	}
	switch strings.ToLower(kind) {
	case "p":
		return percent / 100, true
	case "tm", "wm":
		return .5, true
	}
	return 0, false
}

// IsPercentile tells whether a statistic is a percentile.
func IsPercentile(statistic string) bool {
	_, ok := middle(statistic)
	return ok && strings.HasPrefix(strings.ToLower(statistic), "p")
}

// Show is what minutes with one value each come to under a statistic. A percentile of values that differ is known to lie
// between them.
func Show(statistic string, minutes []Value) Value {
	var low, high Sample
	shown := Value{there: absent}
	certain := uint32(0)
	for _, v := range minutes {
		if v.there == absent {
			continue
		}
		low.Add(v.lo)
		high.Add(v.hi)
		if v.there == present {
			certain++
		}
		if shown.why == "" {
			shown.why = v.why
		}
	}
	if low.N == 0 {
		return shown
	}
	shown.there = perhaps
	if certain > 0 {
		shown.there = present
	}
	_, extended := middle(statistic)
	lo, ok := low.Statistic(statistic)
	hi, _ := high.Statistic(statistic)
	switch {
	case !ok:
		return Unknown("the statistic " + statistic + " is not modelled")
	case statistic == "SampleCount":
		return Value{float64(certain), float64(low.N), shown.there, shown.why}
	case statistic == "Sum" && certain < low.N:
		lo, hi = min(lo, 0), max(hi, 0)
	case extended, certain < low.N:
		lo, hi = low.Min, high.Max
	}
	if math.IsNaN(lo) {
		lo = math.Inf(-1)
	}
	if math.IsNaN(hi) {
		hi = math.Inf(1)
	}
	return Value{lo, hi, shown.there, shown.why}
}
