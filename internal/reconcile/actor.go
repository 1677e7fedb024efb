package reconcile

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Settings are what an actor reconciles by.
type Settings struct {
	Rules    report.Rules
	Selects  func(endpoint string, tags map[string]string) bool
	Leads    func() context.Context // nil is returned while this process may not write; the context ends when it may no longer
	Interval time.Duration          // the least time between the beginnings of two rounds
	Since    uint64                 // the generation of the configuration
}

// Actor reconciles the endpoints of one scope: once it runs, in rounds, beside the loop that polls. A round goes through
// the endpoints for which the polled view has steps.
type Actor struct {
	AWS        AWS
	Clock      Clock
	Memory     *Memory
	Logger     log.Logger
	Generation *atomic.Uint64 // of the configuration in force: a round under another one ends before its next write
	Changed    func()         // called when the memory has changed
	Wrote      func()         // called when a round has ended in which something was written

	views    chan view            // the newest
	due      time.Time            // when the next round may begin
	ended    time.Time            // when the newest one did: what was polled before it is not looked at
	troubled map[string]time.Time // by endpoint with steps: when it last could not be read, or a step of it failed
}

// view is a polled report with the settings that it was made by.
type view struct {
	report   report.Report
	settings Settings
}

// Memory is what is remembered of one scope. The loop that polls and the actor share it.
type Memory struct {
	mu   sync.Mutex
	past report.Past
}

// Past is what is remembered now.
func (m *Memory) Past() report.Past {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.past
}

// Update changes what is remembered.
func (m *Memory) Update(change func(report.Past) report.Past) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.past = change(m.past)
}

// NewActor returns an actor that has seen nothing yet.
func NewActor(a Actor) *Actor {
	a.views, a.troubled = make(chan view, 1), map[string]time.Time{}
	return &a
}

// Saw hands the actor the newest report. It never waits: an older report that was not looked at yet is dropped.
func (a *Actor) Saw(r report.Report, settings Settings) {
	select {
	case <-a.views:
	default:
	}
	a.views <- view{r, settings}
}

// Run reconciles until the context ends. The write under way is then finished, and no other begins.
func (a *Actor) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case v := <-a.views:
			if ctx.Err() == nil && v.settings.Since == a.Generation.Load() {
				a.look(ctx, v)
			}
		}
	}
}

// slack is by how much a round may begin early: sources answer a little sooner or later than their interval.
const slack = 5 * time.Second

// look begins a round if there is one to begin: the process leads, and the view is newer than the round before.
func (a *Actor) look(ctx context.Context, v view) {
	now, held := a.Clock.Now(), v.settings.leads()
	if held == nil || !v.settings.Rules.Reconcile || !a.newer(&v.report.Snapshot, v.settings.Interval) || !v.report.Tried() {
		return
	}
	if early := a.due.Sub(now); early > 0 && early <= 2*v.settings.Interval { // later still: the clock was set back
		return
	}
	a.due = now.Add(v.settings.Interval - slack)
	a.round(ctx, held, v)
	a.ended = a.Clock.Now()
}

func (s Settings) leads() context.Context {
	if s.Leads == nil {
		return context.Background()
	}
	return s.Leads()
}

// newer tells whether scaling and alarms were both read, completely, since the round before ended.
func (a *Actor) newer(s *fleet.Snapshot, interval time.Duration) bool {
	for _, name := range plan.Grounds() {
		source, _ := s.Source(name)
		if !source.Up() {
			return false
		}
		if early := a.ended.Sub(source.LastSuccess.Add(-source.Duration)); early > 0 && early <= 2*interval {
			return false
		}
	}
	return true
}

// hopeless is after how many endpoints in a row that could not be read a round ends: an outage costs a few calls. Those are
// the last in the next round, so that they hold up no others.
const hopeless = 3

