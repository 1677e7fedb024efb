package triage

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// What is wrong hides no state: its word is what the endpoint does.
func TestDoing_saysOfWhatIsBrokenWhatItDoes(t *testing.T) {
	for _, test := range []struct {
		name              string
		waits, perTarget  float64 // requests, and backlog per instance in multiples of the target
		running, desired  int
		status            string
		silent, untracked bool // the queue is not known; no policy tracks the backlog
		state, want       explain.State
	}{
		{name: "no instance comes", waits: 3, want: Waits},
		{name: "an instance is desired and does not come", waits: 3, desired: 1, want: Waits},
		{name: "it works on nothing", waits: 3, running: 1, desired: 1, status: "Failed", want: Waits},
		{name: "it works on with a mix", waits: 3, running: 1, desired: 1, status: fleet.RollbackFailed, want: explain.Working},
		{name: "scale-outs are refused", waits: 30, perTarget: 6, running: 1, desired: 1, want: explain.Working},
		{name: "the maximum is too low", waits: 30, perTarget: 3, running: 2, desired: 2, want: explain.AtMaximum},
		{name: "the maximum is enough", waits: 3, perTarget: 0.5, running: 2, desired: 2, want: explain.Working},
		{name: "nothing says whether it is enough", waits: 3, untracked: true, running: 2, desired: 2, want: explain.AtMaximum},
		{name: "more do not come", waits: 30, perTarget: 6, running: 1, desired: 2, want: explain.ScalingOut},
		{name: "busy instances are taken away", waits: 3, running: 2, desired: 1, want: explain.ScalingIn},
		{name: "nothing would wake it", want: explain.Asleep},
		{name: "the first does not come, for nobody", desired: 1, want: explain.Waking},
		{name: "they stay", running: 1, desired: 1, want: explain.Idle},
		{name: "the queue is not known", waits: 3, silent: true, want: explain.NotKnown},
		{name: "nothing is broken", waits: 3, state: explain.Waking, want: explain.Waking},
	} {
		policy := fleet.Policy{Tracking: &fleet.Tracking{Metric: &fleet.Metric{Name: fleet.BacklogPerInstance.String()}, TargetValue: 5}}
		seen := fleet.Endpoint{Variants: []fleet.Variant{{}}}
		seen.Status = test.status
		seen.Variants[0].Current, seen.Variants[0].Desired, seen.Variants[0].Target = &test.running, &test.desired, &fleet.Target{MaxCapacity: 2}
		if !test.untracked {
			seen.Variants[0].Policies = []fleet.Policy{policy}
		}
		if !test.silent {
			seen.Queue[fleet.Backlog] = fleet.Reading{Value: test.waits, At: noon, Expires: noon.Add(time.Hour)}
			seen.Queue[fleet.BacklogPerInstance] = fleet.Reading{Value: 5 * test.perTarget, At: noon, Expires: noon.Add(time.Hour)}
		}
		state := test.state
		if state == "" {
			state = explain.Failing
		}
		r := report.Report{Snapshot: fleet.Snapshot{At: noon}}
		for _, name := range []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceQueue, fleet.SourceScaling} {
			r.Snapshot.Sources = append(r.Snapshot.Sources, fleet.Source{Name: name, LastSuccess: noon, Expires: noon.Add(time.Hour)})
		}
		e := report.Endpoint{Endpoint: &seen, Variants: []report.Variant{{Variant: &seen.Variants[0]}}}
		if got := Of(&r, noon).doing(&e, state); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestCase_wordIsForPeople(t *testing.T) {
	if got := (&Case{Doing: explain.AtMaximum}).Word(); got != "at maximum" {
		t.Error(got)
	}
}
