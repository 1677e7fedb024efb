package observe

import (
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// find is what is shown of one endpoint; the zero Endpoint if nothing is.
func (w *world) find(name string) fleet.Endpoint {
	shown := w.Snapshot().Endpoints
	if i := slices.IndexFunc(shown, func(e fleet.Endpoint) bool { return e.Name == name }); i >= 0 {
		return shown[i]
	}
	return fleet.Endpoint{}
}

// An endpoint that is listed as it was is seen, however long ago it was described.
func TestEndpoints_listedUnchangedAreFreshlySeen(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.fleetOf(100)
	w.async("z", 1)
	w.ask(fleet.SourceEndpoints)
	for range 30 {
		w.at = w.at.Add(time.Minute)
		w.ask(fleet.SourceEndpoints)
	}
	z := w.find("z")
	equal(t, "described", z.DescribedAt, noon)
	equal(t, "seen", z.SeenAt, w.at)
	equal(t, "expires", z.Expires, w.at.Add(10*time.Minute))
	equal(t, "source", w.source(fleet.SourceEndpoints).Up(), true)

	w.fail["ListEndpoints"] = errThrottled // now nothing says that it stands as it stood
	for range 10 {
		w.at = w.at.Add(time.Minute)
		w.ask(fleet.SourceEndpoints)
	}
	equal(t, "shown", w.find("z").Name, "")
}

// An endpoint that may have changed is as old as its description, although it is listed.
func TestEndpoints_thatCouldNotBeDescribedKeepTheirDate(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.fleetOf(100)
	w.async("z", 1)
	w.ask(fleet.SourceEndpoints)
	w.fail["DescribeEndpoint z"] = errThrottled
	w.change("z", func(e *fleet.EndpointDescription) { e.LastModified = noon })
	for range 9 {
		w.at = w.at.Add(time.Minute)
		w.ask(fleet.SourceEndpoints)
	}
	equal(t, "seen", w.find("z").SeenAt, noon)
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceEndpoints)
	equal(t, "shown", w.find("z").Name, "")
	equal(t, "another is shown", w.find("e0000").Name, "e0000")

	delete(w.fail, "DescribeEndpoint z")
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceEndpoints)
	equal(t, "seen again", w.find("z").SeenAt, w.at)
}

// One endpoint that cannot be read for hours, or from the start, is missing by itself. What is known of the others may be
// shown, and the source is down.
func TestEndpoints_oneThatCannotBeReadHidesNoOther(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{"DescribeEndpointConfig b-config": errThrottled}})
	w.async("a", 1)
	w.async("b", 1)
	for range 60 {
		w.ask(fleet.SourceEndpoints)
		equalLists(t, "shown", names(w.Snapshot()), "a")
		source := w.source(fleet.SourceEndpoints)
		equal(t, "up", source.Up(), false)
		equal(t, "fresh", source.Fresh(w.at.Add(9*time.Minute)), true)
		w.at = w.at.Add(time.Minute)
	}
	w.fail["ListEndpoints"] = errThrottled
	w.at = w.at.Add(10 * time.Minute)
	w.ask(fleet.SourceEndpoints)
	equal(t, "fresh without a list", w.source(fleet.SourceEndpoints).Fresh(w.at), false)
}

func TestEndpoints_aDeletedConfigIsAskedForOnce(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	delete(w.configs, "a-config")
	for range 5 {
		w.ask(fleet.SourceEndpoints)
		w.at = w.at.Add(time.Hour)
	}
	equal(t, "asked for", w.asked["DescribeEndpointConfig"], 1)

	w.async("a", 1) // another endpoint of the same name, and another config
	w.change("a", func(e *fleet.EndpointDescription) { e.Created = w.at })
	w.ask(fleet.SourceEndpoints)
	equalLists(t, "endpoints", names(w.Snapshot()), "a")
}

// An endpoint that fell asleep unseen is still shown as running when its queue begins to wait. That number is old: it
// neither ends the wake nor hides its beginning.
func TestWake_isNotEndedByAnOldDescription(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.fleetOf(100)
	w.async("z", 1)
	w.observe()
	w.async("z", 0) // and nothing in the list says so
	for minute := 1; minute <= 25; minute++ {
		w.at = noon.Add(time.Duration(minute) * time.Minute)
		switch {
		case minute == 20:
			w.minutes("z", fleet.WithoutCapacity, w.at, 0, 1)
		case minute > 20 && minute < 25:
			w.minutes("z", fleet.WithoutCapacity, w.at, slices.Repeat([]float64{1}, minute-19)...)
		case minute == 25:
			w.async("z", 1)
		}
		w.ask(fleet.SourceEndpoints)
		w.ask(fleet.SourceQueue)
	}
	wakes := w.find("z").Wakes
	equal(t, "wakes", wakes.Count, 1)
	equal(t, "duration", wakes.Sum, 6*time.Minute+30*time.Second)
}
