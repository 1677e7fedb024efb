package observe

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// awake tells when a variant may last have worked.
type awake struct {
	asleep bool      // no instance runs, and none is wanted
	last   time.Time // when instances were last seen, or may have run unseen until then
}

// seen takes in what DescribeEndpoint said of the variant at the given moment.
func (a awake) seen(described fleet.VariantDescription, status string, at time.Time) awake {
	none := func(n *int) bool { return n != nil && *n == 0 }
	asleep := none(described.Current) && none(described.Desired) && status == fleet.InService
	if !asleep || !a.asleep { // when it fell asleep is not known: at any time until now
		a.last = at
	}
	a.asleep = asleep
	return a
}

// watchVariants follows every variant of the asynchronous endpoints.
func (o *Observer) watchVariants() {
	next := make(map[string]awake, len(o.awake))
	for name, known := range o.endpoints {
		if known.kind() != fleet.KindAsync {
			continue
		}
		for _, variant := range known.description.Variants {
			resource := fleet.ResourceID(name, variant.Name)
			next[resource] = o.awake[resource].seen(variant, known.description.Status, known.seenAt)
		}
	}
	o.awake = next
}
