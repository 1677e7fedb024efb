package autoscaling

import (
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Standing is what the scaling of a variant asks for while a situation lasts: once every alarm has come to rest, and now, by
// the alarms that are in that state already. Read tells the state in which an alarm of the model was read; 0 where it was not. An
// alarm that is not judged stays in the state in which it was read. Memory tells for which cooldowns Application Auto Scaling waits.
func (m *Model) Standing(s Situation, room *Room, read func(alarm int) States, memory *Memory, at time.Time) (rest, now Held) {
	out := m.SettleIn(s, room)
	var all, there asking
	n := Instances{s.Desired, s.Running}
	for _, l := range m.links {
		course, was := &out.Alarms[l.alarm], read(l.alarm)
		state := course.Final
		if kept := state & was; !state.Judged() && kept != 0 {
			state = kept
		}
		if !state.Possible(l.state) {
			continue
		}
		p, a := &m.policies[l.policy], &m.alarms[l.alarm]
		v := within(a, l.state, course.Watched)
		w := Wish{
			Alarm: l.alarm, Policy: l.policy, State: l.state, Asked: Ask(p, a, l.state, v, n),
			TrackingIn: ScalesIn(p, a), Uncertain: !state.Certain(l.state), Reason: course.Reason,
		}
		cooled, waiting := w, false
		cooled.Asked, waiting = memory.Ask(p, a, l.state, v, n, at)
		all.add(w, cooled, waiting)
		if was == l.state || was == 0 {
			there.add(w, cooled, waiting)
		}
	}
	b := m.bounds
	if s.Bounds != nil {
		b = *s.Bounds
	}
	return m.hold(b, s.Desired, &all, memory, at), m.hold(b, s.Desired, &there, memory, at)
}

// Held is what is asked for, with the cooldown of its policy.
type Held struct {
	Decision
	Until time.Time // when the cooldown ends or has ended; zero where none began
	Waits bool      // Application Auto Scaling waits for that. A larger scale-out passes
}

// asking are the wishes of one moment, as they are without cooldowns and with them.
type asking struct {
	free, cooled []Wish
	waiting      []bool // for the cooldown of a scale-out
}

func (a *asking) add(free, cooled Wish, waiting bool) {
	a.free, a.cooled, a.waiting = append(a.free, free), append(a.cooled, cooled), append(a.waiting, waiting)
}

// hold decides, and tells whether a cooldown holds it up. A larger scale-out may pass one.
func (m *Model) hold(b Bounds, desired int, asks *asking, memory *Memory, at time.Time) Held {
	h := Held{Decision: Decide(b, desired, asks.free, m.tracking)}
	if !h.Changes(desired) {
		return h
	}
	out := h.Least > desired
	until := func(d Decision) time.Time { return memory.CoolsUntil(&m.policies[d.Policy], out) }
	switch passes := Decide(b, desired, asks.cooled, m.tracking); {
	case out && passes.Least > desired:
		h.Decision, h.Until = passes, until(passes)
	case !out && passes.Most < desired:
		h.Decision, h.Until = passes, until(passes)
		h.Waits = h.Until.After(at)
	default:
		for i, waits := range asks.waiting {
			if waits && (!out || asks.free[i].Asked.Least > desired) {
				h.Until = soonest(h.Until, memory.CoolsUntil(&m.policies[asks.free[i].Policy], true), out)
				h.Waits = true
			}
		}
	}
	return h
}

// soonest is the first of two moments, of which the first may be zero; or the last, where one after the other has to pass.
func soonest(a, b time.Time, first bool) time.Time {
	if a.IsZero() || b.Before(a) == first {
		return b
	}
	return a
}

// within is what a value can be while an alarm is in a state that speaks of it.
func within(a *fleet.Alarm, state States, v Value) Value {
	above, ok := greater(a)
	if v.there == absent || v.lo == v.hi || !ok || state != Alarm && state != OK {
		return v
	}
	const just = 1e-9 // beyond a threshold that is not part of it
	at := a.Threshold
	strict := a.Comparison == "GreaterThanThreshold" || a.Comparison == "LessThanThreshold"
	step := 0.
	if strict == (state == Alarm) {
		step = just * max(1, math.Abs(at))
	}
	if above == (state == Alarm) {
		v.lo = max(v.lo, at+step)
	} else {
		v.hi = min(v.hi, at-step)
	}
	v.lo, v.hi = min(v.lo, v.hi), max(v.lo, v.hi)
	return v
}
