package observe

import (
	"context"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// change edits what AWS says of an endpoint.
func (c *cloud) change(name string, edit func(*fleet.EndpointDescription)) {
	endpoint := c.endpoints[name]
	edit(&endpoint)
	c.endpoints[name] = endpoint
}

func counts(current, desired int) func(*fleet.EndpointDescription) {
	return func(e *fleet.EndpointDescription) {
		e.Variants = []fleet.VariantDescription{{Name: "v", Current: &current, Desired: &desired}}
	}
}

func inStatus(status string) func(*fleet.EndpointDescription) {
	return func(e *fleet.EndpointDescription) { e.Status = status }
}

// An endpoint is described at noon, something is seen of it, and its turn has not come: is it described again in the
// minute after the next? The turn between them lets what is new in the list be described.
func TestSigns_sayWhatIsDescribedOutOfTurn(t *testing.T) {
	activity := func(edit func(*fleet.Activity)) func(*world) {
		return func(w *world) {
			a := fleet.Activity{
				ID: "1", ResourceID: "endpoint/z/variant/v", Status: "Successful",
				Start: noon.Add(2 * time.Minute), End: noon.Add(150 * time.Second),
			}
			edit(&a)
			w.activities = []fleet.Activity{a}
		}
	}
	for _, row := range []struct {
		name     string
		realTime bool
		before   func(*world) // the first turn
		between  func(*world) // the first and the second
		want     bool
	}{
		{name: "nothing", want: false},
		{name: "modified", want: true, between: func(w *world) {
			w.change("z", func(e *fleet.EndpointDescription) { e.LastModified = noon.Add(2 * time.Minute) })
		}},
		{name: "modified, of another kind", realTime: true, want: true, between: func(w *world) {
			w.change("z", func(e *fleet.EndpointDescription) { e.LastModified = noon.Add(2 * time.Minute) })
		}},
		{name: "not in service", want: true, before: func(w *world) { w.change("z", inStatus("Failed")) }},
		{name: "not in service, of another kind", realTime: true, want: false, before: func(w *world) {
			w.change("z", inStatus("Failed"))
		}},
		{name: "more instances wanted", want: true, before: func(w *world) { w.change("z", counts(0, 1)) }},
		{name: "fewer instances wanted", want: true, before: func(w *world) { w.change("z", counts(2, 1)) }},
		{name: "running", want: false, before: func(w *world) { w.change("z", counts(2, 2)) }},
		{name: "instances of another kind", realTime: true, want: false, before: func(w *world) {
			w.change("z", counts(2, 1))
		}},
		{name: "a backlog", want: true, before: func(w *world) { w.minutes("z", fleet.Backlog, noon, 0, 3) }},
		{name: "a backlog that has gone", want: false, before: func(w *world) { w.minutes("z", fleet.Backlog, noon, 3, 0) }},
		{name: "a backlog too old to be shown", want: true, before: func(w *world) {
			w.minutes("z", fleet.Backlog, noon.Add(-7*time.Minute), 3)
		}},
		{name: "a backlog of another", want: false, before: func(w *world) { w.minutes("e0000", fleet.Backlog, noon, 3) }},
		{name: "a backlog without capacity", want: true, before: func(w *world) {
			w.minutes("z", fleet.WithoutCapacity, noon, 0.5)
		}},
		{name: "only old requests", want: false, before: func(w *world) { w.minutes("z", fleet.OldestAge, noon, 60) }},
		{name: "has scaled", want: true, between: activity(func(*fleet.Activity) {})},
		{name: "is scaling", want: true, before: activity(func(a *fleet.Activity) {
			a.Status, a.Start, a.End = "InProgress", noon.Add(-time.Hour), time.Time{}
		})},
		{name: "had scaled", want: false, before: activity(func(a *fleet.Activity) {
			a.Start, a.End = noon.Add(-3*time.Minute), noon.Add(-2*time.Minute)
		})},
		{name: "had scaled, by another clock", want: true, before: activity(func(a *fleet.Activity) {
			a.Start, a.End = noon.Add(-3*time.Minute), noon.Add(-skew+time.Second)
		})},
		{name: "has begun before and ended since", want: true, between: activity(func(a *fleet.Activity) {
			a.Start = noon.Add(-time.Hour)
		})},
		{name: "was not scaled", want: false, between: activity(func(a *fleet.Activity) {
			a.Status, a.NotScaled = "Failed", []fleet.NotScaledReason{{Code: "AlreadyAtMinCapacity"}}
		})},
		{name: "another has scaled", want: false, between: activity(func(a *fleet.Activity) {
			a.ResourceID = "endpoint/e0000/variant/v"
		})},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, &cloud{})
			w.fleetOf(60)
			if w.async("z", 0); row.realTime {
				w.realTime("z")
			}
			if row.before != nil {
				row.before(w)
			}
			w.observe()
			if row.between != nil {
				row.between(w)
			}
			w.ask(fleet.SourceActivities)
			w.at = noon.Add(3 * time.Minute)
			w.ask(fleet.SourceEndpoints)
			equal(t, "described again", w.endpoints()["z"].describedAt.Equal(w.at), row.want)
		})
	}
}

// The list and the description are two answers, and one may know of an update before the other.
func TestSigns_ofAnUpdateThatOneOfBothKnows(t *testing.T) {
	for _, row := range []struct {
		listed, described string
		want              bool
	}{
		{"InService", "InService", false},
		{"InService", "Updating", true},
		{"Updating", "InService", true},
	} {
		known := knownEndpoint{listed: fleet.EndpointSummary{Status: row.listed}}
		known.description.Status = row.described
		known.config.Async = &fleet.AsyncConfig{}
		equal(t, row.listed+" and "+row.described, signs{}.movement(known, known.listed), row.want)
	}
}

// rounded lists times in whole seconds.
type rounded struct{ *cloud }

func (r rounded) ListEndpoints(ctx context.Context) ([]fleet.EndpointSummary, error) {
	list, err := r.cloud.ListEndpoints(ctx)
	for i := range list {
		list[i].LastModified = list[i].LastModified.Truncate(time.Second)
	}
	return list, err
}

// The list is held against the list before it: should the two write the same time differently, that is no movement.
func TestSigns_theListIsComparedWithItself(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.aws.Endpoints = rounded{w.cloud}
	w.fleetOf(60)
	w.async("z", 0)
	w.change("z", func(e *fleet.EndpointDescription) { e.LastModified = noon.Add(time.Millisecond) })
	w.ask(fleet.SourceEndpoints)
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceEndpoints)
	equal(t, "described", w.endpoints()["z"].describedAt, noon)
}
