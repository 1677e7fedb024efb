package plan

import (
	"slices"

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
	if goal == 0 {
		draft.step.Effect = mayScaleToZero
	}
	draft.update(in, func() (before, now []named) { return targetFields(target)[:1], targetFields(&after)[:1] })
}

// sleepLast withholds a minimum of 0 where the variant would not wake.
func (d *differ) sleepLast() {
	d.plan.Steps = slices.DeleteFunc(d.plan.Steps, func(step Step) bool {
		why := d.asleep[step.ResourceID]
		if step.Kind != MinCapacity || step.Target.MinCapacity > 0 || why == "" {
			return false
		}
		d.plan.Withheld = append(d.plan.Withheld, step.Withhold(WouldNotWake, why))
		return true
	})
}
