package plan

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// tuned is a world whose target was seen as 2..20 with tuned tracking, and is lost.
func tuned(t *testing.T, wanted func(*policy.Wanted)) *world {
	t.Helper()
	w := documented("v")
	entry := policy.Entry{Endpoints: all{}, Wanted: policy.Documented()}
	wanted(&entry.Wanted)
	w.policies = policy.Policies{entry}
	w.variant().Target.MinCapacity, w.variant().Target.MaxCapacity = 2, 20
	w.variant().Current, w.variant().Desired = pointer(3), pointer(3)
	tracking := w.policy(policy.TrackingName).Tracking
	tracking.TargetValue, tracking.ScaleInCooldown = 12, pointer(10*time.Minute)
	return w
}

func TestHistory_aLostTargetGetsItsValuesBack(t *testing.T) {
	w := tuned(t, func(wanted *policy.Wanted) { wanted.KeepMinimum = true })
	w.gives(t, nothing)
	w.deregister()
	p := w.plan()
	if !slices.Equal(p.kinds(), Kinds()) {
		t.Fatalf("got\n%s", p.text())
	}
	if target, last := p.Steps[0].Target, p.Steps[4].Target; target.MinCapacity != 3 || target.MaxCapacity != 20 || last.MinCapacity != 2 || p.Steps[4].Effect != "" {
		t.Errorf("registered as %+v, then %+v", target, last)
	}
	if tracking := p.Steps[3].Policy.Tracking; tracking.TargetValue != 12 || *tracking.ScaleInCooldown != 10*time.Minute {
		t.Errorf("tracks %+v", tracking)
	}
	// Killed or failed before the last step, it is lowered later, and the minimum in between is not taken for the one to keep.
	w.ended(Outcome{Step: p.Steps[0]}, Outcome{Step: p.Steps[3], Err: &RefusedError{Err: errors.New("denied")}})
	w.variant().Target = p.Steps[0].Target
	if p := w.plan(); p.Steps[len(p.Steps)-1].Target.MinCapacity != 2 {
		t.Errorf("then\n%s", p.text())
	}
	w.deregister()
	if p := w.plan(); p.Steps[4].Target.MinCapacity != 2 {
		t.Errorf("lost once more:\n%s", p.text())
	}
}

func TestHistory_theEntryWinsOverWhatWasSeen(t *testing.T) {
	w := tuned(t, func(wanted *policy.Wanted) {
		wanted.MinCapacity = policy.Setting[int]{Value: 1, Enforced: true}
		wanted.Tracking.TargetValue = policy.Setting[float64]{Value: 7, Enforced: true}
	})
	w.plan()
	w.deregister()
	p := w.plan()
	if p.Steps[3].Policy.Tracking.TargetValue != 7 || p.Steps[4].Target.MinCapacity != 1 || p.Steps[0].Target.MaxCapacity != 20 {
		t.Errorf("got\n%s", p.text())
	}
}

func TestHistory_keepWithNothingSeenIsWithheld(t *testing.T) {
	w := tuned(t, func(wanted *policy.Wanted) { wanted.KeepMinimum = true })
	w.deregister()
	if p := w.plan(); len(p.Steps) != 0 || !slices.Equal(p.held(NothingToKeep), Kinds()[:4]) {
		t.Errorf("got\n%s", p.text())
	}
}

// A minimum that somebody raises later is theirs.
func TestHistory_aMinimumThatWasRaisedSinceIsNotLowered(t *testing.T) {
	w := tuned(t, func(*policy.Wanted) {})
	w.plan()
	w.deregister()
	p := w.plan()
	w.ended(Outcome{Step: p.Steps[0]})
	target := *p.Steps[0].Target
	target.MinCapacity = 5
	w.variant().Target = &target
	if p := w.plan(); slices.Contains(p.kinds(), MinCapacity) {
		t.Errorf("got\n%s", p.text())
	}
}

// dead points the wake alarm at a policy that is gone, as somebody's template does again and again.
func (w *world) dead() {
	w.wakeAlarm(func(a *fleet.Alarm) { a.AlarmActions = []string{arn("v", "gone")} })
}

