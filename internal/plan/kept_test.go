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

var errLost = errors.New("no answer in time")

// later is the same world, freshly read some time later.
func (w *world) later(d time.Duration) {
	w.At = w.At.Add(d)
	for i := range w.Sources {
		w.Sources[i].LastAttempt, w.Sources[i].LastSuccess, w.Sources[i].Expires = w.At, w.At, w.At.Add(time.Hour)
	}
	for i := range w.Endpoints {
		w.Endpoints[i].DescribedAt, w.Endpoints[i].SeenAt, w.Endpoints[i].Expires = w.At, w.At, w.At.Add(time.Hour)
	}
}

// More instances run than the lost target allowed: the new one allows them, and has the old maximum once they are gone.
func TestHistory_aLostTargetGetsItsMaximumBack(t *testing.T) {
	for _, lost := range []bool{false, true} {
		w := tuned(t, func(wanted *policy.Wanted) { wanted.KeepMinimum = true })
		w.variant().Target.MinCapacity, w.variant().Target.MaxCapacity = 0, 2
		w.variant().Current, w.variant().Desired = pointer(4), pointer(4)
		w.gives(t, nothing)
		w.deregister()
		p := w.plan()
		step := p.Steps[0]
		if step.Target.MinCapacity != 4 || step.Target.MaxCapacity != 4 {
			t.Fatalf("registered as %+v", step.Target)
		}
		outcome := Outcome{Step: step}
		if lost {
			outcome.Err = errLost
		}
		w.ended(outcome)
		w.variant().Target = step.Target
		if p = w.plan(); !slices.Contains(p.kinds(), MinCapacity) || !slices.Equal(p.held(MaxBelowRunning), []Kind{ScalableTarget}) {
			t.Errorf("lost %t: while four run\n%s", lost, p.text())
		}
		last := p.Steps[len(p.Steps)-1]
		w.ended(Outcome{Step: last})
		w.variant().Target = last.Target
		w.variant().Current, w.variant().Desired = pointer(2), pointer(2)
		p = w.plan()
		if lowest, highest := p.Steps[0].Bounds(); p.Steps[0].Kind != ScalableTarget || lowest != nil || *highest != 2 || p.Steps[0].Target.MinCapacity != 0 {
			t.Errorf("lost %t: when two run\n%s", lost, p.text())
		}
		w.ended(Outcome{Step: p.Steps[0]})
		w.variant().Target = p.Steps[0].Target
		if p = w.plan(); slices.Contains(p.kinds(), ScalableTarget) || slices.Contains(p.kinds(), MinCapacity) {
			t.Errorf("lost %t: in the end\n%s", lost, p.text())
		}
	}
}

// A maximum that somebody gives the new target is theirs.
func TestHistory_aMaximumThatWasChangedSinceIsKept(t *testing.T) {
	w := tuned(t, func(wanted *policy.Wanted) { wanted.KeepMinimum = true })
	w.variant().Target.MinCapacity, w.variant().Target.MaxCapacity = 0, 2
	w.variant().Current, w.variant().Desired = pointer(4), pointer(4)
	w.plan()
	w.deregister()
	step := w.plan().Steps[0]
	w.ended(Outcome{Step: step})
	target := *step.Target
	target.MaxCapacity = 9
	w.variant().Target = &target
	if p := w.plan(); len(p.held(MaxBelowRunning)) > 0 || slices.Contains(p.kinds(), ScalableTarget) {
		t.Errorf("got\n%s", p.text())
	}
}

// Tracking from which somebody took scale-in has none when it comes back.
func TestHistory_aLostTrackingPolicyThatRemovedNothingGoesOnSo(t *testing.T) {
	w := tuned(t, func(wanted *policy.Wanted) { wanted.KeepMinimum = true })
	w.policy(policy.TrackingName).Tracking.DisableScaleIn = true
	w.wire()
	w.plan()
	w.deregister()
	p := w.plan()
	if i := slices.Index(p.kinds(), TrackingPolicy); i < 0 || !p.Steps[i].Policy.Tracking.DisableScaleIn {
		t.Errorf("got\n%s", p.text())
	}
}

