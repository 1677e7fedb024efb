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

// Recall is what Application Auto Scaling remembers by the activities of a scalable target, newest first. A cooldown begins when the
// instances are there. Activities that no policy caused, as those of scheduled actions, begin none; nor does one that goes on.
func Recall(recent []fleet.Activity) *Memory {
	m := &Memory{}
	for i := len(recent) - 1; i >= 0; i-- {
		a := &recent[i]
		policy, caused := a.Policy()
		to, counted := a.Desired()
		if !caused || !counted || a.Status == "Failed" {
			continue
		}
		before, from := fleet.Earlier(recent[i+1:]), 0
		if before != nil {
			from, _ = before.Desired()
		}
		switch out := a.ScaledOut(before); {
		case !out:
			m.in = a.End
		case a.InProgress():
			m.in = time.Time{}
		default:
			m.Scaled(&fleet.Policy{Name: policy}, min(from, to), to, a.End)
		}
	}
	return m
}

// CoolsUntil is until when a policy holds still in a direction; zero where nothing was done that it waits for. A scale-out waits for the
// scale-out before it by the same policy, and a scale-in for the scale-in before it, unless a scale-out has come since: AWS, "Cooldown
// period".
func (m *Memory) CoolsUntil(p *fleet.Policy, scaleOut bool) time.Time {
	last := m.in
	if scaleOut {
		last = m.outs[p.Name].at
	}
	if last.IsZero() {
		return time.Time{}
	}
	return last.Add(Cooldown(p, scaleOut))
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
	if !ok || !at.Before(m.CoolsUntil(p, true)) || asks.None || asks.Least < n.Desired || asks.Least == n.Desired && p.Step != nil {
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
	return at.Before(m.CoolsUntil(p, false))
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
