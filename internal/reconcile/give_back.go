package reconcile

import (
	"context"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// lowered are the steps of the round that let a variant scale to zero by its minimum, or may have.
func (w *writes) lowered() (steps []plan.Step) {
	for _, outcome := range w.outcomes {
		if step := outcome.Step; step.Kind == plan.MinCapacity && step.ToZero && outcome.End() != plan.Failed {
			steps = append(steps, step)
		}
	}
	return steps
}

// giveBack raises the minimum again where the variant would not wake by what was read after it was lowered: AWS leaves it open
// that somebody mutes, changes or deletes what wakes it right before that write. It tells which steps it took back, and is no step
// that --reconcile.max-steps withholds.
func (w *writes) giveBack(ctx context.Context, endpoint *fleet.Endpoint) (taken []plan.Withheld) {
	for _, step := range w.lowered() {
		for i := range endpoint.Variants {
			variant := endpoint.Variants[i]
			if fleet.ResourceID(endpoint.Name, variant.Name) != step.ResourceID || variant.Target == nil || variant.Target.MinCapacity != step.Target.MinCapacity {
				continue
			}
			variant.Target = step.Expects.Target // a mute rule to come counts as it did then
			why := plan.Asleep(endpoint, &variant, w.Clock.Now())
			if why == "" {
				continue
			}
			taken = append(taken, *withheld(step, plan.WouldNotWake, why+"; the minimum was raised again"))
			if held, err := w.write(ctx, undone(step)); held != nil || err != nil {
				taken[len(taken)-1].Detail = why + "; the minimum could not be raised again"
			}
		}
	}
	return taken
}

// undone is the step that takes another one back.
func undone(step plan.Step) plan.Step {
	step.Target, step.Expects = step.Expects.Target, step.Object()
	step.ToZero, step.Effect = false, ""
	step.Changes = slices.Clone(step.Changes)
	for i := range step.Changes {
		step.Changes[i].Before, step.Changes[i].After = step.Changes[i].After, step.Changes[i].Before
	}
	return step
}
