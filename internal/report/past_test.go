package report

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// A snapshot whose scaling was asked for before our newest write says nothing of the time after it, whichever of the two is noted
// first. After the clock was set back it does.
func TestPast_takesNoOlderViewForTheTimeAfterAWrite(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	resource := fleet.ResourceID("e", "v")
	for name, test := range map[string]struct {
		frozen time.Duration // after the write
		asked  time.Duration
		tells  bool
	}{
		"frozen after it":           {time.Second, -time.Minute, false},
		"frozen right before it":    {-20 * time.Millisecond, -time.Minute, false},
		"asked for after it":        {time.Minute, time.Second, true},
		"the clock was set back":    {-time.Hour, -time.Hour, true},
		"asked for at that instant": {time.Second, 0, false},
	} {
		at := noon.Add(test.frozen)
		snapshot := fleet.Snapshot{At: at, Endpoints: []fleet.Endpoint{{
			EndpointSummary: fleet.EndpointSummary{Name: "e"}, Expires: at.Add(time.Hour),
			Variants: []fleet.Variant{{Name: "v", Target: &fleet.Target{ResourceID: resource, MaxCapacity: 5}}},
		}}}
		for _, source := range []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceAlarms} {
			snapshot.Sources = append(snapshot.Sources, fleet.Source{Name: source, LastSuccess: noon.Add(test.asked), Expires: at.Add(time.Hour)})
		}
		alarm := plan.Step{ResourceID: resource, Kind: plan.WakeAlarm, Name: "a"}
		past := NewPast().Note(plan.Outcome{Step: alarm}, noon).Observe(&snapshot)
		if past.History.TargetSeen(resource) != test.tells {
			t.Errorf("%s: it tells %t", name, !test.tells)
		}
	}
}
