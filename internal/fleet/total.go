package fleet

import "time"

// The turn of the month, by the clock and so in every process alike. For twenty minutes after the month the old total
// stands, so that its last minutes are in it and every scrape has seen it; then 0 for ten minutes, so that every scrape
// sees that the counter began anew, although the new total may be the higher one; then the new total.
const (
	oldStands  = 20 * time.Minute
	newAppears = 30 * time.Minute
)

// Epoch is the moment since which totals count at the given moment: the first of the month, 00:00 UTC. It is the same for
// every endpoint, whenever that was created: a total goes by the endpoint's name, as CloudWatch does.
func Epoch(at time.Time) time.Time {
	at = at.UTC()
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// Shows is the epoch of the total that is shown at the given moment, and whether that total is 0 whatever was counted.
func Shows(at time.Time) (epoch time.Time, zero bool) {
	epoch = Epoch(at)
	switch since := at.Sub(epoch); {
	case since < oldStands:
		return epoch.AddDate(0, -1, 0), false
	default:
		return epoch, since < newAppears
	}
}

// Count is what was counted since an epoch. The zero Count says that nothing is known.
type Count struct {
	Since   time.Time
	Sum     int64 // events; microseconds where the metric times events
	Samples int64 // the events that were timed
}

// Total is what a metric has counted since the first of the month. The zero Total says that nothing is known.
type Total struct {
	Since   time.Time // the epoch
	Sum     int64     // events; microseconds where the metric times events
	Samples int64     // the events that were timed
	Before  Count     // of the month before, as long as that may still be shown
	Expires time.Time // when the total may no longer be shown
}

// At is the total that is shown at the given moment: that of the month before, 0 or that of the month. An epoch of which
// nothing was read has counted nothing.
func (t Total) At(at time.Time) Total {
	epoch, zero := Shows(at)
	switch {
	case t.Since.IsZero(), t.Since.After(epoch) && !t.Before.Since.Equal(epoch): // the latter: the clock was set back
		return t
	case zero, t.Since.Before(epoch):
		return Total{Since: epoch, Expires: t.Expires}
	case t.Since.After(epoch):
		return Total{Since: epoch, Sum: t.Before.Sum, Samples: t.Before.Samples, Expires: t.Expires}
	}
	return t
}

// Fresh tells whether the total is known and may be shown at the given moment.
func (t Total) Fresh(at time.Time) bool { return !t.Since.IsZero() && at.Before(t.Expires) }

// turns are the moments around the given one at which time alone changes what totals show.
func turns(at time.Time) []time.Time {
	epoch := Epoch(at)
	next := epoch.AddDate(0, 1, 0)
	return []time.Time{epoch.Add(oldStands), epoch.Add(newAppears), next.Add(oldStands), next.Add(newAppears)}
}
