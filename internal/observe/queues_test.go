package observe

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func (w *world) queue(name string) fleet.Queue {
	w.Helper()
	for _, endpoint := range w.Snapshot().Endpoints {
		if endpoint.Name == name {
			return endpoint.Queue
		}
	}
	w.Fatalf("no endpoint %s", name)
	return fleet.Queue{}
}

func TestMetrics_newestCompleteMinuteOfTheLastFive(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.minutes("a", fleet.Backlog, noon, 7, 8, 9)
	w.minutes("a", fleet.OldestAge, noon.Add(-5*time.Minute), 60) // its minute began six minutes ago
	w.minutes("a", fleet.BacklogPerInstance, noon.Add(-4*time.Minute), 3)
	w.observe()
	queue := w.queue("a")

	equal(t, "backlog", queue[fleet.Backlog].Value, 9)
	equal(t, "its minute", queue[fleet.Backlog].At, noon.Truncate(time.Minute).Add(-time.Minute))
	equal(t, "fresh", queue[fleet.Backlog].Fresh(noon.Truncate(time.Minute).Add(5*time.Minute-1)), true)
	equal(t, "fresh later", queue[fleet.Backlog].Fresh(noon.Truncate(time.Minute).Add(5*time.Minute)), false)

	equal(t, "fifth minute", queue[fleet.BacklogPerInstance].Fresh(noon), true)
	equal(t, "sixth minute is known", queue[fleet.OldestAge].Known(), true)
	equal(t, "sixth minute is shown", queue[fleet.OldestAge].Fresh(noon), false)
	equal(t, "nothing published", queue[fleet.WithoutCapacity].Known(), false)
}

func TestMetrics_theRunningMinuteIsNotTheTruth(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.minutes("a", fleet.Backlog, noon.Add(time.Minute), 1, 2)
	w.observe()
	equal(t, "backlog", w.queue("a")[fleet.Backlog].Value, 1)
}

func TestMetrics_askedSeldomAreShownUntilAskedAgain(t *testing.T) {
	w := newWorld(t, &cloud{}, func(o *Options) { o.Intervals.Queue = 5 * time.Minute })
	w.async("a", 1)
	w.minutes("a", fleet.Backlog, noon.Add(-2*time.Minute), 4)
	w.observe()
	reading := w.queue("a")[fleet.Backlog]
	equal(t, "fresh until the next answer", reading.Fresh(noon.Add(6*time.Minute)), true)
	equal(t, "fresh long after", reading.Fresh(noon.Add(8*time.Minute)), false)
}

func TestMetrics_partialDataChangesNothing(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}, partial: map[string]bool{}})
	w.async("a", 1)
	w.minutes("a", fleet.Backlog, noon, 7)
	w.minutes("a", fleet.OldestAge, noon, 30)
	w.observe()
	w.at = w.at.Add(time.Minute)
	w.partial["a/ApproximateBacklogSize"] = true
	w.fail["GetMetricData"] = errThrottled // one of the results was partial
	w.minutes("a", fleet.Backlog, w.at, 1)
	w.minutes("a", fleet.OldestAge, w.at, 31)
	billed := w.Snapshot().BilledMetrics
	w.ask(fleet.SourceQueue)
	equal(t, "partial", w.queue("a")[fleet.Backlog].Value, 7)
	equal(t, "complete", w.queue("a")[fleet.OldestAge].Value, 31)
	equal(t, "source", w.source(fleet.SourceQueue).Err, "throttled")
	equal(t, "billed", w.Snapshot().BilledMetrics-billed, 4)
}

// One series that CloudWatch never completes grows old by itself. The others may be shown, until none is complete.
func TestMetrics_oneThatIsNeverCompleteHidesNoOther(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}, partial: map[string]bool{}})
	w.async("a", 1)
	w.observe()
	w.partial["a/ApproximateBacklogSize"] = true
	w.fail["GetMetricData"] = errThrottled // one of the results was partial
	for range 30 {
		w.at = w.at.Add(time.Minute)
		w.minutes("a", fleet.OldestAge, w.at, 31)
		w.ask(fleet.SourceEndpoints)
		w.ask(fleet.SourceQueue)
	}
	equal(t, "up", w.source(fleet.SourceQueue).Up(), false)
	equal(t, "fresh", w.source(fleet.SourceQueue).Fresh(w.at), true)
	equal(t, "partial", w.queue("a")[fleet.Backlog].Fresh(w.at), false)
	equal(t, "complete", w.queue("a")[fleet.OldestAge].Fresh(w.at), true)
	for _, metric := range fleet.QueueMetrics() {
		w.partial["a/"+metric.String()] = true
	}
	w.at = w.at.Add(10 * time.Minute)
	w.ask(fleet.SourceQueue)
	equal(t, "fresh with nothing complete", w.source(fleet.SourceQueue).Fresh(w.at), false)
}

func TestWake_fromFirstWaitingMinuteToFirstInstance(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 0)
	w.minutes("a", fleet.WithoutCapacity, noon, 0, 0)
	w.observe()
	w.at = noon.Add(3 * time.Minute)
	equal(t, "before the first", w.Snapshot().Endpoints[0].Wakes, fleet.Histogram{})
	w.minutes("a", fleet.WithoutCapacity, w.at, 0, 0, 0, 1, 1)
	equal(t, "under way", w.observe().Endpoints[0].Wakes, fleet.Histogram{Begun: true})
	w.at = noon.Add(9 * time.Minute)
	w.async("a", 1)
	w.minutes("a", fleet.WithoutCapacity, w.at, 1, 1, 1, 1, 1) // the metric lags behind the instance
	snapshot := w.observe()
	wakes := snapshot.Endpoints[0].Wakes
	equal(t, "wakes", wakes.Count, 1)
	equal(t, "duration", wakes.Sum, 8*time.Minute+30*time.Second)
	w.at = noon.Add(12 * time.Minute)
	equal(t, "counted once", w.observe().Endpoints[0].Wakes.Count, 1)
}

func TestWake_ofUnknownBeginningIsNotRecorded(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 0)
	w.minutes("a", fleet.WithoutCapacity, noon, 1, 1) // it waited before the exporter looked
	equal(t, "begun", w.observe().Endpoints[0].Wakes.Begun, false)
	w.async("a", 1)
	w.at = noon.Add(time.Minute)
	equal(t, "wakes", w.observe().Endpoints[0].Wakes.Count, 0)
}

func TestWake_thatEndsWithoutAnInstanceIsNone(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 0)
	w.minutes("a", fleet.WithoutCapacity, noon, 0, 1, 0) // the request expired
	w.observe()
	w.async("a", 1)
	w.at = noon.Add(time.Minute)
	equal(t, "wakes", w.observe().Endpoints[0].Wakes.Count, 0)
}
