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
	after   time.Time    // when the last write had ended: what was read before is no ground for another
	began   time.Time    // of the one that waits for its endpoints to be described; zero while there is none
	asked   bool         // the endpoints were asked for since it began
	writing bool
	verify  bool // what was written has not been seen yet
	done    chan apply.Outcomes
}

// grounds are the sources that the plan of a sweep rests on, beside the endpoints.
var grounds = []fleet.SourceName{fleet.SourceAlarms, fleet.SourceScaling}

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

// read is since when everything that a sweep rests on has been read; ok is false while something failed or was read
// before the last write.
func (s *sweeps) read(snapshot *fleet.Snapshot) (since time.Time, ok bool) {
	for _, name := range grounds {
		source, _ := snapshot.Source(name)
		if !source.Up() || source.Began.Before(s.after) {
			return time.Time{}, false
		}
		if since.IsZero() || source.Began.Before(since) {
			since = source.Began
		}
	}
	return since, true
}

// sweep goes on with the sweep, if there is one to go on with, after a source has answered.
func (c *Cycle) sweep(ctx context.Context, source fleet.SourceName) {
	s := &c.sweeps
	if s.writer == nil || !c.options.Rules.Reconcile || s.writing {
		return
	}
	if !s.began.IsZero() {
		if source == fleet.SourceEndpoints && s.asked {
			c.carryOut(ctx)
		}
		return
	}
	since, ok := s.read(&c.published.Snapshot)
	if !ok {
		return
	}
	if s.verify {
		s.verify = false
		c.sayWhetherItWorked()
	}
	if c.clock.Now().Before(s.due) {
		return
	}
	endpoints := c.published.Pending()
	if len(endpoints) == 0 {
		s.due = since.Add(c.intervals.Scaling)
		c.past.Applied(nil, c.clock.Now())
		c.publish()
		return
	}
	s.began, s.asked = since, false
	c.describe(endpoints)
}

// describe makes the endpoints be described in the next turn, which is due.
func (c *Cycle) describe(endpoints []string) {
	c.observer.Insist(endpoints)
	delete(c.due, fleet.SourceEndpoints)
}

// carryOut writes what the sweep found, beside the loop.
func (c *Cycle) carryOut(ctx context.Context) {
	s := &c.sweeps
	found := report.Sweep(c.observer.Snapshot(), c.options.Rules, c.past, s.began)
	s.due, s.began = s.began.Add(c.intervals.Scaling), time.Time{}
	if len(found.Plan.Steps) == 0 {
		return
	}
	s.writing = true
	go func() { s.done <- apply.Run(ctx, found.Plan, s.writer, c.say) }()
}

// swept takes in how the writes ended, and makes what they changed due.
func (c *Cycle) swept(outcomes apply.Outcomes) {
	s := &c.sweeps
	s.writing, s.verify, s.after = false, true, c.clock.Now()
	c.past.Applied(outcomes, c.clock.Now())
	c.describe(outcomes.Endpoints())
	for _, source := range grounds {
		delete(c.due, source)
	}
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
	began := c.clock.Now()
	c.Once(ctx)
	found := report.Sweep(c.observer.Snapshot(), c.options.Rules, c.past, began)
	if len(found.Plan.Steps) == 0 {
		return nil
	}
	outcomes := apply.Run(ctx, found.Plan, c.sweeps.writer, c.say)
	c.past.Applied(outcomes, c.clock.Now())
	c.observer.Insist(outcomes.Endpoints())
	c.Once(ctx)
	return outcomes
}
