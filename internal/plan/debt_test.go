package plan

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// owing is a world in which our round has lowered a minimum of 2 beside an alarm that was deleted, and could not raise it again.
// It was lowered so often.
func owing(t *testing.T, times int) *world {
	t.Helper()
	w := documented("v")
	before := *w.variant().Target
	before.MinCapacity = 2
	w.variant().Target = &before
	w.variant().Current, w.variant().Desired = pointer(2), pointer(2)
	p := w.plan()
	if !slices.Equal(p.kinds(), []Kind{MinCapacity}) {
		t.Fatalf("at first:\n%s", p.text())
	}
	w.apply(p)
	for range times {
		w.ended(Outcome{Step: p.Steps[0]})
	}
	w.Alarms = nil
	w.wire()
	w.history = w.history.Owes(p.Steps[0], false, w.At)
	w.later(5 * time.Minute)
	return w
}

// The minimum that is owed is raised before the alarm is made, and is not lowered by the same plan.
func TestDiff_raisesWhatIsOwedFirst(t *testing.T) {
	w := owing(t, 1)
	p := w.plan()
	if !slices.Equal(p.kinds(), []Kind{ScalableTarget, WakeAlarm}) || p.Steps[0].Target.MinCapacity != 2 || !slices.Equal(p.held(WouldNotWake), []Kind{MinCapacity}) ||
		p.Steps[0].Effect != "the minimum was lowered too soon and is raised again: no alarm and policy start the first instance" {
		t.Fatalf("got\n%s", p.text())
	}
	w.ended(Outcome{Step: p.Steps[0], Err: &RefusedError{Err: errors.New("denied")}})
	if p := w.plan(); !slices.Equal(p.kinds(), []Kind{ScalableTarget, WakeAlarm}) {
		t.Errorf("denied, then\n%s", p.text())
	}
	w.ended(Outcome{Step: p.Steps[0], Err: errors.New("no answer")})
	if p := w.plan(); !slices.Equal(p.kinds(), []Kind{ScalableTarget, WakeAlarm}) {
		t.Errorf("not carried out, then\n%s", p.text())
	}
	w.apply(p)
	w.ended(Outcome{Step: p.Steps[0]}, Outcome{Step: p.Steps[1]})
	if p := w.plan(); !slices.Equal(p.kinds(), []Kind{MinCapacity}) {
		t.Errorf("carried out, then\n%s", p.text())
	}
}

// Where the entry asks for that minimum by now, nothing is to be lowered later.
func TestDiff_whatIsOwedAndWantedIsNotWithheld(t *testing.T) {
	w := owing(t, 1)
	w.policies[0].Wanted.MinCapacity = policy.Setting[int]{Value: 2, Enforced: true}
	if p := w.plan(); !slices.Equal(p.kinds(), []Kind{ScalableTarget, WakeAlarm}) || len(p.Withheld) > 0 {
		t.Errorf("got\n%s", p.text())
	}
}

func TestDiff_whatForbidsRaisingSaysWhatIsOwed(t *testing.T) {
	w := owing(t, 1)
	w.Endpoints[0].Status = fleet.Updating
	p := w.plan()
	if !slices.Equal(p.held(EndpointNotInService), []Kind{ScalableTarget}) || !strings.Contains(p.text(), "endpoint_not_in_service (Updating; the minimum was lowered too soon and is raised again: no alarm") {
		t.Errorf("got\n%s", p.text())
	}
	target := *w.variant().Target
	target.Suspended.ScaleIn = true
	w.Endpoints[0].Status, w.variant().Target = fleet.InService, &target
	if p := w.plan(); !slices.Contains(p.held(Suspended), ScalableTarget) {
		t.Errorf("got\n%s", p.text())
	}
}

// The most steps of a round are those of others: what is owed comes beside them, also where it has failed.
func TestDiff_whatIsOwedIsNoneOfTheMostSteps(t *testing.T) {
	w := owing(t, 1)
	w.second()
	w.Alarms, w.rules.MaxSteps = nil, 1
	w.wire()
	for _, failed := range []bool{false, true} {
		p := w.plan()
		if !slices.Equal(p.kinds(), []Kind{ScalableTarget, WakeAlarm}) || !p.Steps[0].Raises() || !slices.Equal(p.held(MaxSteps), []Kind{WakeAlarm}) ||
			(p.Steps[1].Endpoint() == "f") != failed {
			t.Errorf("failed %t:\n%s", failed, p.text())
		}
		w.ended(Outcome{Step: p.Steps[0], Err: &RefusedError{Err: errors.New("denied")}})
	}
}

// lowers is the step by which we lowered the minimum of a variant from 2 to 0.
func lowers(endpoint, variant string) Step {
	return Step{ResourceID: fleet.ResourceID(endpoint, variant), Kind: MinCapacity, Expects: Object{Target: &fleet.Target{MinCapacity: 2}}, Target: &fleet.Target{}}
}

// What is owed comes before what is to be done for other variants of the endpoint.
func TestDiff_whatIsOwedIsTheFirstOfItsEndpoint(t *testing.T) {
	w := documented("a", "v")
	w.Alarms = nil
	w.wire()
	w.history = w.history.Owes(lowers("e", "v"), false, w.At)
	w.later(5 * time.Minute)
	if p := w.plan(); !slices.Equal(p.kinds(), []Kind{ScalableTarget, WakeAlarm, WakeAlarm}) || p.Steps[0].ResourceID != "endpoint/e/variant/v" {
		t.Errorf("got\n%s", p.text())
	}
}