func TestHistory_aDeadActionThatComesBackIsContested(t *testing.T) {
	w := documented("v")
	w.dead()
	w.fights(2)
	if p := w.plan(); !slices.Equal(p.kinds(), []Kind{WakeAlarm}) {
		t.Fatalf("after two:\n%s", p.text())
	}
	w.fights(1)
	if p := w.plan(); len(p.Steps) != 0 || !slices.Equal(p.held(Contested), []Kind{WakeAlarm}) {
		t.Errorf("after three:\n%s", p.text())
	}
	w.variant().Target.MinCapacity = 1
	if p := w.plan(); len(p.Steps) != 0 || !slices.Equal(p.held(WouldNotWake), []Kind{MinCapacity}) {
		t.Errorf("it goes to sleep:\n%s", p.text())
	}
}

func TestHistory_anActionFollowsAPolicyThatWasMadeAnew(t *testing.T) {
	w := documented("v")
	for i := range 5 {
		w.policy(policy.WakeName).ARN = arn("v", policy.WakeName) + string(rune('a'+i))
		w.wire()
		w.fights(1)
	}
	if p := w.plan(); len(p.held(Contested)) != 0 || !slices.Equal(p.kinds(), []Kind{WakeAlarm}) {
		t.Errorf("got\n%s", p.text())
	}
}

// Two entries that select an endpoint in turn, by its tags for example, are a fight too.
func TestHistory_everyCorrectionCountsWhateverWasAskedFor(t *testing.T) {
	w := documented("v")
	wanted := policy.Documented()
	w.policies = policy.Policies{{Endpoints: all{}, Wanted: wanted}}
	for _, value := range []float64{6, 7, 6} {
		w.policies[0].Wanted.Tracking.TargetValue = policy.Setting[float64]{Value: value, Enforced: true}
		step := w.plan().Steps[0]
		w.ended(Outcome{Step: step})
		w.policy(policy.TrackingName).Tracking.TargetValue = value
	}
	w.policies[0].Wanted.Tracking.TargetValue.Value = 7
	if p := w.plan(); !slices.Equal(p.held(Contested), []Kind{TrackingPolicy}) {
		t.Errorf("got\n%s", p.text())
	}
	w.At = w.At.Add(contestedWithin + time.Minute)
	for i := range w.Sources {
		w.Sources[i].Expires = w.At.Add(time.Hour)
	}
	if p := w.plan(); len(p.Steps) != 1 {
		t.Errorf("a week later:\n%s", p.text())
	}
}

func TestHistory_remembersTheLastWriteOfAnObject(t *testing.T) {
	w := documented("v")
	w.variant().Target.MinCapacity = 1
	step := w.plan().Steps[0]
	if _, ok := w.history.Wrote(step); ok {
		t.Error("nothing was written yet")
	}
	before := w.history
	w.ended(Outcome{Step: step})
	write, ok := w.history.Wrote(step)
	if !ok || write.At != noon || write.Before.Target.MinCapacity != 1 || write.After.Target.MinCapacity != 0 {
		t.Errorf("got %+v, %t", write, ok)
	}
	bounds := step
	bounds.Kind = ScalableTarget
	if _, ok := w.history.Wrote(bounds); !ok {
		t.Error("the minimum is a part of the target")
	}
	if _, ok := before.Wrote(step); ok || !reflect.DeepEqual(before, before.Observe(&w.Snapshot)) {
		t.Error("a history was changed")
	}
}

// Each step carries what it expects to find: what stands now, or what the step before leaves.
func TestDiff_stepsExpectWhatStandsThere(t *testing.T) {
	w := documented("v")
	wrong(w)
	w.policies[0].Wanted.MaxCapacity = policy.Setting[int]{Value: 9, Enforced: true}
	p := w.plan()
	if !slices.Equal(p.kinds(), Kinds()) {
		t.Fatalf("got\n%s", p.text())
	}
	for i, want := range []Object{
		{Target: w.variant().Target},
		{Policy: w.policy(policy.WakeName)},
		{Alarm: &w.Alarms[0]},
		{Policy: w.policy(policy.TrackingName)},
		p.Steps[0].Object(),
	} {
		if step := p.Steps[i]; !step.Expects.Same(want) || step.Expects.Same(step.Object()) {
			t.Errorf("%s expects %+v", step.Line(), step.Expects)
		}
	}
	if lowest, highest := p.Steps[0].Bounds(); lowest != nil || *highest != 9 {
		t.Errorf("the target is given %v and %v", lowest, highest)
	}
	if lowest, highest := p.Steps[4].Bounds(); *lowest != 0 || highest != nil {
		t.Errorf("the minimum is given %v and %v", lowest, highest)
	}
	w.deregister()
	p = w.plan()
	if lowest, highest := p.Steps[0].Bounds(); !p.Steps[0].Expects.None() || *lowest != 1 || *highest != 9 {
		t.Errorf("a new target is given %d and %d", *lowest, *highest)
	}
}

