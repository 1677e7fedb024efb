package sim

import (
	"math/bits"
	"time"
)

// tally is what a replay notes of each request. Worlds that nobody replays have none, and notes on nil do nothing.
type tally struct {
	backlog int
	since   time.Duration // when the backlog last changed
	area    float64       // the backlog over time, in request-seconds
	finished,
	expired int
	queued float64 // seconds that the finished ones waited until their service began
	inside float64 // seconds from arrival to the end, of the finished and the expired
	waits  Waits
	worst  time.Duration // of those that ended since it was last taken
	limit  time.Duration // a longer wait is late; 0: none is
	late   int           // those that ended late, the expired too
}

// change notes that requests came or went.
func (t *tally) change(at time.Duration, by int) {
	if t == nil {
		return
	}
	t.area += float64(t.backlog) * (at - t.since).Seconds()
	t.backlog, t.since = t.backlog+by, at
}

func (t *tally) finish(ended service) {
	t.change(ended.ends, -1)
	t.finished++
	t.queued += (ended.began - ended.At).Seconds()
	t.left(ended.ends - ended.At)
}

// left counts a wait that is over, or that goes on when the replay ends.
func (t *tally) left(wait time.Duration) {
	t.inside += wait.Seconds()
	t.waits.add(wait)
	t.worst = max(t.worst, wait)
	if t.limit > 0 && wait > t.limit {
		t.late++
	}
}

func (t *tally) expire(at time.Duration, r Request) {
	if t == nil {
		return
	}
	t.change(at, -1)
	t.expired++
	t.late++
	t.inside += (at - r.At).Seconds()
	t.worst = max(t.worst, at-r.At)
}

// Waits are how long requests were in the system, counted in buckets that are half a per cent wide.
type Waits struct {
	buckets [waitBuckets]uint32
	n       int
	worst   time.Duration
}

// Buckets are numbered by the position of a duration's highest bit, in microseconds, and the bits behind it.
const (
	waitBits    = 7
	waitBuckets = 40 << waitBits // up to 2^40 microseconds, twelve days
)

func (w *Waits) add(wait time.Duration) {
	w.buckets[waitBucket(wait)]++
	w.n++
	w.worst = max(w.worst, wait)
}

func waitBucket(wait time.Duration) int {
	us := uint64(wait.Microseconds())
	high := bits.Len64(us)
	if high <= waitBits {
		return int(us)
	}
	return min((high-waitBits)<<waitBits|int(us>>(high-waitBits-1)&(1<<waitBits-1)), waitBuckets-1)
}

// waitOf is the middle of a bucket.
func waitOf(bucket int) time.Duration {
	high := bucket >> waitBits
	if high == 0 {
		return time.Duration(bucket) * time.Microsecond
	}
	low := uint64(1<<waitBits|bucket&(1<<waitBits-1)) << (high - 1)
	return time.Duration(low+1<<(high-1)/2) * time.Microsecond
}

// Quantile is the wait that a share of the requests does not exceed, within half a per cent; never is the number of
// further requests whose wait is longer than any. ok is false when the share reaches into those, or there are none at all.
func (w *Waits) Quantile(share float64, never int) (wait time.Duration, ok bool) {
	want := share * float64(w.n+never)
	if w.n+never == 0 || want > float64(w.n) {
		return 0, false
	}
	seen := 0
	for bucket, n := range w.buckets {
		if seen += int(n); n > 0 && float64(seen) >= want {
			return min(waitOf(bucket), w.worst), true
		}
	}
	return w.worst, true
}

// Worst is the longest of them.
func (w *Waits) Worst() time.Duration { return w.worst }

// costs are the instances of an endpoint over time.
type costs struct {
	startsPaid             bool // those that start up are paid for
	since                  time.Duration
	paid, serving          int // as they are since then
	paidFor, served        time.Duration
	started, wakes, widest int
}

// from notes the instances as they are from a moment on.
func (c *costs) from(at time.Duration, e *endpoint) {
	c.paidFor += time.Duration(c.paid) * (at - c.since)
	c.served += time.Duration(c.serving) * (at - c.since)
	c.since, c.serving = at, e.running()
	c.paid = c.serving
	if c.startsPaid {
		for _, v := range e.variants {
			c.paid += len(v.coming)
		}
	}
	c.widest = max(c.widest, c.serving)
}
