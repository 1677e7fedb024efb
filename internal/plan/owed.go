package plan

import (
	"maps"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// owed is a minimum that we lowered beside something that would not wake the variant, or may, and that could not be raised
// again. Until it is raised, or somebody else writes another one, it is raised before anything else of the variant.
type owed struct {
	minimum int // to raise it to; 0: nothing is owed
	lowered int // what we wrote
	at      time.Time
}

// Owes notes that the minimum which a step has lowered could not be raised again at that moment.
func (h History) Owes(lowered Step, at time.Time) History {
	known := h.endpoints[lowered.Endpoint()]
	known.variants = maps.Clone(known.variants)
	if known.variants == nil {
		known.variants = map[string]variantHistory{}
	}
	variant := known.variants[lowered.ResourceID]
	variant.owed = owed{lowered.Expects.Target.MinCapacity, lowered.Target.MinCapacity, at}
	known.variants[lowered.ResourceID] = variant
	return h.with(lowered.Endpoint(), known)
}

// Raised is the step that gives the target, as it is now, the minimum back that a step has taken from it.
func (s Step) Raised(now *fleet.Target) Step {
	target := *now
	target.MinCapacity = min(s.Expects.Target.MinCapacity, now.MaxCapacity)
	s.Target, s.Expects = &target, Object{Target: now}
	s.ToZero, s.Effect, s.again = false, "", true
	s.Changes = []Change{{Field: minCapacity, Before: now.MinCapacity, After: target.MinCapacity}}
	return s
}

// minCapacity is the field of the minimum.
const minCapacity = "min_capacity"

// raisedTo is the minimum that a variant is to get back now, and why; 0 is none: nothing is owed, somebody wrote another minimum,
// or the variant would wake.
func (o owed) raisedTo(endpoint *fleet.Endpoint, variant *fleet.Variant, at time.Time) (minimum int, why string) {
	if o.minimum == 0 || variant.Target == nil || variant.Target.MinCapacity != o.lowered {
		return 0, ""
	}
	as, target := *variant, *variant.Target
	target.MinCapacity = min(o.minimum, target.MaxCapacity)
	as.Target = &target
	if why = Asleep(endpoint, &as, at); why == "" || target.MinCapacity <= o.lowered {
		return 0, ""
	}
	return target.MinCapacity, why
}

// saw is what is still owed by what is seen. AWS may show an older state for some seconds, which settles nothing.
func (o owed) saw(endpoint *fleet.Endpoint, variant *fleet.Variant, when moments) owed {
	settled := o.at.Add(settles)
	if o.minimum == 0 || when.scaling.Before(settled) || when.alarms.Before(settled) {
		return o
	}
	if minimum, _ := o.raisedTo(endpoint, variant, when.at); minimum > 0 {
		return o
	}
	return owed{}
}

// wrote is what is still owed once a step has written the target.
func (o owed) wrote(step Step) owed {
	if step.Kind == MinCapacity || step.Target.MinCapacity != o.lowered {
		return owed{}
	}
	return o
}

// raise gives a target that stands the minimum back that is owed to it, as the first step of its variant. It tells what the
// step does, empty where nothing is owed. That is no fight: the minimum is still as we wrote it.
func (d *draft) raise(s *policy.Subject, at *int) (effect string) {
	minimum, why := d.history.variant(s.Resource).owed.raisedTo(s.Endpoint, s.Variant, d.snapshot.At)
	if minimum == 0 {
		return ""
	}
	*at, d.touched, d.step.again = minimum, true, true
	return "the minimum was lowered too soon and is raised again: " + why
}
