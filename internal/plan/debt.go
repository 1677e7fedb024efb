package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// debt is a minimum that we lowered to 0 beside something that would not wake the variant, or may, and that could not be raised
// again. It is raised before anything else, and ends as next and wrote say.
type debt struct {
	minimum    int       // to raise it to; 0: nothing is owed
	kept       int       // the minimum that the variant is to have in the end where no entry sets one
	mutes      bool      // mute rules were known: nobody knows whether the variant wakes while they are not
	at         time.Time // when we wrote the target last
	registered time.Time // when the target was; zero: not seen since
}

// sighting is what was seen of a variant.
type sighting struct {
	target *fleet.Target // nil: none was there
	asleep string        // why nothing would wake it, or nobody knows; empty: it wakes
	when   moments
}

// Lag is for how long AWS may answer with any state before our own write.
const Lag = 10 * time.Second

// next is what is owed after a sighting. A debt ends when somebody deregistered the target or registered it anew, when somebody wrote another minimum,
// when the minimum was raised, and when the variant wakes. AWS may show an older state for a while: the minimum from before our
// write proves nothing within a minute.
func (d debt) next(s sighting) debt {
	read, settled := s.when.scaling, d.at.Add(settles)
	switch {
	case d.minimum == 0:
		return d
	case s.target == nil: // the one that comes back is another one
		return d.unless(!read.Before(settled))
	case d.registered.IsZero():
		d.registered = s.target.Created
	case !s.target.Created.Equal(d.registered):
		return debt{}
	}
	switch s.target.MinCapacity {
	case 0:
		return d.unless(s.asleep == "" && !read.Before(settled) && !s.when.alarms.Before(settled))
	case d.minimum:
		return d.unless(!read.Before(settled))
	}
	return d.unless(!read.Before(d.at.Add(Lag)))
}

// unless is the debt, or none where it has ended.
func (d debt) unless(ended bool) debt {
	if ended {
		return debt{}
	}
	return d
}

// wrote is what is owed once a step has written the target for sure.
func (d debt) wrote(step Step, at time.Time) debt {
	if d.minimum == 0 || step.Kind == MinCapacity || step.Action == Create || step.Target.MinCapacity > 0 {
		return debt{}
	}
	d.at = at
	return d
}

// due is the minimum that a target is to get back now; 0 is none.
func (d debt) due(s sighting) int {
	if d.minimum == 0 || s.target == nil || s.target.MinCapacity > 0 || s.asleep == "" {
		return 0
	}
	return min(d.minimum, s.target.MaxCapacity) // a maximum of 0 stops it for a while
}

// sees is what an observation says of the variant.
func (d debt) sees(endpoint *fleet.Endpoint, variant *fleet.Variant, when moments) sighting {
	s := sighting{target: variant.Target, when: when}
	if d.minimum == 0 || s.target == nil {
		return s
	}
	as, target := *variant, *variant.Target
	target.MinCapacity = d.minimum // a mute rule to come counts as it did then
	as.Target = &target
	if s.asleep = Asleep(endpoint, &as, when.at); s.asleep == "" && d.mutes && (when.older || unmuted(variant)) {
		s.asleep = "the mute rules of its alarms could not be read"
	}
	return s
}

// unmuted tells whether nobody knows the mute rules of an alarm.
func unmuted(variant *fleet.Variant) bool {
	return slices.ContainsFunc(variant.Alarms, func(a fleet.WiredAlarm) bool { return !a.Mutes.Known })
}

// Owes notes that the minimum which a step has lowered to 0 could not be raised again, and whether mute rules were known.
func (h History) Owes(lowered Step, mutes bool, at time.Time) History {
	if newest, ok := h.Wrote(lowered); ok {
		at = newest.At
	}
	before := lowered.Expects.Target
	known := h.endpoints[lowered.Endpoint()]
	known.variants = maps.Clone(known.variants)
	if known.variants == nil {
		known.variants = map[string]variantHistory{}
	}
	variant := known.variants[lowered.ResourceID]
	variant.debt = debt{before.MinCapacity, lowered.goal.kept, mutes, at, before.Created}
	variant.good.min = variant.debt.kept
	known.variants[lowered.ResourceID] = variant
	return h.with(lowered.Endpoint(), known)
}

