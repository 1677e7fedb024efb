package observe

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// EndpointsWithBacklog has those of which there are minutes, and one that is gone.
func (c *cloud) EndpointsWithBacklog(context.Context) (names []string, billed int, _ error) {
	for name := range c.endpoints {
		if c.points[name+"/"+fleet.Backlog.String()] != nil {
			names = append(names, name)
		}
	}
	return append(names, "gone"), 2, c.call("ListMetrics", "")
}

// inBatches is a world of a loop, with the names of the endpoints that have a queue.
func newBatches(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	w := newWorld(t, &cloud{fail: map[string]error{}}, change...)
	w.aws.Backlogs = w.cloud
	w.InBatches()
	for _, name := range []string{"a", "b", "c", "d"} {
		w.async(name, 0)
	}
	w.minutes("b", fleet.Backlog, w.at, 0, 0, 0)
	w.minutes("c", fleet.Backlog, w.at, 0, 2, 3)
	return w
}

// goesOn asks for the endpoints once more, and makes sure that there is or is not more to come.
func (w *world) goesOn(want bool) {
	w.Helper()
	answer := w.Question(fleet.SourceEndpoints)(w.Context())
	equal(w.T, "goes on", answer.GoesOn, want)
	w.Learn(answer)
}

func TestFirstView_queuesComeFirst(t *testing.T) {
	w := newBatches(t)
	w.goesOn(true)
	equalLists(t, "listed", names(w.Snapshot()), "b", "c")
	equal(t, "descriptions", w.asked["DescribeEndpoint"], 0)
	equal(t, "it awaits the queue", w.AwaitsQueue(), true)
	equal(t, "metrics can be asked", w.Answerable(fleet.SourceMetrics), false)
	w.ask(fleet.SourceQueue)
	equal(t, "it awaits the queue", w.AwaitsQueue(), false)
	snapshot := w.Snapshot()
	equal(t, "the queue of c", snapshot.Endpoints[1].Queue[fleet.Backlog].Value, 3)
	equal(t, "metrics of the queue", snapshot.BilledMetrics, 2+2+3) // two pages of names, and of c the others too
	equal(t, "variants of c", len(snapshot.Endpoints[1].Variants), 0)
	equal(t, "progress", w.source(fleet.SourceEndpoints).Progress, fleet.Progress{Done: 0, Of: 4})
	equal(t, "the source has ended", w.source(fleet.SourceEndpoints).LastAttempt.IsZero(), true)

	w.goesOn(true)
	snapshot = w.Snapshot()
	equalLists(t, "described", names(snapshot), "b", "c")
	equal(t, "variants of b", len(snapshot.Endpoints[0].Variants), 0)
	equal(t, "variants of c", len(snapshot.Endpoints[1].Variants), 1)
	equal(t, "the queue of c", snapshot.Endpoints[1].Queue[fleet.Backlog].Value, 3)
	w.goesOn(false)
	equalLists(t, "in the end", names(w.Snapshot()), "a", "b", "c", "d")
	equal(t, "up", w.source(fleet.SourceEndpoints).Up(), true)
	equal(t, "progress", w.source(fleet.SourceEndpoints).Progress, fleet.Progress{})
	equal(t, "metrics can be asked", w.Answerable(fleet.SourceMetrics), true)
	w.ask(fleet.SourceQueue)
	equal(t, "metrics of the queue", w.Snapshot().BilledMetrics, 2+2+3+2*4) // a and d, of which nothing is known
	w.at = w.at.Add(time.Minute)
	w.goesOn(false)
	equal(t, "ListMetrics", w.asked["ListMetrics"], 1)
	equal(t, "lists", w.asked["ListEndpoints"], 2)
}

func TestFirstView_withoutThePermissionNoneComesFirst(t *testing.T) {
	w := newBatches(t)
	w.fail["ListMetrics"] = errors.New("access denied")
	w.goesOn(false)
	equalLists(t, "described", names(w.Snapshot()), "a", "b", "c", "d")
	equal(t, "the source says", w.source(fleet.SourceEndpoints).Err, "")
}

// What is gone or another kind by the time it is described leaves nothing behind.
func TestFirstView_anEndpointThatIsGoneIsNotShown(t *testing.T) {
	w := newBatches(t)
	w.goesOn(true)
	w.ask(fleet.SourceQueue)
	delete(w.cloud.endpoints, "c")
	w.goesOn(true)
	equalLists(t, "shown", names(w.Snapshot()), "b")
	equal(t, "queues", len(w.queues), 1)
	w.goesOn(false)
	equalLists(t, "in the end", names(w.Snapshot()), "a", "b", "d")
}

// Nobody knows yet which of them carry the tags.
func TestFirstView_endpointsSelectedByTagsAreNotShownEarly(t *testing.T) {
	w := newBatches(t, func(o *Options) { o.Tags = map[string]string{"team": "speech"} })
	w.goesOn(false)
	equal(t, "ListMetrics", w.asked["ListMetrics"], 0)
	equal(t, "shown", len(w.Snapshot().Endpoints), 0)
}

// One that asks each source once asks for all of the endpoints at once.
func TestEndpoints_onceIsOneQuestion(t *testing.T) {
	w := newBatches(t)
	w.inBatches = false
	w.goesOn(false)
	equalLists(t, "described", names(w.Snapshot()), "a", "b", "c", "d")
	equal(t, "ListMetrics", w.asked["ListMetrics"], 0)
}

// A wake that is seen before the endpoint was described may be over already: CloudWatch is late.
func TestFirstView_measuresNoWakeBeforeTheDescription(t *testing.T) {
	w := newBatches(t)
	w.async("c", 1)
	w.minutes("c", fleet.WithoutCapacity, w.at, 0, 1, 1)
	w.goesOn(true)
	w.ask(fleet.SourceQueue)
	w.goesOn(true)
	w.goesOn(false)
	for _, endpoint := range w.Snapshot().Endpoints {
		equal(t, "wakes of "+endpoint.Name, endpoint.Wakes.Count, 0)
	}
}

// What a glance takes in may be the list alone: then the queue would be asked of nobody.
func TestFirstView_theQueueIsAskedOnceThereIsAnEndpoint(t *testing.T) {
	w := newBatches(t)
	w.pass = &pass{began: w.at, at: w.at, listed: map[string]fleet.EndpointSummary{"a": {Name: "a"}}, rest: []string{"a"}}
	equal(t, "of the list alone", w.Answerable(fleet.SourceQueue), false)
	w.pass.backlogs = map[string]bool{"a": true}
	equal(t, "of one with a queue", w.Answerable(fleet.SourceQueue), true)
}
