// Package report holds what the readers of an observation need: the snapshot and everything that was concluded from it.
// It is pure, and what it holds is never changed once it is published.
package report

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Report is one scope at one moment.
type Report struct {
	Snapshot  fleet.Snapshot
	Endpoints []Endpoint         // those of the snapshot, in its order
	Prices    map[string]float64 // dollars an hour by instance type
	Orphans   []check.OrphanFinding
	Plan      plan.Plan // by the polled view; what the newest round of an endpoint did not write is withheld in it
	Pending   []string  // the endpoints that have steps by the polled view alone, those of later rounds too, sorted
	Matches   []Match   // one for each policy, in their order
	Reconcile Reconcile
	Started   Started // how the process was, for commands that somebody else runs

	Thresholds Thresholds
}

// Endpoint is one endpoint: the observation, and what was concluded from it. Its Variants are those of the observation
// with their conclusions, in the same order.
type Endpoint struct {
	*fleet.Endpoint
	Latency    time.Duration // the longest acceptable wait in its queue; 0 where no objective says
	RequestTTL time.Duration // after which a request expires; 0 where no objective says
	Defaulted  bool          // Latency is the default: nobody has set one
	Variants   []Variant
	Writes     []plan.Written // what this process wrote of it, the oldest first

	Limits Limits // beyond which alerts fire
}

// Variant is one variant of an endpoint: the observation, and what was concluded from it.
type Variant struct {
	*fleet.Variant
	Selected bool               // a policy selects it
	Unknown  bool               // tags that are not known decide whether one does
	Behavior *behavior.Behavior // what its scaling does, by which checks judge
	Findings []check.Finding    // of the checks that apply, in the order of the catalogue
	Creates  int                // steps of the plan that create something
	Updates  int                // steps of the plan that update something
	Withheld []Withheld         // steps of the plan that are withheld, by reason
	Ended    Steps              // how many steps were carried out; nil where none ever is
}

// Role is what an alarm of the variant does through its policy; other in a report without conclusions.
func (v *Variant) Role(alarm *fleet.WiredAlarm) fleet.Role {
	if v.Behavior == nil {
		return fleet.RoleOther
	}
	return v.Behavior.Role(alarm.Name, alarm.Policy)
}

// Withheld counts steps that are withheld for one reason.
type Withheld struct {
	Reason plan.Reason
	Steps  int
}

// Match says how many variants a policy selects.
type Match struct {
	Policy   string // its position and pattern
	Variants int
	Unknown  int // of how many variants it cannot be told, because their tags are not known
}

// Reconcile is the state of carrying plans out.
type Reconcile struct {
	Enabled     bool
	Leader      bool      // this process is the one that carries plans out
	LastSuccess time.Time // when a round last ended in which nothing failed; zero if none did
}

// Build concludes from a snapshot by rules and what is remembered. It is pure: the same input gives the same report.
func Build(snapshot fleet.Snapshot, rules Rules, past Past) Report {
	r := Report{Snapshot: snapshot, Endpoints: tree(snapshot.Endpoints), Prices: rules.Prices, Started: rules.Started, Thresholds: rules.Thresholds}
	if rules.Objective != nil {
		for i := range r.Endpoints {
			r.Endpoints[i].Latency, r.Endpoints[i].RequestTTL = rules.Objective(r.Endpoints[i].Name)
			r.Endpoints[i].Defaulted = rules.defaults(r.Endpoints[i].Name)
		}
	}
	if rules.Limits != nil {
		for i := range r.Endpoints {
			r.Endpoints[i].Limits = rules.Limits(r.Endpoints[i].Name)
		}
	}
	for i := range r.Endpoints {
		r.Endpoints[i].Writes = past.History.Writes(r.Endpoints[i].Name)
	}
	behaviors := r.behave(past)
	subjects := policy.Survey(rules.Policies, &r.Snapshot)
	r.Plan = plan.Diff(subjects, &r.Snapshot, rules.plan(past), past.History)
	past.planned.Forget()
	r.Pending, r.Plan = r.Plan.Pending(), r.Plan.Without(past.held)
	r.Matches = make([]Match, len(rules.Policies))
	for i := range r.Matches {
		r.Matches[i].Policy = rules.Policies.Name(i)
	}
	known := map[fleet.SourceName]bool{}
	for _, source := range r.Snapshot.Sources {
		known[source.Name] = source.Fresh(r.Snapshot.At)
	}
	known[fleet.SourceTargets] = r.Snapshot.Fresh(fleet.SourceTargets, r.Snapshot.At)
	leaves, planned := r.leaves(), r.planned()
	selected := make(map[string]*Variant, len(r.Plan.Selected)) // by resource
	for i := range subjects {
		subject := &subjects[i]
		v := leaves[subject.Variant]
		looked := check.Subject{
			At: r.Snapshot.At, Endpoint: subject.Endpoint, Variant: subject.Variant, Behavior: v.Behavior,
			TargetSeen: past.History.TargetSeen(subject.Resource), RecreateAfter: rules.RecreateAfter, Reconciled: rules.Reconcile,
			Steps: planned[subject.Resource].steps, Withheld: planned[subject.Resource].withheld,
			Service: service(subject.Variant, r.Snapshot.At),
			Knows: func(source fleet.SourceName) bool {
				scaling := source == fleet.SourceScaling || source == fleet.SourceTargets || source == fleet.SourceAlarms
				return known[source] && (!scaling || !subject.Endpoint.Unread)
			},
		}
		if rules.Objective != nil {
			looked.Latency, looked.RequestTTL = rules.Objective(subject.Endpoint.Name)
			looked.Defaulted = rules.defaults(subject.Endpoint.Name)
		}
		for _, other := range behaviors[subject.Endpoint] {
			if other != v.Behavior {
				looked.Others = append(looked.Others, other)
			}
		}
		if selection := subject.Selection; selection.Selected() {
			selected[subject.Resource], v.Ended = v, past.steps[subject.Resource]
			if selection.TagsUnknown != "" {
				v.Unknown = true
				r.Matches[selection.Entry].Unknown++
			} else {
				v.Selected, looked.Wanted = true, subject.Wanted
				r.Matches[selection.Entry].Variants++
				if v.Ended == nil && rules.Reconcile {
					v.Ended = Steps{}
				}
			}
		}
		v.Findings = check.Run(&looked, rules.muted(subject.Endpoint.Name))
	}
	r.count(selected)
	r.Orphans = orphans(&r.Snapshot, rules)
	r.Reconcile = Reconcile{Enabled: rules.Reconcile, Leader: rules.Leader, LastSuccess: past.lastSuccess}
	return r
}

