package behavior

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// FaultKind says why a variant does not wake.
type FaultKind uint8

// The kinds of faults.
const (
	Nothing     FaultKind = iota // no alarm and no policy that could wake it
	DeadAction                   // the alarm triggers a policy that does not exist
	NoStep                       // the policy adds nothing at the value that triggers its alarm
	NeverAlarms                  // the alarm does not go into ALARM when requests are queued
	Disabled                     // the actions of the alarm are disabled
	Silenced                     // a mute rule silences the actions of the alarm
	Suspended                    // scale-out is suspended
	NoCapacity                   // MaxCapacity is 0
)

// Fault is the nearest cause why a variant does not wake: the object that is nearest to waking it.
type Fault struct {
	Kind   FaultKind
	Path          // the alarm or the policy may be empty
	Others []Path // equally near: the names decide nothing
}

// fault finds the nearest cause. A switch that somebody threw comes first: with it on, the variant wakes.
func (j *judge) fault() *Fault {
	thrown, out := j.switchedOn(scene{of: AsleepRequests, requests: 1, before: asleep(0), now: asleep(1)})
	if thrown != nil {
		return thrown
	}
	near := j.near(out)
	if len(near) == 0 {
		return &Fault{Kind: Nothing}
	}
	slices.SortStableFunc(near, func(a, b Fault) int { return cmp.Compare(a.Kind, b.Kind) })
	first := near[0]
	for _, other := range near[1:] {
		if other.Kind == first.Kind {
			first.Others = append(first.Others, other.Path)
		}
	}
	return &first
}

// joinFault finds what alone keeps any number of requests from starting the variant beside another one: a switch that somebody threw, or
// the action of an alarm on a policy that does not exist any more. Nil is none: it is not meant to start then.
func (j *judge) joinFault() *Fault {
	thrown, out := j.switchedOn(j.besideAnother(far))
	if thrown != nil {
		return thrown
	}
	for _, f := range j.near(out) {
		if f.Kind == DeadAction {
			return &f
		}
	}
	return nil
}

// switchedOn settles a scene with every switch on, and tells which of them keeps the variant from starting an instance; nil where it
// starts none all the same.
func (j *judge) switchedOn(s scene) (thrown *Fault, out autoscaling.Outcome) {
	on := slices.Clone(j.alarms[:j.read])
	for i := range on {
		on[i].ActionsEnabled = true
	}
	target := j.target
	target.Suspended, target.MaxCapacity = fleet.Suspension{}, max(1, target.MaxCapacity)
	situation := j.situation(s)
	situation.Bounds = &autoscaling.Bounds{Max: target.MaxCapacity}
	out = autoscaling.NewModel(target, j.policies, on, nil).Settle(situation)
	if d, ok := rises(out, 0); ok {
		return j.thrown(d), out
	}
	return nil, out
}

// thrown is the switch that keeps a path from waking the variant.
func (j *judge) thrown(d autoscaling.Decision) *Fault {
	f := &Fault{Path: j.path(d.Alarm, d.Policy)}
	switch alarm := &j.b.Alarms[d.Alarm]; {
	case alarm.Disabled:
		f.Kind = Disabled
	case alarm.Muted:
		f.Kind = Silenced
	case j.target.Suspended.ScaleOut:
		f.Kind = Suspended
	default:
		f.Kind = NoCapacity
	}
	return f
}

// near lists the objects that would wake the variant if one thing about them were another. What acts in some situation
// has its own work, and is none of them.
func (j *judge) near(out autoscaling.Outcome) (near []Fault) {
	for i := range j.b.Alarms {
		alarm := &j.b.Alarms[i]
		if alarm.Name == "" || alarm.Acts != 0 {
			continue
		}
		goes := out.Alarms[i].Final
		for _, action := range alarm.Dead {
			if goes.Possible(autoscaling.Alarm) {
				near = append(near, Fault{Kind: DeadAction, Path: Path{alarm.Name, j.adopted(action)}})
				break
			}
		}
		for p := range j.policies {
			known := &j.b.Policies[p]
			if j.policies[p].Step == nil || known.Acts != 0 || !slices.Contains(alarm.Triggers, known.Name) {
				continue
			}
			path := Path{alarm.Name, known.Name}
			switch {
			case goes.Certain(autoscaling.Alarm):
				near = append(near, Fault{Kind: NoStep, Path: path})
			case known.Adds:
				near = append(near, Fault{Kind: NeverAlarms, Path: path})
			}
		}
	}
	return near
}

// adopted is the policy that bears the name in an action's ARN and adds instances; empty when there is none.
func (j *judge) adopted(action string) string {
	_, name, _ := strings.Cut(action, ":policyName/")
	if known := j.b.Policy(name); known != nil && known.Adds {
		return name
	}
	return ""
}
