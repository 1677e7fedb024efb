package cycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// The four steps that bring the variant of an endpoint from nothing to the documented objects.
func fromNothing(endpoint string) []string {
	resource := "endpoint/" + endpoint + "/variant/v "
	return []string{
		"create " + resource + "scalable target",
		"create " + resource + "wake policy HasBacklogWithoutCapacity-ScalingPolicy",
		"create " + resource + "wake alarm HasBacklogWithoutCapacity-Alarm-" + endpoint + "-v",
		"create " + resource + "tracking policy AsyncBacklogTargetTracking",
	}
}

// at lets the clock run until a moment after the start of the bubble, and everything that happens until then.
func until(began time.Time, d time.Duration) {
	time.Sleep(time.Until(began.Add(d)))
	synctest.Wait()
}

func TestReconcile_fromNothingToTheDocumentedObjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e"), newWheel(t)
		defer w.end()
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling())
		until(began, 14*time.Minute)
		if lines := a.Tried(); len(lines) != 0 {
			t.Fatalf("written before the target has been missing for long: %q", lines)
		}
		until(began, 22*time.Minute)
		if lines := a.Tried(); !slices.Equal(lines, fromNothing("e")) {
			t.Errorf("written: %q", lines)
		}
		r := w.Set().Reports[0]
		if !r.Plan.Empty() || r.Reconcile.LastSuccess.IsZero() || r.Endpoints[0].Variants[0].Ended[plan.WakeAlarm].Applied != 1 {
			t.Errorf("afterwards: plan %+v, reconcile %+v, ended %v", r.Plan, r.Reconcile, r.Endpoints[0].Variants[0].Ended)
		}
		for _, want := range []string{
			`step="create endpoint/e/variant/v scalable target" changes="min_capacity: 0; max_capacity: 5"`,
			`alarm_actions: arn:aws:autoscaling:`,
			`msg="endpoint converged" during=reconciling endpoint=e steps=4`,
		} {
			if !strings.Contains(w.out.String(), want) {
				t.Errorf("the log lacks %s:\n%s", want, w.out)
			}
		}
		until(began, 3*time.Hour)
		if lines := a.Tried(); len(lines) != 0 {
			t.Errorf("written again: %q", lines)
		}
	})
}

// A round reads each endpoint anew before it writes; what was written is polled at once, and more is written in the next
// round alone.
func TestReconcile_writesFromItsOwnViewAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e", "f"), newWheel(t)
		defer w.end()
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter, r.MaxSteps = 0, 4 }))
		until(began, time.Minute)
		asked := a.Calls()
		written := func(line string) bool { return strings.HasPrefix(line, "Write ") }
		first := slices.IndexFunc(asked, written)
		if before := asked[:first]; !slices.Contains(before, "DescribeScalingPolicies endpoint/e/variant/v") || slices.Contains(before, "DescribeScalingPolicies endpoint/f/variant/v") {
			t.Errorf("asked before the first write: %q", before)
		}
		slices.Reverse(asked)
		if after := asked[:slices.IndexFunc(asked, written)]; !slices.Contains(after, "DescribeAlarms") || !slices.Contains(after, "DescribeScalableTargets") {
			t.Errorf("asked after the writes: %q", after)
		}
		if lines := a.Tried(); !slices.Equal(lines, fromNothing("e")) {
			t.Errorf("the first round: %q", lines)
		}
		until(began, 4*time.Minute)
		if lines := a.Tried(); len(lines) != 0 {
			t.Errorf("between the rounds: %q", lines)
		}
		until(began, 6*time.Minute)
		if lines := a.Tried(); !slices.Equal(lines, fromNothing("f")) {
			t.Errorf("the second round: %q", lines)
		}
	})
}

// A round without a step to write asks AWS nothing beyond polling.
func TestReconcile_withNothingToWriteAsksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e"), newWheel(t)
		defer w.end()
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter = 0 }))
		until(began, 11*time.Minute)
		a.Tried()
		until(began, 3*time.Hour)
		for _, line := range a.Calls() {
			if operation, about, _ := strings.Cut(line, " "); about != "" && operation != "DescribeEndpoint" && operation != "DescribeEndpointConfig" {
				t.Errorf("asked: %s", line)
			}
		}
	})
}