// With is the report with a newer snapshot and the conclusions that were drawn before. It is for snapshots that bring
// newer metrics alone: the severity of few checks rests on them, and follows with the next report; ok is false if other endpoints are in it.
func (r Report) With(snapshot fleet.Snapshot) (newer Report, ok bool) {
	if !slices.EqualFunc(r.Snapshot.Endpoints, snapshot.Endpoints, func(a, b fleet.Endpoint) bool {
		return a.Name == b.Name && len(a.Variants) == len(b.Variants)
	}) {
		return Report{}, false
	}
	before := r.Endpoints
	r.Snapshot, r.Endpoints = snapshot, slices.Clone(before)
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		e.Endpoint, e.Variants = &snapshot.Endpoints[i], slices.Clone(before[i].Variants)
		for j := range e.Variants {
			e.Variants[j].Variant = &e.Endpoint.Variants[j]
		}
	}
	return r, true
}

// tree makes the endpoints of a report without any conclusion.
func tree(observed []fleet.Endpoint) []Endpoint {
	endpoints := make([]Endpoint, len(observed))
	for i := range observed {
		endpoints[i] = Endpoint{Endpoint: &observed[i], Variants: make([]Variant, len(observed[i].Variants))}
		for j := range endpoints[i].Variants {
			endpoints[i].Variants[j].Variant = &observed[i].Variants[j]
		}
	}
	return endpoints
}

// behave evaluates what the scaling of each variant does, and lists it by endpoint.
func (r *Report) behave(past Past) map[*fleet.Endpoint][]*behavior.Behavior {
	of := make(map[*fleet.Endpoint][]*behavior.Behavior, len(r.Endpoints))
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		for j := range e.Variants {
			v := &e.Variants[j]
			v.Behavior = past.behavior.Of(e.Endpoint, v.Variant, behavior.Context{
				At: r.Snapshot.At, Latency: e.Latency, Service: service(v.Variant, r.Snapshot.At),
			})
			of[e.Endpoint] = append(of[e.Endpoint], v.Behavior)
		}
	}
	past.behavior.Forget()
	return of
}

// service is how long a variant works on a request on average; 0 while that is not known.
func service(v *fleet.Variant, at time.Time) time.Duration {
	mean, _ := v.Work.ServiceTime(at)
	return mean
}

// leaves are the variants of the report by what was observed of them.
func (r *Report) leaves() map[*fleet.Variant]*Variant {
	leaves := make(map[*fleet.Variant]*Variant, len(r.Endpoints))
	for i := range r.Endpoints {
		for j := range r.Endpoints[i].Variants {
			v := &r.Endpoints[i].Variants[j]
			leaves[v.Variant] = v
		}
	}
	return leaves
}

// planned is what of the plan is about each resource.
func (r *Report) planned() map[string]planned {
	of := map[string]planned{}
	for _, step := range r.Plan.Steps {
		resources := step.Wakes // variants may share an alarm
		if !slices.Contains(resources, step.ResourceID) {
			resources = append(slices.Clip(resources), step.ResourceID)
		}
		for _, resource := range resources {
			p := of[resource]
			p.steps = append(p.steps, step)
			of[resource] = p
		}
	}
	for _, held := range r.Plan.Withheld {
		p := of[held.ResourceID]
		p.withheld = append(p.withheld, held)
		of[held.ResourceID] = p
	}
	return of
}

type planned struct {
	steps    []plan.Step
	withheld []plan.Withheld
}

