package plan

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Whatever an entry sets of waking, what wakes a variant wakes it afterwards, and what scales it in does so.
func TestDiff_noEntryTakesAwayWhatAVariantDoes(t *testing.T) {
	set := func(n int) policy.Setting[int] { return policy.Setting[int]{Value: n, Enforced: true} }
	entries := map[string]func(*policy.Wanted){
		"strict":                 func(w *policy.Wanted) { *w = w.Strict() },
		"wake.adjustment 1":      func(w *policy.Wanted) { w.Wake.Adjustment = set(1) },
		"wake.adjustment 2":      func(w *policy.Wanted) { w.Wake.Adjustment = set(2) },
		"wake.evaluationPeriods": func(w *policy.Wanted) { w.Alarm.EvaluationPeriods = set(1) },
	}
	woke, shrank := 0, 0
	for _, c := range cases.All() {
		for name, entry := range entries {
			w := of(&c).copy()
			entry(&w.policies[0].Wanted)
			var before []*behavior.Behavior
			for i := range w.Endpoints[0].Variants {
				before = append(before, w.does(i))
			}
			p := w.plan()
			if len(p.Steps) == 0 {
				continue
			}
			w.apply(p)
			for i, was := range before {
				is := w.does(i)
				if was.Wakes.Verdict == behavior.Yes && is.Wakes.Verdict != behavior.Yes {
					t.Errorf("%s, %s: it woke, and now: %s\n%s", c.Name, name, is.Wakes.Verdict, p.text())
				}
				if was.ScalesIn.Verdict == behavior.Yes && is.ScalesIn.Verdict != behavior.Yes {
					t.Errorf("%s, %s: it scaled in, and now: %s\n%s", c.Name, name, is.ScalesIn.Verdict, p.text())
				}
				woke, shrank = woke+int(was.Wakes.Verdict), shrank+int(was.ScalesIn.Verdict)
			}
		}
	}
	if woke < 20 || shrank < 20 {
		t.Errorf("%d woke and %d scaled in: too few to prove anything", woke, shrank)
	}
}

// What scales in and wakes by one policy goes on to do both: an entry's number is for the steps that add, within their bounds.
func TestDiff_anEntrysAdjustmentKeepsTheOtherSteps(t *testing.T) {
	w := documented("v")
	wake := w.policy(policy.WakeName)
	wake.Step.Adjustments = []fleet.StepAdjustment{{Upper: new(float64), Adjustment: -1}, {Lower: new(float64), Adjustment: 1}}
	w.wakeAlarm(func(a *fleet.Alarm) { a.Threshold = .5 })
	w.policies[0].Wanted.Wake.Adjustment = policy.Setting[int]{Value: 2, Enforced: true}
	w.gives(t, `
~ endpoint/e/variant/v  wake policy HasBacklogWithoutCapacity-ScalingPolicy
      adjustment: -1 below 0; +1 from 0 -> +2 from 0; -1 below 0`)
}

// An alarm that starts a variant beside another one gets the policy that it has lost, and nothing of what an entry sets of the wake alarm.
func TestDiff_anEntryIsNotAboutAnAlarmThatStartsAVariantBesideAnother(t *testing.T) {
	c := cases.Named("28f-overflow-at-a-dead-action")
	w := of(&c)
	w.policies[0].Wanted.Alarm.EvaluationPeriods = policy.Setting[int]{Value: 7, Enforced: true}
	p := w.plan()
	rewired := 0
	for _, step := range p.Steps {
		if step.Name == "overflow" {
			if rewired++; step.Alarm.EvaluationPeriods == 7 || len(step.Changes) != 1 {
				t.Errorf("it becomes\n%s", p.text())
			}
		}
	}
	if rewired != 1 {
		t.Errorf("the alarm has %d steps\n%s", rewired, p.text())
	}
}
