package plan

import (
	"maps"
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
	variants map[string]variantHistory // by resource id
	objects  map[key]objectHistory
	failed   []Step // of the last round
}

type variantHistory struct {
	seen    bool      // a scalable target stood there since the process started
	missing time.Time // since when it is missing; zero while it is there
	config  string    // the endpoint config at that time
	good    lastGood
	floor   floor
}

// lastGood are the values that a variant had when they were last seen, for a target that is registered again.
type lastGood struct {
	known    bool
	min, max int
	tracking trackingValues
}

type trackingValues struct {
	known   bool
	target  float64
	in, out time.Duration
}

// floor is a minimum that we gave a new target so that it stops no instance, and the one that it is to have in the end.
type floor struct {
	set         bool
	wrote, goal int
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

// Observe notes what a snapshot says of the scalable targets, while that is known. An endpoint is gone when a newer
// reading of all endpoints lacks it: one that a snapshot lacks because what is known of it has grown too old is not.
func (h History) Observe(s *fleet.Snapshot) History {
	endpoints, _ := s.Source(fleet.SourceEndpoints)
	read := endpoints.LastSuccess.After(h.listed)
	h.listed = endpoints.LastSuccess
	scaling, _ := s.Source(fleet.SourceScaling)
	if !scaling.Fresh(s.At) || !s.Fresh(fleet.SourceEndpoints, s.At) {
		return h
	}
	changed := map[string]endpointHistory{}
	standing := make(map[string]bool, len(s.Endpoints))
	for i := range s.Endpoints {
		endpoint := &s.Endpoints[i]
		standing[endpoint.Name] = true
		if endpoint.Unread {
			continue // a target that is not known is not one that is missing
		}
		if known, news := h.endpoints[endpoint.Name].saw(endpoint, scaling.LastSuccess); news {
			changed[endpoint.Name] = known
		}
	}
	var gone []string
	if read {
		for name := range h.endpoints {
			if !standing[name] {
				gone = append(gone, name)
			}
		}
	}
	if len(changed)+len(gone) == 0 {
		return h
	}
	all := make(map[string]endpointHistory, len(h.endpoints)+len(changed))
	maps.Copy(all, h.endpoints)
	maps.Copy(all, changed)
	for _, name := range gone {
		delete(all, name)
	}
	h.endpoints = all
	return h
}

// Saw notes what one endpoint that was read whole at the given moment says of its scalable targets.
func (h History) Saw(endpoint *fleet.Endpoint, at time.Time) History {
	if known, news := h.endpoints[endpoint.Name].saw(endpoint, at); news {
		return h.with(endpoint.Name, known)
	}
	return h
}

// saw is the history with what the endpoint says; news is false when it says nothing new.
func (e endpointHistory) saw(endpoint *fleet.Endpoint, at time.Time) (_ endpointHistory, news bool) {
	variants := e.variants
	set := func(resource string, known variantHistory) {
		if !news {
			variants, news = maps.Clone(variants), true
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
		if after := before.saw(endpoint, &endpoint.Variants[i], at); !known || after != before {
			set(resource, after)
		}
	}
	if len(standing) < len(variants) {
		variants, news = maps.Clone(variants), true
		maps.DeleteFunc(variants, func(resource string, _ variantHistory) bool { return !standing[resource] })
	}
	e.variants = variants
	return e, news
}

func (v variantHistory) saw(endpoint *fleet.Endpoint, variant *fleet.Variant, at time.Time) variantHistory {
	target := variant.Target
	if target == nil {
		if v.missing.IsZero() || v.config != endpoint.ConfigName {
			v.missing, v.config = at, endpoint.ConfigName
		}
		return v
	}
	v.seen, v.missing, v.config = true, time.Time{}, endpoint.ConfigName
	if v.floor.set && target.MinCapacity != v.floor.wrote { // somebody gave it another one since
		v.floor = floor{}
	}
	v.good.known, v.good.min, v.good.max = true, target.MinCapacity, target.MaxCapacity
	if v.floor.set {
		v.good.min = v.floor.goal
	}
	if tracking := tracks(endpoint.Name, variant); tracking != nil {
		v.good.tracking = trackingValues{
			true, tracking.TargetValue, fleet.Cooldown(tracking.ScaleInCooldown), fleet.Cooldown(tracking.ScaleOutCooldown),
		}
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

// Note notes how one step ended. The step is the one that was written, with its ARNs.
func (h History) Note(outcome Outcome, at time.Time) History {
	step := outcome.Step
	known := h.endpoints[step.Endpoint()]
	if outcome.Err != nil {
		known.failed = append(slices.Clone(known.failed), step)
		return h.with(step.Endpoint(), known)
	}
	known.objects = maps.Clone(known.objects)
	if known.objects == nil {
		known.objects = map[key]objectHistory{}
	}
	known.objects[step.key()] = known.objects[step.key()].wrote(step, at)
	if step.Target != nil {
		known.variants = maps.Clone(known.variants)
		if known.variants == nil {
			known.variants = map[string]variantHistory{}
		}
		known.variants[step.ResourceID] = known.variants[step.ResourceID].wrote(step)
	}
	return h.with(step.Endpoint(), known)
}

// wrote is the history of a variant whose target was written.
func (v variantHistory) wrote(step Step) variantHistory {
	v.good.known, v.good.min, v.good.max = true, step.Target.MinCapacity, step.Target.MaxCapacity
	v.floor = floor{}
	if step.goal < step.Target.MinCapacity {
		v.floor, v.good.min = floor{true, step.Target.MinCapacity, step.goal}, step.goal
	}
	return v
}
