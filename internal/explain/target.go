package explain

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// target is what bounds the number of instances.
func (v *variant) target() Link {
	link := v.checked(Target)
	switch {
	case v.missing != "":
		return link.is(Unknown, "The scalable target is not known: %s.", v.missing)
	case v.noTarget != "":
		return link.is(Unknown, "The scalable target is not known: %s.", v.noTarget)
	case v.Target == nil:
		return v.unregistered(link)
	}
	least, most := v.Target.MinCapacity, v.Target.MaxCapacity
	link.fact("min_capacity", least)
	link.fact("max_capacity", most)
	link.fact("room_to_max", max(0, most-v.desired))
	if n := len(v.Scheduled); n > 0 {
		link.fact("scheduled_actions", n)
	}
	bounds := instances(most)
	switch {
	case !v.counted:
		return link.is(Unused, "From %d to %s.", least, bounds)
	case v.goes == in && v.atMinimum():
		return link.is(Unused, "The minimum keeps %s running.", instances(least))
	case (v.goes == wake || v.goes == out) && v.desired >= most && v.desired <= v.current:
		return v.full(link)
	}
	return link.is(quiet(v.goes != rest), "From %d to %s; %s desired now.", least, bounds, are(v.desired))
}

// unregistered is no target at all. Many an endpoint has a fixed number of instances on purpose; it has not when something
// says that it had a target, or its queue is stuck.
func (v *variant) unregistered(link Link) Link {
	link.fact("registered", false)
	lost := v.noAlarms == "" && slices.ContainsFunc(v.Behavior.Alarms, func(a behavior.Alarm) bool { return len(a.Dead) > 0 })
	stuck := v.asleep() && v.waiting && v.desired == 0 && !v.anotherWakes()
	late := v.waiting && v.age > v.patience()
	if !lost && !stuck && !late {
		return link.is(Unused, "There is no scalable target, so the number of instances (%d) is fixed.", v.desired)
	}
	link.holds = stuck || late
	link.Alert = "SageMakerAsyncWakePolicyMissing"
	if lost {
		return link.is(Broken, noTarget+": it is gone, and its policies with it, so %s.", v.stays())
	}
	return link.is(Broken, noTarget+", so %s.", v.stays())
}

// noTarget is the cause of everything else where nothing is registered.
const noTarget = "Cannot scale: no scalable target"

// stays says how many instances there are without a target.
func (v *variant) stays() string {
	if v.desired == 0 {
		return "nothing starts an instance"
	}
	return "the number of instances stays at " + fleet.Number(float64(v.desired))
}

// usualObjective is how long a request may wait where no objective is configured.
const usualObjective = 30 * time.Minute

// patience is how long a request may wait.
func (v *variant) patience() time.Duration { return cmp.Or(v.endpoint.Latency, usualObjective) }

// full is a target that lets nothing more start.
func (v *variant) full(link Link) Link {
	if v.goes == wake && v.anotherWakes() {
		return link.is(Unused, "The maximum is %d, so no instance of this variant starts. Another one wakes.", v.Target.MaxCapacity)
	}
	if v.goes == wake {
		link.holds = true
		link.Alert = "SageMakerAsyncWakePolicyMissing"
		if s := v.Behavior.Scheduled; s != nil && s.Stands.Ends != "" {
			return link.is(Broken, "The maximum is %d until the scheduled action %q raises it, at %s: no instance starts before.",
				v.Target.MaxCapacity, s.Stands.Ends, fleet.Minute(s.Stands.At, v.at))
		}
		return link.is(Broken, "The maximum is %d, so not even the first instance may start.", v.Target.MaxCapacity)
	}
	if other := v.helper(); other != "" {
		return link.is(Waits, "All of the %s allowed run; variant %q adds more.", instances(v.Target.MaxCapacity), other)
	}
	so := v.actingFor(v.grows)
	if last := v.outs.last; last != nil && !last.End.IsZero() { // since then all of them run
		so = min(so, max(0, v.at.Sub(last.End)))
	}
	if so < fullFor {
		return link.is(Waits, "All of the %s allowed run. A burst is what the maximum is for, as long as the queue shrinks again.",
			instances(v.Target.MaxCapacity))
	}
	link.holds, link.Alert = true, atMaximum
	link.advice = fmt.Sprintf("Raise the maximum of %d, if more instances may be paid for.", v.Target.MaxCapacity)
	return link.is(Broken, "All of the %s allowed run, and the high alarm has been in %s for %s: there is more work than they can do.",
		instances(v.Target.MaxCapacity), v.grows.state, fleet.Lapse(so))
}

// helper is another variant of the endpoint that is to add instances for the queue, and may; empty where none does.
func (v *variant) helper() string {
	for _, other := range v.variants {
		if other != v && other.goes == out && !other.atMaximum() && other.grows.known() {
			return other.Name
		}
	}
	return ""
}

// atMaximum tells whether the variant has all the instances that it may, or no target that allows more.
func (v *variant) atMaximum() bool { return v.Target == nil || v.desired >= v.Target.MaxCapacity }

func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fleet.Number(float64(n)) + " are"
}
