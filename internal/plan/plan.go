package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// Plan is what would bring the variants of one scope to their policies.
type Plan struct {
	Scope    fleet.Scope
	Steps    []Step     // in the order in which they are carried out: by endpoint, what raises a minimum again first, its tracking and then its minimums last, then resource id and kind
	Withheld []Withheld // by resource id, then kind
	Selected []string   // resource ids of the variants that a policy selects
	OptedOut []string   // endpoints that a policy would select, and that are tagged to be left alone; sorted
	Unknown  string     // why there is no plan yet; empty when there is one
}

// Empty tells whether there is nothing to change and nothing withheld.
func (p Plan) Empty() bool { return len(p.Steps) == 0 && len(p.Withheld) == 0 }

// Rules are what a plan is made by, beside the policies.
type Rules struct {
	// RecreateAfter is how long a scalable target has to be missing before it is registered again; 0 is at once.
	RecreateAfter time.Duration
	// MaxSteps is how many steps there may be, the rest is withheld; 0 is without bound.
	MaxSteps int
	// Endpoints are the only ones that are looked at, by their exact names; none is all.
	Endpoints []string
	// Behavior evaluates a variant without a context; nil is behavior.Of. Who plans again and again gives one that remembers.
	Behavior func(*fleet.Endpoint, *fleet.Variant) *behavior.Behavior
	// Writing says that the plan is to be carried out: a step that failed in the last round is tried again. A plan that is
	// only shown says what waits for it.
	Writing bool
}

func (r Rules) looksAt(endpoint string) bool {
	return len(r.Endpoints) == 0 || slices.Contains(r.Endpoints, endpoint)
}

// Diff compares the variants of a snapshot with their policies. Objects are matched by their meaning, not by their
// names; structural fields are always compared, tunable ones only where the policy enforces them.
func Diff(subjects []policy.Subject, snapshot *fleet.Snapshot, rules Rules, history History) Plan {
	d := &differ{
		snapshot: snapshot, rules: rules, history: history, alarms: map[string]*alarmDraft{},
		asleep: map[string]string{}, states: map[string]*state{}, siblings: map[string]*siblings{},
	}
	d.plan.Scope = snapshot.Scope
	for _, name := range []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceAlarms} {
		if source, _ := snapshot.Source(name); source.LastAttempt.IsZero() {
			d.plan.Unknown = "not observed yet: " + string(name)
			return d.plan
		}
	}
	if source, _ := snapshot.Source(fleet.SourceEndpoints); source.LastSuccess.IsZero() && len(snapshot.Endpoints) == 0 {
		d.plan.Unknown = "not observed: " + source.Err // nothing is known, which is not the same as nothing to do
		return d.plan
	}
	for i := range subjects {
		switch s := &subjects[i]; {
		case !rules.looksAt(s.Endpoint.Name):
		case s.Selection.OptedOut:
			d.plan.OptedOut = append(d.plan.OptedOut, s.Endpoint.Name)
		case s.Selection.Selected():
			d.plan.Selected = append(d.plan.Selected, s.Resource)
			d.variant(s)
		}
	}
	slices.Sort(d.plan.OptedOut)
	d.plan.OptedOut = slices.Compact(d.plan.OptedOut)
	d.finishAlarms()
	d.sleepLast()
	d.unpaid()
	d.plan.sort()
	if !rules.Writing {
		d.plan.waits(history)
	}
	d.plan.limit(rules.MaxSteps, history)
	return d.plan
}

// sort puts the steps into the order in which they are carried out. Variants of an endpoint may share an alarm, so nothing
// lets one of them scale to zero before all of its alarms are written.
func (p *Plan) sort() {
	slices.SortStableFunc(p.Steps, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.Endpoint(), b.Endpoint()), last(a)-last(b), inText(a, b))
	})
	slices.SortStableFunc(p.Withheld, func(a, b Withheld) int {
		return cmp.Or(cmp.Compare(a.ResourceID, b.ResourceID), cmp.Compare(a.Kind.order(), b.Kind.order()))
	})
}

// StepsOf are the steps for an endpoint.
func (p Plan) StepsOf(endpoint string) []Step { return having(p.Steps, endpoint, Step.Endpoint) }

// WithheldOf are the steps for a variant that are withheld.
func (p Plan) WithheldOf(resource string) []Withheld {
	return having(p.Withheld, resource, func(w Withheld) string { return w.ResourceID })
}

// having is the part of a list, sorted by a key, that has that key.
func having[T any](sorted []T, key string, of func(T) string) []T {
	first, _ := slices.BinarySearchFunc(sorted, key, func(one T, key string) int { return cmp.Compare(of(one), key) })
	last := first
	for last < len(sorted) && of(sorted[last]) == key {
		last++
	}
	return sorted[first:last]
}

// inText compares steps by their place in what people and tools read: by resource id, then kind.
func inText(a, b Step) int {
	return cmp.Or(cmp.Compare(a.ResourceID, b.ResourceID), cmp.Compare(a.Kind.order(), b.Kind.order()))
}