// Owing names the endpoints at which a minimum is owed, sorted.
func (h History) Owing() (endpoints []string) {
	for name, known := range h.endpoints {
		if len(known.debts()) > 0 {
			endpoints = append(endpoints, name)
		}
	}
	slices.Sort(endpoints)
	return endpoints
}

// Gone forgets an endpoint that was deleted.
func (h History) Gone(endpoint string) History {
	h.endpoints = maps.Clone(h.endpoints)
	delete(h.endpoints, endpoint)
	return h
}

// Unpaid withholds what is owed at an endpoint, for that reason.
func (h History) Unpaid(scope fleet.Scope, endpoint, why string) (lines []Withheld) {
	for _, resource := range h.endpoints[endpoint].debts() {
		lines = append(lines, Withheld{Scope: scope, ResourceID: resource, Kind: ScalableTarget, Reason: WouldNotWake, Detail: unpaid(why)})
	}
	return lines
}

func unpaid(why string) string {
	return "the minimum was lowered to 0 too soon, and is not raised again: " + why
}

// debts are the variants at which a minimum is owed, sorted.
func (e endpointHistory) debts() (resources []string) {
	for resource, known := range e.variants {
		if known.debt.minimum > 0 {
			resources = append(resources, resource)
		}
	}
	slices.Sort(resources)
	return resources
}

// owing is what is left of the past of a variant that the endpoint does not have any more: what we owe, for when it comes back.
func (v variantHistory) owing() variantHistory { return variantHistory{debt: v.debt} }

// Of is the step that lowered a minimum, of the target as it was seen since: when that was registered is not known before where
// the same round has registered it.
func (s Step) Of(seen *fleet.Target) Step {
	if before := *s.Expects.Target; before.Created.IsZero() {
		before.Created = seen.Created
		s.Expects = Object{Target: &before}
	}
	return s
}

// Raises tells whether the step gives a target the minimum back that we had lowered. No bound on steps holds that up.
func (s Step) Raises() bool { return s.again }

// Raised is the step that gives the target, as it is now, the minimum back that a step has taken from it. Its bounds are then
// what they were to be before.
func (s Step) Raised(now *fleet.Target) Step {
	target := *now
	target.MinCapacity = min(s.Expects.Target.MinCapacity, now.MaxCapacity)
	s.goal.min = min(s.goal.kept, target.MinCapacity)
	if now.MaxCapacity != s.Target.MaxCapacity { // somebody's
		s.goal.max = now.MaxCapacity
	}
	s.Target, s.Expects = &target, Object{Target: now}
	s.ToZero, s.Effect, s.again = false, "", true
	s.Changes = []Change{{Field: minCapacity, Before: now.MinCapacity, After: target.MinCapacity}}
	return s
}

// minCapacity is the field of the minimum.
const minCapacity = "min_capacity"

// owed is the minimum that a target which stands is to get back now, and why; 0 is none.
func (d *differ) owed(s *policy.Subject) (minimum int, why string) {
	owed := d.history.variant(s.Resource).debt
	alarms, _ := d.snapshot.Source(fleet.SourceAlarms)
	seen := owed.sees(s.Endpoint, s.Variant, moments{at: d.snapshot.At, older: alarms.Lacks != ""})
	return owed.due(seen), seen.asleep
}

// raise gives a target that stands the minimum back that is owed to it, as the first step of its endpoint. It tells what the
// step does, empty where nothing is owed. That is no fight: the minimum is still as we wrote it.
func (d *draft) raise(s *policy.Subject, at *int) (effect string) {
	minimum, why := d.owed(s)
	if minimum == 0 {
		return ""
	}
	*at, d.touched, d.step.again = minimum, true, true
	return "the minimum was lowered too soon and is raised again: " + why
}

// unpaid says what is owed where nothing may be written.
func (d *differ) unpaid() {
	for _, name := range d.history.Owing() {
		why := "the endpoint is not observed"
		switch i := slices.IndexFunc(d.snapshot.Endpoints, func(e fleet.Endpoint) bool { return e.Name == name }); {
		case slices.Contains(d.plan.OptedOut, name):
			why = "the endpoint is tagged to be left alone"
		case i >= 0:
			why = "no policy selects the variant"
		case d.rules.Writing: // a view of another endpoint alone
			continue
		}
		for _, line := range d.history.Unpaid(d.plan.Scope, name, why) {
			if !slices.Contains(d.plan.Selected, line.ResourceID) {
				d.plan.Withheld = append(d.plan.Withheld, line)
			}
		}
	}
}