// The wake policy goes with its target, and comes back with what it had, under the name that the entry gives it.
func TestHistory_aLostWakePolicyGetsItsValuesBack(t *testing.T) {
	for name, test := range map[string]struct {
		has    func(*fleet.Step)
		wanted func(*policy.Wanted)
		want   fleet.Step
	}{
		"its values": {
			func(s *fleet.Step) {
				s.Cooldown, s.Aggregation, s.Adjustments = pointer(time.Minute), "Maximum", []fleet.StepAdjustment{{Lower: pointer(0.0), Adjustment: 3}}
			}, func(*policy.Wanted) {},
			fleet.Step{AdjustmentType: policy.ChangeInCapacity, Aggregation: "Maximum", Cooldown: pointer(time.Minute), Adjustments: []fleet.StepAdjustment{{Lower: pointer(0.0), Adjustment: 3}}},
		},
		"its shape": {
			func(s *fleet.Step) {
				s.AdjustmentType = policy.ExactCapacity
				s.Adjustments = []fleet.StepAdjustment{{Lower: pointer(0.0), Upper: pointer(5.0), Adjustment: 1}, {Lower: pointer(5.0), Adjustment: 2}}
			}, func(*policy.Wanted) {},
			fleet.Step{
				AdjustmentType: policy.ExactCapacity, Aggregation: policy.WakeAggregation, Cooldown: pointer(5 * time.Minute),
				Adjustments: []fleet.StepAdjustment{{Lower: pointer(0.0), Upper: pointer(5.0), Adjustment: 1}, {Lower: pointer(5.0), Adjustment: 2}},
			},
		},
		"the entry wins": {
			func(s *fleet.Step) {
				s.Cooldown, s.Aggregation, s.Adjustments = pointer(time.Minute), "Maximum", []fleet.StepAdjustment{{Lower: pointer(0.0), Adjustment: 3}}
			},
			func(wanted *policy.Wanted) {
				wanted.Wake.Cooldown = policy.Setting[time.Duration]{Value: 2 * time.Minute, Enforced: true}
				wanted.Wake.Adjustment = policy.Setting[int]{Value: 2, Enforced: true}
				wanted.Wake.Aggregation = policy.Setting[string]{Value: "Minimum", Enforced: true}
			},
			fleet.Step{AdjustmentType: policy.ChangeInCapacity, Aggregation: "Minimum", Cooldown: pointer(2 * time.Minute), Adjustments: []fleet.StepAdjustment{{Lower: pointer(0.0), Adjustment: 2}}},
		},
		"bounds that would not wake": {
			func(s *fleet.Step) {
				s.Cooldown, s.Adjustments = pointer(time.Minute), []fleet.StepAdjustment{{Lower: pointer(2.0), Adjustment: 4}}
			}, func(*policy.Wanted) {},
			fleet.Step{AdjustmentType: policy.ChangeInCapacity, Aggregation: policy.WakeAggregation, Cooldown: pointer(time.Minute), Adjustments: []fleet.StepAdjustment{{Lower: pointer(0.0), Adjustment: 1}}},
		},
	} {
		w := tuned(t, func(*policy.Wanted) {})
		test.has(w.policy(policy.WakeName).Step)
		w.wire()
		w.plan()
		test.wanted(&w.policies[0].Wanted)
		w.deregister()
		p := w.plan()
		i := slices.Index(p.kinds(), WakePolicy)
		if i < 0 {
			t.Fatalf("%s:\n%s", name, p.text())
		}
		if got := *p.Steps[i].Policy.Step; !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, want %+v\n%s", name, got, test.want, p.text())
		}
	}
}

// A step whose answer was lost counts until its object is seen as it was before, a while after it.
func TestHistory_aLostAnswerIsJudgedByWhatIsThere(t *testing.T) {
	w := tuned(t, func(wanted *policy.Wanted) { wanted.KeepMinimum = true })
	w.variant().Target.MinCapacity = 0
	w.plan()
	w.deregister()
	step := w.plan().Steps[0]
	w.ended(Outcome{Step: step, Err: errLost})
	if p := w.plan(); p.Steps[0].Target.MinCapacity != 3 { // a moment later it may still be under way
		t.Fatalf("got\n%s", p.text())
	}
	if _, ok := w.history.Wrote(step); !ok {
		t.Error("nobody knows yet that nothing was written")
	}
	w.later(2 * settles)
	w.plan()
	if _, ok := w.history.Wrote(step); ok {
		t.Error("nothing was written")
	}
	target := *step.Target // somebody else registers the same
	w.variant().Target = &target
	if p := w.plan(); slices.Contains(p.kinds(), MinCapacity) {
		t.Errorf("a minimum of somebody else is lowered:\n%s", p.text())
	}
}

// What was read before the write says nothing about it.
func TestHistory_anOldViewJudgesNoLostAnswer(t *testing.T) {
	w := documented("v")
	w.dead()
	step := w.plan().Steps[0]
	w.At = w.At.Add(2 * settles)
	w.ended(Outcome{Step: step, Err: errLost})
	for i := range w.Sources {
		w.Sources[i].Expires = w.At.Add(time.Hour)
	}
	w.source(fleet.SourceScaling).LastSuccess = w.At.Add(2 * settles) // the alarms are older
	w.plan()
	if _, ok := w.history.Wrote(step); !ok {
		t.Error("an old view of the alarm takes the write back")
	}
	w.later(4 * settles)
	w.plan()
	if _, ok := w.history.Wrote(step); ok {
		t.Error("the alarm is as it was, and the write is not taken back")
	}
}
