package observe

import (
	"context"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	// settled is the age at which CloudWatch is expected to have said its last word about a minute.
	settled = 5 * time.Minute
	// recent is how many complete minutes back the newest datapoint is looked for; an older one is not the present.
	recent = 5 * time.Minute
	// window is what is read in each turn. The number of datapoints costs nothing, so it reaches beyond the recent
	// minutes to see what CloudWatch changed after they had settled.
	window = 10 * time.Minute
)

// metricMemory is what CloudWatch said of the queues.
type metricMemory struct {
	queues    map[string]queueMemory // by endpoint
	billed    uint64
	revisions uint64
}

// queueMemory is what CloudWatch said of one queue when it was last asked.
type queueMemory struct {
	readings fleet.Queue
	points   [len(fleet.Queue{})][]fleet.Point // the window, by metric
	askedAt  time.Time
}

// askMetrics reads the four queue metrics of every selected endpoint.
func (o *Observer) askMetrics() func(context.Context) (func(*Observer), error) {
	aws, now, names := o.aws.Metrics, o.now, o.selected()
	unknown := o.sources[fleet.SourceEndpoints].LastSuccess.IsZero() && len(names) == 0
	return func(ctx context.Context) (func(*Observer), error) {
		if unknown {
			return nil, errEndpointsUnknown
		}
		if len(names) == 0 {
			return nil, nil
		}
		asked := now()
		to := asked.Truncate(time.Minute) // the running minute is not complete
		metrics := fleet.QueueMetrics()
		queries := make([]fleet.Query, 0, len(names)*len(metrics))
		for _, name := range names {
			for _, metric := range metrics {
				queries = append(queries, metric.Query(name))
			}
		}
		series, billed, err := aws.MetricData(ctx, queries, to.Add(-window), to)
		return func(o *Observer) {
			o.metrics.billed += uint64(billed)
			if len(series) == len(queries) {
				o.learnQueues(names, series, asked)
			}
		}, err
	}
}

// learnQueues takes in the series, four to an endpoint. A series that is not complete is not the truth and changes
// nothing: the reading before it lives on until it expires.
func (o *Observer) learnQueues(names []string, series []fleet.Series, asked time.Time) {
	if o.metrics.queues == nil {
		o.metrics.queues = make(map[string]queueMemory, len(names))
	}
	for i, name := range names {
		queue, seen := o.metrics.queues[name]
		for _, metric := range fleet.QueueMetrics() {
			answer := series[i*len(queue.points)+int(metric)]
			if !answer.Complete {
				continue
			}
			if seen {
				o.metrics.revisions += revisions(queue.points[metric], answer.Points, queue.askedAt, asked)
			}
			queue.points[metric] = answer.Points
			queue.readings[metric] = newest(answer.Points, asked, o.options.Intervals.Queue)
		}
		queue.askedAt = asked
		o.metrics.queues[name] = queue
		o.watchQueue(name, queue.points)
	}
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

// revisions counts the datapoints that CloudWatch changed, added or took away after their minute had settled. Both
// windows are sorted; only minutes that both cover are compared.
func revisions(before, after []fleet.Point, askedBefore, askedNow time.Time) (n uint64) {
	from := askedNow.Truncate(time.Minute).Add(-window)
	until := askedBefore.Add(-settled - time.Minute) // start of the newest minute that had settled
	covered := func(p fleet.Point) bool { return !p.At.Before(from) && !p.At.After(until) }
	values := map[time.Time]float64{}
	for _, point := range before {
		if covered(point) {
			values[point.At] = point.Value
		}
	}
	for _, point := range after {
		if !covered(point) {
			continue
		}
		if value, ok := values[point.At]; !ok || value != point.Value {
			n++
		}
		delete(values, point.At)
	}
	return n + uint64(len(values))
}
