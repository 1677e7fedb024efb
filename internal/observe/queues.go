package observe

import (
	"cmp"
	"context"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	// recent is how many complete minutes back the newest datapoint is looked for; an older one is not the present.
	recent = 5 * time.Minute
	// window is what is read of the queues in each turn, besides the time since the one before. The number of datapoints
	// costs nothing, so it reaches further back: wakes are followed minute by minute, also through a few turns that failed.
	window = 10 * time.Minute
)

// inquiry is what is asked of one endpoint's queue in one turn, and what was answered.
type inquiry struct {
	name   string
	sight  sight
	before gate                // as it was read before
	gate   gate                // as it is read now
	waits  bool                // HasBacklogWithoutCapacity said so last
	rare   bool                // the gate has no data: the others are asked as seldom as the work
	asked  []fleet.QueueMetric // in the call under way
	series map[fleet.QueueMetric]fleet.Series
}

// inquiries are one for each selected endpoint.
func (o *Observer) inquiries() []*inquiry {
	names := o.selected()
	list := make([]*inquiry, len(names))
	for i, name := range names {
		list[i] = &inquiry{
			name: name, sight: o.sight(name), before: o.gates[name], waits: o.queues[name][fleet.WithoutCapacity].Value > 0,
			asked: []fleet.QueueMetric{fleet.Backlog}, series: map[fleet.QueueMetric]fleet.Series{},
		}
	}
	return list
}

// askQueues reads the gate of every selected endpoint, and then the other queue metrics where they do not follow from it.
func (o *Observer) askQueues() func(context.Context) (func(*Observer), error) {
	now, list, intervals := o.now, o.inquiries(), o.options.Intervals
	unknown := o.endpointsUnknown(len(list))
	r := &queueReader{aws: o.aws.Metrics}
	return func(ctx context.Context) (func(*Observer), error) {
		if unknown {
			return nil, errEndpointsUnknown
		}
		if len(list) == 0 {
			return nil, nil
		}
		at := now()
		to := at.Truncate(time.Minute) // the running minute is not complete
		from, load, rare := to.Add(-intervals.Queue-window).Truncate(time.Minute), len(list), 0
		if !r.read(ctx, list, from, to) {
			return func(o *Observer) { o.billed += uint64(r.billed) }, r.err
		}
		for _, i := range list {
			i.choose(from, at, intervals.Work)
			if i.rare {
				rare += len(fleet.QueueMetrics()) - 1
			} else {
				load += len(i.asked)
			}
		}
		since := from
		if rare > 0 {
			since = to.Add(-max(intervals.Queue, intervals.Work) - window).Truncate(time.Minute)
		}
		r.read(ctx, list, since, to)
		return func(o *Observer) {
			o.billed += uint64(r.billed)
			o.load.Queue, o.rare = load, rare
			for _, i := range list {
				o.learnQueue(i, from, at)
			}
		}, withRefused(r.err, r.refused)
	}
}

// choose says what else to ask, now that the gate was read.
func (i *inquiry) choose(from, at time.Time, seldom time.Duration) {
	i.gate = i.before
	if i.gate.first.IsZero() {
		i.gate.first = at
	}
	if read := i.series[fleet.Backlog]; read.Complete {
		i.gate = i.gate.with(read.Points, from)
		i.asked = i.gate.asks(i.before, i.sight, at)
	} else {
		i.asked = fleet.QueueMetrics()[fleet.Backlog+1:]
	}
	if i.rare = i.gate.lost(at) && i.sight.none && !i.waits; i.rare && at.Before(i.gate.others.Add(seldom)) {
		i.asked = nil
	}
}

// queueReader asks CloudWatch for queue metrics, and notes what went wrong.
type queueReader struct {
	aws     Metrics
	billed  int
	err     error // the first one
	refused error // the first datapoints that were left out
}

// read asks of each endpoint what is to be asked of it. It is false when nothing was answered.
func (r *queueReader) read(ctx context.Context, list []*inquiry, from, to time.Time) bool {
	var queries []fleet.Query
	for _, i := range list {
		for _, metric := range i.asked {
			queries = append(queries, metric.Query(i.name))
		}
	}
	if len(queries) == 0 {
		return true
	}
	series, billed, err := r.aws.MetricData(ctx, queries, from, to)
	r.billed += billed
	r.err = cmp.Or(r.err, err)
	r.refused = cmp.Or(r.refused, refusedIn(queries, series))
	if len(series) != len(queries) {
		return false
	}
	for _, i := range list {
		for _, metric := range i.asked {
			i.series[metric], series = series[0], series[1:]
		}
	}
	return true
}

// learnQueue takes in what was read of one endpoint, the minutes from the given one on. A series that is not complete is
// not the truth and changes nothing: the reading before it lives on until it expires.
func (o *Observer) learnQueue(i *inquiry, from, at time.Time) {
	queue, intervals := o.queues[i.name], o.options.Intervals
	for metric, answer := range i.series {
		if !answer.Complete {
			continue
		}
		o.heard(fleet.SourceQueue, at)
		interval := intervals.Queue
		if metric != fleet.Backlog {
			i.gate.others = at
			if i.rare {
				interval = max(interval, intervals.Work)
			}
		}
		queue[metric] = newest(answer.Points, at, interval)
	}
	without, backlog := i.series[fleet.WithoutCapacity], i.series[fleet.Backlog]
	if without.Complete || backlog.Complete && len(backlog.Points) > 0 {
		o.wakes[i.name] = o.wakes[i.name].queue(withEmpty(without.Points, backlog.Points))
	}
	o.gates[i.name] = i.gate
	o.queues[i.name] = i.sight.derive(queue, from)
}

// newest is the reading of the newest complete minute among the recent ones. It may be shown until its minute is no
// longer recent; where the metrics are asked less often than each minute, until the next answer is due.
func newest(points []fleet.Point, asked time.Time, interval time.Duration) fleet.Reading {
	if len(points) == 0 {
		return fleet.Reading{}
	}
	last := points[len(points)-1]
	if last.At.Before(asked.Truncate(time.Minute).Add(-recent)) {
		return fleet.Reading{At: last.At, Value: last.Value}
	}
	pause := max(0, interval-time.Minute)
	return fleet.Reading{At: last.At, Value: last.Value, Expires: last.At.Add(recent + time.Minute + pause)}
}

// sight is what is known of the instances of an endpoint.
func (o *Observer) sight(name string) sight {
	known := o.endpoints[name]
	s := sight{none: true, since: o.wakes[name].from, described: known.describedAt, seen: known.seenAt}
	for _, variant := range known.description.Variants {
		s.none = s.none && variant.Current != nil && *variant.Current == 0
	}
	s.running = !s.since.IsZero()
	return s
}
