package reconcile

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Round is what one round of one endpoint needs.
type Round struct {
	AWS      AWS
	Clock    Clock
	Name     string // of the endpoint
	Polled   *report.Report
	Policies policy.Policies
	Selects  func(endpoint string, tags map[string]string) bool // tells whether the endpoint is observed at all
	Rules    plan.Rules                                         // MaxSteps are the writes that are left, refused ones and raised minimums not counted; 0 is without bound, less are none
	History  plan.History
	May      func() error                          // asked before each write: nil while another may begin, else why none does
	Tell     func(plan.Outcome)                    // how a step ended, as soon as it has
	Remember func(func(plan.History) plan.History) // changes what is remembered beyond the round; nil: nothing is
	Shown    *plan.Plan                            // what somebody was shown and agreed to: nothing else is written; nil: nobody was asked

	description fleet.EndpointDescription // as it was last read
	wrote       []wrote                   // by this round, in order
	rules       []fleet.MuteRule          // read by this round
	muted       bool                      // they were read: what the poll knows of them is older
	owes        bool                      // a minimum is owed at its beginning
	mutes       bool                      // they were known at some time of the round
	last        context.Context           // outlasts the round by Finishing: what is begun is finished
	patience    time.Duration             // of one read; 0: readPatience
}

// wrote is one write of this round.
type wrote struct {
	step plan.Step
	at   time.Time
}

// Result is how a round of an endpoint ended.
type Result struct {
	Outcomes    []plan.Outcome  // of the steps that were written, in their order
	Withheld    []plan.Withheld // the steps of the plan that were not written, and why
	After       plan.Plan       // what there is to do by the newest view of the round
	Seen        *fleet.Endpoint // that view; nil when the endpoint could not be read, or is gone
	At          time.Time       // of that view
	Interrupted error           // why the round ended before its last step; nil when it did not
	Err         error           // why the endpoint could not be read; nil when it could

	slept []slept
}

// Left is what there is to do after the round: what it did not write for a reason is withheld, and so is what it could not take
// back.
func (r Result) Left() plan.Plan {
	left := r.After.Without(func(step plan.Step) *plan.Withheld {
		i := slices.IndexFunc(r.Withheld, func(w plan.Withheld) bool { return w.Of(step) })
		if i < 0 {
			return nil
		}
		return &r.Withheld[i]
	})
	for _, asleep := range r.slept {
		if line := asleep.line(); !asleep.raised && !slices.Contains(left.Withheld, line) {
			left.Withheld = append(left.Withheld[:len(left.Withheld):len(left.Withheld)], line)
		}
	}
	return left
}

// Converged tells whether the endpoint was read and nothing is left to do or withheld.
func (r Result) Converged() bool {
	return r.Err == nil && r.Interrupted == nil && len(r.Withheld)+len(r.Owed()) == 0 && r.After.Empty()
}

// Failed tells whether something was tried and failed.
func (r Result) Failed() bool {
	for _, outcome := range r.Outcomes {
		if outcome.Err != nil {
			return true
		}
	}
	return r.Err != nil
}

// Run reconciles the endpoint with all of its variants.
func (r *Round) Run(ctx context.Context) (result Result) {
	last, finish := outlast(ctx, Finishing)
	defer finish()
	sending, stop := outlast(ctx, Finishing/2)
	defer stop()
	r.History, r.last, r.patience = r.History.Began(r.Name), last, 0
	r.owes = slices.Contains(r.History.Owing(), r.Name)
	seen, err := r.first(ctx, &result)
	if err != nil {
		result.After = r.Polled.Plan.Only(r.Name)
		r.unread(ctx, err, &result)
		return result
	}
	steps, agreed := r.agreed(result.After.Steps)
	if !agreed {
		for _, step := range result.After.Steps {
			result.Withheld = append(result.Withheld, step.Withhold(plan.ChangedMeanwhile, "changed since it was shown: run plan again"))
		}
		return result
	}
	writes := newWrites(sending, r, seen)
	unread := r.carryOut(ctx, writes, steps, &result)
	result.Outcomes = slices.Clone(writes.outcomes)
	lowered := writes.lowered()
	switch {
	case len(result.Outcomes)+len(result.Withheld) == 0:
		if r.owes { // nothing may be written that raises it
			result.Withheld = result.After.Withheld
		}
		return result
	case len(lowered) == 0 && (unread || ctx.Err() != nil):
		result.leaveOut()
		return result
	}
	err = r.lookAgain(ctx, lowered, &result)
	for _, s := range result.slept {
		result.Withheld = append(result.Withheld, s.line())
	}
	if err != nil {
		result.leaveOut()
		r.unread(ctx, err, &result)
	}
	for _, step := range result.Owed() {
		at := r.Clock.Now()
		r.remember(func(h plan.History) plan.History { return h.Owes(step, r.mutes, at) })
	}
	if r.mostWritten(writes) {
		result.After = result.After.Without(func(step plan.Step) *plan.Withheld {
			if slices.ContainsFunc(result.Outcomes, func(o plan.Outcome) bool { return o.Step.Same(step) }) ||
				slices.ContainsFunc(result.Withheld, func(w plan.Withheld) bool { return w.Of(step) }) {
				return nil // it was tried
			}
			return withheld(step, plan.MaxSteps, "a later round writes it")
		})
	}
	return result
}

