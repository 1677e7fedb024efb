package autoscaling

import (
	"math"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Standing is what the scaling of a variant asks for while a situation lasts: once every alarm has come to rest, and now, by
// the alarms that are in that state already. Read tells the state in which an alarm of the model was read; 0 where it was not. An
// alarm that is not judged stays in the state in which it was read.
func (m *Model) Standing(s Situation, room *Room, read func(alarm int) States) (rest, now Decision) {
	out := m.SettleIn(s, room)
	var one, two [6]Wish
	all, there := one[:0], two[:0]
	for _, l := range m.links {
		course, was := &out.Alarms[l.alarm], read(l.alarm)
		at := course.Final
		if kept := at & was; !at.Judged() && kept != 0 {
			at = kept
		}
		if !at.Possible(l.state) {
			continue
		}
		p, a := &m.policies[l.policy], &m.alarms[l.alarm]
		w := Wish{
			Alarm: l.alarm, Policy: l.policy, State: l.state,
			Asked:      Ask(p, a, l.state, within(a, l.state, course.Watched), Instances{s.Desired, s.Running}),
			TrackingIn: ScalesIn(p, a), Uncertain: !at.Certain(l.state), Reason: course.Reason,
		}
		all = append(all, w)
		if was == l.state || was == 0 {
			there = append(there, w)
		}
	}
	b := m.bounds
	if s.Bounds != nil {
		b = *s.Bounds
	}
	return Decide(b, s.Desired, all, m.tracking), Decide(b, s.Desired, there, m.tracking)
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