// A round that takes longer than every interval, because each write does, holds up no polling.
func TestReconcile_pollingGoesOnBesideSlowWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var names, want []string
		for i := range 20 {
			names = append(names, fmt.Sprintf("e%02d", i))
			want = append(want, fromNothing(names[i])...)
		}
		began, a, w := time.Now(), newAccount(t, names...), newWheel(t)
		defer w.end()
		a.Writing = func(plan.Step) error {
			time.Sleep(12 * time.Second)
			return nil
		}
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter, r.MaxSteps = 0, 0 }))
		until(began, 15*time.Minute)
		r := w.Set().Reports[0]
		for _, source := range r.Snapshot.Sources {
			if age := r.Snapshot.At.Sub(source.LastSuccess); age > 5*time.Minute+10*time.Second {
				t.Errorf("%s is %s old", source.Name, age)
			}
		}
		if n := len(a.Steps()); n == 0 || n == len(want) {
			t.Errorf("%d steps are written in the middle of the round", n)
		}
		until(began, time.Hour)
		if lines := a.Tried(); !slices.Equal(lines, want) {
			t.Errorf("written: %q", lines)
		}
	})
}

func TestReconcile_writesNothingWhileSomethingItRestsOnFails(t *testing.T) {
	for _, operation := range []string{
		"CloudWatch.DescribeAlarms", "ApplicationAutoScaling.DescribeScalingPolicies", "ApplicationAutoScaling.DescribeScalableTargets",
		"ApplicationAutoScaling.DescribeScheduledActions", "SageMaker.DescribeEndpoint", "SageMaker.ListEndpoints", "SageMaker.ListTags",
	} {
		synctest.Test(t, func(t *testing.T) {
			began, a, w := time.Now(), newAccount(t, "e"), newWheel(t)
			defer w.end()
			at := func(rules *report.Rules) { rules.RecreateAfter = 0 }
			_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(at))
			until(began, time.Minute)
			if lines := a.Tried(); len(lines) != 4 {
				t.Fatalf("at first: %q", lines)
			}
			a.Do(func(w *sim.World) { awstest.Must(t, w.DeregisterScalableTarget("endpoint/e/variant/v")) })
			a.AWS.SetFault(operation, awssim.Fault{Code: "ThrottlingException"})
			until(began, 30*time.Minute)
			if lines := a.Tried(); len(lines) != 0 {
				t.Errorf("%s fails, and written is %q", operation, lines)
			}
			a.Allow(operation)
			until(began, 50*time.Minute)
			if lines := a.Tried(); len(lines) != 4 {
				t.Errorf("%s works again, and written is %q", operation, lines)
			}
		})
	}
}

// Tags are read seldom, but who takes an endpoint out of its policy by a tag is obeyed in the next round.
func TestReconcile_asksForTheTagsBeforeItWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e"), newWheel(t)
		defer w.end()
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling())
		until(began, 14*time.Minute+50*time.Second)
		a.Do(func(w *sim.World) {
			awstest.Must(t, w.SetTags("e", map[string]string{policy.OptOutTag: policy.OptOutValue}))
		})
		until(began, time.Hour)
		if lines := a.Tried(); len(lines) != 0 {
			t.Errorf("written: %q", lines)
		}
		if r := w.Set().Reports[0]; r.Endpoints[0].Variants[0].Selected || len(r.Plan.Steps) != 0 {
			t.Errorf("the plan is %+v", r.Plan)
		}
	})
}

// A round that sees no endpoint any more has nothing to do, and that is no success.
func TestReconcile_blindIsNoSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e"), newWheel(t)
		defer w.end()
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter = 0 }))
		until(began, 11*time.Minute)
		a.Deny("SageMaker.ListEndpoints")
		blind := time.Now()
		until(began, time.Hour)
		if last := w.Set().Reports[0].Reconcile.LastSuccess; last.IsZero() || last.After(blind) {
			t.Errorf("the last success was at %s, blind since %s", last, blind)
		}
	})
}

func TestReconcile_aFailedStepStopsWhatNeedsItAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e", "f"), newWheel(t)
		defer w.end()
		denied := errors.New("access denied: the role lacks application-autoscaling:PutScalingPolicy")
		a.Writing = func(step plan.Step) error {
			if step.ResourceID == "endpoint/e/variant/v" && step.Kind == plan.WakePolicy {
				return denied
			}
			return nil
		}
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter = 0 }))
		until(began, time.Minute)
		want := slices.Concat(fromNothing("e")[:2], fromNothing("f"))
		if lines := a.Tried(); !slices.Equal(lines, want) {
			t.Errorf("written: %q", lines)
		}
		r := w.Set().Reports[0]
		if ended := r.Endpoints[0].Variants[0].Ended[plan.WakePolicy]; ended.Failed != 1 || !r.Reconcile.LastSuccess.IsZero() {
			t.Errorf("ended %+v, last success %s", ended, r.Reconcile.LastSuccess)
		}
		if held := r.Endpoints[0].Variants[0].Withheld; len(held) != 1 || held[0].Reason != plan.EarlierStepFailed || held[0].Steps != 2 {
			t.Errorf("withheld: %+v", held)
		}
		if !strings.Contains(w.out.String(), denied.Error()) {
			t.Errorf("the log lacks the reason:\n%s", w.out)
		}
		a.Change(func(a *awstest.Account) { a.Writing = nil })
		until(began, 7*time.Minute)
		if lines := a.Tried(); !slices.Equal(lines, fromNothing("e")[1:]) {
			t.Errorf("the next round: %q", lines)
		}
		if last := w.Set().Reports[0].Reconcile.LastSuccess; last.IsZero() {
			t.Error("no success was noted")
		}
	})
}

