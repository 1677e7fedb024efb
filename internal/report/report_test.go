package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestReady_needsEveryScopeTriedAndOneFresh(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	scope := func(region string, endpoints, alarms fleet.Source) Report {
		endpoints.Name, alarms.Name = fleet.SourceEndpoints, fleet.SourceAlarms
		return built(fleet.Snapshot{
			Scope: fleet.Scope{Region: region}, Sources: []fleet.Source{alarms, endpoints},
		})
	}
	fresh := fleet.Source{LastAttempt: at, LastSuccess: at, Expires: at.Add(time.Hour)}
	down := fleet.Source{LastAttempt: at, Err: "access denied"}
	old := fleet.Source{LastAttempt: at, LastSuccess: at.Add(-time.Hour), Expires: at}
	for _, test := range []struct {
		name    string
		reports []Report
		want    string // part of the reason; empty is ready
	}{
		{"nothing yet", nil, "no scope has been observed yet"},
		{"one untried source", []Report{scope("us-east-1", fresh, fleet.Source{})}, "us-east-1 has not been observed yet: waiting for the first answer of alarms"},
		{
			"untried sources",
			[]Report{scope("us-east-1", fleet.Source{}, fleet.Source{})},
			"us-east-1 has not been observed yet: waiting for the first answer of alarms, endpoints",
		},
		{
			"endpoints being described",
			[]Report{scope("us-east-1", fleet.Source{Progress: fleet.Progress{Done: 2, Of: 5}}, fleet.Source{})},
			"us-east-1 has not been observed yet: described 2 of 5 endpoints",
		},
		{
			"one untried scope",
			[]Report{scope("us-east-1", fresh, fresh), built(fleet.Snapshot{Scope: fleet.Scope{Region: "eu-west-1"}})},
			"eu-west-1 has not been observed yet",
		},
		{"good", []Report{scope("us-east-1", fresh, fresh)}, ""},
		{"one permission missing", []Report{scope("us-east-1", fresh, down)}, ""},
		{"one scope down", []Report{scope("us-east-1", down, down), scope("eu-west-1", fresh, fresh)}, ""},
		{"all down", []Report{scope("us-east-1", down, down)}, "us-east-1: access denied"},
		{"all old", []Report{scope("us-east-1", old, fresh)}, "too old"},
	} {
		err := Set{Reports: test.reports}.Ready(at)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: not ready: %v", test.name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

func TestChangesAt_goesFromOneExpiryToTheNext(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	source := func(d time.Duration) fleet.Snapshot {
		return fleet.Snapshot{Sources: []fleet.Source{{Expires: at.Add(d)}, {}}} // the second was never known
	}
	endpoint := func(own, reading time.Duration) fleet.Snapshot {
		return fleet.Snapshot{Endpoints: []fleet.Endpoint{
			{Expires: at.Add(own), Queue: fleet.Queue{fleet.OldestAge: {At: at, Expires: at.Add(reading)}}},
		}}
	}
	set := Set{Reports: []Report{
		built(source(3 * time.Minute)), built(endpoint(4*time.Minute, time.Minute)), built(source(2 * time.Minute)),
		built(source(0)), built(source(-time.Hour)),
	}}
	moment := at // what expires at this very moment has expired
	for _, want := range []time.Duration{time.Minute, 2 * time.Minute, 3 * time.Minute, 4 * time.Minute} {
		next := set.ChangesAt(moment)
		if got := next.Sub(at); got != want {
			t.Fatalf("after %s it changes at %s, want %s", moment.Sub(at), got, want)
		}
		if early := next.Add(-1); !set.ChangesAt(early).Equal(next) {
			t.Errorf("just before %s it changes at %s", next, set.ChangesAt(early))
		}
		moment = next
	}
	if next := set.ChangesAt(moment); !next.IsZero() {
		t.Errorf("when all has expired it changes at %s", next)
	}
	if next := (Set{}).ChangesAt(at); !next.IsZero() {
		t.Errorf("an empty set changes at %s", next)
	}
}

// built is a report without rules and without a past.
func built(snapshot fleet.Snapshot) Report { return Build(snapshot, Rules{}, NewPast()) }

func TestWith_keepsTheConclusionsForTheSameEndpoints(t *testing.T) {
	snapshot := documented(2)
	r := Build(snapshot, Rules{}, NewPast())
	newer := snapshot
	newer.At, newer.Endpoints = newer.At.Add(time.Minute), slices.Clone(newer.Endpoints)
	if kept, ok := r.With(newer); !ok || !kept.Snapshot.At.Equal(newer.At) || len(kept.Endpoints) != 2 || len(kept.Endpoints[0].Variants[0].Findings) == 0 ||
		kept.Endpoints[0].Endpoint != &kept.Snapshot.Endpoints[0] {
		t.Errorf("kept %v: %+v", ok, kept)
	}
	newer.Endpoints = newer.Endpoints[1:]
	if _, ok := r.With(newer); ok {
		t.Error("the conclusions of other endpoints were kept")
	}
}
