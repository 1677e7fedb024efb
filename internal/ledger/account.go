package ledger

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Account is the total of one metric of one variant. The zero value is an account of which nothing has been read.
//
// While the month before is still shown it counts both. Which of them is shown is decided by the clock when it is shown,
// not by what was read (fleet.Total.At).
type Account struct {
	month, before month
	from          Minute  // the minutes before are in the months' bases
	to            Minute  // the minutes before have been read; 0 when none has
	minutes       []Point // of the minutes from from to to that are not 0, sorted
	late, whole   Minute  // as of when the newest late read and the newest of everything were
	day           day
}

// month is the total of one month.
type month struct {
	epoch Minute // 0 for none
	base  Amount // of the minutes that are not told apart any more
	shown Amount // the highest total yet, which is never gone below
}

// Total is what an account counted since a minute.
type Total struct {
	Since Minute
	Amount
}

// Next is what to read at the given moment; it is empty where there is nothing to read. The spread is that of the
// endpoint.
func (a *Account) Next(at time.Time, spread Minute) Read {
	to := MinuteOf(at)
	switch {
	case epochOf(at) < a.month.epoch && max(a.to, a.month.epoch)-to <= behind: // the clock was set back; soon the month is again what it was
		return Read{}
	case a.to == 0, to-a.to > behind, to < a.to, a.backDue(to, spread):
		return Read{Hours: Span{a.first(at), apart(to)}, Minutes: Span{apart(to), to}, Whole: true}
	case a.late < lateSince(to, spread):
		return Read{Minutes: Span{min(apart(to), a.to-overlap), to}}
	}
	return Read{Minutes: Span{a.to - overlap, to}}
}

// first is the first minute that is to be counted at the given moment.
func (a *Account) first(at time.Time) Minute {
	epoch, _ := fleet.Shows(at)
	first := MinuteOf(epoch)
	if a.day.kept {
		first = min(first, firstOfDay(MinuteOf(at)))
	}
	return first
}

func (a *Account) backDue(to, spread Minute) bool { return a.whole < wholeSince(to, spread) }

// Unread tells whether nothing has been read yet.
func (a *Account) Unread() bool { return a.to == 0 }

// BackDue tells whether everything is to be read again at the given moment, because late data may have come of any
// minute of the last day.
func (a *Account) BackDue(at time.Time, spread Minute) bool { return a.backDue(MinuteOf(at), spread) }

// Settled is the minute before which all are counted, but for what CloudWatch changes later; it is before the epoch when
// nothing has been read.
func (a *Account) Settled() Minute { return settledBy(a.to) }

// Back is the minute as of which everything was read, the last time that it was.
func (a *Account) Back() Minute { return a.whole }

// Learn takes in what was read at the given moment: the datapoints of a Read that reaches at least as far back as Next
// says, all of them complete. Points are sorted; a minute without one counted nothing. It returns how many minutes
// CloudWatch changed after they had settled; what a read of everything finds in older ones counts as one.
//
// What was read for an account that has been lost since, because its endpoint was, is not taken for all that there is.
func (a *Account) Learn(at time.Time, read Read, hours, minutes []Point) (revisions int) {
	if read.Minutes.Empty() || !read.Whole && (a.to == 0 || read.Minutes.From > a.to || epochOf(at) < a.month.epoch) {
		return 0
	}
	if epochOf(at) < a.month.epoch { // the clock was far ahead: what was counted by it is of no month
		*a = Account{day: day{kept: a.day.kept}}
	}
	a.turn(at)
	known := Span{max(a.from, read.Minutes.From), settledBy(min(a.to, read.Minutes.To))}
	if read.Whole {
		revisions = a.changedHours(read, hours)
		a.back(read, hours)
	}
	revisions += a.replace(read.Minutes, minutes, known)
	if read.Minutes.From <= apart(a.to) {
		a.late = a.to
	}
	a.fold(apart(a.to))
	a.day.forget(settledBy(a.to))
	for _, m := range []*month{&a.month, &a.before} {
		if m.epoch != 0 {
			m.shown = m.shown.most(m.base.plus(Span{m.epoch, min(m.end(), settledBy(a.to))}.sum(a.minutes)))
		}
	}
	return revisions
}

// Forget drops what was read, because the endpoint is gone: another one may come under its name. Until the month is over
// the account goes on from the total that it showed, and so never falls while the process runs. It returns false when
// there is nothing to go on from at the given moment.
func (a *Account) Forget(at time.Time) (goesOn bool) {
	*a = Account{
		month:  month{epoch: a.month.epoch, shown: a.month.shown},
		before: month{epoch: a.before.epoch, shown: a.before.shown},
		day:    day{kept: a.day.kept},
	}
	epoch, _ := fleet.Shows(at)
	return a.month.epoch >= MinuteOf(epoch) && (a.month.shown != Amount{} || a.before.shown != Amount{})
}

