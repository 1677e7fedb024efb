package plan

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// History is what a plan has to know of the time before: which scalable target is missing since when, the values that it
// had, what was corrected how often, what was written last, and what failed in the last round. It is a value: every method
// leaves it as it is. The zero History is that of a process that has just started; a restart forgets all of it.
type History struct {
	endpoints map[string]endpointHistory // by name; neither the map nor what it holds is ever changed
	listed    time.Time                  // when the endpoints were last read whole, as of the newest snapshot
}

type endpointHistory struct {
	created  time.Time                 // of the endpoint; zero: not seen yet
	left     time.Time                 // since when it is not observed; zero while it is
	variants map[string]variantHistory // by resource id
	objects  map[key]objectHistory
	failed   []Step // of the last round
}

type variantHistory struct {
	seen    bool      // a scalable target stood there since the process started
	missing time.Time // since when it is missing; zero while it is there
	config  string    // the endpoint config at that time
	good    lastGood
	floor   interim // the minimum
	ceiling interim // the maximum
	debt    debt
}

// lastGood are the values that a variant had when they were last seen, for a target that is registered again.
type lastGood struct {
	known    bool
	min, max int
	tracking trackingValues
	wake     *fleet.Step // never changed; nil: none was seen
}

type trackingValues struct {
	known   bool
	target  float64
	in, out time.Duration
	stays   bool // it removes no instance (DisableScaleIn)
}

// interim is a bound that we gave a target for a while, so that it stops no instance, and the one that it is to have in the
// end.
type interim struct {
	set         bool
	wrote, goal int
}

func interimOf(wrote, goal int) interim {
	if goal >= wrote {
		return interim{}
	}
	return interim{true, wrote, goal}
}

// of is the bound that a target is to have in the end which has that one now: another one than we wrote is somebody's.
func (i interim) of(now int) int {
	if i.set && i.wrote == now {
		return i.goal
	}
	return now
}

// key names one object of an endpoint. Variants may share an alarm, so an alarm belongs to none of them.
type key struct {
	resource string
	kind     Kind
	name     string
}

func (s Step) key() key {
	switch s.Kind {
	case WakeAlarm:
		return key{kind: WakeAlarm, name: s.Name}
	case MinCapacity:
		return key{resource: s.ResourceID, kind: ScalableTarget}
	}
	return key{s.ResourceID, s.Kind, s.Name}
}

// objectHistory is what we wrote to one object.
type objectHistory struct {
	fields map[string]corrections
	last   Write
	undone *undone // nil: what was written last was written for sure
}

// Write is our newest write of an object.
type Write struct {
	At            time.Time
	Before, After Object
}

// TargetSeen tells whether a scalable target of the variant stood there since the process started.
func (h History) TargetSeen(resource string) bool { return h.variant(resource).seen }

// Failed tells whether a step of the endpoint failed in its last round.
func (h History) Failed(endpoint string) bool { return len(h.endpoints[endpoint].failed) > 0 }

// Wrote is our newest write of the object of a step, and whether there is one since the process started.
func (h History) Wrote(s Step) (Write, bool) {
	known, ok := h.endpoints[s.Endpoint()].objects[s.key()]
	return known.last, ok && !known.last.At.IsZero()
}

// Written is one object that we wrote since the process started, and when we did so last.
type Written struct {
	At   time.Time
	Kind Kind
	Name string // of a policy or an alarm; empty for a target
}

