package reconcile

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// writes go through the steps of one plan.
type writes struct {
	*Round
	seen     *fleet.Endpoint          // as the plan saw it
	targets  map[string][]plan.Object // by resource id: the scalable target that has to be there now, or one of several where an answer was lost
	arns     map[string]string        // of the wake policies that were made, by resource id
	missed   []plan.Step              // that were not written
	changed  map[string]string        // by resource id: what somebody changed meanwhile
	outcomes []plan.Outcome
	spent    int             // of the outcomes, those that AWS carried out, or may have
	sending  context.Context // of what is written: it outlasts the round
}

// newWrites writes by that view. What was sent when the round is told to end has until the context ends.
func newWrites(sending context.Context, r *Round, seen *fleet.Endpoint) *writes {
	w := &writes{Round: r, seen: seen, sending: sending, targets: map[string][]plan.Object{}, arns: map[string]string{}, changed: map[string]string{}}
	for i := range seen.Variants {
		w.targets[fleet.ResourceID(seen.Name, seen.Variants[i].Name)] = []plan.Object{{Target: seen.Variants[i].Target}}
	}
	return w
}

// write carries out one step, or returns why it is withheld. What AWS refuses for a moment is tried again, each time from
// what is then read anew. The error says that what the step rests on could not be read.
func (w *writes) write(ctx context.Context, step plan.Step) (*plan.Withheld, error) {
	resolved, held := w.ready(step)
	for tried := 1; ; tried++ {
		if held == nil {
			var err error
			if held, err = w.stands(ctx, resolved); err != nil {
				return nil, err
			}
		}
		if held != nil {
			w.missed = append(w.missed, step)
			return held, nil
		}
		if err := w.may(ctx); err != nil { // reading may have taken long
			return nil, &stoppedError{err}
		}
		arn, err := w.send(resolved)
		if !passes(err) || tried == attempts {
			w.ended(resolved, arn, err)
			return nil, nil
		}
		if err := w.wait(ctx, pause<<(tried-1)); err != nil {
			return nil, &stoppedError{err}
		}
	}
}

// attempts are those of one step in a round; between them it waits 1, 2 and 4 seconds.
const attempts = 4

// passes tells whether AWS refused a write for a reason that passes by itself.
func passes(err error) bool {
	var refused *plan.RefusedError
	return errors.As(err, &refused) && refused.Passes
}

// ready withholds a step that needs one that was not written, or whose variant somebody else is at work on. It returns the
// step with the ARNs of what was written before it.
func (w *writes) ready(step plan.Step) (plan.Step, *plan.Withheld) {
	for _, resource := range append([]string{step.ResourceID}, step.Wakes...) {
		if what := w.changed[resource]; what != "" {
			return step, withheld(step, plan.ChangedMeanwhile, what)
		}
	}
	for _, missed := range w.missed {
		if !step.Needs(missed) {
			continue
		}
		if step.ToZero && missed.Kind != plan.ScalableTarget {
			return step, withheld(step, plan.WouldNotWake, missed.Title()+" was not written")
		}
		return step, withheld(step, plan.EarlierStepFailed, missed.Title())
	}
	resolved, ok := step.WithARNs(w.arns)
	if !ok {
		return step, withheld(step, plan.EarlierStepFailed, "the wake policy that the alarm triggers was not written")
	}
	return resolved, nil
}

func withheld(step plan.Step, reason plan.Reason, detail string) *plan.Withheld {
	held := step.Withhold(reason, detail)
	return &held
}

// fresh bounds the reads of one step, in real time: nothing is written by what was read longer ago. AWS may show a state of that
// age itself, so less would prove nothing. Where AWS is well, the eight answers take a second or two.
const fresh = lag

// errTooOld says that reading took so long that what was read first proves nothing any more.
var errTooOld = errors.New("AWS answers slowly: reading again what the step rests on took more than 10s, twice")

