package cycle

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// registered are the endpoints that have a scalable target.
func (a *account) registered() (names []string) {
	a.Do(func(w *sim.World) {
		for _, target := range w.ScalableTargets() {
			name, _, _ := fleet.SplitResourceID(target.ResourceID)
			names = append(names, name)
		}
	})
	slices.Sort(names)
	return names
}

// As many endpoints as end a round cannot be read, and they are the first: the others have their turn, and so have those as
// soon as they can be read.
func TestReconcile_endpointsThatCannotBeReadHoldUpNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "a", "b", "c", "d", "e", "f", "g", "h"), newWheel(t)
		defer w.end()
		unread := []string{"a", "b", "c", "d"}
		a.Rewrite = func(call string, body []byte) []byte {
			if about, ok := strings.CutPrefix(call, "DescribeScalingPolicies endpoint/"); ok && slices.Contains(unread, about[:1]) {
				return []byte("{")
			}
			return body
		}
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter = 0 }))
		until(began, 25*time.Minute)
		if names := a.registered(); !slices.Equal(names, []string{"e", "f", "g", "h"}) {
			t.Errorf("reconciled are %q", names)
		}
		a.Change(func(*awstest.Account) { unread = unread[:3] })
		until(began, 45*time.Minute)
		if names := a.registered(); !slices.Equal(names, []string{"d", "e", "f", "g", "h"}) {
			t.Errorf("reconciled are %q, of which the first can be read since a while", names)
		}
	})
}

// A round of one step, and endpoints whose steps all fail: the others are brought to their policies, and so is one of these
// when its steps fail no longer.
func TestReconcile_endpointsWhoseStepsFailHoldUpNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "a", "b", "c", "d"), newWheel(t)
		defer w.end()
		failing := []string{"a", "b", "c"}
		a.Writing = func(step plan.Step) error {
			if slices.Contains(failing, step.Endpoint()) {
				return errors.New("access denied")
			}
			return nil
		}
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter, r.MaxSteps = 0, 1 }))
		until(began, 41*time.Minute)
		if names := a.registered(); !slices.Equal(names, []string{"d"}) || len(a.Steps()) != 4 {
			t.Errorf("reconciled are %q, with %s", names, a.Kinds())
		}
		a.Change(func(*awstest.Account) { failing = []string{"a", "b"} })
		until(began, 81*time.Minute)
		if names := a.registered(); !slices.Equal(names, []string{"c", "d"}) || len(a.Steps()) != 8 {
			t.Errorf("reconciled are %q, with %s", names, a.Kinds())
		}
		if tried := len(a.Tried()); tried > 2*17 {
			t.Errorf("%d writes were tried in 17 rounds", tried)
		}
	})
}

// AWS carries every step out and no answer arrives: a round has no more of them.
func TestReconcile_aRoundHasSoManyStepsThoughTheirAnswersAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "a", "b", "c", "d"), newWheel(t)
		defer w.end()
		a.AWS.SetFault("ApplicationAutoScaling.RegisterScalableTarget", awssim.Fault{Break: awssim.CloseConnection})
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter, r.MaxSteps = 0, 2 }))
		until(began, 4*time.Minute)
		if names := a.registered(); len(names) != 2 {
			t.Errorf("in the first round %q were registered", names)
		}
		until(began, 60*time.Minute)
		if names := a.registered(); len(names) != 4 {
			t.Errorf("an hour later %q are registered", names)
		}
	})
}
