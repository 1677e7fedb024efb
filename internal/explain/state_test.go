package explain_test

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// What is said of an endpoint without explaining it is what its explanation says, whatever waits and runs.
func TestStateOf_isThatOfTheExplanation(t *testing.T) {
	told := map[explain.State]int{}
	hold := func(name string, r *report.Report, at time.Time) {
		t.Helper()
		for i := range r.Endpoints {
			e := &r.Endpoints[i]
			want, got := explain.One(r, e, at).Conclusion.State, explain.StateOf(r, e, at)
			if got != want {
				t.Errorf("%s: %s: %s, and it is explained as %s", name, e.Name, got, want)
			}
			if _, rests := explain.Resting(r, e, at); rests {
				told[got]++
			}
		}
	}
	for _, c := range cases.All() {
		for _, backlog := range []float64{0, 3} {
			for _, instances := range []int{0, 1, 2} {
				snapshot := c.Snapshot
				snapshot.Endpoints = append([]fleet.Endpoint{}, snapshot.Endpoints...)
				for i := range snapshot.Endpoints {
					e := &snapshot.Endpoints[i]
					e.Queue[fleet.Backlog].Value = backlog
					e.Variants = append([]fleet.Variant{}, e.Variants...)
					for j := range e.Variants {
						e.Variants[j].Current, e.Variants[j].Desired = &instances, &instances
					}
				}
				r := report.Build(snapshot, report.Rules{}, report.NewPast())
				hold(c.Name, &r, snapshot.At)
				hold(c.Name+", an hour later", &r, snapshot.At.Add(time.Hour))
				if backlog > 0 || instances > 1 {
					continue // none of these rests
				}
				for i := range r.Snapshot.Sources {
					old := r
					old.Snapshot.Sources = append([]fleet.Source{}, r.Snapshot.Sources...)
					old.Snapshot.Sources[i].Expires = snapshot.At
					hold(c.Name+", where "+string(old.Snapshot.Sources[i].Name)+" is too old", &old, snapshot.At)
				}
			}
		}
	}
	d := newDemo()
	for _, story := range []time.Duration{0, 20 * time.Minute, time.Hour, 3 * time.Hour} {
		r := d.look(t, story)
		hold("the demo", &r, d.Now())
	}
	if told[explain.Asleep] == 0 || told[explain.Idle] == 0 {
		t.Errorf("of endpoints at rest it has seen %v", told)
	}
}