// last puts what lets a variant scale to zero behind everything that wakes it, and what is owed before all.
func last(s Step) int {
	switch {
	case s.Raises():
		return -1
	case s.Kind == TrackingPolicy:
		return 1
	case s.Kind == MinCapacity:
		return 2
	}
	return 0
}

// waits withholds the steps that cannot be carried out before one that failed in the last round.
func (p *Plan) waits(history History) {
	failed := map[key]bool{}
	for _, step := range p.Steps {
		for _, before := range history.endpoints[step.Endpoint()].failed {
			if before.key() == step.key() && before.Kind == step.Kind {
				failed[step.key()] = true
			}
		}
	}
	if len(failed) == 0 {
		return
	}
	var steps []Step
	for _, step := range p.Steps {
		i := slices.IndexFunc(p.Steps, func(earlier Step) bool { return failed[earlier.key()] && step.Needs(earlier) })
		if i < 0 {
			steps = append(steps, step)
			continue
		}
		p.Withheld = append(p.Withheld, step.Withhold(EarlierStepFailed, p.Steps[i].Title()))
	}
	p.Steps = steps
	p.sort()
}

// limit withholds what is more than the most steps of a round. Endpoints whose steps failed the last time come last:
// otherwise a few that fail for ever would hold up all others. What is owed is no part of it.
func (p *Plan) limit(most int, history History) {
	if most <= 0 || len(p.Steps) <= most {
		return
	}
	var kept, rest []Step
	left := most
	for _, failed := range []bool{false, true} {
		for _, step := range p.Steps {
			switch {
			case history.Failed(step.Endpoint()) != failed:
			case step.Raises():
				kept = append(kept, step)
			case left > 0:
				kept, left = append(kept, step), left-1
			default:
				rest = append(rest, step)
			}
		}
	}
	p.Steps = kept
	for _, step := range rest {
		p.Withheld = append(p.Withheld, step.Withhold(MaxSteps, "a later round writes it"))
	}
	p.sort()
}

// Withhold is the line that says why the step is not carried out.
func (s Step) Withhold(reason Reason, detail string) Withheld {
	return Withheld{Scope: s.Scope, ResourceID: s.ResourceID, Kind: s.Kind, Name: s.Name, Reason: reason, Detail: detail}
}

// Pending names the endpoints that have steps, also those that wait for a later round, sorted.
func (p Plan) Pending() (endpoints []string) {
	for _, step := range p.Steps {
		endpoints = append(endpoints, step.Endpoint())
	}
	for _, held := range p.Withheld {
		if name, _, ok := fleet.SplitResourceID(held.ResourceID); ok && held.Reason == MaxSteps {
			endpoints = append(endpoints, name)
		}
	}
	slices.Sort(endpoints)
	return slices.Compact(endpoints)
}

// Without is the plan in which the steps are withheld that held says a line for.
func (p Plan) Without(held func(Step) *Withheld) Plan {
	var steps []Step
	for _, step := range p.Steps {
		if line := held(step); line != nil {
			p.Withheld = append(p.Withheld[:len(p.Withheld):len(p.Withheld)], *line)
		} else {
			steps = append(steps, step)
		}
	}
	p.Steps = steps
	p.sort()
	return p
}

// Shows tells whether the plan, as people read it, has the step: to the letter, or as one that waits for a later round.
func (p Plan) Shows(step Step) (written, waits bool) {
	var wanted strings.Builder
	step.text(&wanted, terminal.Style{})
	for _, shown := range p.Steps {
		var page strings.Builder
		if shown.text(&page, terminal.Style{}); page.String() == wanted.String() {
			return true, false
		}
	}
	return false, slices.ContainsFunc(p.Withheld, func(w Withheld) bool { return w.Reason == MaxSteps && w.Of(step) })
}

// keep is the plan of the endpoints that are kept.
func (p Plan) keep(kept func(endpoint string) bool) Plan {
	out := func(resource string) bool { name, _, _ := fleet.SplitResourceID(resource); return !kept(name) }
	p.Steps = slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool { return out(s.ResourceID) })
	p.Withheld = slices.DeleteFunc(slices.Clone(p.Withheld), func(w Withheld) bool { return out(w.ResourceID) })
	p.Selected = slices.DeleteFunc(slices.Clone(p.Selected), out)
	p.OptedOut = slices.DeleteFunc(slices.Clone(p.OptedOut), func(name string) bool { return !kept(name) })
	return p
}

// Only is the plan of one endpoint.
func (p Plan) Only(endpoint string) Plan {
	return p.keep(func(name string) bool { return name == endpoint })
}

// With is the plan with another one of an endpoint.
func (p Plan) With(endpoint string, other Plan) Plan {
	p = p.keep(func(name string) bool { return name != endpoint })
	p.Steps, p.Withheld = append(p.Steps, other.Steps...), append(p.Withheld, other.Withheld...)
	p.Selected, p.OptedOut = append(p.Selected, other.Selected...), append(p.OptedOut, other.OptedOut...)
	slices.Sort(p.Selected)
	slices.Sort(p.OptedOut)
	p.sort()
	return p
}