// Writes are the objects of an endpoint that we wrote since the process started, the oldest write first.
func (h History) Writes(endpoint string) (writes []Written) {
	for of, object := range h.endpoints[endpoint].objects {
		if !object.last.At.IsZero() {
			writes = append(writes, Written{object.last.At, of.kind, of.name})
		}
	}
	slices.SortFunc(writes, func(a, b Written) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return writes
}

// Title names what was written.
func (w Written) Title() string { return title(w.Kind, w.Name) }

func (h History) variant(resource string) variantHistory {
	endpoint, _, _ := fleet.SplitResourceID(resource)
	return h.endpoints[endpoint].variants[resource]
}

// missingFor is how long the scalable target of a variant has been missing under the same endpoint config.
func (h History) missingFor(resource string, at time.Time) time.Duration {
	known := h.variant(resource)
	if known.missing.IsZero() {
		return 0
	}
	return at.Sub(known.missing)
}

// with is the history with another one of an endpoint.
func (h History) with(endpoint string, known endpointHistory) History {
	h.endpoints = maps.Clone(h.endpoints)
	if h.endpoints == nil {
		h.endpoints = map[string]endpointHistory{}
	}
	h.endpoints[endpoint] = known
	return h
}

// rememberedFor is for how long what is known of an endpoint that is not observed any more is kept; what is owed is kept longer.
const rememberedFor = contestedWithin

// Observe notes what a snapshot says of the scalable targets, while that is known. An endpoint is not observed any more when a
// newer reading of all endpoints lacks it: one that a snapshot lacks because what is known of it has grown too old still is.
func (h History) Observe(s *fleet.Snapshot) History {
	endpoints, _ := s.Source(fleet.SourceEndpoints)
	read := endpoints.LastSuccess.After(h.listed)
	h.listed = endpoints.LastSuccess
	scaling, _ := s.Source(fleet.SourceScaling)
	if !scaling.Fresh(s.At) || !s.Fresh(fleet.SourceEndpoints, s.At) {
		return h
	}
	alarms, _ := s.Source(fleet.SourceAlarms)
	when := moments{at: scaling.LastSuccess, scaling: asked(scaling), alarms: asked(alarms), older: alarms.Lacks != ""}
	changed := map[string]endpointHistory{}
	standing := make(map[string]bool, len(s.Endpoints))
	for i := range s.Endpoints {
		endpoint := &s.Endpoints[i]
		standing[endpoint.Name] = true
		if endpoint.Unread {
			continue // a target that is not known is not one that is missing
		}
		if known, news := h.endpoints[endpoint.Name].saw(endpoint, when); news {
			changed[endpoint.Name] = known
		}
	}
	var forgotten []string
	for name, known := range h.endpoints {
		switch {
		case !read || standing[name]:
		case known.left.IsZero():
			changed[name] = known.leaves(when.at)
		case when.at.Sub(known.left) > rememberedFor && len(known.debts()) == 0:
			forgotten = append(forgotten, name)
		}
	}
	if len(changed)+len(forgotten) == 0 {
		return h
	}
	all := make(map[string]endpointHistory, len(h.endpoints)+len(changed))
	maps.Copy(all, h.endpoints)
	maps.Copy(all, changed)
	for _, name := range forgotten {
		delete(all, name)
	}
	h.endpoints = all
	return h
}

// Saw notes what one endpoint that was read whole at the given moment says of its scalable targets.
func (h History) Saw(endpoint *fleet.Endpoint, at time.Time) History {
	if known, news := h.endpoints[endpoint.Name].saw(endpoint, moments{at: at, scaling: at, alarms: at}); news {
		return h.with(endpoint.Name, known)
	}
	return h
}

// leaves is the history of an endpoint that is not observed from that moment on: whether a target of it is missing is not known
// any more.
func (e endpointHistory) leaves(at time.Time) endpointHistory {
	e.left, e.failed, e.variants = at, nil, maps.Clone(e.variants)
	for resource, known := range e.variants {
		known.missing = time.Time{}
		e.variants[resource] = known
	}
	return e
}

// of is the history of the endpoint: another one of its name has none.
func (e endpointHistory) of(endpoint *fleet.Endpoint) (_ endpointHistory, news bool) {
	switch {
	case e.created.Equal(endpoint.Created) && e.left.IsZero():
		return e, false
	case !e.created.IsZero() && !endpoint.Created.IsZero() && !e.created.Equal(endpoint.Created):
		e = endpointHistory{}
	}
	e.created, e.left = endpoint.Created, time.Time{}
	return e, true
}

// saw is the history with what the endpoint says; news is false when it says nothing new.
func (e endpointHistory) saw(endpoint *fleet.Endpoint, when moments) (_ endpointHistory, news bool) {
	e, another := e.of(endpoint)
	e, news = e.judged(endpoint, when)
	news = news || another
	variants := e.variants
	copied := false
	set := func(resource string, known variantHistory) {
		if !copied {
			variants, copied, news = maps.Clone(variants), true, true
			if variants == nil {
				variants = map[string]variantHistory{}
			}
		}
		variants[resource] = known
	}
	standing := map[string]bool{}
	for i := range endpoint.Variants {
		resource := fleet.ResourceID(endpoint.Name, endpoint.Variants[i].Name)
		standing[resource] = true
		before, known := e.variants[resource]
		if after := before.saw(endpoint, &endpoint.Variants[i], when); !known || after != before {
			set(resource, after)
		}
	}
	if len(standing) < len(variants) {
		left := map[string]variantHistory{}
		for resource, known := range variants {
			if standing[resource] {
				left[resource] = known
			} else if known.debt.minimum > 0 {
				left[resource] = known.owing()
			}
		}
		variants, news = left, true
	}
	e.variants = variants
	return e, news
}

func (v variantHistory) saw(endpoint *fleet.Endpoint, variant *fleet.Variant, when moments) variantHistory {
	target := variant.Target
	v.debt = v.debt.next(v.debt.sees(endpoint, variant, when))
	if target == nil {
		if v.missing.IsZero() || v.config != endpoint.ConfigName {
			v.missing, v.config = when.at, endpoint.ConfigName
		}
		return v
	}
	v.seen, v.missing, v.config = true, time.Time{}, endpoint.ConfigName
	if v.floor.wrote != target.MinCapacity { // somebody gave it another one since
		v.floor = interim{}
	}
	if v.ceiling.wrote != target.MaxCapacity {
		v.ceiling = interim{}
	}
	v.good.known, v.good.min, v.good.max = true, v.least(target.MinCapacity), v.ceiling.of(target.MaxCapacity)
	if tracking := tracks(endpoint.Name, variant); tracking != nil {
		v.good.tracking = trackingValues{
			true, tracking.TargetValue, fleet.Cooldown(tracking.ScaleInCooldown), fleet.Cooldown(tracking.ScaleOutCooldown),
			tracking.DisableScaleIn,
		}
	}
	if step := wakeStep(endpoint.Name, variant); step != nil && !reflect.DeepEqual(step, v.good.wake) {
		v.good.wake = step
	}
	return v
}

// Began notes that a round of the endpoint begins: what failed in the one before is tried again.
func (h History) Began(endpoint string) History {
	known := h.endpoints[endpoint]
	if len(known.failed) == 0 {
		return h
	}
	known.failed = nil
	return h.with(endpoint, known)
}

// Note notes how one step ended. The step is the one that was written, with its ARNs. One whose end is not known counts as
// carried out, until the object is seen as it was before.
func (h History) Note(outcome Outcome, at time.Time) History {
	step, end := outcome.Step, outcome.End()
	known := h.endpoints[step.Endpoint()]
	if end != Applied {
		known.failed = append(slices.Clone(known.failed), step)
	}
	if end != Failed {
		known = known.wrote(step, at, end == Applied)
	}
	return h.with(step.Endpoint(), known)
}

// wrote is the history with one write, which is certain or may be undone.
func (e endpointHistory) wrote(step Step, at time.Time, certain bool) endpointHistory {
	e.objects = maps.Clone(e.objects)
	if e.objects == nil {
		e.objects = map[key]objectHistory{}
	}
	before := e.objects[step.key()]
	object := before.wrote(step, at)
	if object.undone = nil; !certain {
		object.undone = before.undone
		if before.undone == nil || !before.last.Before.Same(step.Expects) {
			object.undone = &undone{object: before, variant: e.variants[step.ResourceID]}
		}
	}
	e.objects[step.key()] = object
	if step.Target != nil {
		e.variants = maps.Clone(e.variants)
		if e.variants == nil {
			e.variants = map[string]variantHistory{}
		}
		variant := e.variants[step.ResourceID]
		if certain {
			variant.debt = variant.debt.wrote(step, at)
		}
		e.variants[step.ResourceID] = variant.wrote(step)
	}
	return e
}

// wrote is the history of a variant whose target was written.
func (v variantHistory) wrote(step Step) variantHistory {
	v.floor, v.ceiling = interimOf(step.Target.MinCapacity, step.goal.min), interimOf(step.Target.MaxCapacity, step.goal.max)
	v.good.known, v.good.min, v.good.max = true, v.least(step.Target.MinCapacity), v.ceiling.of(step.Target.MaxCapacity)
	return v
}

// least is the minimum that a target which has that one now is to have in the end, where no entry sets it.
func (v variantHistory) least(now int) int {
	if v.debt.minimum > 0 {
		return v.debt.kept
	}
	return v.floor.of(now)
}
