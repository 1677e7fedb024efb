package observe

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	// lag is how much later than the gate CloudWatch may show the other queue metrics of a minute, and for how long
	// HasBacklogWithoutCapacity may be 1 after an instance has started.
	lag = 3 * time.Minute
	// lost is how long the gate may lack data before the other queue metrics are asked less often.
	lost = 15 * time.Minute
	// settles is how long after its queue was last not empty a variant without instances may count something: a request
	// expires, and the notification of that fails.
	settles = 15 * time.Minute
)

// gate is what ApproximateBacklogSize has said of the queue of one endpoint. It is asked of every endpoint. While it is 0
// the other queue metrics follow from it, and are not asked. It is a value: with returns a new one.
type gate struct {
	first  time.Time // when it was asked for the first time
	newest time.Time // the newest minute with data; zero: there was none
	whole  time.Time // the newest minute before which none is missing; zero: there was none
	since  time.Time // every minute from this one to whole is there and 0; it is after whole when that one is not
	queued time.Time // the newest minute with a queue; zero: none was seen
	others time.Time // when the other queue metrics were last read
	asked  time.Time // when it was last read
	idle   bool      // it was empty then, no instance ran, and an alarm wakes it
	load   int       // metrics that are asked with it, itself included
	rare   int       // metrics that are asked as often as SourceMetrics
}

// with takes in the minutes from the given one on, sorted. CloudWatch shows minutes in any order: one that is missing
// before newer ones may still come.
func (g gate) with(points []fleet.Point, from time.Time) gate {
	next, goesOn := g, !g.whole.Before(from.Add(-time.Minute))
	if !goesOn { // minutes between the reads were never seen
		next.whole, next.since = time.Time{}, time.Time{}
	}
	var last, empty time.Time // the minute before, and the first of those that are there and 0 up to it
	for i, point := range points {
		if i == 0 || !point.At.Equal(last.Add(time.Minute)) {
			empty = point.At
		}
		last = point.At
		if point.Value > 0 {
			next.queued, empty = later(next.queued, last), last.Add(time.Minute)
		}
		if next.whole.IsZero() || !last.After(next.whole.Add(time.Minute)) {
			next.whole, next.since = later(next.whole, last), empty
		}
	}
	if len(points) > 0 {
		next.newest = last
	}
	if goesOn && next.since.Equal(from) && g.since.Before(from) {
		next.since = g.since
	}
	return next
}

// silent tells whether the gate has no data that is recent at the given moment, if it is asked at the interval.
func (g gate) silent(at time.Time, interval time.Duration) bool {
	return g.whole.Before(at.Truncate(time.Minute).Add(-recent - interval))
}

// lost tells whether the gate has had no data for so long that CloudWatch may never have any.
func (g gate) lost(at time.Time) bool { return at.Sub(later(g.first, g.whole)) > lost }

// waited is the newest moment at which something may have waited in the queue: the last minute that was missing or not 0.
func (g gate) waited(at time.Time, interval time.Duration) time.Time {
	if g.silent(at, interval) {
		return at
	}
	return later(g.queued, g.since.Add(-time.Minute))
}

// queue tells whether there is a queue, or was one in a minute that is new, or so lately that the other metrics may tell of it.
func (g gate) queue(before gate) bool {
	return g.queued.After(before.whole) || g.queued.After(g.newest.Add(-lag))
}

// asks lists the other queue metrics that do not follow from the gate, as it was read at the given moment. The gate of the
// read before says which minutes are new: a queue in any of them is one, also when the newest is empty.
func (g gate) asks(before gate, s sight, at time.Time) (metrics []fleet.QueueMetric) {
	if g.silent(at, 0) {
		if s.unseen {
			return nil
		}
		return fleet.QueueMetrics()[fleet.Backlog+1:]
	}
	queue := g.queue(before)
	if queue || !s.of(g.newest) && !s.unseen {
		metrics = append(metrics, fleet.BacklogPerInstance)
	}
	if queue {
		metrics = append(metrics, fleet.OldestAge)
	}
	if queue && !s.served(g.newest) && !s.soonServed(g.newest) {
		metrics = append(metrics, fleet.WithoutCapacity)
	}
	return metrics
}