// round goes through the endpoints that have steps, until as many steps as it may write were applied, or may have been, or as
// many were refused. A step that fails takes none away from the others: else a few that fail for ever would hold up all others.
func (a *Actor) round(ctx, held context.Context, v view) {
	began := a.Clock.Now()
	owing, pending := a.order(v.report.Pending)
	endpoints, done := len(pending), map[string]bool{}
	t := tally{most: v.settings.Rules.MaxSteps, left: len(owing) + len(pending)}
	for _, name := range owing {
		if !slices.Contains(pending, name) {
			endpoints++
		}
		if t.ended() {
			continue
		}
		may, failed := t.may(), a.failed(name)
		if failed { // it is always the first, and holds up no others
			may = none
		}
		result := a.endpoint(ctx, held, v, name, may)
		t.add(result)
		done[name] = !failed || result.raised() // a later round lowers it again
	}
	t.unread = 0
	for _, name := range pending {
		if t.ended() || t.full() {
			break // the polled plan says that the rest waits
		}
		if done[name] {
			t.left--
			continue
		}
		t.add(a.endpoint(ctx, held, v, name, t.may()))
	}
	if t.interrupted != nil {
		_ = level.Info(a.Logger).Log("msg", "round ended before its last step", "during", "reconciling", "reason", t.interrupted, "endpoints_left", t.left)
	}
	if endpoints > 0 {
		_ = level.Info(a.Logger).Log("msg", "round ended", "during", "reconciling", "endpoints", endpoints, "converged", t.converged, "took", a.Clock.Now().Sub(began))
	}
	if t.wrote > 0 {
		a.Wrote()
	}
	source, _ := v.report.Snapshot.Source(fleet.SourceEndpoints)
	if !t.bad && (endpoints > 0 || source.Up()) { // else nobody knows what is not seen
		at := a.Clock.Now()
		a.Memory.Update(func(p report.Past) report.Past { return p.Succeeded(at) })
		a.Changed()
	}
}

// tally is how the rounds of endpoints have ended so far.
type tally struct {
	most           int // steps that there may be, and as many that AWS refuses; 0: without bound
	left           int // endpoints that were not tried
	spent, refused int // steps
	wrote          int // steps that were tried
	converged      int // endpoints
	unread         int // endpoints in a row
	bad            bool
	interrupted    error
}

func (t *tally) add(r Result) {
	t.left--
	t.spent, t.refused, t.wrote = t.spent+r.Spent(), t.refused+r.Refused(), t.wrote+len(r.Outcomes)
	t.bad, t.interrupted = t.bad || r.Failed() || r.Interrupted != nil, r.Interrupted
	if r.Converged() {
		t.converged++
	}
	if t.unread++; r.Err == nil {
		t.unread = 0
	}
}

// ended tells whether the next endpoint is not worth trying, or may not be.
func (t *tally) ended() bool { return t.interrupted != nil || t.unread >= hopeless }

// full tells whether there are no more steps.
func (t *tally) full() bool { return t.most > 0 && (t.spent >= t.most || t.refused >= t.most) }

// none is the most steps of a round that only raises what is owed, as Round.Rules.MaxSteps.
const none = -1

// may is how many steps the next endpoint may have, as Round.Rules.MaxSteps.
func (t *tally) may() int {
	switch {
	case t.full():
		return none
	case t.most > 0:
		return t.most - t.spent
	}
	return 0
}

