package explain_test

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Of an endpoint at rest the state is known before its links are followed, so none of them may need attention: not where its checks are
// muted, nor where CloudWatch has nothing but the backlog.
func TestBrief_noLinkOfAnEndpointAtRestNeedsAttention(t *testing.T) {
	muted := report.Rules{Muted: func(string, string) bool { return true }}
	rested := map[explain.State]int{}
	hold := func(name string, r *report.Report, at time.Time) {
		t.Helper()
		e := &r.Endpoints[0]
		brief := explain.Brief(r, e, at)
		if brief.Sentence != "" {
			return // its links are followed for the state too
		}
		rested[brief.State]++
		whole := explain.One(r, e, at)
		if whole.Conclusion.State != brief.State || !whole.Healthy() {
			t.Errorf("%s: %s, and it is explained as %s: %s", name, brief.State, whole.Conclusion.State, whole.Conclusion.Sentence)
		}
		for _, link := range whole.Links {
			if link.Verdict == explain.Broken || link.Verdict == explain.Unknown || link.Verdict == explain.Waits {
				t.Errorf("%s: %s, and %s %s: %s", name, brief.State, link.Name, link.Verdict, link.Sentence)
			}
		}
	}
	for _, c := range cases.All() {
		e := &c.Snapshot.Endpoints[0]
		e.Queue = [len(e.Queue)]fleet.Reading{fleet.Backlog: {At: c.Snapshot.At.Add(-time.Minute), Expires: c.Snapshot.At.Add(time.Hour)}}
		for i := range e.Variants {
			v, least := &e.Variants[i], 0
			if v.Target != nil {
				least = v.Target.MinCapacity
			}
			v.Current, v.Desired = &least, &least
		}
		for _, suspends := range []bool{false, true} {
			for i := range c.Snapshot.Targets {
				of := &c.Snapshot.Targets[i].Suspended
				of.ScaleIn, of.ScaleOut = suspends, suspends
			}
			c.Snapshot.Rejoin()
			r := report.Build(c.Snapshot, muted, report.NewPast())
			hold(c.Name, &r, c.Snapshot.At)
			for _, status := range []string{"Failed", fleet.Updating} {
				e.Status, e.LastModified = status, c.Snapshot.At.Add(-3*time.Hour)
				hold(c.Name+" "+status, &r, c.Snapshot.At)
			}
			e.Status = fleet.InService
		}
	}
	if rested[explain.Asleep] < 100 || rested[explain.Idle] < 5 {
		t.Errorf("of endpoints at rest it has seen %v", rested)
	}
}

// What an endpoint at rest needs is fresh: when one of its sources is too old, its state is not known.
func TestStateOf_restIsNotKnownOfWhatIsTooOld(t *testing.T) {
	c := cases.Named("22-tracking-maximum")
	r := report.Build(c.Snapshot, report.Rules{}, report.NewPast())
	e := &r.Endpoints[0]
	if got := explain.StateOf(&r, e, c.Snapshot.At); got != explain.Asleep {
		t.Fatalf("it is %s", got)
	}
	one, sleeps := 1, *e.Variants[0].Variant
	e.Variants[0].Current, e.Variants[0].Desired = &one, &one
	e.Queue[fleet.BacklogPerInstance] = e.Queue[fleet.Backlog]
	if got := explain.StateOf(&r, e, c.Snapshot.At); got != explain.ScalingIn {
		t.Errorf("with an instance above the minimum it is %s", got)
	}
	*e.Variants[0].Variant = sleeps
	if got := explain.StateOf(&r, e, c.Snapshot.At.Add(24*time.Hour)); got != explain.NotKnown {
		t.Errorf("a day later it is %s", got)
	}
	for i := range r.Snapshot.Sources {
		old := r
		old.Snapshot.Sources = append([]fleet.Source{}, r.Snapshot.Sources...)
		source := &old.Snapshot.Sources[i]
		source.Expires = c.Snapshot.At
		want := explain.NotKnown
		if source.Name == fleet.SourceTags || source.Name == fleet.SourceMetrics || source.Name == fleet.SourceActivities {
			want = explain.Asleep
		}
		if got := explain.StateOf(&old, e, c.Snapshot.At); got != want {
			t.Errorf("without %s it is %s, want %s", source.Name, got, want)
		}
	}
}
