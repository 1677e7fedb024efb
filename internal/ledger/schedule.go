package ledger

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	// settled is the age, after its end, at which CloudWatch is expected to have said its last word about a minute.
	settled Minute = 5
	// overlap is how far an ordinary read reaches back before the one before it, so that what CloudWatch adds or changes in
	// the ten minutes after a minute has settled is seen and counted once.
	overlap Minute = 15
	// late is how far a late read reaches back, and from there on to the beginning of the hour. So far back minutes are
	// told apart; what is older is read by the hour.
	late = 3 * Hour
	// behind is how many minutes are read one by one at most after a pause. An account that has not been read for longer is
	// read as at the start.
	behind = 3 * Hour
)

// Read is what has to be read for an account: whole hours at a period of an hour, if there are any, and then minutes.
type Read struct {
	Hours, Minutes Span
	Whole          bool // everything since the epoch, and not only what may be new
}

// With is a read that serves two accounts, both of which need all or both of which do not.
func (r Read) With(other Read) Read {
	return Read{r.Hours.with(other.Hours), r.Minutes.with(other.Minutes), r.Whole || other.Whole}
}

// Recent are the settled minutes that a read of the minutes before to reaches back to in any case.
func Recent(to Minute) Span { return Span{to - overlap, settledBy(to)} }

// settledBy is the minute before which all are settled, when the minutes before to are complete.
func settledBy(to Minute) Minute { return to - settled }

// apart is the minute from which on minutes are told apart, when the minutes before to are complete. It is the beginning
// of an hour, the same in every process, and never goes back: so an hour that one process has read by the hour, no
// process that starts later reads by the minute.
func apart(to Minute) Minute { return (to - late).hour() }

// Spread is the minute of the day, in UTC, at which the accounts of an endpoint are read as at the start; its minute of
// the hour is that of the late reads. It depends on the name, so that not all endpoints are read so at once.
func Spread(endpoint string) Minute {
	hash := uint32(2166136261) // FNV-1a
	for i := range len(endpoint) {
		hash = (hash ^ uint32(endpoint[i])) * 16777619
	}
	return Minute(hash % uint32(Day))
}

// lateSince is the newest moment up to the given one at which a late read is due.
func lateSince(to, spread Minute) Minute { return to - (to-spread%Hour)%Hour }

// wholeSince is the newest moment up to the given one at which everything is to be read again: once a day, and once
// more at LastRead, so that whatever came late until then is in the old month's total.
func wholeSince(to, spread Minute) Minute {
	since := to - (to-spread)%Day
	if last := epochOf(to.Time()) + lastRead; last <= to {
		since = max(since, last)
	}
	return since
}

// lastRead is the minute of a month in which everything of the month before is read for the last time, of each endpoint:
// late enough for all of its minutes to have settled and for late data, early enough to try again each minute before the
// total is shown no more.
const lastRead Minute = 15

// LastRead is the moment after from and before to, if there is one, at which everything must be read, however seldom it
// is read otherwise: so the total of the month that has ended is complete.
func LastRead(from, to time.Time) (at time.Time, ok bool) {
	at = (epochOf(to) + lastRead).Time()
	return at, from.Before(at) && at.Before(to)
}

func epochOf(at time.Time) Minute { return MinuteOf(fleet.Epoch(at)) }
