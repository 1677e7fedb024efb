package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// undone is what is known if a write whose answer was lost was not carried out.
type undone struct {
	object  objectHistory
	variant variantHistory // of a target
}

// settles is for how long after a write whose answer was lost the state before it proves nothing: the request may still be
// under way, and AWS may answer with an older state.
const settles = time.Minute

// moments are when what a snapshot says of an endpoint was read: what counts as the time of its scaling, and when AWS was
// asked for it and for the alarms.
type moments struct {
	at, scaling, alarms time.Time
	older               bool // mute rules could not be read with the alarms: what is known of them is older
}

func asked(source fleet.Source) time.Time { return source.LastSuccess.Add(-source.Duration) }

// judged is the history with every write whose answer was lost judged by what is there now. The object as it was before shows
// that nothing was written; anything else that something was.
func (e endpointHistory) judged(endpoint *fleet.Endpoint, when moments) (_ endpointHistory, news bool) {
	for _, of := range e.unsure() {
		known := e.objects[of]
		now, read := find(endpoint, of, when)
		before := now.Same(known.last.Before)
		if read.Before(known.last.At) || before && read.Sub(known.last.At) < settles {
			continue
		}
		if !news {
			e.objects, e.variants, news = maps.Clone(e.objects), maps.Clone(e.variants), true
		}
		was := known.undone
		known.undone = nil
		if before {
			known = was.object
			if v, standing := e.variants[of.resource]; standing && of.kind == ScalableTarget {
				v.good, v.floor, v.ceiling = was.variant.good, was.variant.floor, was.variant.ceiling
				e.variants[of.resource] = v
			}
		}
		e.objects[of] = known
	}
	return e, news
}

// unsure are the objects of which nobody knows whether the newest write was carried out.
func (e endpointHistory) unsure() (list []key) {
	for of, known := range e.objects {
		if known.undone != nil {
			list = append(list, of)
		}
	}
	return list
}

// find is an object of the endpoint as it was read, and when that was; none where nothing is there.
func find(endpoint *fleet.Endpoint, of key, when moments) (Object, time.Time) {
	for i := range endpoint.Variants {
		v := &endpoint.Variants[i]
		switch own := fleet.ResourceID(endpoint.Name, v.Name) == of.resource; of.kind {
		case WakeAlarm:
			if i := slices.IndexFunc(v.Alarms, func(a fleet.WiredAlarm) bool { return a.Name == of.name }); i >= 0 {
				return Object{Alarm: &v.Alarms[i].Alarm}, when.alarms
			}
		case ScalableTarget, MinCapacity:
			if own {
				return Object{Target: v.Target}, when.scaling
			}
		case TrackingPolicy, WakePolicy:
			if i := slices.IndexFunc(v.Policies, func(p fleet.Policy) bool { return p.Name == of.name }); own && i >= 0 {
				return Object{Policy: &v.Policies[i]}, when.scaling
			}
		}
	}
	if of.kind == WakeAlarm {
		return Object{}, when.alarms
	}
	return Object{}, when.scaling
}

// ObjectOf is the object of a step as a snapshot has it; none where nothing is there.
func ObjectOf(step Step, s *fleet.Snapshot) Object {
	if step.Kind == WakeAlarm {
		if i := slices.IndexFunc(s.Alarms, func(a fleet.Alarm) bool { return a.Name == step.Name }); i >= 0 {
			return Object{Alarm: &s.Alarms[i]}
		}
		return Object{}
	}
	for i := range s.Endpoints {
		if s.Endpoints[i].Name == step.Endpoint() {
			object, _ := find(&s.Endpoints[i], step.key(), moments{})
			return object
		}
	}
	return Object{}
}