// sight is what DescribeEndpoint has said of the instances of an endpoint.
type sight struct {
	unseen    bool      // it was not described yet
	queued    bool      // it had a queue in the turn before, so it is described in this one
	running   bool      // one at least
	none      bool      // of no variant any
	count     int       // how many run over all variants; fleet.NoInstances where that is not known
	since     time.Time // since when each description had one; zero unless running
	described time.Time // when it was described
	seen      time.Time // when it was described, or listed with nothing to say that it had changed
}

// of tells whether it is known, and not older than the minute, whether instances run.
func (s sight) of(minute time.Time) bool { return (s.running || s.none) && !s.seen.Before(minute) }

// served tells whether an instance ran all through the minute, and for so long that CloudWatch knows.
func (s sight) served(minute time.Time) bool { return s.ran(minute, minute.Add(time.Minute)) }

// soonServed tells whether the description of this turn will say that: CloudWatch may show a minute within the minute after it,
// when the newest description is that of the turn before.
func (s sight) soonServed(minute time.Time) bool { return s.queued && s.ran(minute, minute) }

// ran tells whether an instance ran from the minute on to the given moment.
func (s sight) ran(minute, to time.Time) bool {
	return s.running && !s.since.After(minute.Add(-lag)) && !s.described.Before(to)
}

// served takes in what the descriptions of a turn say of minutes that the queue has shown before: while an instance ran, nothing
// waited without capacity.
func (o *Observer) served(described map[string]*knownEndpoint) {
	for name := range described {
		queue, known := o.queues[name]
		if known {
			o.queues[name] = o.sight(name).withCapacity(queue)
		}
	}
}

// derive puts what follows from the gate's newest minute in the place of what CloudWatch has said of older ones. What the
// empty queue leaves without a value keeps its time, as long as that is in the minutes that are read, from the given one on.
func (s sight) derive(queue fleet.Queue, from time.Time) fleet.Queue {
	gate := queue[fleet.Backlog]
	if gate.Expires.IsZero() {
		return queue
	}
	absent := func(metric fleet.QueueMetric) {
		switch old := queue[metric]; {
		case old.At.Before(from):
			queue[metric] = fleet.Reading{}
		case old.At.Before(gate.At):
			queue[metric].Expires = time.Time{}
		}
	}
	if gate.Value > 0 {
		return s.withCapacity(queue)
	}
	zero(&queue, fleet.WithoutCapacity)
	absent(fleet.OldestAge)
	switch {
	case !s.of(gate.At):
	case s.running:
		zero(&queue, fleet.BacklogPerInstance)
	default:
		absent(fleet.BacklogPerInstance)
	}
	return queue
}

// withCapacity says that nothing waited without capacity in the gate's newest minute, where that follows from an instance.
func (s sight) withCapacity(queue fleet.Queue) fleet.Queue {
	if gate := queue[fleet.Backlog]; !gate.Expires.IsZero() && s.served(gate.At) {
		zero(&queue, fleet.WithoutCapacity)
	}
	return queue
}

// zero says that a metric is 0 in the gate's newest minute, unless CloudWatch has said something of it.
func zero(queue *fleet.Queue, metric fleet.QueueMetric) {
	if gate := queue[fleet.Backlog]; queue[metric].At.Before(gate.At) {
		queue[metric] = fleet.Reading{At: gate.At, Expires: gate.Expires}
	}
}

// withEmpty are the minutes of HasBacklogWithoutCapacity, with those in which it is 0 because the queue was empty.
func withEmpty(without, backlog []fleet.Point) []fleet.Point {
	joined := make([]fleet.Point, 0, len(without)+len(backlog))
	for _, point := range backlog {
		for len(without) > 0 && without[0].At.Before(point.At) {
			joined, without = append(joined, without[0]), without[1:]
		}
		if point.Value == 0 && (len(without) == 0 || without[0].At.After(point.At)) {
			joined = append(joined, point)
		}
	}
	return append(joined, without...)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
