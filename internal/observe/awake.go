package observe

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// awake tells when a variant may last have worked.
type awake struct {
	asleep bool      // no instance runs, and none is wanted
	last   time.Time // when instances were last seen, or may have run unseen until then
	seenAt time.Time // when it was last seen, with instances or without
}

// seen takes in what DescribeEndpoint said of the variant at the given moment. If nothing was said for longer than a
// pause, or if it was changed meanwhile, the last time at that moment, then instances may have come and gone unseen.
func (a awake) seen(described fleet.VariantDescription, status string, at, changed time.Time, pause time.Duration) awake {
	none := func(n *int) bool { return n != nil && *n == 0 }
	asleep := none(described.Current) && none(described.Desired) && status == fleet.InService
	switch {
	case !asleep, !a.asleep, at.Sub(a.seenAt) > pause: // when it fell asleep is not known: at any time until now
		a.last = at
	case changed.After(a.last):
		a.last = changed
	}
	a.asleep, a.seenAt = asleep, at
	return a
}

// watchVariants follows every variant of the asynchronous endpoints. An interval as it was configured is no pause, however
// long it is: nothing would count as asleep. Instances that come and go within one leave an activity, or a new
// modification time of the endpoint.
func (o *Observer) watchVariants() {
	next := make(map[string]awake, len(o.awake))
	pause, signs := o.options.lifetime(fleet.SourceEndpoints), o.signs()
	for name, known := range o.endpoints {
		if known.kind() != fleet.KindAsync {
			continue
		}
		for _, variant := range known.description.Variants {
			resource := fleet.ResourceID(name, variant.Name)
			changed := known.description.LastModified
			if scaled, goesOn := signs.lastScaled(resource); goesOn {
				changed = known.seenAt
			} else if scaled.After(changed) {
				changed = scaled
			}
			next[resource] = o.awake[resource].seen(variant, known.description.Status, known.seenAt, changed.Add(skew), pause)
		}
	}
	o.awake = next
}
