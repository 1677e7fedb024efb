package autoscaling

import (
	"cmp"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Model is the scaling of a variant, ready to be asked about situations. It is immutable.
type Model struct {
	bounds   Bounds
	policies []fleet.Policy
	alarms   []fleet.Alarm
	watches  []*Watch
	links    []link
	tracking int // policies that have to be ready to scale in before any does
}

// link is an alarm that triggers a policy in a state.
type link struct {
	alarm, policy int
	state         States
}

// NewModel takes a variant's target, its policies, and every alarm that may trigger one of them. Muted tells by name which
// alarms a mute rule silences now; nil mutes none. A tracking policy without alarms gets those that AWS makes for it, unless
// they are known to be lost: they follow the given ones, see Alarms. Policies are told apart by their ARNs.
func NewModel(target fleet.Target, policies []fleet.Policy, alarms []fleet.Alarm, muted func(alarm string) bool) *Model {
	m := &Model{
		bounds:   Bounds{target.MinCapacity, target.MaxCapacity, target.Suspended},
		policies: policies, alarms: slices.Clip(alarms),
	}
	byARN := make(map[string]int, len(policies))
	for i := range policies {
		if policies[i].ARN != "" {
			byARN[policies[i].ARN] = i
		}
	}
	watched := make([]bool, len(policies))
	for i := range alarms {
		for _, state := range []States{Alarm, OK, InsufficientData} {
			for _, action := range Actions(&alarms[i], state) {
				policy, ok := byARN[PolicyARN(action)]
				if !ok {
					continue
				}
				watched[policy] = true
				if alarms[i].ActionsEnabled && (muted == nil || !muted(alarms[i].Name)) {
					m.links = append(m.links, link{i, policy, state})
				}
			}
		}
	}
	for i := range policies {
		if TracksIn(&policies[i]) {
			m.tracking++
		}
		if watched[i] || policies[i].Tracking == nil || len(policies[i].Lost) > 0 {
			continue
		}
		for _, a := range TrackingAlarms(&policies[i], func() string { return "assumed" }) {
			m.links = append(m.links, link{len(m.alarms), i, Alarm})
			m.alarms = append(m.alarms, a)
		}
	}
	m.watches = make([]*Watch, len(m.alarms))
	for i := range m.alarms {
		m.watches[i] = Compile(&m.alarms[i])
	}
	return m
}

// Without is the model without what some alarms trigger, told by their indices.
func (m *Model) Without(alarm func(i int) bool) *Model {
	out := *m
	out.links = slices.DeleteFunc(slices.Clone(m.links), func(l link) bool { return alarm(l.alarm) })
	return &out
}

// Alarms are the alarms that indices are of: the given ones, and behind them those that AWS would make.
func (m *Model) Alarms() []fleet.Alarm { return m.alarms }

// Policies are the policies that indices are of.
func (m *Model) Policies() []fleet.Policy { return m.policies }

// Situation is a steady state of a variant: from a moment on every minute of every metric is worth the same, and so was every
// minute before.
type Situation struct {
	// Metric tells one value a minute: before the change, and from it on. It is not asked for a metric that AWS never publishes
	// or that has another unit than an alarm demands: those are missing.
	Metric           func(fleet.Metric) (before, now Value)
	Desired, Running int
	Late             int // the newest minutes, which CloudWatch does not show yet
	// Bounds are the capacities in place of those of the target, where a scheduled action has changed them.
	Bounds *Bounds
}

// Outcome is what happens in a situation.
type Outcome struct {
	Alarms []Course // by the alarms of the model
	Acts   []Act    // sorted by alarm, policy and state
	First  Decision // of the first minute in which the capacity changes for certain; Alarm and Policy -1: it never does. Alarms that
	// are still in a state of the time before count only if that is their state at rest too
	Final Decision // of each minute when every alarm has come to rest
}

// Act is an alarm that triggers a policy, perhaps.
type Act struct {
	Alarm, Policy int    // indices
	State         States // in which the alarm triggers it
	After         int    // minutes until the alarm is, or may be, in the state for the first time
	Lasts         bool   // the alarm is, or may be, in the state at rest: it acts again each minute
	Certain       bool   // it is in the state, as far as that is judged
	Asked         Asked  // at rest, or when it was last in the state
	Reason        string // why it is not certain
}

// Settle says how the scaling of the variant takes a situation. Nothing that it asks for is carried out meanwhile.
func (m *Model) Settle(s Situation) Outcome { return m.SettleIn(s, &Room{}) }

// Room is room for the answer to one situation after another. The zero Room is empty.
type Room struct {
	alarms []Course
	steps  []Step
	acts   []Act
}

// SettleIn is Settle in a room: the alarms and acts of the outcome stand until the room is used again, its decisions for good.
func (m *Model) SettleIn(s Situation, room *Room) Outcome {
	const most = 3 // steps that nearly every alarm has at most
	if n := len(m.alarms); len(room.alarms) < n || cap(room.acts) < len(m.links) {
		*room = Room{make([]Course, n), make([]Step, most*n), make([]Act, 0, len(m.links))}
	}
	out, steps := Outcome{Alarms: room.alarms[:len(m.alarms)], Acts: room.acts[:0]}, room.steps
	for i := range m.alarms {
		out.Alarms[i] = steady(&m.alarms[i], m.watches[i], &s, steps[i*most:i*most:(i+1)*most])
	}
	n := Instances{s.Desired, s.Running}
	for _, l := range m.links {
		if act, ok := m.act(l, &out.Alarms[l.alarm], n); ok {
			out.Acts = append(out.Acts, act)
		}
	}
	slices.SortFunc(out.Acts, func(a, b Act) int {
		return cmp.Or(cmp.Compare(a.Alarm, b.Alarm), cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.State, b.State))
	})
	out.First, out.Final = m.decisions(&out, &s, n)
	return out
}