func TestObject_sameIsConfigurationAlone(t *testing.T) {
	a := policy.WakeAlarm("e", "v", "arn")
	b := a
	b.ARN, b.State, b.StateReason, b.StateSince, b.OKActions = "arn", "OK", "because", noon, []string{}
	if !(Object{Alarm: &a}).Same(Object{Alarm: &b}) {
		t.Error("a state is no configuration")
	}
	b.Read, b.Extras = noon, &fleet.AlarmExtras{FullActions: []string{"arn:createdBy/1"}}
	a.ConfigurationUpdated = noon
	if !(Object{Alarm: &a}).Same(Object{Alarm: &b}) {
		t.Error("nobody knows when the other one was written")
	}
	b.ConfigurationUpdated = noon.Add(time.Second)
	if (Object{Alarm: &a}).Same(Object{Alarm: &b}) {
		t.Error("it was written since")
	}
	a.ConfigurationUpdated = b.ConfigurationUpdated
	b.Description = "by hand"
	if (Object{Alarm: &a}).Same(Object{Alarm: &b}) || (Object{Alarm: &a}).Same(Object{}) {
		t.Error("a description is")
	}
	p := policy.Wake("e", "v")
	q := p
	q.ARN, q.Alarms, q.Created = "arn", []string{"alarm"}, noon
	step := *p.Step
	step.Cooldown, step.Aggregation = pointer(fleet.DefaultCooldown), ""
	q.Step = &step
	if !(Object{Policy: &p}).Same(Object{Policy: &q}) {
		t.Error("AWS's defaults are the values that it fills in")
	}
	step.Adjustments = []fleet.StepAdjustment{{Adjustment: 1}}
	if (Object{Policy: &p}).Same(Object{Policy: &q}) {
		t.Error("a bound is a difference")
	}
}

func TestDiff_theMinimumsOfAnEndpointComeAfterAllOfItsAlarms(t *testing.T) {
	w := shared()
	for i := range w.Endpoints[0].Variants {
		w.Endpoints[0].Variants[i].Target.MinCapacity = 1
	}
	p := w.plan()
	if !slices.Equal(p.kinds(), []Kind{WakeAlarm, MinCapacity, MinCapacity}) || !p.Steps[1].Needs(p.Steps[0]) || !p.Steps[2].Needs(p.Steps[0]) {
		t.Errorf("got\n%s", p.text())
	}
}

func TestHistory_namesWhatWasWrittenOnce(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	step := func(endpoint string, kind Kind, name string) Step {
		return Step{ResourceID: fleet.ResourceID(endpoint, "v"), Kind: kind, Name: name}
	}
	var h History
	for i, s := range []Step{step("a", WakeAlarm, "w"), step("b", WakeAlarm, "x"), step("a", ScalableTarget, ""), step("a", WakeAlarm, "w")} {
		h = h.Note(Outcome{Step: s}, noon.Add(time.Duration(i)*time.Minute))
	}
	h = h.Note(Outcome{Step: step("a", TrackingPolicy, "t"), Err: &RefusedError{Err: errors.New("denied")}}, noon)
	want := []Written{{noon.Add(2 * time.Minute), ScalableTarget, ""}, {noon.Add(3 * time.Minute), WakeAlarm, "w"}}
	if got := h.Writes("a"); !slices.Equal(got, want) || got[1].Title() != "wake alarm w" {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := h.Writes("c"); len(got) > 0 {
		t.Errorf("of an endpoint that was never written there is %+v", got)
	}
}
