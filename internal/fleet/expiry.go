package fleet

import (
	"iter"
	"time"
)

// Expiries yields every moment at which something in the snapshot becomes too old to be shown, or shows something else
// because a month has turned, in no order. Who keeps what was made of a snapshot keeps it no longer than until the next of
// them, so whatever gets an expiry of its own is listed here; a test finds what is missing.
func (s Snapshot) Expiries() iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		turns := turns(s.At)
		for _, source := range s.Sources {
			if !yield(source.Expires) {
				return
			}
		}
		if !s.Early.Expires.IsZero() && !yield(s.Early.Expires) {
			return
		}
		for i := range s.Endpoints {
			if !s.Endpoints[i].expiries(turns, yield) {
				return
			}
		}
	}
}

// expiries tells whether more are wanted.
func (e *Endpoint) expiries(turns []time.Time, yield func(time.Time) bool) bool {
	for _, reading := range e.Queue {
		if !yield(reading.Expires) {
			return false
		}
	}
	for _, variant := range e.Variants {
		if variant.Work != nil && !variant.Work.expiries(turns, yield) {
			return false
		}
	}
	return yield(e.Expires)
}

func (w *Work) expiries(turns []time.Time, yield func(time.Time) bool) bool {
	var last time.Time // when the last total expires
	for _, total := range w.Totals {
		if !total.Since.IsZero() && total.Expires.After(last) {
			last = total.Expires
		}
	}
	for _, turn := range turns {
		if turn.Before(last) && !yield(turn) {
			return false
		}
	}
	for _, totals := range [][]Total{w.Totals[:], {w.Took, w.Waited}} {
		for _, total := range totals {
			if !yield(total.Expires) {
				return false
			}
		}
	}
	for _, readings := range [][]Reading{w.Longest[:], w.Hosts[:], {w.Pace}} {
		for _, reading := range readings {
			if !yield(reading.Expires) {
				return false
			}
		}
	}
	return true
}
