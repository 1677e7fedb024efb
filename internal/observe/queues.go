package observe

import (
	"cmp"
	"context"
	"slices"
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

// watchEach is how often the alarms through which endpoints wake are read at least, of endpoints that are asked less often.
const watchEach = time.Minute

// of is how often the queue of an endpoint is asked.
func (i Intervals) of(idle bool) time.Duration {
	if idle {
		return i.idle()
	}
	return i.Queue
}

// turn is how often it is looked which endpoints are due: a whole number of times while Queue passes.
func (i Intervals) turn() time.Duration {
	return i.Queue / max(1, (i.Queue+watchEach-1)/watchEach)
}

// lastLook is how long after the end of a month every gate is read: before the last read of what was counted in it, so that
// this one is made where anything waited.
const lastLook = 10 * time.Minute

// due tells whether the gate is to be read in the turn at the given moment. Turns are a little early or late.
func (g gate) due(at time.Time, interval, turn time.Duration) bool {
	look := fleet.Epoch(at).Add(lastLook)
	return at.Before(g.asked) || !at.Before(g.asked.Add(interval-turn/6)) || g.asked.Before(look) && !at.Before(look)
}

// inquiry is what is asked of one endpoint's queue in one turn, and what was answered.
type inquiry struct {
	name   string
	sight  sight
	alarms []fleet.Trigger     // through which it wakes
	before gate                // as it was read before
	gate   gate                // as it is read now
	waits  bool                // HasBacklogWithoutCapacity said so last
	rare   bool                // the gate has no data: the others are asked as seldom as SourceMetrics
	asked  []fleet.QueueMetric // in the call under way
	series map[fleet.QueueMetric]fleet.Series
	known  *fleet.History // nil before its gate was read for the first time
}

// mayIdle tells whether the gate may be asked seldom: no instance runs, and there is an alarm that makes it due in between.
func (i *inquiry) mayIdle() bool { return i.sight.none && len(i.alarms) > 0 }

// inquiries are one for each selected endpoint: those that are due, and the others.
func (o *Observer) inquiries(at time.Time) (due, wait []*inquiry) {
	intervals := o.options.Intervals
	for _, name := range slices.Concat(o.selected(), o.early()) {
		i := &inquiry{
			name: name, sight: o.sight(name), alarms: o.watched[name], before: o.gates[name], known: o.histories[name],
			waits: o.queues[name][fleet.WithoutCapacity].Value > 0,
			asked: []fleet.QueueMetric{fleet.Backlog}, series: map[fleet.QueueMetric]fleet.Series{},
		}
		if i.before.newest.After(at) { // the clock was set back
			i.before = gate{}
		}
		if i.before.due(at, intervals.of(i.before.idle && i.mayIdle()), intervals.turn()) {
			due = append(due, i)
		} else {
			wait = append(wait, i)
		}
	}
	return due, wait
}

// awoken are those of which an alarm is in the state in which it wakes them. Where the alarms cannot be read, it is those that would be
// due if they were not idle.
func awoken(ctx context.Context, aws Watched, wait []*inquiry, due func(*inquiry) bool) (found []*inquiry) {
	var names []string
	for _, i := range wait {
		for _, alarm := range i.alarms {
			names = append(names, alarm.Alarm)
		}
	}
	if len(names) == 0 || aws == nil {
		return nil
	}
	slices.Sort(names)
	alarms, err := aws.AlarmsNamed(ctx, slices.Compact(names))
	states := map[string]string{}
	for _, alarm := range alarms {
		states[alarm.Name] = alarm.State
	}
	for _, i := range wait {
		if slices.ContainsFunc(i.alarms, func(a fleet.Trigger) bool { return states[a.Alarm] == a.State }) || err != nil && due(i) {
			found = append(found, i)
		}
	}
	return found
}

// askQueues reads the gate of every selected endpoint that is due, or of those alone that are new, and then the other queue
// metrics where they do not follow from it.
func (o *Observer) askQueues(onlyNew bool) func(context.Context) (func(*Observer), error) {
	now, intervals, aws := o.now, o.options.Intervals, o.aws.Watched
	list, wait := o.inquiries(now())
	unknown := o.endpointsUnknown(len(list) + len(wait))
	if onlyNew {
		aws, list = nil, slices.DeleteFunc(list, func(i *inquiry) bool { return !i.before.asked.IsZero() })
	}
	r := &queueReader{aws: o.aws.Metrics}
	return func(ctx context.Context) (func(*Observer), error) {
		if unknown {
			return nil, errEndpointsUnknown
		}
		at := now()
		list := append(list, awoken(ctx, aws, wait, func(i *inquiry) bool { return i.before.due(at, intervals.Queue, intervals.turn()) })...)
		if len(list) == 0 {
			return nil, nil
		}
		span, to := intervals.Queue, at.Truncate(time.Minute) // the running minute is not complete
		for _, i := range list {
			span = max(span, intervals.of(i.before.idle))
		}
		from := to.Add(-span - window).Truncate(time.Minute)
		if !r.gates(ctx, list, from, to) {
			return func(o *Observer) { o.billed += uint64(r.billed) }, r.err
		}
		for _, i := range list {
			i.choose(from, at, intervals.Metrics)
			if i.rare {
				span = max(span, intervals.Metrics)
			}
		}
		r.read(ctx, list, to.Add(-span-window).Truncate(time.Minute), to)
		return func(o *Observer) {
			o.billed += uint64(r.billed)
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
		i.gate.asked = at
		i.gate.idle = i.mayIdle() && !i.gate.silent(at, 0) && !i.gate.queue(i.before)
		i.asked = i.gate.asks(i.before, i.sight, at)
	} else if i.sight.unseen {
		i.asked = nil
	} else {
		i.asked = fleet.QueueMetrics()[fleet.Backlog+1:]
	}
	i.gate.load, i.gate.rare = 1+len(i.asked), 0
	if i.rare = i.gate.lost(at) && i.sight.none && !i.waits; i.rare {
		i.gate.load, i.gate.rare = 1, len(fleet.QueueMetrics())-1
		if at.Before(i.gate.others.Add(seldom)) {
			i.asked = nil
		}
	}
}

// load is that of the endpoints of these names, and of SourceMetrics.
func (o *Observer) load(names []string) fleet.Load {
	load := fleet.Load{Metrics: o.metricsLoad}
	for _, name := range names {
		g := o.gates[name]
		load.Metrics += g.rare
		if g.idle {
			load.Idle += g.load
		} else {
			load.Queue += g.load
		}
	}
	return load
}

// Watch says for each endpoint through which alarms it wakes: one in the state in which it does makes the queue due at once.
func (o *Observer) Watch(alarms map[string][]fleet.Trigger) { o.watched = alarms }

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
		interval := intervals.of(i.gate.idle)
		if metric != fleet.Backlog {
			i.gate.others = at
			if i.rare {
				interval = max(interval, intervals.Metrics)
			}
		}
		queue[metric] = newest(answer.Points, at, interval)
	}
	without, backlog := i.series[fleet.WithoutCapacity], i.series[fleet.Backlog]
	if (without.Complete || backlog.Complete && len(backlog.Points) > 0) && !i.sight.unseen { // it may have woken before it was described
		o.wakes[i.name] = o.wakes[i.name].queue(withEmpty(without.Points, backlog.Points))
	}
	o.gates[i.name], o.histories[i.name] = i.gate, i.known
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
	known, ok := o.endpoints[name]
	if !ok {
		return sight{unseen: true}
	}
	s := sight{none: true, queued: waits(o.queues[name]), since: o.wakes[name].from, described: known.describedAt, seen: known.seenAt}
	for _, variant := range known.description.Variants {
		switch {
		case variant.Current == nil:
			s.count = fleet.NoInstances
		case s.count != fleet.NoInstances:
			s.count += *variant.Current
		}
		s.none = s.none && variant.Current != nil && *variant.Current == 0
	}
	s.running = !s.since.IsZero()
	return s
}
