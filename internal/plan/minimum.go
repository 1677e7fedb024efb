package plan

import (
	"fmt"
	"slices"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// mayScaleToZero is the effect of a minimum of 0. The time is that of a first request: one to three minutes until the
// metric is visible, two until the alarm has its periods, and what instances took to start.
const mayScaleToZero = "may scale to zero; the first request then waits 3 to 18 minutes"

// minimum lowers the minimum of a target that stands, as it is once its bounds are written.
func (d *differ) minimum(s *policy.Subject, target *fleet.Target) {
	goal := d.goal(s)
	if goal >= target.MinCapacity {
		return
	}
	busy, known := instances(s.Variant)
	d.lower(s, target, goal, d.targetObstacle(s, MinCapacity, busy, known, target.MaxCapacity))
}

// lower makes the step that lowers the minimum, which is the last of its variant and writes nothing else.
func (d *differ) lower(s *policy.Subject, target *fleet.Target, goal int, in obstacle) {
	draft, after := d.draft(s, MinCapacity, ""), *target
	set(draft, "min_capacity", &after.MinCapacity, goal)
	draft.step.Target, draft.step.goal, draft.step.Expects = &after, goal, Object{Target: target}
	if s.Variant.Target != nil {
		draft.step.Note = owner(s.Endpoint)
	}
	if goal == 0 {
		draft.step.Effect = mayScaleToZero
	}
	draft.update(in, func() (before, now []named) { return targetFields(target)[:1], targetFields(&after)[:1] })
}

// sleepLast withholds a minimum of 0 where the variant would not wake from one request with everything in place that the
// plan writes.
func (d *differ) sleepLast() {
	d.plan.Steps = slices.DeleteFunc(d.plan.Steps, func(step Step) bool {
		if step.Kind != MinCapacity || step.Target.MinCapacity > 0 {
			return false
		}
		why := d.asleep[step.ResourceID]
		if w := d.planned(d.states[step.ResourceID], step.Target); wakesFromOne(w) {
			return false
		} else if why == "" {
			why = cannotWake(w)
		}
		d.plan.Withheld = append(d.plan.Withheld, step.Withhold(WouldNotWake, why))
		return true
	})
}

// planned is how the variant would wake with what the plan writes, and nothing that is withheld.
func (d *differ) planned(s *state, target *fleet.Target) *behavior.Wakes {
	alarms := slices.DeleteFunc(d.alarmsOf(s), func(a fleet.Alarm) bool {
		draft := d.alarms[a.Name]
		return draft != nil && draft.in.reason != "" && draft.before == nil
	})
	for i := range alarms {
		if draft := d.alarms[alarms[i].Name]; draft != nil && draft.in.reason != "" {
			alarms[i] = *draft.before
		}
	}
	b := behavior.Of(s.Endpoint, s.as(target, s.policies, alarms, nil), behavior.Context{At: d.snapshot.At})
	return &b.Wakes
}

// cannotWake says why a variant does not wake from one request.
func cannotWake(w *behavior.Wakes) string {
	switch {
	case w.Verdict == behavior.NotJudged:
		return "whether it wakes is not judged: " + w.Reason
	case w.Verdict == behavior.Yes && w.From > 1:
		return fmt.Sprintf("it wakes only from %d requests on", w.From)
	case w.Verdict == behavior.Yes:
		return fmt.Sprintf("it wakes from %d requests at most", w.UpTo)
	case w.Fault != nil && w.Fault.Kind == behavior.Silenced:
		return "a mute rule silences the wake alarm " + Quoted(w.Fault.Alarm)
	}
	return "no alarm and policy start the first instance"
}
