package cycle

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// The tags of an endpoint that is new, or selected again by a reload, are read at once, and those of the others in their turn: its
// plan does not wait for polling.tags.
func TestLoop_readsTheTagsOfANewEndpointAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e", "f"), newWheel(t)
		defer w.end()
		selecting := func(out string) Options {
			o := reconciling(func(r *report.Rules) { r.Reconcile = false })
			o.Observe.Selected = func(name string) bool { return name != out }
			return o
		}
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, selecting("f"))
		asked := func() (n int) {
			for _, call := range a.Requests() {
				if strings.HasPrefix(call, "ListTags") {
					n++
				}
			}
			return n
		}
		knows := func(when string, endpoints, more int) {
			t.Helper()
			before := asked()
			time.Sleep(90 * time.Second)
			synctest.Wait()
			shown := w.Set().Reports[0]
			for _, held := range shown.Plan.Withheld {
				if held.Reason == plan.TagsUnknown {
					t.Errorf("%s: %s is withheld: %s", when, held.ResourceID, held.Detail)
				}
			}
			if n := asked() - before; n != more || len(shown.Snapshot.Endpoints) != endpoints {
				t.Errorf("%s: tags were asked for %d times, want %d; %d endpoints are shown", when, n, more, len(shown.Snapshot.Endpoints))
			}
		}
		knows("at the start", 1, 1)
		until(began, 3*time.Minute)
		a.Do(func(w *sim.World) { awstest.Add(t, w, "g", 0, "v") })
		knows("made", 2, 1)
		until(began, 12*time.Minute) // all had their turn
		_ = w.Reload([]Scope{a.scope(true)}, selecting(""))
		knows("selected again", 3, 3)
		knows("nothing new", 3, 0)
	})
}

// New endpoints whose tags cannot be read are asked for once a minute, as a source that fails is.
func TestLoop_asksForTagsThatAreRefusedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e"), newWheel(t)
		defer w.end()
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.Reconcile = false }))
		until(began, 2*time.Minute)
		a.Deny("SageMaker.ListTags")
		a.Do(func(w *sim.World) { awstest.Add(t, w, "g", 0, "v") })
		until(began, 4*time.Minute)
		a.Tried()
		until(began, 7*time.Minute)
		if n := strings.Count(strings.Join(a.Requests(), " "), "ListTags"); n != 6 { // of both endpoints each time
			t.Errorf("asked for %d times in three minutes", n)
		}
		if source := w.source("tags"); source.Err == "" {
			t.Errorf("the source is %+v", source)
		}
	})
}
