package advise

import (
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// History is what CloudWatch has of one endpoint, minute by minute, with its scaling activities. It is never changed.
type History struct {
	Endpoint    string
	Variants    []string         // whose work is added up: they share one queue
	Concurrency int              // MaxConcurrentInvocationsPerInstance; 0 where the configuration leaves it to SageMaker
	From, To    time.Time        // the span that was asked for, whole minutes, To exclusive
	Minutes     []Minute         // sorted; a minute of which CloudWatch has nothing is left out
	Activities  []fleet.Activity // of all variants, newest first
}

// Minute is one minute of a history. What was counted is 0 where CloudWatch has no datapoint: nothing happened then. What
// is measured is not known then.
type Minute struct {
	At        time.Time
	Processed int   // InvocationsProcessed, Sum: ends of requests, well or not
	Failures  int   // InvocationFailures, Sum
	Expired   int   // ExpiredRequests, Sum
	Total     Timed // TotalProcessingTime: from the arrival of a request to its end
	Waited    Timed // TimeInBacklog: from the arrival to the beginning of the work
	Model     Timed // ModelLatency

	Backlog         Gauge // ApproximateBacklogSize, Average: requests waiting or in service
	MostBacklog     Gauge // the same, Maximum
	PerInstance     Gauge // ApproximateBacklogSizePerInstance, Average
	OldestAge       Gauge // ApproximateAgeOfOldestRequest, Maximum, in seconds
	WithoutCapacity Gauge // HasBacklogWithoutCapacity, Average
}

// Timed is how long the events of a minute took together, and how many there were.
type Timed struct {
	Sum   time.Duration
	Count int
}

// Gauge is a value that was measured, or not.
type Gauge struct {
	Value float64
	Known bool
}

// Instances is how many instances ran in the minute. CloudWatch has no such metric: it is the backlog through the backlog
// of each instance, so it is known only while there is a backlog and it is not while the number changes.
func (m Minute) Instances() (n int, known bool) {
	if !m.Backlog.Known || !m.PerInstance.Known || m.PerInstance.Value <= 0 {
		return 0, false
	}
	ratio := m.Backlog.Value / m.PerInstance.Value
	n = int(math.Round(ratio))
	return n, n > 0 && math.Abs(ratio-float64(n)) <= .02*ratio
}

// Ended is how many requests left the queue in the minute, in whatever way.
func (m Minute) Ended() int { return max(m.Processed, m.Total.Count) + m.Expired }

// works tells whether a request was queued, in service or ended in the minute.
func (m Minute) works() bool {
	return m.Ended() > 0 || m.Failures > 0 || m.MostBacklog.Value > 0 || m.Backlog.Value > 0
}

// end is the end of the minute.
func (m Minute) end() time.Time { return m.At.Add(time.Minute) }

// withIdle are the minutes with those that CloudWatch leaves out while an endpoint is idle. AWS does not say whether the queue is
// published then: it is not where no minute is published that is idle, and a tenth of them at least is missing between the others.
// What is missing before the first may be older than the metric.
func (h History) withIdle() []Minute {
	queued := false
	for _, m := range h.Minutes {
		if m.Backlog.Known && !m.works() {
			return h.Minutes
		}
		queued = queued || m.Backlog.Known
	}
	if !queued || float64(len(h.Minutes)) > .9*h.Minutes[len(h.Minutes)-1].end().Sub(h.Minutes[0].At).Minutes() {
		return h.Minutes
	}
	all := make([]Minute, h.length())
	for i := range all {
		all[i] = Minute{At: h.From.Add(time.Duration(i) * time.Minute), Backlog: Gauge{Known: true}, MostBacklog: Gauge{Known: true}}
	}
	for _, m := range h.Minutes {
		if !m.Backlog.Known { // work ended, and no request was there when the queue was sampled
			m.Backlog.Known, m.MostBacklog.Known = true, true
		}
		all[h.index(m.At)] = m
	}
	return all
}

// Own are the activities of the history's variants among all of a scope, newest first.
func (h History) Own(all []fleet.Activity) (own []fleet.Activity) {
	for _, activity := range all {
		if endpoint, variant, ok := fleet.SplitResourceID(activity.ResourceID); ok && endpoint == h.Endpoint && slices.Contains(h.Variants, variant) {
			own = append(own, activity)
		}
	}
	slices.SortStableFunc(own, func(a, b fleet.Activity) int { return b.Start.Compare(a.Start) })
	return own
}
