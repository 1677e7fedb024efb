package report

import (
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// Past is what is remembered from one report to the next. It is a value: every method leaves it as it is. A restart forgets
// all of it.
type Past struct {
	History     plan.History
	behavior    *behavior.Cache // what was evaluated, kept until its input changes; it decides nothing
	planned     *behavior.Cache // the same of plans, which ask about other bounds and without a context
	steps       map[string]Steps
	rounds      map[string]round // the newest, by endpoint
	wrote       time.Time        // when the newest write had ended
	lastSuccess time.Time
}

// round is what is remembered of the newest round of an endpoint.
type round struct {
	withheld []plan.Withheld // steps that it did not write
}

// Steps count the steps of one variant that were carried out since the process started, by kind.
type Steps map[plan.Kind]Ended

// Ended counts steps by how they ended.
type Ended struct{ Applied, Failed int }

// NewPast is the past of a process that has just started.
func NewPast() Past { return Past{behavior: new(behavior.Cache), planned: new(behavior.Cache)} }

// setBack is by how much our newest write lies ahead at least when the clock was set back since. A snapshot that was frozen while we
// wrote is older by less.
const setBack = time.Minute

// Observe notes what a snapshot says about the time before the next one. One whose scaling was asked for before our newest
// write says nothing of the time after it.
func (p Past) Observe(s *fleet.Snapshot) Past {
	scaling, _ := s.Source(fleet.SourceScaling)
	if asked := scaling.LastSuccess.Add(-scaling.Duration); !p.wrote.IsZero() && !asked.After(p.wrote) && p.wrote.Sub(s.At) < setBack {
		return p
	}
	p.History = p.History.Observe(s)
	return p
}

// Began notes that a round of the endpoint begins.
func (p Past) Began(endpoint string) Past {
	p.History = p.History.Began(endpoint)
	return p
}

// Note notes how one step ended.
func (p Past) Note(outcome plan.Outcome, at time.Time) Past {
	p.History, p.wrote = p.History.Note(outcome, at), at
	resource, kind := outcome.Step.ResourceID, outcome.Step.Kind
	counts := cloned(p.steps[resource])
	ended := counts[kind]
	if outcome.Err != nil {
		ended.Failed++
	} else {
		ended.Applied++
	}
	counts[kind] = ended
	p.steps = cloned(p.steps)
	p.steps[resource] = counts
	return p
}

// Ended notes how the round of an endpoint ended: as what the endpoint was seen last, nil if it was not, and which of its
// steps were not written.
func (p Past) Ended(endpoint string, seen *fleet.Endpoint, at time.Time, withheld []plan.Withheld) Past {
	if seen != nil {
		p.History = p.History.Saw(seen, at)
	}
	p.rounds = cloned(p.rounds)
	if len(withheld) == 0 {
		delete(p.rounds, endpoint)
	} else {
		p.rounds[endpoint] = round{withheld}
	}
	return p
}

// Succeeded notes that a round over all endpoints has ended in which nothing failed.
func (p Past) Succeeded(at time.Time) Past {
	p.lastSuccess = at
	return p
}

// held are the steps of the endpoint that its newest round did not write.
func (p Past) held(step plan.Step) *plan.Withheld {
	known := p.rounds[step.Endpoint()].withheld
	i := slices.IndexFunc(known, func(w plan.Withheld) bool { return w.Of(step) })
	if i < 0 {
		return nil
	}
	return &known[i]
}

func cloned[M ~map[K]V, K comparable, V any](m M) M {
	if m == nil {
		return M{}
	}
	return maps.Clone(m)
}
