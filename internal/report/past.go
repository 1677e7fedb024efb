package report

import (
	"maps"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// Past is what is remembered from one report to the next. It belongs to the goroutine that builds the reports; what a
// report takes of it is never changed afterwards.
type Past struct {
	plan        plan.History
	steps       map[string]Steps
	lastSuccess time.Time
}

// Steps count the steps of one variant that were carried out since the process started, by kind.
type Steps map[plan.Kind]Ended

// Ended counts steps by how they ended.
type Ended struct{ Applied, Failed int }

// NewPast is the past of a process that has just started.
func NewPast() *Past { return &Past{} }

// Observe notes what a snapshot says about the time before the next one.
func (p *Past) Observe(s *fleet.Snapshot) { p.plan = p.plan.Observe(s) }

// Applied notes how the steps of a sweep ended.
func (p *Past) Applied(outcomes []plan.Outcome, at time.Time) {
	for _, outcome := range outcomes {
		p.plan = p.plan.Began(outcome.Step.Endpoint())
	}
	for _, outcome := range outcomes {
		p.plan = p.plan.Note(outcome, at)
	}
	steps, good := maps.Clone(p.steps), true
	if steps == nil {
		steps = map[string]Steps{}
	}
	for _, outcome := range outcomes {
		resource, kind := outcome.Step.ResourceID, outcome.Step.Kind
		counts := maps.Clone(steps[resource])
		if counts == nil {
			counts = Steps{}
		}
		ended := counts[kind]
		if outcome.Err != nil {
			ended.Failed++
			good = false
		} else {
			ended.Applied++
		}
		counts[kind], steps[resource] = ended, counts
	}
	p.steps = steps
	if good {
		p.lastSuccess = at
	}
}
