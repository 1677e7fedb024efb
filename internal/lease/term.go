package lease

import "time"

// The times of the Lease. A holder that cannot renew it gives up after renewWithin, and then begins no other write; the
// one that is under way takes 25 seconds at most. Nobody else takes the Lease before lasts is over.
var usual = times{lasts: 60 * time.Second, renewWithin: 30 * time.Second, retryEvery: 5 * time.Second, answerWithin: 10 * time.Second}

type times struct{ lasts, renewWithin, retryEvery, answerWithin time.Duration }

// record is the part of a Lease that decides who may write. No time in it is read: clocks of two machines differ.
type record struct {
	holder string        // empty: it was released
	lasts  time.Duration // 0: unknown
	all    string        // the whole specification; another text means that the holder renewed it
}

// move is the next request of a process.
type move int

const (
	wait   move = iota // another process holds the Lease
	create             // there is no Lease
	take               // it is free, or its holder has not renewed it in time
	renew              // this process is its holder
)

// term is what one process knows of the Lease, and until when it holds it. Times are of this process' own clock.
type term struct {
	times
	me string

	doubt bool      // a write failed, and nothing was read since: it may have reached the API server
	seen  *record   // as last read or written; nil: there was none
	since time.Time // when this process first saw it so
	guard time.Time // until then another process may still hold a Lease that is gone
	until time.Time // this process holds the Lease until then; zero: it does not
}

// holds tells whether this process may write at a moment.
func (t term) holds(now time.Time) bool { return now.Before(t.until) }

// next is the request that is due, for what was seen last.
func (t term) next(now time.Time) move {
	switch {
	case t.seen == nil && now.Before(t.guard):
		return wait
	case t.seen == nil:
		return create
	case t.seen.holder == t.me:
		return renew
	case t.seen.holder == "", !now.Before(t.expires()):
		return take
	}
	return wait
}

// expires is when the record that was seen last is over, if nobody renews it.
func (t term) expires() time.Time {
	lasts := t.seen.lasts
	if lasts <= 0 { // somebody wrote it by hand
		lasts = t.lasts
	}
	return t.since.Add(lasts)
}

// read notes what the API server had at a moment: a record, or nil for no Lease. A Lease that names another process, or that
// is gone, ends the term at once.
func (t term) read(now time.Time, r *record) term {
	switch {
	case r == nil && t.seen != nil && t.seen.holder != "" && t.seen.holder != t.me:
		t.guard = t.expires() // somebody deleted it: its holder may not know yet
	case r != nil && (t.seen == nil || *t.seen != *r):
		t.since = now
	}
	if r == nil || r.holder != t.me {
		t.until = time.Time{}
	}
	t.doubt, t.seen = false, r
	return t
}

// wrote notes a write that the API server has confirmed. It began at a moment, from which the term counts: the answer may have
// been slow, and others count from when they see the record.
func (t term) wrote(began, now time.Time, r record) term {
	t = t.read(now, &r)
	if r.holder == t.me {
		t.until = began.Add(t.renewWithin)
	}
	return t
}

// failed notes a write of which nothing is known: it may have reached the API server, now or later.
func (t term) failed() term {
	t.doubt = true
	return t
}

// pause is how long to wait for the next request after one that began at a moment, for a random number from 0 to 1. A holder
// renews at a steady pace. The others come at random, so that a free Lease has one winner soon.
func (t term) pause(began, now time.Time, random float64) time.Duration {
	if t.holds(now) {
		steady := max(t.retryEvery-now.Sub(began), t.retryEvery/5)
		return min(steady, t.until.Sub(now))
	}
	return t.retryEvery + time.Duration(random*1.2*float64(t.retryEvery))
}
