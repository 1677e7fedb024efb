package autoscaling

import (
	"cmp"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Bounds are what limits the capacity of a variant: MinCapacity and MaxCapacity of its target, and what is suspended there.
type Bounds struct {
	Min, Max  int
	Suspended fleet.Suspension
}

func (b Bounds) clamp(n int) int { return min(max(n, b.Min), b.Max) }

// Wish is what one alarm in one state asks of one policy.
type Wish struct {
	Alarm, Policy int    // indices of the caller's own
	State         States // in which the alarm asks
	Asked         Asked
	TrackingIn    bool // a tracking policy asks to scale in
	Uncertain     bool // whether the alarm acts is not judged
	Reason        string
}

// Decision is the capacity that is asked for.
type Decision struct {
	Least, Most   int
	Alarm, Policy int    // of the wish that decides; -1: none
	State         States // in which that alarm asks
	After         int    // minutes from the change of a situation
	Reason        string
}

// Changes tells whether the capacity certainly becomes another one than n.
func (d Decision) Changes(n int) bool { return d.Least > n || d.Most < n }

// Decide takes the wishes of one minute together. AWS, "Target tracking scaling policies": of several policies the largest
// capacity wins, to scale out and to scale in; tracking scales in only when all tracking policies that may scale in are ready
// to: tracking is the number of those. A step policy scales in whatever tracking does, unless that asks for more at the same
// moment. Of equal capacities the first wish decides.
func Decide(b Bounds, desired int, wishes []Wish, tracking int) Decision {
	joint, open := together(desired, wishes, tracking)
	d := Decision{Least: desired, Most: desired, Alarm: -1, Policy: -1}
	perhapsLeast, perhapsMost := desired, desired // of what may be asked for, or nothing
	certain, beside := false, 0                   // beside: the most of what may be asked for
	for _, w := range wishes {
		if w.TrackingIn {
			if !open {
				continue
			}
			w, open = joint, false
		}
		if w.Asked.None && w.Asked.Least == w.Asked.Most {
			continue
		}
		least, most := b.clamp(w.Asked.Least), b.clamp(w.Asked.Most)
		uncertain := w.Uncertain || w.Asked.None
		if d.Reason == "" && (uncertain || least != most) {
			d.Reason = cmp.Or(w.Reason, w.Asked.Reason)
		}
		switch {
		case uncertain:
			perhapsLeast, perhapsMost, beside = min(perhapsLeast, least), max(perhapsMost, most), max(beside, most)
		case !certain:
			certain, d.Least, d.Most, d.Alarm, d.Policy, d.State = true, least, most, w.Alarm, w.Policy, w.State
		default:
			if least > d.Least {
				d.Alarm, d.Policy, d.State = w.Alarm, w.Policy, w.State
			}
			d.Least, d.Most = max(d.Least, least), max(d.Most, most)
		}
	}
	if certain { // what else may be asked for can only make it more
		d.Most = max(d.Most, beside)
	} else {
		d.Least, d.Most = perhapsLeast, perhapsMost
	}
	d.limit(b, desired)
	if d.Least == d.Most {
		d.Reason = ""
	}
	return d
}

// together is what the tracking policies that scale in ask for as one; ok is false where they certainly do not. All of them have to be
// ready, and the largest capacity wins. One that asks for as many instances as there are removes none.
func together(desired int, wishes []Wish, tracking int) (joint Wish, ok bool) {
	ready, possible := 0, 0
	for i := range wishes {
		w, first := wishes[i], true
		if !w.TrackingIn || w.Asked.None {
			continue
		}
		for k := range wishes { // a policy may have several alarms
			other := &wishes[k]
			if k == i || !other.TrackingIn || other.Asked.None || other.Policy != w.Policy {
				continue
			}
			first = first && k > i
			w.either(other)
		}
		if !first {
			continue
		}
		if possible++; !w.Uncertain {
			ready++
		}
		if possible == 1 {
			joint = w
			continue
		}
		least, most := max(joint.Asked.Least, w.Asked.Least), max(joint.Asked.Most, w.Asked.Most)
		if w.Asked.Least > joint.Asked.Least {
			joint = w
		}
		joint.Asked.Least, joint.Asked.Most = least, most
	}
	if possible == 0 || possible < tracking || joint.Asked.Least >= desired {
		return joint, false
	}
	joint.Uncertain = ready < tracking || joint.Asked.Most >= desired
	joint.Asked.Most = min(joint.Asked.Most, desired-1)
	return joint, true
}

// either is the wish of a policy that another of its alarms may trigger too.
func (w *Wish) either(other *Wish) {
	switch {
	case !w.Uncertain && !other.Uncertain:
		w.Asked.Least, w.Asked.Most = max(w.Asked.Least, other.Asked.Least), max(w.Asked.Most, other.Asked.Most)
	case w.Uncertain && other.Uncertain:
		w.Asked.Least, w.Asked.Most = min(w.Asked.Least, other.Asked.Least), max(w.Asked.Most, other.Asked.Most)
	case w.Uncertain:
		w.Asked.Least, w.Asked.Most = other.Asked.Least, max(w.Asked.Most, other.Asked.Most)
	default:
		w.Asked.Most = max(w.Asked.Most, other.Asked.Most)
	}
	w.Uncertain, w.Reason = w.Uncertain && other.Uncertain, cmp.Or(w.Reason, other.Reason)
}

// limit takes away what is suspended.
func (d *Decision) limit(b Bounds, desired int) {
	if b.Suspended.ScaleOut {
		d.Least, d.Most = min(d.Least, desired), min(d.Most, desired)
	}
	if b.Suspended.ScaleIn {
		d.Least, d.Most = max(d.Least, desired), max(d.Most, desired)
	}
	if d.Least == desired && d.Most == desired {
		d.Alarm, d.Policy, d.State = -1, -1, 0
	}
}

// TracksIn tells whether a tracking policy may scale in: each of those has to be ready before any does.
func TracksIn(p *fleet.Policy) bool { return p.Tracking != nil && !p.Tracking.DisableScaleIn }