// The plan is there without --reconcile, and nothing that could write.
func TestReconcile_withoutReconcileNothingIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e"), newWheel(t)
		defer w.end()
		_ = w.Start(w.ctx, []Scope{a.scope(false)}, reconciling(func(r *report.Rules) { r.RecreateAfter, r.Reconcile = 0, false }))
		until(began, time.Hour)
		if lines := a.Tried(); len(lines) != 0 {
			t.Errorf("written: %q", lines)
		}
		if r := w.Set().Reports[0]; len(r.Plan.Steps) != 4 || r.Reconcile.Enabled || r.Endpoints[0].Variants[0].Ended != nil {
			t.Errorf("shown: %+v", r.Plan.Steps)
		}
	})
}

// Whoever stops the process waits for the present write alone.
func TestReconcile_theEndFinishesThePresentWriteAndBeginsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e"), newWheel(t)
		a.Writing = func(step plan.Step) error {
			if step.Kind == plan.WakePolicy {
				w.stop()
			}
			return nil
		}
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter = 0 }))
		until(began, time.Minute)
		w.end()
		if lines := a.Tried(); !slices.Equal(lines, fromNothing("e")[:2]) {
			t.Errorf("written: %q", lines)
		}
		if !strings.Contains(w.out.String(), "wake policy") {
			t.Errorf("the last write is not in the log:\n%s", w.out)
		}
	})
}

func TestReconcile_aPolicyThatSelectsNothingIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t), newWheel(t)
		defer w.end()
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling())
		until(began, time.Hour)
		const said = `msg="the policy selects no variant" policy="1 .*"`
		if n := strings.Count(w.out.String(), said); n != 1 {
			t.Errorf("said %d times:\n%s", n, w.out)
		}
		if matches := w.Set().Reports[0].Matches; len(matches) != 1 || matches[0].Variants != 0 {
			t.Errorf("matches %+v", matches)
		}
	})
}

// Killed after each single write in turn, the next run converges to the same state.
func TestApply_convergesWhereverItWasKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole := newAccount(t, "e", "f")
		if r := whole.applies(t.Context(), t); !r.Plan.Empty() {
			t.Fatalf("undisturbed: %+v", r.Plan)
		}
		writes, want := len(whole.Tried()), whole.Objects()
		if writes != 8 {
			t.Fatalf("%d writes", writes)
		}
		for kill := range writes + 1 {
			a := newAccount(t, "e", "f")
			ctx, die := context.WithCancel(t.Context())
			n := 0
			a.Writing = func(plan.Step) error {
				if n++; n > kill {
					return errors.New("killed")
				}
				if n == kill {
					die()
				}
				return nil
			}
			a.applies(ctx, t)
			die()
			if got := len(a.Tried()); kill > 0 && got != kill {
				t.Errorf("killed after %d, and %d were written", kill, got)
			}
			a.Writing = nil
			if r := a.applies(t.Context(), t); !r.Plan.Empty() {
				t.Errorf("after %d writes the next run leaves %+v", kill, r.Plan)
			}
			if got := a.Objects(); got != want {
				t.Errorf("killed after %d writes:\n%s\nundisturbed:\n%s", kill, got, want)
			}
			a.Tried()
			a.applies(t.Context(), t)
			if lines := a.Tried(); len(lines) != 0 {
				t.Errorf("a second run writes %q", lines)
			}
		}
	})
}

func TestApply_looksAtTheNamedEndpointsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, "e", "f")
		r := a.applies(t.Context(), t, func(r *report.Rules) { r.Endpoints = []string{"f"} })
		if lines := a.Tried(); !slices.Equal(lines, fromNothing("f")) || !r.Plan.Empty() {
			t.Errorf("written: %q", lines)
		}
		var targets []fleet.Target
		a.Do(func(w *sim.World) { targets = w.ScalableTargets() })
		if len(targets) != 1 {
			t.Errorf("targets %+v", targets)
		}
	})
}
