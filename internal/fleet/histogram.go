package fleet

import "time"

// Histogram counts durations in buckets. It is a value: With returns a new one and leaves the old as it was, so that
// published snapshots never change.
type Histogram struct {
	Begun   bool // a duration is under way or was counted: before, there is nothing to export
	Count   uint64
	Sum     time.Duration
	Buckets [len(durationBounds)]uint64 // cumulative, by DurationBounds
}

// durationBounds reach from a warm pool (half a minute) to a shortage of capacity (hours); provisioning was measured
// at half a minute to eleven minutes.
var durationBounds = [...]time.Duration{
	30 * time.Second, time.Minute, 2 * time.Minute, 3 * time.Minute, 4 * time.Minute, 5 * time.Minute,
	7 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour,
}

// DurationBounds are the upper bounds of the buckets of every Histogram.
func DurationBounds() []time.Duration { return durationBounds[:] }

// Begin returns the histogram with a duration under way. It is exported from then on, at 0, so that the first one that is
// counted is an increase.
func (h Histogram) Begin() Histogram {
	h.Begun = true
	return h
}

// With returns the histogram with one more observation.
func (h Histogram) With(d time.Duration) Histogram {
	h.Begun = true
	h.Count++
	h.Sum += d
	for i, bound := range durationBounds {
		if d <= bound {
			h.Buckets[i]++
		}
	}
	return h
}

// Range are the bounds of the buckets between which all observations are; ok is false while there is none, and when one is
// above all bounds.
func (h Histogram) Range() (least, most time.Duration, ok bool) {
	for i, bound := range durationBounds {
		switch {
		case h.Count == 0:
		case h.Buckets[i] == 0:
			least = bound
		case h.Buckets[i] == h.Count:
			return least, bound, true
		}
	}
	return 0, 0, false
}