// stands reads again what the step rests on, and once more where that took too long: one slow answer is no reason to give up.
func (w *writes) stands(ctx context.Context, step plan.Step) (held *plan.Withheld, err error) {
	for range 2 {
		reading, cancel := context.WithTimeout(ctx, fresh)
		held, err = w.reads(reading, step)
		late := reading.Err() != nil
		cancel()
		if !late || ctx.Err() != nil || held != nil {
			return held, err
		}
	}
	return nil, errTooOld
}

// reads goes through the reads in their order: what forbids writing first, and last the object itself, so that the time between
// its last read and its write is that of one call. RegisterScalableTarget moves the running count into the bounds: before
// it the number of instances is read at the very last. What differs from the plan's view withholds the rest of the variant.
func (w *writes) reads(ctx context.Context, step plan.Step) (*plan.Withheld, error) {
	reads := []func(context.Context, plan.Step) (*plan.Withheld, error){w.consent, w.schedule, w.wakes, w.standing, w.neighbours, w.object}
	if step.Target != nil {
		reads = append(reads, w.described)
	} else {
		reads = slices.Insert(reads, 0, w.described)
	}
	for _, read := range reads {
		if held, err := read(ctx, step); held != nil || err != nil {
			return held, err
		}
	}
	return nil, nil
}

// described reads the endpoint: whether it is the one that was planned, its status, and the number of instances where the step may
// stop some.
func (w *writes) described(ctx context.Context, step plan.Step) (*plan.Withheld, error) {
	now, err := w.describe(ctx, w.Name)
	switch {
	case errors.Is(err, fleet.ErrNotFound):
		return w.gone(step), nil
	case err != nil:
		return nil, err
	case !now.Created.Equal(w.seen.Created) || now.ConfigName != w.seen.ConfigName:
		return w.differs(step, "the endpoint was deployed", w.everything()), nil
	case !writable(step.Kind, now.Status):
		return withheld(step, plan.EndpointNotInService, now.Status), nil
	case step.Target != nil && w.moved(step, now):
		return w.differs(step, "the number of instances", nil), nil
	}
	return nil, nil
}

// gone withholds everything of an endpoint that was deleted.
func (w *writes) gone(step plan.Step) *plan.Withheld {
	return w.differs(step, "the endpoint was deleted", w.everything())
}

// consent reads the tags.
func (w *writes) consent(ctx context.Context, step plan.Step) (*plan.Withheld, error) {
	tags, err := w.tags(ctx, w.seen.ARN)
	switch {
	case errors.Is(err, fleet.ErrNotFound):
		return w.gone(step), nil
	case err != nil:
		return nil, err
	case !maps.Equal(tags, w.seen.Tags):
		return w.differs(step, "the tags of the endpoint", w.everything()), nil
	}
	return nil, nil
}

// schedule reads the scheduled actions.
func (w *writes) schedule(ctx context.Context, step plan.Step) (*plan.Withheld, error) {
	scheduled, err := w.scheduled(ctx, step.ResourceID)
	switch {
	case err != nil:
		return nil, err
	case !slices.EqualFunc(scheduled, w.variant(step.ResourceID).Scheduled, func(a, b fleet.ScheduledAction) bool { return reflect.DeepEqual(a, b) }):
		return w.differs(step, "the scheduled actions", step.Wakes), nil
	}
	return nil, nil
}

// standing reads every target whose suspension would forbid the write; that of a target's own step is read with the target.
func (w *writes) standing(ctx context.Context, step plan.Step) (*plan.Withheld, error) {
	if step.Target != nil {
		return nil, nil
	}
	for _, resource := range resources(step) {
		before := plan.Step{Scope: step.Scope, ResourceID: resource, Kind: plan.ScalableTarget}
		switch same, err := w.same(ctx, before, w.targets[resource]...); {
		case err != nil:
			return nil, err // nothing is known, which is no change
		case !same:
			return w.differs(step, "the scalable target", []string{resource}), nil
		}
	}
	return nil, nil
}

