package observe

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// skew is how far the clocks of AWS and of this machine may be apart when an activity is held against a description.
const skew = time.Minute

// signs are what the other sources say of endpoints that move. They share nothing with the observer that changes.
type signs struct {
	backlog    map[string]bool                // endpoints whose newest reading says that something waits
	activities map[string]fleet.ActivityState // by resource id
}

func (o *Observer) signs() signs {
	s := signs{backlog: map[string]bool{}, activities: o.activity.states}
	for name, queue := range o.queues {
		if waits(queue) {
			s.backlog[name] = true
		}
	}
	return s
}

// waits tells whether the newest reading says that something waits. One that is too old to be shown counts as well: nothing newer
// says that the queue is empty.
func waits(queue fleet.Queue) bool {
	return queue[fleet.Backlog].Value > 0 || queue[fleet.WithoutCapacity].Value > 0
}

// movement tells whether an endpoint may have changed since it was described. Instances of asynchronous endpoints may
// move without a word in the list; the others only tell their kind, which an update alone changes, and that is listed.
func (s signs) movement(known knownEndpoint, listed fleet.EndpointSummary) bool {
	if known.listed != listed {
		return true
	}
	if known.kind() != fleet.KindAsync {
		return false
	}
	if listed.Status != fleet.InService || known.description.Status != fleet.InService || s.backlog[listed.Name] {
		return true
	}
	for _, variant := range known.description.Variants {
		if variant.Current != nil && variant.Desired != nil && *variant.Current != *variant.Desired {
			return true
		}
		if s.scaled(fleet.ResourceID(listed.Name, variant.Name), known.describedAt.Add(-skew)) {
			return true
		}
	}
	return false
}

// scaled tells whether an activity of the variant goes on or has ended since. This is how an endpoint without a backlog
// is seen to lose its instances, should the list say nothing of it.
func (s signs) scaled(resource string, since time.Time) bool {
	ended, goesOn := s.lastScaled(resource)
	return goesOn || ended.After(since)
}

// lastScaled is when the newest activity of the variant that has ended did so, and whether one goes on. What scaled
// nothing is no movement: an endpoint that sleeps at its minimum may have one such activity after the other.
func (s signs) lastScaled(resource string) (at time.Time, goesOn bool) {
	for _, activity := range s.activities[resource].Recent {
		switch end := ended(activity); {
		case len(activity.NotScaled) > 0:
		case activity.InProgress():
			goesOn = true
		case end.After(at):
			at = end
		}
	}
	return at, goesOn
}
