package ledger

import "time"

const (
	// settled is the age, after its end, at which CloudWatch is expected to have said its last word about a minute.
	settled Minute = 5
	// overlap is how far each read reaches back before the one before it, so that what CloudWatch adds or changes in the
	// ten minutes after a minute has settled is seen and counted once.
	overlap Minute = 15
	// behind is how many minutes are read one by one at most. An account that has not been read for longer reads whole
	// hours again from the epoch on.
	behind = 3 * Hour
	// standing is how long the last total of an epoch stands before the next one is shown, so that every scrape has seen
	// it; so long a new total that is not lower stands at 0, or nobody would see that it began anew.
	standing = 10 * time.Minute
	// grace is how long after its end an epoch is read back at the start, so that a process that restarts at the turn of
	// the month shows the old total as its replicas do.
	grace = Hour
)

// settledBy is the minute before which all are settled, when the minutes before to are complete.
func settledBy(to Minute) Minute { return to - settled }

// Account is the total of one metric of one variant. The zero value is an account of which nothing has been read.
//
// At the turn of the month it holds two tallies: that of the month that ends is shown until its last minutes have
// settled and have stood for ten minutes, and then that of the month that began.
type Account struct {
	present tally
	closing *tally    // of the epoch before, while that is shown
	closed  time.Time // when the last minute of closing had settled; zero before
	zero    time.Time // until when the present total stands at 0, because it would not be lower than the one before it
	day     day
}

// Read is what has to be read for an account: whole hours from the epoch on at a period of an hour, if there are any,
// and then minutes.
type Read struct{ Hours, Minutes Span }

// With is a read that serves two accounts.
func (r Read) With(other Read) Read {
	return Read{r.Hours.with(other.Hours), r.Minutes.with(other.Minutes)}
}

// Recent are the settled minutes that a read of the minutes before to reaches back to in any case.
func Recent(to Minute) Span { return Span{to - overlap, settledBy(to)} }

// Total is what an account shows.
type Total struct {
	Since Minute // the epoch
	Amount
}

// Next is what to read at the given moment for an endpoint created then. Minutes are empty where there is nothing to
// read yet.
func (a Account) Next(at, created time.Time) Read {
	a.turn(at, created)
	return a.read(MinuteOf(at))
}

// Turning tells whether the account must be read although nothing can have happened: nothing is known yet, or the month
// turns.
func (a Account) Turning(at, created time.Time) bool {
	a.turn(at, created)
	return a.present.to == 0 || a.closing != nil || !a.zero.IsZero()
}

// Settled is the minute before which all are counted for good, but for what CloudWatch changes later; it is before the
// epoch when nothing has been read.
func (a Account) Settled() Minute { return settledBy(a.present.to) }

// read is what the tallies need when the minutes before to are complete.
func (a *Account) read(to Minute) Read {
	from, epoch, unread := a.present.from, a.present.epoch, a.present.to == 0
	if a.closing != nil {
		from, epoch, unread = min(from, a.closing.from), a.closing.epoch, unread || a.closing.to == 0
	}
	if !unread && to-from <= behind {
		return Read{Minutes: Span{from, to}}
	}
	hour := max(epoch, (to - overlap).hour()) // minutes that may yet change are told apart
	return Read{Hours: Span{epoch, hour}, Minutes: Span{hour, to}}
}

// Learn takes in what was read at the given moment: the datapoints of a Read that reaches at least as far back as Next
// says, all of them complete. Points are sorted, and belong to the account from then on; a minute without one counted
// nothing. It returns how many minutes CloudWatch changed after they had settled.
func (a *Account) Learn(at, created time.Time, read Read, hours, minutes []Point) (revisions int) {
	a.turn(at, created)
	if read.Minutes.Empty() {
		return 0
	}
	for _, t := range []*tally{a.closing, &a.present} {
		switch {
		case t == nil:
			continue
		case !read.Hours.Empty() || t.to == 0:
			t.whole(read, hours, minutes)
			a.day.whole(t, read, hours)
		default:
			revisions += t.again(read.Minutes, minutes)
		}
		a.day.add(t.fold(read.Minutes.To - overlap))
		t.total()
	}
	a.day.forget(settledBy(read.Minutes.To))
	a.close(at)
	return revisions
}

// Total is what the account shows, and whether there is anything to show: there is not before its first complete read.
func (a Account) Total() (Total, bool) {
	switch {
	case a.closing != nil && a.closing.to != 0:
		return Total{a.closing.epoch, a.closing.shown}, true
	case a.present.to == 0:
		return Total{}, false
	case !a.zero.IsZero():
		return Total{Since: a.present.epoch}, true
	}
	return Total{a.present.epoch, a.present.shown}, true
}

// Pace is the mean of a minute over the newest settled minutes of the epoch, ten of them at most, and whether there are
// enough of them to tell.
func (a Account) Pace() (perMinute float64, ok bool) {
	return a.present.pace()
}

// Day is what an account that is Daily counted in the last hours, 24 at most, as far as their minutes have settled at the
// given moment: the hour of the newest of them and those before it. Since is the first minute of it: the account may not
// have read all of them. Unlike Total it follows CloudWatch where that takes something back.
func (a Account) Day(at time.Time) (Total, bool) {
	if !a.day.kept || a.present.to == 0 || a.closing != nil && a.closing.to == 0 {
		return Total{}, false
	}
	until := settledBy(MinuteOf(at))
	span := Span{a.day.first(until), until}
	day := Total{Since: span.From}
	for _, hour := range a.day.hours {
		if span.has(hour.At) {
			day.Amount = day.plus(hour.Amount)
		}
	}
	for _, t := range []*tally{a.closing, &a.present} {
		if t == nil {
			continue
		}
		for _, minute := range t.recent {
			if span.has(minute.At) {
				day.Amount = day.plus(minute.Amount)
			}
		}
	}
	return day, true
}

// turn opens the epoch of the moment if the account has not got it yet. A clock that was set back changes nothing.
func (a *Account) turn(at, created time.Time) {
	epoch := Epoch(at, created)
	if a.present.epoch != 0 && epoch <= a.present.epoch {
		return
	}
	earlier, ok := before(epoch, created)
	old, lately := a.present, a.day
	*a = Account{present: tally{epoch: epoch, from: epoch}, day: day{kept: lately.kept}}
	switch {
	case ok && old.to != 0 && old.epoch == earlier:
		old.end = epoch
		a.closing, a.day = &old, lately
		a.present.to = epoch // a minute that has begun since is still to come
	case ok && MinuteOf(at) < epoch+grace:
		a.closing = &tally{epoch: earlier, from: earlier, end: epoch}
	}
}

// close goes on to the present tally once the closing one has stood.
func (a *Account) close(at time.Time) {
	if !a.zero.IsZero() && !at.Before(a.zero) {
		a.zero = time.Time{}
	}
	if a.closing == nil {
		return
	}
	if a.closed.IsZero() && settledBy(a.closing.to) >= a.closing.end {
		a.closed = at
	}
	if a.closed.IsZero() || at.Before(a.closed.Add(standing)) {
		return
	}
	old, now := a.closing.shown, a.present.shown
	if old.Sum > 0 && now.Sum >= old.Sum || old.Samples > 0 && now.Samples >= old.Samples {
		a.zero = at.Add(standing)
	}
	a.closing, a.closed = nil, time.Time{}
}
