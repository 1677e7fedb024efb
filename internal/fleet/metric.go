package fleet

import (
	"slices"
	"time"
)

// Dimension is one dimension of a CloudWatch metric.
type Dimension struct{ Name, Value string }

// String is the dimension as people write it: EndpointName=transcribe.
func (d Dimension) String() string { return d.Name + "=" + d.Value }

// Metric names one CloudWatch metric. Its dimensions must match exactly, in any order; here they are sorted by name.
type Metric struct {
	Namespace  string
	Name       string
	Dimensions []Dimension
}

// Dimension returns the value of the named dimension, and whether the metric has it.
func (m Metric) Dimension(name string) (string, bool) {
	for _, dimension := range m.Dimensions {
		if dimension.Name == name {
			return dimension.Value, true
		}
	}
	return "", false
}

// Equal tells whether both name the same metric.
func (m Metric) Equal(other Metric) bool {
	return m.Namespace == other.Namespace && m.Name == other.Name && slices.Equal(m.Dimensions, other.Dimensions)
}

// Query asks CloudWatch for one statistic of one metric (GetMetricData).
type Query struct {
	Metric    Metric
	Statistic string        // Average, Maximum, Minimum, Sum or SampleCount
	Period    time.Duration // a whole number of minutes
}

// Most is the largest value that can be one: far above what an endpoint can reach, and narrow enough to count and to draw.
func (q Query) Most() float64 {
	switch {
	case q.Statistic == "Sum" || q.Statistic == "SampleCount":
		return 1e15 // microseconds too
	case slices.ContainsFunc(QueueMetrics(), func(m QueueMetric) bool { return m.String() == q.Metric.Name }):
		return 1e9 // requests, or seconds
	}
	return 1e12
}

// Series is the answer to one Query.
type Series struct {
	Points   []Point // sorted by time, oldest first
	Complete bool    // false when CloudWatch called the result PartialData or an error: it is then not the truth
	Refused  int     // datapoints that cannot be and were left out: negative, too large, or of no time
}

// Point is one datapoint.
type Point struct {
	At    time.Time // the start of its period
	Value float64
}

// UnitOfTime is how long one of CloudWatch's units of time is; ok is false for a unit that is none.
func UnitOfTime(unit string) (one time.Duration, ok bool) {
	one, ok = map[string]time.Duration{
		"Microseconds": time.Microsecond, "Milliseconds": time.Millisecond, "Seconds": time.Second,
	}[unit]
	return one, ok
}

// Namespace is the CloudWatch namespace in which SageMaker publishes the metrics of endpoints.
const Namespace = "AWS/SageMaker"

// QueueMetric is one of the four metrics that tell the state of an endpoint's queue.
type QueueMetric int

// The four queue metrics. Each has exactly one dimension, EndpointName.
const (
	Backlog            QueueMetric = iota // ApproximateBacklogSize, Maximum: requests waiting or in service
	BacklogPerInstance                    // ApproximateBacklogSizePerInstance, Average: what the tracking policy tracks
	OldestAge                             // ApproximateAgeOfOldestRequest, Maximum, in seconds
	WithoutCapacity                       // HasBacklogWithoutCapacity, Average: what the wake alarm sees
	queueMetrics
)

// QueueMetrics lists the four queue metrics.
func QueueMetrics() []QueueMetric {
	return []QueueMetric{Backlog, BacklogPerInstance, OldestAge, WithoutCapacity}
}

// String is the metric's name in CloudWatch.
func (m QueueMetric) String() string {
	return [queueMetrics]string{
		"ApproximateBacklogSize", "ApproximateBacklogSizePerInstance", "ApproximateAgeOfOldestRequest",
		"HasBacklogWithoutCapacity",
	}[m]
}

// Query asks for the metric of one endpoint, minute by minute, in the statistic that is exposed.
func (m QueueMetric) Query(endpoint string) Query {
	return Query{
		Metric: Metric{
			Namespace:  Namespace,
			Name:       m.String(),
			Dimensions: []Dimension{{Name: "EndpointName", Value: endpoint}},
		},
		Statistic: [queueMetrics]string{"Maximum", "Average", "Maximum", "Average"}[m],
		Period:    time.Minute,
	}
}

// Queue is the newest reading of each of the four queue metrics, indexed by QueueMetric.
type Queue [queueMetrics]Reading

// Reading is the newest datapoint of a metric. The zero Reading says that CloudWatch has none.
type Reading struct {
	At      time.Time // the start of the minute; zero when there is no datapoint
	Value   float64
	Expires time.Time // when the value is too old to be shown; its time may be shown for longer
}

// Known tells whether there is a datapoint at all.
func (r Reading) Known() bool { return !r.At.IsZero() }

// Fresh tells whether the value may be shown at the given moment.
func (r Reading) Fresh(at time.Time) bool { return r.Known() && at.Before(r.Expires) }