// Meanwhile is what is asked for so many minutes into a situation while alarms are left in the state of the time before it: with M of
// N periods, or long ones, an alarm takes long to leave a state. The other alarms are in the states of a later situation, so many
// minutes into that. What nothing is left of changes nothing. Tracking that may be ready to scale in, by values at zero instances of
// which AWS does not say whether there are any, holds nothing up.
func (m *Model) Meanwhile(since Outcome, minute int, later Outcome, then int, b Bounds, n Instances) Decision {
	var room [6]Wish
	wishes, some := room[:0], false
	for _, l := range m.links {
		step, left := since.Alarms[l.alarm].at(minute)
		if !left {
			step, _ = later.Alarms[l.alarm].at(then)
		}
		if !step.States.Possible(l.state) {
			continue
		}
		some = some || left
		if w := m.wish(l, step, n); !w.TrackingIn || !w.Uncertain {
			wishes = append(wishes, w)
		}
	}
	if !some {
		return Decision{Least: n.Desired, Most: n.Desired, Alarm: -1, Policy: -1}
	}
	d := Decide(b, n.Desired, wishes, m.tracking)
	d.After = minute
	return d
}

// wish is what a link asks for while its alarm may be in the state.
func (m *Model) wish(l link, step *Step, n Instances) Wish {
	p, a := &m.policies[l.policy], &m.alarms[l.alarm]
	return Wish{
		Alarm: l.alarm, Policy: l.policy, Asked: Ask(p, a, l.state, step.Watched, n),
		TrackingIn: ScalesIn(p, a), Uncertain: !step.States.Certain(l.state), Reason: step.Reason,
	}
}

// act tells whether and when a link acts.
func (m *Model) act(l link, c *Course, n Instances) (act Act, ok bool) {
	act = Act{Alarm: l.alarm, Policy: l.policy, State: l.state}
	for i, step := range c.Steps {
		if i == 0 && len(c.Steps) > 1 || !step.States.Possible(l.state) {
			continue // what is left of the time before is no answer to the situation
		}
		if !ok {
			act.After, ok = max(step.Minute, 1), true
		}
		act.Certain = step.States.Certain(l.state)
		act.Lasts = i == len(c.Steps)-1
		act.Asked = Ask(&m.policies[l.policy], &m.alarms[l.alarm], l.state, step.Watched, n)
		act.Reason = step.Reason
	}
	return act, ok
}

// decisions takes the alarms together, at each minute in which one of them changes.
func (m *Model) decisions(out *Outcome, s *Situation, n Instances) (first, final Decision) {
	b := m.bounds
	if s.Bounds != nil {
		b = *s.Bounds
	}
	var stack [12]int
	at := stack[:0]
	for i := range out.Alarms {
		for _, step := range out.Alarms[i].Steps {
			at = append(at, max(step.Minute, 1))
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	first = Decision{Least: n.Desired, Most: n.Desired, Alarm: -1, Policy: -1}
	final = first
	var room [6]Wish
	wishes := room[:0]
	for _, minute := range at {
		wishes = wishes[:0]
		for _, l := range m.links {
			step, left := out.Alarms[l.alarm].at(minute)
			if left || !step.States.Possible(l.state) {
				continue
			}
			p, a := &m.policies[l.policy], &m.alarms[l.alarm]
			wishes = append(wishes, Wish{
				Alarm: l.alarm, Policy: l.policy, State: l.state, Asked: Ask(p, a, l.state, step.Watched, n),
				TrackingIn: ScalesIn(p, a), Uncertain: !step.States.Certain(l.state), Reason: step.Reason,
			})
		}
		final = Decide(b, n.Desired, wishes, m.tracking)
		final.After = minute
		if first.Alarm < 0 && final.Changes(n.Desired) {
			first = final
		}
	}
	return first, final
}