// endpoint is the round of one endpoint.
func (a *Actor) endpoint(ctx, held context.Context, v view, name string, left int) Result {
	rules := v.settings.Rules
	a.Memory.Update(func(p report.Past) report.Past { return p.Began(name) })
	one := Round{
		AWS: a.AWS, Clock: a.Clock, Name: name, Polled: &v.report, Policies: rules.Policies, Selects: v.settings.Selects,
		Rules:   plan.Rules{RecreateAfter: rules.RecreateAfter, MaxSteps: left, Endpoints: rules.Endpoints},
		History: a.Memory.Past().History,
		May: func() error {
			switch {
			case held.Err() != nil:
				return errLease
			case a.Generation.Load() != v.settings.Since:
				return errReload
			}
			return nil
		},
		Tell: func(outcome plan.Outcome) {
			Log(a.Logger, outcome)
			at := a.Clock.Now()
			a.Memory.Update(func(p report.Past) report.Past { return p.Note(outcome, at) })
		},
		Remember: func(change func(plan.History) plan.History) {
			a.Memory.Update(func(p report.Past) report.Past {
				p.History = change(p.History)
				return p
			})
		},
	}
	result := one.Run(ctx)
	a.Memory.Update(func(p report.Past) report.Past {
		return p.Ended(name, result.Seen, result.At, result.Withheld)
	})
	if result.Failed() {
		a.troubled[name] = a.Clock.Now()
	} else {
		delete(a.troubled, name)
	}
	a.say(name, result)
	a.Changed()
	return result
}

var (
	errLease  = errors.New("the Lease is lost")
	errReload = errors.New("the configuration has changed")
)

// order is the endpoints at which a minimum is owed, also those that are not observed any more, and those that have steps. In
// both, those in which something failed are behind the others, the one first that was tried longest ago.
func (a *Actor) order(pending []string) (owing, ordered []string) {
	owing, ordered = a.Memory.Past().History.Owing(), slices.Clone(pending)
	maps.DeleteFunc(a.troubled, func(name string, _ time.Time) bool {
		return !slices.Contains(owing, name) && !slices.Contains(pending, name)
	})
	for _, names := range [][]string{owing, ordered} {
		slices.SortStableFunc(names, func(one, other string) int { return a.troubled[one].Compare(a.troubled[other]) })
	}
	return owing, ordered
}

// failed tells whether something failed in the newest round of the endpoint.
func (a *Actor) failed(name string) bool {
	_, failed := a.troubled[name]
	return failed
}

// Log logs a write with what was there before and after it.
func Log(logger log.Logger, outcome plan.Outcome) {
	step, changes := outcome.Step.Line(), outcome.Step.Summary()
	switch outcome.End() {
	case plan.Applied:
		_ = level.Info(logger).Log("msg", "step applied", "during", "reconciling", "step", step, "changes", changes)
	case plan.Failed:
		_ = level.Error(logger).Log("msg", "step failed", "during", "reconciling", "step", step, "changes", changes, "err", outcome.Err)
	case plan.Unknown:
		_ = level.Error(logger).Log("msg", "step may have been applied: its answer was lost", "during", "reconciling", "step", step, "changes", changes, "err", outcome.Err)
	}
}

// say logs how the round of an endpoint ended, unless there was nothing to write.
func (a *Actor) say(name string, result Result) {
	if result.Err != nil {
		msg := "endpoint not reconciled: reading it failed"
		if len(result.Owed()) > 0 {
			msg = "minimum not raised again: a later round tries it"
		}
		_ = level.Warn(a.Logger).Log("msg", msg, "during", "reconciling", "endpoint", name, "err", result.Err)
	}
	switch {
	case result.Err != nil && len(result.Outcomes) == 0: // nothing was written
	case len(result.Outcomes)+len(result.Withheld) == 0:
	case result.Converged():
		_ = level.Info(a.Logger).Log("msg", "endpoint converged", "during", "reconciling", "endpoint", name, "steps", len(result.Outcomes))
	default:
		for _, held := range result.Withheld {
			_ = level.Warn(a.Logger).Log("msg", "step withheld", "during", "reconciling", "endpoint", name, "step", held.Title(), "reason", held.Reason, "detail", held.Detail)
		}
		_ = level.Warn(a.Logger).Log(
			"msg", "endpoint not converged", "during", "reconciling", "endpoint", name, "steps", len(result.Outcomes),
			"steps_left", len(result.After.Steps), "withheld", len(result.After.Withheld),
		)
	}
}
