package reconcile

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// finishing bounds what goes on after a round was told to end, in real time: whatever was lowered is seen to wake, or raised
// again. Kubernetes kills a pod 30 seconds after SIGTERM.
const finishing = 20 * time.Second

// lowered are the steps of the round that let a variant scale to zero by its minimum, or may have.
func (w *writes) lowered() (steps []plan.Step) {
	for _, outcome := range w.outcomes {
		if step := outcome.Step; step.Kind == plan.MinCapacity && step.ToZero && outcome.End() != plan.Failed {
			steps = append(steps, step)
		}
	}
	return steps
}

// lookAgain is the look at the end of a round. AWS leaves it open that somebody mutes, changes or deletes what wakes a variant
// right before its minimum is lowered: the minimum is then raised again. So where one was lowered a look that fails is tried
// again, also after the round was told to end.
func (r *Round) lookAgain(ctx context.Context, lowered []plan.Step, result *Result) error {
	err := r.lookOnce(ctx, lowered, result)
	if err == nil || len(lowered) == 0 {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishing)
	defer cancel()
	for tried := 1; err != nil && tried < attempts && !errors.Is(err, errNotOurs); tried++ {
		if r.wait(ctx, pause<<(tried-1)) != nil {
			break
		}
		err = r.lookOnce(ctx, lowered, result)
	}
	// Of an endpoint that is gone nothing is left to be said.
	if err != nil && (!errors.Is(err, errNotOurs) || errors.Is(err, errLeftOut)) && len(result.Asleep) == 0 {
		for _, step := range lowered {
			result.leave(step, plan.SourceFailed, "the minimum was lowered, and whether the variant wakes could not be seen afterwards: "+err.Error())
		}
	}
	return err
}

// lookOnce reads the endpoint, and raises the minimums again that were lowered beside something that would not wake. It is no step
// that --reconcile.max-steps withholds. The error says that nobody knows, or that another look may help.
func (r *Round) lookOnce(ctx context.Context, lowered []plan.Step, result *Result) (failure error) {
	if len(lowered) > 0 {
		if err := r.readMutes(ctx); err != nil {
			return err
		}
	}
	seen, err := r.look(ctx, result)
	if err != nil {
		return err
	}
	again := newWrites(r, seen) // by this view: the one before is what somebody changed
	result.Asleep = nil
	for _, step := range lowered {
		variant := again.variant(step.ResourceID)
		if variant.Target == nil || variant.Target.MinCapacity != step.Target.MinCapacity {
			result.stands(step)
			continue
		}
		as := *variant
		as.Target = step.Expects.Target // a mute rule to come counts as it did then
		why := plan.Asleep(seen, &as, r.Clock.Now())
		if why == "" { // also where an earlier look could not raise it
			result.forget(step)
			continue
		}
		not, err := again.raise(ctx, step, variant, result.After)
		if failure = errors.Join(failure, err); not == "" {
			result.withhold(step, plan.WouldNotWake, why+"; the minimum was raised again")
		} else {
			result.leave(step, plan.WouldNotWake, why+"; the minimum was not raised again: "+not)
		}
	}
	result.Outcomes = append(result.Outcomes, again.outcomes...) // also where another minimum could not be raised
	if len(again.outcomes) == 0 || failure != nil {
		return failure
	}
	_, err = r.look(ctx, result)
	return err
}

// raise raises a minimum again, unless somebody forbids every write by now. It tells why it has not; empty is that it has. The error
// says that another look may help.
func (w *writes) raise(ctx context.Context, lowered plan.Step, variant *fleet.Variant, now plan.Plan) (not string, err error) {
	switch {
	case !slices.Contains(now.Selected, lowered.ResourceID):
		return "no policy selects the variant any more", nil
	case variant.Target.Suspended != (fleet.Suspension{}):
		return "its scaling is suspended", nil
	case len(variant.Scheduled) > 0:
		return "scheduled actions stand on the target", nil
	}
	before := len(w.outcomes)
	held, err := w.write(ctx, raised(lowered, variant.Target))
	switch stopped := (*stoppedError)(nil); {
	case errors.As(err, &stopped) && ctx.Err() == nil:
		return err.Error(), nil
	case err != nil:
		return err.Error(), err
	case held != nil:
		not = string(held.Reason) + " (" + held.Detail + ")"
		if slices.Contains([]plan.Reason{plan.ChangedMeanwhile, plan.EndpointNotInService, plan.SourceFailed, plan.ViewTooOld}, held.Reason) {
			err = errors.New(not) // it may pass
		}
		return not, err
	case len(w.outcomes) > before && w.outcomes[before].Err != nil: // a minimum may be raised twice
		return w.outcomes[before].Err.Error(), w.outcomes[before].Err
	}
	return "", nil
}

// stands corrects what an earlier look said of a minimum that stands higher by now: perhaps our own write, whose answer was lost.
func (r *Result) stands(lowered plan.Step) {
	for _, line := range r.Withheld {
		if why, _, told := strings.Cut(line.Detail, "; the minimum was not raised again"); told && line.Of(lowered) {
			r.withhold(lowered, line.Reason, why+"; the minimum was raised again")
			return
		}
	}
}

// forget takes back that a minimum was not raised again.
func (r *Result) forget(lowered plan.Step) {
	r.Withheld = slices.DeleteFunc(r.Withheld, func(w plan.Withheld) bool { return w.Of(lowered) && w.Reason == plan.WouldNotWake })
}

// leave notes that a minimum that was lowered stays so beside something that would not wake, or may.
func (r *Result) leave(lowered plan.Step, reason plan.Reason, detail string) {
	r.withhold(lowered, reason, detail)
	r.Asleep = append(r.Asleep, lowered.Withhold(reason, detail))
}

// raised is the step that gives the target, as it is now, the minimum back that a step has taken from it.
func raised(lowered plan.Step, now *fleet.Target) plan.Step {
	target, step := *now, lowered
	target.MinCapacity = min(lowered.Expects.Target.MinCapacity, now.MaxCapacity)
	step.Target, step.Expects = &target, plan.Object{Target: now}
	step.ToZero, step.Effect = false, ""
	step.Changes = []plan.Change{{Field: lowered.Changes[0].Field, Before: now.MinCapacity, After: target.MinCapacity}}
	return step
}