// The plan of everything says what is owed at an endpoint that is not observed; that of one endpoint, which a round makes, does not.
func TestDiff_saysWhatIsOwedWhereNothingIsObserved(t *testing.T) {
	w := documented("v")
	w.plan()
	w.history = w.history.Owes(lowers("left-out", "v"), false, w.At)
	w.later(5 * time.Minute)
	w.gives(t, "! endpoint/left-out/variant/v  scalable target withheld: would_not_wake (the minimum was lowered to 0 too soon, and is not raised again: the endpoint is not observed)")
	w.rules.Writing = true
	w.gives(t, nothing)
}

// Mute rules that could not be read with the alarms are as old as they are, and the variant may be muted since.
func TestHistory_olderMuteRulesSettleNothing(t *testing.T) {
	w := documented("v")
	w.Alarms[0] = w.Alarms[0].WithMutes(nil)
	w.wire()
	w.history = w.history.Owes(lowers("e", "v"), true, w.At)
	w.source(fleet.SourceAlarms).Lacks = "mute rules: throttled"
	w.later(5 * time.Minute)
	if p := w.plan(); len(p.Steps) == 0 || !p.Steps[0].Raises() {
		t.Errorf("got\n%s", p.text())
	}
	w.source(fleet.SourceAlarms).Lacks = ""
	w.later(5 * time.Minute)
	w.gives(t, nothing)
}

// A variant that a deployment takes away for a while still owes.
func TestHistory_remembersWhatIsOwedToAVariantThatIsAway(t *testing.T) {
	w := documented("a", "v")
	w.history = w.history.Owes(lowers("e", "v"), false, w.At)
	both := w.Endpoints[0].Variants
	w.Endpoints[0].Variants = both[:1]
	w.later(5 * time.Minute)
	w.plan()
	w.Endpoints[0].Variants, w.Alarms = both, nil
	w.wire()
	w.later(5 * time.Minute)
	if p := w.plan(); len(p.Steps) == 0 || !p.Steps[0].Raises() {
		t.Errorf("got\n%s", p.text())
	}
}

// Where nothing may be written because something is not known, the line says what is owed.
func TestDiff_whatIsUnknownSaysWhatIsOwed(t *testing.T) {
	for reason, make := range map[Reason]func(*world){
		TagsUnknown:  func(w *world) { w.Endpoints[0].Tags = map[string]string{policy.OptOutTag: "perhaps"} },
		SourceFailed: func(w *world) { w.source(fleet.SourceAlarms).Expires = w.At },
	} {
		w := owing(t, 1)
		make(w)
		if p := w.plan(); !slices.Equal(p.held(reason), []Kind{ScalableTarget}) || !strings.Contains(p.text(), "the minimum was lowered to 0 too soon, and is not raised again: ") {
			t.Errorf("%s:\n%s", reason, p.text())
		}
	}
}

// A field that was corrected often is contested. A minimum that still is as we wrote it is not.
func TestDiff_raisesWhatIsOwedThoughTheMinimumIsContested(t *testing.T) {
	w := owing(t, 3)
	if p := w.plan(); !slices.Equal(p.kinds(), []Kind{ScalableTarget, WakeAlarm}) {
		t.Errorf("got\n%s", p.text())
	}
}

// Whatever settles the debt, nothing is raised afterwards though the alarm is gone once more.
func TestHistory_forgetsWhatIsOwed(t *testing.T) {
	for name, settle := range map[string]func(*world){
		"somebody writes another minimum": func(w *world) {
			target := *w.variant().Target
			target.MinCapacity = 1
			w.variant().Target = &target
		},
		"the target is deregistered": func(w *world) { w.variant().Target = nil },
		"it wakes again":             func(w *world) { w.alarm(policy.WakeAlarm("e", "v", w.policy(policy.WakeName).ARN)); w.wire() },
	} {
		w := owing(t, 1)
		lowered, alarms := w.variant().Target, w.Alarms
		settle(w)
		if p := w.plan(); slices.Contains(p.kinds(), ScalableTarget) && name != "the target is deregistered" {
			t.Errorf("%s:\n%s", name, p.text())
		}
		w.later(5 * time.Minute)
		w.variant().Target, w.Alarms = lowered, alarms
		w.wire()
		if p := w.plan(); slices.Contains(p.kinds(), ScalableTarget) {
			t.Errorf("%s, and later the alarm is gone once more:\n%s", name, p.text())
		}
	}
}

// AWS may show an older state for some seconds: that settles nothing.
func TestHistory_anOldViewSettlesNoDebt(t *testing.T) {
	w := owing(t, 1)
	w.later(-5 * time.Minute)
	now := w.variant().Target
	before := *now
	before.MinCapacity = 2
	w.variant().Target = &before
	w.plan()
	w.variant().Target = now
	w.later(5 * time.Minute)
	if p := w.plan(); !slices.Equal(p.kinds(), []Kind{ScalableTarget, WakeAlarm}) {
		t.Errorf("got\n%s", p.text())
	}
}
