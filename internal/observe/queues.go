package observe

import (
	"context"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	// recent is how many complete minutes back the newest datapoint is looked for; an older one is not the present.
	recent = 5 * time.Minute
	// window is what is read of the queues in each turn. The number of datapoints costs nothing, so it reaches further
	// back: wakes are followed minute by minute, also through a few turns that failed.
	window = 10 * time.Minute
)

// askQueues reads the four queue metrics of every selected endpoint.
func (o *Observer) askQueues() func(context.Context) (func(*Observer), error) {
	aws, now, names := o.aws.Metrics, o.now, o.selected()
	unknown := o.endpointsUnknown(len(names))
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
			o.billed += uint64(billed)
			o.load.Queue = len(queries)
			if len(series) == len(queries) {
				o.learnQueues(names, series, asked)
			}
		}, withRefused(err, refusedIn(queries, series))
	}
}

// learnQueues takes in the series, four to an endpoint. A series that is not complete is not the truth and changes
// nothing: the reading before it lives on until it expires.
func (o *Observer) learnQueues(names []string, series []fleet.Series, asked time.Time) {
	for i, name := range names {
		queue := o.queues[name]
		for _, metric := range fleet.QueueMetrics() {
			answer := series[i*len(queue)+int(metric)]
			if !answer.Complete {
				continue
			}
			o.heard(fleet.SourceQueue, asked)
			queue[metric] = newest(answer.Points, asked, o.options.Intervals.Queue)
			if metric == fleet.WithoutCapacity {
				o.wakes[name] = o.wakes[name].queue(answer.Points)
			}
		}
		o.queues[name] = queue
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
