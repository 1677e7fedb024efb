package behavior

import (
	"slices"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// made is what AWS makes an alarm of a tracking policy for.
type made uint8

const (
	byHand made = iota
	high
	low
)

// Role is what an alarm does for the variant through a policy, which is empty for an alarm that triggers none: the wake
// alarm starts the first instance from the fewest requests, the high one adds instances at a moderate overload, the low
// one removes idle ones. A burst path beside tracking is another.
func (b *Behavior) Role(alarm, policy string) fleet.Role {
	i := slices.IndexFunc(b.Paths, func(w Wire) bool { return w.Path == Path{alarm, policy} })
	if i < 0 {
		return b.meant(alarm)
	}
	switch path := &b.Paths[i]; {
	case path.made == high:
		return fleet.RoleHigh
	case path.made == low:
		return fleet.RoleLow
	case path.WakesFrom > 0 && path.WakesFrom <= max(1, b.Wakes.From):
		return fleet.RoleWake
	case path.Adds.Has(ModerateOverload) && !b.tracks():
		return fleet.RoleHigh
	case path.Removes.Has(Idle):
		return fleet.RoleLow
	}
	return b.meant(alarm)
}

// Acting is the state in which an alarm does what its role says: ALARM for most.
func (b *Behavior) Acting(alarm, policy string) string {
	return b.Trigger(Path{alarm, policy}, b.Role(alarm, policy) == fleet.RoleLow).State
}

// Trigger is when a path adds instances, or removes them. Where it does neither for certain, it is when its alarm is in the first of the
// states of which the policy is an action, and in ALARM if there is none.
func (b *Behavior) Trigger(path Path, removes bool) Trigger {
	t := Trigger{State: autoscaling.Alarm.String()}
	if i := slices.IndexFunc(b.Paths, func(w Wire) bool { return w.Path == path }); i >= 0 {
		w := &b.Paths[i]
		does := w.Adding
		if removes {
			does = w.Removing
		}
		switch {
		case does.State != "":
			t = does
		case w.in.Possible(autoscaling.Alarm) || w.in == 0:
		case w.in.Possible(autoscaling.OK):
			t.State = autoscaling.OK.String()
		default:
			t.State = w.in.String()
		}
	}
	if known := b.Alarm(path.Alarm); known != nil && t.After == 0 && t.State == autoscaling.Alarm.String() {
		t.After = known.After
	}
	return t
}

// tracks tells whether a tracking policy adds instances at a moderate overload.
func (b *Behavior) tracks() bool {
	return slices.ContainsFunc(b.Paths, func(w Wire) bool { return w.made == high && w.Adds.Has(ModerateOverload) })
}

// meant is the role of an alarm that triggers nothing living: a wake alarm whose policy is gone, whose actions are switched
// off, or that is nearest to waking a variant that does not wake, is one still.
func (b *Behavior) meant(name string) fleet.Role {
	if fault := b.Wakes.Fault; fault != nil && name != "" {
		named := func(p Path) bool { return p.Alarm == name }
		if named(fault.Path) || slices.ContainsFunc(fault.Others, named) {
			return fleet.RoleWake
		}
	}
	alarm := b.Alarm(name)
	if alarm == nil || !alarm.Reaches.Has(AsleepRequests) || alarm.Reaches.Has(AsleepIdle) {
		return fleet.RoleOther
	}
	if len(alarm.Dead) > 0 || len(alarm.Triggers) > 0 && (alarm.Disabled || alarm.Muted) {
		return fleet.RoleWake
	}
	return fleet.RoleOther
}
