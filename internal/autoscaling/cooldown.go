package autoscaling

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Memory is what Application Auto Scaling remembers of a scalable target: its latest scaling activities. The zero Memory
// remembers none.
type Memory struct {
	in   time.Time      // the latest scale-in
	outs map[string]out // the latest scale-out by the name of its policy
}

type out struct {
	at       time.Time
	from, to int // capacities
}

// Done is something that was done. It has no end while it goes on.
type Done struct{ Start, End time.Time }

// CoolsUntil is until when a policy holds still in a direction, after the newest scale-out and the newest scale-in of its target, which
// are zero where there was none; zero where it does not. A scale-out waits for the scale-out before it, and a scale-in for the
// scale-in before it, unless a scale-out has come since: AWS, "Cooldown period". What goes on has not begun to cool down.
func CoolsUntil(p *fleet.Policy, scaleOut bool, out, in Done) time.Time {
	last := out
	if !scaleOut {
		if last = in; out.Start.After(in.Start) {
			return time.Time{}
		}
	}
	if last.End.IsZero() {
		return time.Time{}
	}
	return last.End.Add(Cooldown(p, scaleOut))
}

// Cooldown is how long a policy waits after an activity in a direction; a step policy has one for both.
func Cooldown(p *fleet.Policy, scaleOut bool) time.Duration {
	switch {
	case p == nil:
		return 0
	case p.Step != nil:
		return fleet.Cooldown(p.Step.Cooldown)
	case p.Tracking == nil:
		return 0
	case scaleOut:
		return fleet.Cooldown(p.Tracking.ScaleOutCooldown)
	}
	return fleet.Cooldown(p.Tracking.ScaleInCooldown)
}

// Ask is what a policy asks for at a moment, with regard to its cooldown after a scale-out. AWS, "Cooldown period": until it
// ends, a policy adds instances only for a larger scale-out, of which those count that it has added already. One that waits
// asks for what there is, which keeps others from scaling in.
func (m *Memory) Ask(p *fleet.Policy, a *fleet.Alarm, state States, v Value, n Instances, at time.Time) (asks Asked, waiting bool) {
	asks = Ask(p, a, state, v, n)
	last, ok := m.outs[p.Name]
	if !ok || !at.Before(CoolsUntil(p, true, Done{last.at, last.at}, Done{})) || asks.None || asks.Least < n.Desired || asks.Least == n.Desired && p.Step != nil {
		return asks, false
	}
	if p.Step != nil {
		asks = Ask(p, a, state, v, Instances{last.from, n.Running})
	}
	if asks.Least <= max(last.to, n.Desired) {
		return asked(n.Desired), true
	}
	return asks, false
}

// Waits tells whether a scale-in has to wait for the cooldown of its policy.
func (m *Memory) Waits(p *fleet.Policy, at time.Time) bool {
	return !m.in.IsZero() && at.Before(CoolsUntil(p, false, Done{}, Done{m.in, m.in}))
}

// Scaled remembers that a policy has changed the capacity. A scale-out ends the cooldown of a scale-in.
func (m *Memory) Scaled(p *fleet.Policy, from, to int, at time.Time) {
	if to < from {
		m.in = at
		return
	}
	if m.outs == nil {
		m.outs = map[string]out{}
	}
	m.outs[p.Name], m.in = out{at, from, to}, time.Time{}
}
