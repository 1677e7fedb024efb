package cycle

import (
	"context"
	"slices"
	"time"

	"github.com/go-kit/log/level"

	"github.com/sagemaker-async/exporter/internal/apply"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// sweeps are the times at which a plan is carried out. A sweep begins when scaling and alarms have been read anew; then
// the endpoints with steps are described; what the two together say is written from, and nothing older. What was
// written is read again at once, to see whether it worked, but the next writes wait for the next sweep.
type sweeps struct {
	writer  apply.Writer // nil: nothing is ever carried out
	due     time.Time    // when the next one may begin
	after   uint64       // the last question that was asked before the last write had ended
	began   uint64       // the question with which that one began that waits for its endpoints to be described; 0: none
	asked   bool         // the endpoints were asked for since it began
	writing bool
	led     bool // this process could write when it was last asked
	verify  bool // what was written has not been seen yet
	done    chan apply.Outcomes
}

// slack is by how much a sweep may begin early: sources are asked at their interval, and answer a little sooner or later.
const slack = 5 * time.Second

// grounds are the sources that a sweep rests on, beside the endpoints.
var grounds = report.Grounds()

// holdUp tells whether a source is not asked now: a view of what is being written would be half old and half new.
func (s *sweeps) holdUp(source fleet.SourceName) bool {
	return s.writing && (source == fleet.SourceEndpoints || slices.Contains(grounds, source))
}

// asking notes that a source is asked.
func (s *sweeps) asking(source fleet.SourceName) {
	if source == fleet.SourceEndpoints {
		s.asked = true
	}
}

// read is the first question with which everything was read that a sweep rests on; ok is false while something failed,
// or was asked before the last write had ended.
func (s *sweeps) read(snapshot *fleet.Snapshot) (first uint64, ok bool) {
	for _, name := range grounds {
		source, _ := snapshot.Source(name)
		if !source.Up() || source.Question <= s.after {
			return 0, false
		}
		if first == 0 || source.Question < first {
			first = source.Question
		}
	}
	return first, true
}

// sweep goes on with the sweep, if there is one to go on with, after a source has answered.
func (c *Cycle) sweep(ctx context.Context, source fleet.SourceName) {
	s := &c.sweeps
	if s.writer == nil || !c.options.Rules.Reconcile || s.writing {
		return
	}
	held := c.options.leads()
	if !c.follows(held) {
		return
	}
	if s.began > 0 {
		if source == fleet.SourceEndpoints && s.asked {
			c.carryOut(ctx, held)
		}
		return
	}
	first, ok := s.read(&c.published.Snapshot)
	if !ok || !c.published.Tried() { // before all has been asked once, nobody knows that nothing is to be done
		return
	}
	if s.verify {
		s.verify = false
		c.sayWhetherItWorked()
	}
	now := c.clock.Now()
	if now.Before(s.due) {
		return
	}
	s.due = now.Add(c.intervals.Scaling - slack)
	endpoints := c.published.Pending()
	if len(endpoints) == 0 {
		if source, _ := c.published.Snapshot.Source(fleet.SourceEndpoints); source.Up() { // else nobody knows what is not seen
			c.past.Applied(nil, now)
			c.publish()
		}
		return
	}
	s.began, s.asked = first, false
	c.describe(endpoints)
}

// follows tells whether the process may go on to write. When it has only just begun to lead, another one may have written
// until a moment ago, so everything is read anew first.
func (c *Cycle) follows(held context.Context) bool {
	s := &c.sweeps
	if held == nil {
		s.led, s.began = false, 0
		return false
	}
	if !s.led && c.options.Leads != nil {
		s.due, s.after = time.Time{}, c.observer.Questions()
		c.readAgain()
	}
	s.led = true
	return true
}

// readAgain makes the sources due that a sweep rests on.
func (c *Cycle) readAgain() {
	for _, source := range grounds {
		delete(c.due, source)
	}
}

// describe makes the endpoints be described in the next turn, which is due.
func (c *Cycle) describe(endpoints []string) {
	c.observer.Insist(endpoints)
	delete(c.due, fleet.SourceEndpoints)
}

// carryOut writes what the sweep found, beside the loop, as long as the process leads.
func (c *Cycle) carryOut(ctx, held context.Context) {
	s := &c.sweeps
	found := report.Sweep(c.observer.Snapshot(), c.options.Rules, c.past, s.began)
	s.began = 0
	if len(found.Plan.Steps) == 0 {
		return
	}
	s.writing = true
	leading := func() bool { return held.Err() == nil }
	go func() { s.done <- apply.Run(ctx, found.Plan, s.writer, leading, c.say) }()
}

// swept takes in how the writes ended, and makes what they changed due.
func (c *Cycle) swept(outcomes apply.Outcomes) {
	s := &c.sweeps
	s.writing, s.verify, s.after = false, true, c.observer.Questions()
	c.past.Applied(outcomes, c.clock.Now())
	c.describe(outcomes.Endpoints())
	c.readAgain()
	c.publish()
}

// say logs a write with what was there before and after it.
func (c *Cycle) say(outcome apply.Outcome) {
	step, changes := outcome.Step.Line(), outcome.Step.Summary()
	if outcome.Err != nil {
		level.Error(c.logger).Log("msg", "a step of the plan failed", "during", "reconciling", "step", step, "changes", changes, "err", outcome.Err)
		return
	}
	level.Info(c.logger).Log("msg", "a step of the plan was carried out", "step", step, "changes", changes)
}

// sayWhetherItWorked logs what the first observation after the writes found.
func (c *Cycle) sayWhetherItWorked() {
	if steps, withheld := len(c.published.Plan.Steps), len(c.published.Plan.Withheld); steps+withheld > 0 {
		level.Warn(c.logger).Log("msg", "observed after the writes: not all variants match their policies", "steps", steps, "withheld", withheld)
		return
	}
	level.Info(c.logger).Log("msg", "observed after the writes: all variants match their policies", "variants", len(c.published.Plan.Selected))
}

// Apply observes once, carries out the plan and observes again. Connect must have succeeded, with a writer.
func (c *Cycle) Apply(ctx context.Context) apply.Outcomes {
	began := c.observer.Questions() + 1
	c.Once(ctx)
	found := report.Sweep(c.observer.Snapshot(), c.options.Rules, c.past, began)
	if len(found.Plan.Steps) == 0 {
		return nil
	}
	outcomes := apply.Run(ctx, found.Plan, c.sweeps.writer, func() bool { return true }, c.say)
	c.past.Applied(outcomes, c.clock.Now())
	c.observer.Insist(outcomes.Endpoints())
	c.Once(ctx)
	return outcomes
}