// object reads what the step writes.
func (w *writes) object(ctx context.Context, step plan.Step) (*plan.Withheld, error) {
	switch same, err := w.same(ctx, step, step.Expects); {
	case err != nil:
		return nil, err // nothing is known, which is no change
	case !same:
		return w.differs(step, step.Title(), step.Wakes), nil
	}
	return nil, nil
}

// writable tells whether the status of an endpoint allows a step of that kind.
func writable(kind plan.Kind, status string) bool {
	return status == fleet.InService || status == fleet.Updating && kind != plan.ScalableTarget && kind != plan.MinCapacity
}

// moved tells whether other instances run or are desired than the bounds of the step were made for: registering them could
// stop or start some.
func (w *writes) moved(step plan.Step, description fleet.EndpointDescription) bool {
	seen := w.variant(step.ResourceID)
	for _, now := range description.Variants {
		if now.Name != seen.Name {
			continue
		}
		if now.Current == nil || now.Desired == nil {
			return true
		}
		if step.Kind == plan.MinCapacity {
			return max(*now.Current, *now.Desired) > step.Target.MaxCapacity
		}
		return seen.Current == nil || seen.Desired == nil || *now.Current != *seen.Current || *now.Desired != *seen.Desired
	}
	return true
}

// resources are the variants that a step is written for.
func resources(step plan.Step) []string {
	if len(step.Wakes) > 0 {
		return step.Wakes
	}
	return []string{step.ResourceID}
}

// everything names all variants of the endpoint.
func (w *writes) everything() []string { return slices.Sorted(maps.Keys(w.targets)) }

func (w *writes) variant(resource string) *fleet.Variant {
	for i := range w.seen.Variants {
		if fleet.ResourceID(w.seen.Name, w.seen.Variants[i].Name) == resource {
			return &w.seen.Variants[i]
		}
	}
	return &fleet.Variant{}
}

// differs withholds the step and the rest of its variant, and of the others that are named.
func (w *writes) differs(step plan.Step, what string, others []string) *plan.Withheld {
	what += ": changed since the plan was made"
	for _, resource := range append([]string{step.ResourceID}, others...) {
		w.changed[resource] = what
	}
	return withheld(step, plan.ChangedMeanwhile, what)
}

// same tells whether the object of a step is one of those that are expected. The state before our own write is waited out.
func (w *writes) same(ctx context.Context, step plan.Step, expected ...plan.Object) (bool, error) {
	for {
		read, err := w.Round.object(ctx, step)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(expected, read.Same) {
			return true, nil
		}
		if !w.late(step, read) {
			return false, nil
		}
		if err := w.wait(ctx, pause); err != nil {
			return false, err
		}
	}
}

// send writes the step. A write that has begun is finished, whatever ends the round, if it does not take too long.
func (w *writes) send(step plan.Step) (arn string, err error) {
	sending, cancel := context.WithTimeout(w.sending, writePatience)
	defer cancel()
	return w.AWS.Writer.Write(sending, step)
}

// ended remembers how a step ended.
func (w *writes) ended(step plan.Step, arn string, err error) {
	outcome, now := plan.Outcome{Step: step, Err: err}, w.Clock.Now()
	switch end := outcome.End(); {
	case step.Target != nil && end == plan.Applied:
		w.targets[step.ResourceID] = []plan.Object{step.Object()}
	case step.Target != nil && end == plan.Unknown:
		w.targets[step.ResourceID] = append(w.targets[step.ResourceID], step.Object())
	case step.Kind == plan.WakePolicy && end == plan.Applied:
		w.arns[step.ResourceID] = arn
	}
	if err != nil {
		w.missed = append(w.missed, step)
	}
	if outcome.End() != plan.Failed {
		w.wrote = append(w.wrote, wrote{step, now})
		if !step.Raises() {
			w.spent++
		}
	}
	w.History, w.outcomes = w.History.Note(outcome, now), append(w.outcomes, outcome)
	w.Tell(outcome)
}
