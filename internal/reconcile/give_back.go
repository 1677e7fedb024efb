package reconcile

import (
	"context"
	"errors"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// slept is a minimum that a round lowered beside something that would not wake the variant, or may.
type slept struct {
	step   plan.Step
	reason plan.Reason
	why    string
	raised bool   // the minimum was raised again
	not    string // why it was not; empty where nobody tried
}

// line withholds the step that is taken back, or should be.
func (s slept) line() plan.Withheld {
	detail := s.why
	switch {
	case s.raised:
		detail += "; the minimum was raised again"
	case s.not != "":
		detail += "; the minimum was not raised again: " + s.not
	}
	return s.step.Withhold(s.reason, detail)
}

// Owed are the steps that lowered a minimum which is to be raised again, and is not yet.
func (r Result) Owed() (steps []plan.Step) {
	for _, s := range r.slept {
		if !s.raised {
			steps = append(steps, s.step)
		}
	}
	return steps
}

// lays notes what became of a minimum that was lowered; the newest word counts.
func (r *Result) lays(now slept) {
	r.forget(now.step)
	r.slept = append(r.slept, now)
}

// forget takes back that the variant would not wake.
func (r *Result) forget(lowered plan.Step) {
	r.slept = slices.DeleteFunc(r.slept, func(s slept) bool { return s.step.Same(lowered) })
}

// stands corrects what an earlier look said of a minimum that stands higher by now: perhaps our own write, whose answer was lost.
func (r *Result) stands(lowered plan.Step) {
	for i := range r.slept {
		if r.slept[i].step.Same(lowered) {
			r.slept[i].raised = true
		}
	}
}

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
	if len(lowered) == 0 {
		return r.lookOnce(ctx, nil, result)
	}
	r.patience = fresh // one answer that does not come leaves time for another look
	err := r.lookOnce(r.last, lowered, result)
	ctx, cancel := context.WithTimeout(r.last, Finishing)
	defer cancel()
	for tried := 1; err != nil && tried < attempts && !errors.Is(err, errNotOurs); tried++ {
		if r.wait(ctx, pause<<(tried-1)) != nil {
			break
		}
		err = r.lookOnce(ctx, lowered, result)
	}
	if errors.Is(err, errDeleted) { // nothing is left to be said
		result.slept = nil
		return err
	}
	if err != nil && len(result.slept) == 0 {
		for _, step := range lowered {
			result.lays(slept{step: step, reason: plan.SourceFailed, why: "the minimum was lowered, and whether the variant wakes could not be seen afterwards: " + err.Error()})
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
	again := newWrites(r.last, r, seen) // by this view: the one before is what somebody changed
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
		failure = errors.Join(failure, err)
		result.lays(slept{step: step.Of(variant.Target), reason: plan.WouldNotWake, why: why, raised: not == "", not: not})
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
	held, err := w.write(ctx, lowered.Raised(variant.Target))
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
