package observe

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// known are the minutes of the history of an endpoint of which the backlog is known.
func (w *world) known(name string) (minutes []fleet.Moment) {
	w.Helper()
	return slices.DeleteFunc(w.find(name).History.Minutes(), func(m fleet.Moment) bool { return !(m.Backlog >= 0) })
}

// The first read of an endpoint brings three hours for its picture, and concludes no more from them than others do; later
// ones reach as far back as they always did, and so does the first of an endpoint that comes later for the others.
func TestHistory_firstReadReachesThreeHoursBack(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	twoHours := append(slices.Repeat([]float64{5}, 60), slices.Repeat([]float64{0}, 60)...)
	w.minutes("a", fleet.Backlog, w.at, twoHours...)
	w.observe()
	minutes := w.known("a")
	if len(minutes) != 120 || minutes[0].Backlog != 5 || minutes[119].Backlog != 0 || minutes[119].Instances != 1 {
		t.Fatalf("there are %d minutes: %+v", len(minutes), minutes)
	}
	if g := w.gates["a"]; !g.queued.IsZero() {
		t.Errorf("a queue is seen of %s", g.queued)
	}
	w.async("b", 2)
	w.at = w.at.Add(time.Minute)
	w.minutes("a", fleet.Backlog, w.at, append(twoHours, 7)...)
	w.minutes("b", fleet.Backlog, w.at, twoHours...)
	w.ask(fleet.SourceEndpoints)
	w.ask(fleet.SourceQueue)
	if minutes := w.known("a"); len(minutes) != 121 || minutes[120].Backlog != 7 || minutes[119].Instances != 1 {
		t.Errorf("a has %d minutes: %+v", len(minutes), minutes)
	}
	if minutes := w.known("b"); len(minutes) != 120 || minutes[119].Instances != 2 {
		t.Errorf("b has %d minutes: %+v", len(minutes), minutes)
	}
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceQueue)
	if back := w.at.Sub(w.from); back > window+3*time.Minute {
		t.Errorf("a later read reaches %s back", back)
	}
}

// A read that fails leaves the history as it was, and the next one is the first again.
func TestHistory_failedReadsAreMadeAgain(t *testing.T) {
	w := newWorld(t, &cloud{partial: map[string]bool{"a/ApproximateBacklogSize": true}})
	w.async("a", 1)
	w.minutes("a", fleet.Backlog, w.at, slices.Repeat([]float64{5}, 100)...)
	w.observe()
	if w.find("a").History != nil {
		t.Error("it has a history of what is not the truth")
	}
	delete(w.partial, "a/ApproximateBacklogSize")
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceQueue)
	if minutes := w.known("a"); len(minutes) != 100 {
		t.Errorf("there are %d minutes", len(minutes))
	}
}

// Of a large fleet the first turn reads the last minutes, so that nothing waits for pictures, and the next one the rest. Nothing is
// billed twice.
func TestHistory_ofManyFollowsInTheNextTurn(t *testing.T) {
	const endpoints = soonPictured + 30
	w := newWorld(t, &cloud{})
	pictured := func() (n int) {
		for _, endpoint := range w.Snapshot().Endpoints {
			if queue := endpoint.Queue[fleet.Backlog]; queue.Value != 5 || !queue.Fresh(w.at) {
				t.Errorf("%s: the backlog is %+v", endpoint.Name, queue)
			}
			if endpoint.History != nil && len(w.known(endpoint.Name)) >= 100 {
				n++
			}
		}
		return n
	}
	turn := func() {
		for i := range endpoints {
			w.async(fmt.Sprintf("e%04d", i), 1)
			w.minutes(fmt.Sprintf("e%04d", i), fleet.Backlog, w.at, slices.Repeat([]float64{5}, 100)...)
		}
		w.ask(fleet.SourceEndpoints)
		w.ask(fleet.SourceQueue)
	}
	turn()
	equal(t, "with three hours", pictured(), soonPictured)
	gates := len(w.gates)
	w.at = w.at.Add(time.Minute)
	before := w.Snapshot().BilledMetrics
	turn()
	equal(t, "with three hours, a turn later", pictured(), endpoints)
	if billed := w.Snapshot().BilledMetrics - before; billed > uint64(4*gates) {
		t.Errorf("%d metrics of %d endpoints were billed", billed, gates)
	}
}