// first is the first look. Where a minimum is owed, what is known of mute rules is not enough.
func (r *Round) first(ctx context.Context, result *Result) (*fleet.Endpoint, error) {
	if r.owes {
		_ = r.readMutes(ctx) // not known, it is raised
	}
	return r.look(ctx, result)
}

// remember changes what is remembered, in the round and beyond it.
func (r *Round) remember(change func(plan.History) plan.History) {
	if r.History = change(r.History); r.Remember != nil {
		r.Remember(change)
	}
}

// mostWritten tells whether as many steps were written as there may be.
func (r *Round) mostWritten(w *writes) bool {
	return r.Rules.MaxSteps != 0 && w.spent >= r.Rules.MaxSteps
}

// carryOut goes through the steps until one of them may not be written any more. It tells whether that is because nobody knows
// what is there.
func (r *Round) carryOut(ctx context.Context, writes *writes, steps []plan.Step, result *Result) (unread bool) {
	for i, step := range steps {
		if r.mostWritten(writes) && !step.Raises() { // what raises a minimum again is first
			return false
		}
		if err := r.may(ctx); err != nil {
			result.Interrupted = err
			return false
		}
		held, err := writes.write(ctx, step)
		switch stopped := (*stoppedError)(nil); {
		case errors.As(err, &stopped):
			result.Interrupted = stopped.error
			return false
		case err != nil && ctx.Err() != nil:
			result.Interrupted = ctx.Err()
			return false
		case err != nil:
			reason := plan.SourceFailed
			if errors.Is(err, errTooOld) {
				reason = plan.ViewTooOld
			}
			for _, rest := range steps[i:] {
				result.Withheld = append(result.Withheld, rest.Withhold(reason, err.Error()))
			}
			result.Err = err
			return true
		case held != nil:
			result.Withheld = append(result.Withheld, *held)
		}
	}
	return false
}

// agreed are the steps that somebody was shown and agreed to; ok is false where one is another than was shown.
func (r *Round) agreed(steps []plan.Step) (shown []plan.Step, ok bool) {
	if r.Shown == nil {
		return steps, true
	}
	for _, step := range steps {
		written, waits := r.Shown.Shows(step)
		if !written && !waits {
			return nil, false
		}
		if written {
			shown = append(shown, step)
		}
	}
	return shown, true
}

// Spent are the outcomes that count for the most steps of a round: all that AWS carried out, or may have, but no minimum that was
// raised again.
func (r Result) Spent() int { return r.counted(func(end plan.End) bool { return end != plan.Failed }) }

// Refused are the outcomes that AWS refused, counted likewise.
func (r Result) Refused() int {
	return r.counted(func(end plan.End) bool { return end == plan.Failed })
}

func (r Result) counted(counts func(plan.End) bool) (n int) {
	for _, outcome := range r.Outcomes {
		if !outcome.Step.Raises() && counts(outcome.End()) {
			n++
		}
	}
	return n
}

// leaveOut takes out of the plan before the round what was written, where no newer one could be made.
func (r *Result) leaveOut() {
	r.After.Steps = slices.DeleteFunc(slices.Clone(r.After.Steps), func(step plan.Step) bool {
		return slices.ContainsFunc(r.Outcomes, func(o plan.Outcome) bool { return o.Err == nil && o.Step.Same(step) })
	})
}

// raised tells whether a minimum was raised again.
func (r Result) raised() bool {
	return slices.ContainsFunc(r.Outcomes, func(o plan.Outcome) bool { return o.Step.Raises() && o.Err == nil })
}

