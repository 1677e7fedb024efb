package collector

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

var fromQueue = []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceQueue}

// reading shows the newest value of a queue metric while it is young enough.
func reading(metric fleet.QueueMetric) func(*report.Endpoint, time.Time, put) {
	return func(e *report.Endpoint, _ time.Time, put put) { put.reading(e.Queue[metric]) }
}

var queueMetrics = []Metric{
	{
		Name: "backlog_requests", Type: Gauge, Level: Endpoint, Needs: fromQueue,
		Help: "Requests waiting or in service in the newest complete minute (CloudWatch ApproximateBacklogSize, Maximum).",
		From: "ApproximateBacklogSize, Maximum", endpoint: reading(fleet.Backlog),
	},
	{
		Name: "backlog_requests_per_instance", Type: Gauge, Level: Endpoint, Needs: fromQueue,
		Help: "Requests waiting or in service for each instance, which is what the tracking policy tracks; 0 with an empty queue and instances (CloudWatch ApproximateBacklogSizePerInstance, Average).",
		From: "ApproximateBacklogSizePerInstance, Average", endpoint: reading(fleet.BacklogPerInstance),
	},
	{
		Name: "oldest_request_age_seconds", Type: Gauge, Level: Endpoint, Needs: fromQueue,
		Help: "Age of the oldest request in the queue in seconds; absent with an empty queue (CloudWatch ApproximateAgeOfOldestRequest, Maximum).",
		From: "ApproximateAgeOfOldestRequest, Maximum", endpoint: reading(fleet.OldestAge),
	},
	{
		Name: "backlog_without_capacity", Type: Gauge, Level: Endpoint, Needs: fromQueue,
		Help: "1 while requests wait and no instance runs, which is what the wake alarm sees; 0 with an empty queue, or while an instance runs (CloudWatch HasBacklogWithoutCapacity, Average).",
		From: "HasBacklogWithoutCapacity, Average", endpoint: reading(fleet.WithoutCapacity),
	},
	{
		Name: "datapoint_timestamp_seconds", Type: Gauge, Level: Endpoint, Labels: []string{"metric"}, Needs: fromQueue,
		Help: "Start of the minute of the newest datapoint that CloudWatch has of a queue metric (GetMetricData), in Unix seconds; shown for longer than the value. The minute of ApproximateBacklogSize where the metric follows from it.",
		From: "GetMetricData",
		endpoint: func(e *report.Endpoint, _ time.Time, put put) {
			for _, metric := range fleet.QueueMetrics() {
				put.when(e.Queue[metric].At, metric.String())
			}
		},
	},
	{
		Name: "wake_duration_seconds", Type: Histogram, Level: Endpoint, Needs: fromQueue,
		Help:     "Seconds from the first minute with a backlog at zero instances to the first instance running, of the wakes since the process started; begins at 0 with the first wake under way (CloudWatch HasBacklogWithoutCapacity, DescribeEndpoint).",
		From:     "HasBacklogWithoutCapacity, DescribeEndpoint",
		endpoint: func(e *report.Endpoint, _ time.Time, put put) { put.histogram(e.Wakes) },
	},
}
