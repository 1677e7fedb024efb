package alerting

import "time"

// visibility is whether it can be told from a page that what an alert is about has ended.
type visibility int

const (
	visible visibility = iota // everything that its rule reads of it is there, or nothing ever was
	gone                      // its endpoint is no more
	hidden                    // series that its rule read are missing, and the source that they need is not up
	nowhere                   // the same, and the exporter does not name its account and region
)

// kept is what is remembered of an alert that fires, from one evaluation of its rule to the next.
type kept struct {
	found    time.Time // when its rule found it last
	hidden   time.Time // since when it is not found and nobody can tell whether it has ended; zero where that is known
	regained time.Time // when that could be told again
	seen     int       // in how many evaluations since
}

// next is what is remembered after an evaluation that did not find the alert, and whether it goes on firing all the same:
// while it cannot be told that it has ended, for a day at most, and once that can be told again for as long as its rule
// looks back at the gap, for an hour at most. What is recorded for it is there an evaluation later.
func (k kept) next(now visibility, reach, interval time.Duration, at time.Time) (next kept, holds bool) {
	switch now {
	case hidden, nowhere:
		if k.regained, k.seen = (time.Time{}), 0; k.hidden.IsZero() {
			k.hidden = at
		}
		most := longestUnseen
		if now == nowhere {
			most = longestMissing
		}
		return k, at.Sub(k.hidden) < most
	case visible:
		if k.hidden.IsZero() {
			return k, false
		}
		if k.regained.IsZero() {
			k.regained = at
		}
		k.seen++
		return k, k.seen <= 2 || at.Before(k.regained.Add(min(reach, longestHold)+2*interval))
	case gone:
	}
	return k, false
}