// Totals are what the account counted in the month in which it was read last, and in the one before it while that may
// still be shown; the epoch of one that is not known is 0.
func (a *Account) Totals() (month, before Total) {
	return Total{a.month.epoch, a.month.shown}, Total{a.before.epoch, a.before.shown}
}

// Pace is the mean of a minute over the newest ten settled minutes, and whether they were read.
func (a *Account) Pace() (perMinute float64, ok bool) {
	recent := Recent(a.to)
	return float64(recent.sum(a.minutes).Sum) / float64(recent.To-recent.From), a.to != 0
}

// turn opens the month of the moment if the account has not got it yet, and closes the one before it when that is not
// shown any more: what comes of it later is lost.
func (a *Account) turn(at time.Time) {
	epoch := epochOf(at)
	shown, _ := fleet.Shows(at)
	if old := MinuteOf(shown); old == epoch {
		a.before = month{}
	} else if a.month.epoch < epoch {
		a.before = month{epoch: old}
		if a.month.epoch == old {
			a.before = a.month
		}
	}
	if a.month.epoch < epoch {
		a.month = month{epoch: epoch}
	}
}

// end is the minute after the last of the month.
func (m *month) end() Minute { return MinuteOf(m.epoch.Time().AddDate(0, 1, 0)) }

// of is the month that a minute belongs to, nil if that is none of those that are counted.
func (a *Account) of(m Minute) *month {
	switch {
	case m >= a.month.epoch:
		return &a.month
	case a.before.epoch != 0 && m >= a.before.epoch:
		return &a.before
	}
	return nil
}

// back begins anew with the hours of a read of everything; its minutes are still to be taken in.
func (a *Account) back(read Read, hours []Point) {
	a.month.base, a.before.base = Amount{}, Amount{}
	for _, hour := range read.Hours.part(hours) {
		if m := a.of(hour.At); m != nil {
			m.base = m.base.plus(hour.Amount)
		}
	}
	a.day.whole(read.Hours, hours)
	a.minutes = slices.DeleteFunc(a.minutes, func(p Point) bool { return p.At < read.Minutes.From })
	a.from, a.whole = read.Minutes.From, read.Minutes.To
}

// changedHours counts the months of whose older hours CloudWatch has something else now than it had when their minutes
// had settled.
func (a *Account) changedHours(read Read, hours []Point) (revisions int) {
	until := min(read.Minutes.From, a.Settled().hour())
	if a.to == 0 || until < a.from { // the latter: the clock was set back
		return 0
	}
	for _, m := range []*month{&a.month, &a.before} {
		span := Span{m.epoch, min(m.end(), until)}
		if m.epoch == 0 || span.Empty() || span.From < read.Hours.From {
			continue
		}
		if differs(m.base.plus(span.sum(a.minutes)), span.sum(hours), span.To-span.From) {
			revisions++
		}
	}
	return revisions
}

// replace puts the minutes that were read in the place of what was known of them, and counts those that were known and
// are not what they were.
func (a *Account) replace(span Span, minutes []Point, known Span) (revisions int) {
	span.From = max(span.From, a.from)
	minutes = span.part(minutes)
	kept := len(a.minutes) - len(Span{span.From, max(span.To, a.to)}.part(a.minutes))
	revisions = changes(a.minutes[kept:], minutes, known)
	a.minutes = a.minutes[:kept]
	for _, point := range minutes {
		if point.Amount != (Amount{}) {
			a.minutes = append(a.minutes, point)
		}
	}
	a.to = span.To
	return revisions
}

// fold makes one number of the minutes before the boundary.
func (a *Account) fold(boundary Minute) {
	if boundary <= a.from {
		return
	}
	folded := Span{a.from, boundary}.part(a.minutes)
	for _, point := range folded {
		if m := a.of(point.At); m != nil {
			m.base = m.base.plus(point.Amount)
		}
	}
	a.day.add(folded)
	a.minutes = slices.Delete(a.minutes, 0, len(folded))
	a.from = boundary
}

// changes counts the minutes of the span that are not the same before and after. Both lists are sorted; a minute that is
// missing is one of amount 0.
func changes(before, after []Point, span Span) (n int) {
	for len(before) > 0 || len(after) > 0 {
		var at Minute
		var was, is Amount
		if len(after) == 0 || len(before) > 0 && before[0].At <= after[0].At {
			at, was = before[0].At, before[0].Amount
		} else {
			at = after[0].At
		}
		if len(before) > 0 && before[0].At == at {
			before = before[1:]
		}
		if len(after) > 0 && after[0].At == at {
			is, after = after[0].Amount, after[1:]
		}
		if was != is && span.has(at) {
			n++
		}
	}
	return n
}