// unread notes why the endpoint could not be read. One that is gone has nothing left to do, and of one that is left out what is owed
// is remembered, and said.
func (r *Round) unread(ctx context.Context, err error, result *Result) {
	switch {
	case errors.Is(err, errDeleted):
		result.Seen, result.After, result.Withheld = nil, plan.Plan{}, nil
		r.remember(func(h plan.History) plan.History { return h.Gone(r.Name) })
	case errors.Is(err, errNotOurs):
		result.Seen, result.After, result.Withheld = nil, plan.Plan{}, nil
		for _, s := range result.slept {
			result.Withheld = append(result.Withheld, s.line())
		}
		if len(result.slept) == 0 {
			result.Withheld = r.History.Unpaid(r.Polled.Snapshot.Scope, r.Name, err.Error())
		}
	default:
		result.unread(ctx, err)
	}
}

// unread notes why an endpoint that is there could not be read.
func (r *Result) unread(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
		r.Interrupted = ctx.Err()
	default:
		r.Err = err
		for _, step := range r.After.Steps {
			if !slices.ContainsFunc(r.Withheld, func(w plan.Withheld) bool { return w.Of(step) }) {
				r.withhold(step, plan.SourceFailed, err.Error())
			}
		}
	}
}

// withhold notes why a step was withheld; the newest reason counts.
func (r *Result) withhold(step plan.Step, reason plan.Reason, detail string) {
	r.Withheld = slices.DeleteFunc(r.Withheld, func(w plan.Withheld) bool { return w.Of(step) })
	r.Withheld = append(r.Withheld, step.Withhold(reason, detail))
}

// stoppedError says why no other write may begin.
type stoppedError struct{ error }

// may asks whether another write may begin.
func (r *Round) may(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.May == nil {
		return nil
	}
	return r.May()
}

// AWS may answer with the state before our own write for a while. That long it is taken for what it is, and read again
// after a pause.
const (
	lag   = plan.Lag
	pause = time.Second
)

// look reads the endpoint and plans it. What AWS says of the time before our own writes is waited out.
func (r *Round) look(ctx context.Context, result *Result) (*fleet.Endpoint, error) {
	for {
		snapshot, err := r.read(ctx)
		if err != nil {
			return nil, err
		}
		endpoint := &snapshot.Endpoints[0]
		history := r.History.Saw(endpoint, snapshot.At)
		rules := r.Rules
		rules.Writing, rules.MaxSteps = true, 0 // which steps fail is not known yet
		made := plan.Diff(policy.Survey(r.Policies, &snapshot), &snapshot, rules, history)
		if r.lags(made.Steps) || r.unshown(&snapshot) {
			if err := r.wait(ctx, pause); err != nil {
				return nil, err
			}
			continue
		}
		r.History, result.After, result.Seen, result.At = history, made, endpoint, snapshot.At
		return endpoint, nil
	}
}

// lags tells whether a step would write what we have just written: AWS shows the state before it, or does not show yet the alarms
// that it makes for a policy.
func (r *Round) lags(steps []plan.Step) bool {
	return slices.ContainsFunc(steps, func(step plan.Step) bool {
		newest, ok := r.History.Wrote(step)
		return ok && step.PutsAgain() && r.lately(newest.At) || r.late(step, step.Expects)
	})
}

// lately tells whether AWS may still show the state before a write of that moment.
func (r *Round) lately(at time.Time) bool {
	since := r.Clock.Now().Sub(at)
	return since >= 0 && since < lag
}

// unshown tells whether the view shows the state before one of our own writes, whether or not anything is planned for it.
func (r *Round) unshown(view *fleet.Snapshot) bool {
	return slices.ContainsFunc(r.wrote, func(own wrote) bool { return r.late(own.step, plan.ObjectOf(own.step, view)) })
}

// late tells whether what was read of a step's object is the state before our own write of it, a moment ago.
func (r *Round) late(step plan.Step, read plan.Object) bool {
	newest, ok := r.History.Wrote(step)
	if !ok || read.Same(newest.After) {
		return false
	}
	lags := func(at time.Time, before plan.Object) bool { return r.lately(at) && read.Same(before) }
	if lags(newest.At, newest.Before) {
		return true
	}
	return slices.ContainsFunc(r.wrote, func(own wrote) bool { // a target is written twice
		return own.step.ResourceID == step.ResourceID && own.step.Name == step.Name && lags(own.at, own.step.Expects)
	})
}

func (r *Round) wait(ctx context.Context, d time.Duration) error {
	select {
	case <-r.Clock.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