// count tells each selected variant how much of the plan is about it.
func (r *Report) count(of map[string]*Variant) {
	for _, step := range r.Plan.Steps {
		if step.Action == plan.Create {
			of[step.ResourceID].Creates++
		} else {
			of[step.ResourceID].Updates++
		}
	}
	for _, held := range r.Plan.Withheld {
		v := of[held.ResourceID]
		if v == nil { // a minimum is owed, and no policy selects the variant any more
			continue
		}
		i := slices.IndexFunc(v.Withheld, func(w Withheld) bool { return w.Reason == held.Reason })
		if i < 0 {
			i, v.Withheld = len(v.Withheld), append(v.Withheld, Withheld{Reason: held.Reason})
		}
		v.Withheld[i].Steps++
	}
}

// Endpoint is the endpoint of that name, or nil if none is observed.
func (r *Report) Endpoint(name string) *Endpoint {
	for i := range r.Endpoints {
		if r.Endpoints[i].Name == name {
			return &r.Endpoints[i]
		}
	}
	return nil
}

// orphans are the findings of what is left of endpoints that are gone, but for those that are muted.
func orphans(s *fleet.Snapshot, rules Rules) []check.OrphanFinding {
	return slices.DeleteFunc(check.Orphans(s.Orphans...), func(f check.OrphanFinding) bool {
		return rules.muted(f.Endpoint)(f.Check.Name)
	})
}

// Set is the newest report of every scope, sorted by account and region. Readers take the whole set and so see one
// moment; nothing in it is ever changed.
type Set struct {
	Reports []Report
}

// PlanText writes the plans of all scopes for people.
func (s Set) PlanText(out io.Writer) error { return plan.Text(out, s.plans()) }

// PlanJSON writes the plans of all scopes for tools.
func (s Set) PlanJSON(out io.Writer) error { return plan.JSON(out, s.plans()) }

func (s Set) plans() []plan.Plan {
	plans := make([]plan.Plan, len(s.Reports))
	for i := range s.Reports {
		plans[i] = s.Reports[i].Plan
	}
	return plans
}

// ChangesAt is the first moment after the given one at which something in the set becomes too old to be shown: until then
// the set shows the same. It is zero if time alone changes nothing any more.
func (s Set) ChangesAt(at time.Time) (first time.Time) {
	for i := range s.Reports {
		for expires := range s.Reports[i].Snapshot.Expiries() {
			if expires.After(at) && (first.IsZero() || expires.Before(first)) {
				first = expires
			}
		}
	}
	return first
}

// PolledAt is when the oldest of what the plan rests on was read; zero when some of it never was.
func (r Report) PolledAt() (oldest time.Time) {
	for _, name := range []fleet.SourceName{fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceScaling} {
		source, _ := r.Snapshot.Source(name)
		if source.LastSuccess.IsZero() {
			return time.Time{}
		}
		if oldest.IsZero() || source.LastSuccess.Before(oldest) {
			oldest = source.LastSuccess
		}
	}
	return oldest
}

// PolledAt is when the oldest of what the plans rest on was read; zero when some of it never was.
func (s Set) PolledAt() (oldest time.Time) {
	for i := range s.Reports {
		at := s.Reports[i].PolledAt()
		if i == 0 || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// Tried tells whether every source of the scope has been asked at least once.
func (r Report) Tried() bool {
	for _, source := range r.Snapshot.Sources {
		if source.LastAttempt.IsZero() {
			return false
		}
	}
	return len(r.Snapshot.Sources) > 0
}

// FirstView says how far the first description of the endpoints has come; empty once it has ended, or where it takes no time.
func (r Report) FirstView() string {
	if source, _ := r.Snapshot.Source(fleet.SourceEndpoints); source.LastSuccess.IsZero() {
		return source.Progress.String()
	}
	return ""
}

// missing says what the first view still waits for: endpoints, or else the sources that have not answered yet. It is empty
// where not even the sources are known.
func (r Report) missing() string {
	if progress := r.FirstView(); progress != "" {
		return progress
	}
	var names []string
	for _, source := range r.Snapshot.Sources {
		if source.LastAttempt.IsZero() {
			names = append(names, string(source.Name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "waiting for the first answer of " + strings.Join(names, ", ")
}

// Ready says why the set may not yet be served: nil once every scope has been tried and the endpoints of at least one
// are known and fresh. What else is missing or stale belongs to the series up.
func (s Set) Ready(at time.Time) error {
	if len(s.Reports) == 0 {
		return errors.New("no scope has been observed yet")
	}
	fresh := 0
	for _, report := range s.Reports {
		if !report.Tried() {
			text := report.Snapshot.Scope.Region + " has not been observed yet"
			if missing := report.missing(); missing != "" {
				text += ": " + missing
			}
			return errors.New(text)
		}
		if report.Snapshot.Fresh(fleet.SourceEndpoints, at) {
			fresh++
		}
	}
	if fresh > 0 {
		return nil
	}
	source, _ := s.Reports[0].Snapshot.Source(fleet.SourceEndpoints)
	if source.Err == "" {
		return errors.New("no scope is fresh: the newest observation is too old")
	}
	return fmt.Errorf("no scope is fresh: %s: %s", s.Reports[0].Snapshot.Scope.Region, source.Err)
}
