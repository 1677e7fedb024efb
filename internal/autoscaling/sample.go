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

// stretch is a number of minutes of which each has the same value.
type stretch struct {
	value   Value
	minutes int
}

// show is what minutes with one value each come to under a statistic, in whatever order they are. A datapoint that may be missing
// counts where it moves the bound: it may raise a maximum, and never lowers it. A percentile of values that differ is known to lie
// between them.
func show(statistic string, of []stretch) Value {
	shown, certain, uncertain := Value{there: absent}, 0, 0
	for _, s := range of {
		if s.minutes == 0 || s.value.there == absent {
			continue
		}
		if s.value.there == present {
			certain += s.minutes
		} else {
			uncertain += s.minutes
		}
		if shown.why == "" {
			shown.why = s.value.why
		}
	}
	switch {
	case certain > 0:
		shown.there = present
	case uncertain > 0:
		shown.there = perhaps
	default:
		return shown
	}
	_, extended := middle(statistic)
	lower := func(v Value) float64 { return v.lo }
	upper := func(v Value) float64 { return -v.hi }
	switch {
	case statistic == "SampleCount":
		shown.lo, shown.hi = float64(max(certain, 1)), float64(certain+uncertain)
	case statistic == "Maximum":
		shown.lo, shown.hi = largest(of, lower), -smallest(of, upper)
	case statistic == "Minimum":
		shown.lo, shown.hi = smallest(of, lower), -largest(of, upper)
	case statistic == "Sum":
		shown.lo, shown.hi = leastSum(of, lower), -leastSum(of, upper)
	case statistic == "Average":
		shown.lo, shown.hi = leastAverage(of, lower), -leastAverage(of, upper)
	case extended:
		shown.lo, shown.hi = smallest(of, lower), -smallest(of, upper)
	default:
		return Unknown("the statistic " + statistic + " is not modelled")
	}
	if math.IsNaN(shown.lo) {
		shown.lo = math.Inf(-1)
	}
	if math.IsNaN(shown.hi) {
		shown.hi = math.Inf(1)
	}
	return shown
}

// smallest is the least that the smallest measurement may be.
func smallest(of []stretch, end func(Value) float64) float64 {
	x := math.Inf(1)
	for _, s := range of {
		if s.minutes > 0 && s.value.there != absent {
			x = min(x, end(s.value))
		}
	}
	return x
}

// largest is the least that the largest measurement may be: no less than each that is certainly there.
func largest(of []stretch, end func(Value) float64) float64 {
	x, found := math.Inf(-1), false
	for _, s := range of {
		if s.minutes > 0 && s.value.there == present {
			x, found = max(x, end(s.value)), true
		}
	}
	if !found {
		return smallest(of, end)
	}
	return x
}

// leastSum is the least that the sum may be: what may be missing is there where it is negative.
func leastSum(of []stretch, end func(Value) float64) float64 {
	sum, found := 0., false
	for _, s := range of {
		x := end(s.value)
		if s.minutes > 0 && (s.value.there == present || s.value.there == perhaps && x < 0) {
			sum, found = sum+x*float64(s.minutes), true
		}
	}
	if !found {
		return smallest(of, end)
	}
	return sum
}

// leastAverage is the least that the average may be: what may be missing is there where it lowers that, the smallest first.
func leastAverage(of []stretch, end func(Value) float64) float64 {
	at := smallest(of, end)
	if largest(of, end) == at { // not rounded
		return at
	}
	sum, n := 0., 0.
	for _, s := range of {
		if s.value.there == present && s.minutes > 0 {
			sum, n = sum+end(s.value)*float64(s.minutes), n+float64(s.minutes)
		}
	}
	for at < sum/n {
		next := math.Inf(1)
		for _, s := range of {
			switch x := end(s.value); {
			case s.minutes == 0 || s.value.there != perhaps:
			case x == at:
				sum, n = sum+x*float64(s.minutes), n+float64(s.minutes)
			case x > at:
				next = min(next, x)
			}
		}
		at = next
	}
	return sum / n
}
