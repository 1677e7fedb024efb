package autoscaling

import (
	"cmp"
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Seen is how an alarm was read. The zero Seen is of one that was not.
type Seen struct {
	State States
	Lasts bool // it is in that state still, whatever its metrics are worth now: see Stays
}

// Standing is what the scaling of a variant asks for while a situation lasts.
type Standing struct {
	Rest Held // once every alarm has come to rest
	Now  Held // by the alarms that are in that state already. One that is not judged stays in the state in which it was read
	Read Held // by all alarms, in the states in which they were read: what is left of the time before acts too
}

// Standing evaluates a situation, with the alarms of the model as they were seen. Memory tells for which cooldowns Application Auto
// Scaling waits.
func (m *Model) Standing(s Situation, room *Room, seen func(alarm int) Seen, memory *Memory, at time.Time) Standing {
	out := m.SettleIn(s, room)
	var rest, now, read asking
	n := Instances{s.Desired, s.Running}
	for _, l := range m.links {
		course, was := &out.Alarms[l.alarm], seen(l.alarm)
		state := course.Final
		if kept := state & was.State; !state.Judged() && kept != 0 {
			state = kept
		}
		p, a := &m.policies[l.policy], &m.alarms[l.alarm]
		wish := func(v Value, uncertain bool, in ...*asking) {
			w := Wish{
				Alarm: l.alarm, Policy: l.policy, State: l.state, Asked: Ask(p, a, l.state, v, n),
				TrackingIn: ScalesIn(p, a), Uncertain: uncertain, Reason: course.Reason,
			}
			cooled, waiting := w, false
			cooled.Asked, waiting = memory.Ask(p, a, l.state, v, n, at)
			for _, asks := range in {
				asks.add(w, cooled, waiting)
			}
		}
		switch v := within(a, l.state, course.Watched); {
		case state.Possible(l.state) && (was.State == l.state || was.State == 0):
			wish(v, !state.Certain(l.state), &rest, &now, &read)
		case state.Possible(l.state):
			wish(v, !state.Certain(l.state), &rest)
		case was.State == l.state:
			wish(within(a, l.state, before(a, l.state)), !was.Lasts, &read)
		}
	}
	b := m.bounds
	if s.Bounds != nil {
		b = *s.Bounds
	}
	return Standing{m.hold(b, s.Desired, &rest, memory, at), m.hold(b, s.Desired, &now, memory, at), m.hold(b, s.Desired, &read, memory, at)}
}

// before is what an alarm can have seen that is left in a state.
func before(a *fleet.Alarm, state States) Value {
	if state == InsufficientData {
		return Missing()
	}
	if _, ok, _ := Published(a.Metric); ok && len(a.Math) == 0 {
		return AtLeast(0)
	}
	return Between(math.Inf(-1), math.Inf(1))
}

// Stays is how long an alarm stays in a state when all that it has seen speaks for that, and every new datapoint against it.
func Stays(a *fleet.Alarm, state States) time.Duration {
	enough := cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods)
	switch state {
	case Alarm:
		return time.Duration(a.EvaluationPeriods-enough+1) * a.Period
	case OK:
		return time.Duration(enough) * a.Period
	}
	return a.Period
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
