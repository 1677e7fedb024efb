package simulate

import (
	"errors"
	"fmt"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// Present is how the only variant of an endpoint is scaled now, by its behavior, as values, with what cannot be said by values
// in words. A variant that nothing scales stays at the instances that it has.
func Present(endpoint *fleet.Endpoint, b *behavior.Behavior) (present sim.Scaling, notes []string, err error) {
	if len(endpoint.Variants) != 1 {
		return sim.Scaling{}, nil, errors.New("it has more than one variant, which share a queue: the simulation knows one")
	}
	variant := &endpoint.Variants[0]
	if variant.Current == nil {
		return sim.Scaling{}, nil, errors.New("its number of instances is not known")
	}
	p := presence{Scaling: sim.DocumentedScaling(), variant: variant, b: b}
	target := variant.Target
	if target == nil {
		p.note("no scalable target is registered: at present it stays at %d instance(s)", *variant.Current)
		p.Min, p.Max, p.NoTracking, p.NoWake = *variant.Current, *variant.Current, true, true
		return p.Scaling, p.notes, nil
	}
	p.Min, p.Max = target.MinCapacity, target.MaxCapacity
	p.tracking()
	p.wake()
	if target.Suspended.ScaleOut {
		p.note("scale-out is suspended at present: nothing is added or woken")
		p.NoTracking, p.NoWake = true, true
	}
	if target.Suspended.ScaleIn {
		p.note("scale-in is suspended at present")
		p.NoScaleIn = true
	}
	if len(variant.Scheduled) > 0 {
		p.note("its %d scheduled action(s) are not simulated", len(variant.Scheduled))
	}
	return p.Scaling, p.notes, nil
}

// presence collects how a variant is scaled now.
type presence struct {
	sim.Scaling
	variant *fleet.Variant
	b       *behavior.Behavior
	notes   []string
}

func (p *presence) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

// tracking takes over the policy on the documented metric. The simulation knows no other way to scale out and in.
func (p *presence) tracking() {
	known := p.b.Tracker()
	if known == nil || known.Follows != behavior.Exactly {
		p.NoTracking = true
		p.note("no policy follows the backlog per instance at present")
	} else {
		t := p.variant.Policy(known.Name).Tracking
		p.TargetValue, p.NoScaleIn = t.TargetValue, t.DisableScaleIn
		p.In, p.Out = fleet.Cooldown(t.ScaleInCooldown), fleet.Cooldown(t.ScaleOutCooldown)
	}
	for _, by := range []behavior.Path{p.b.ScalesOut.By, p.b.ScalesIn.By} {
		if by.Policy != "" && (known == nil || by.Policy != known.Name) {
			p.note("its scaling by %q is not simulated", by.Policy)
			break
		}
	}
}

// wake takes over what wakes the variant: how many instances it starts, and after how many minutes.
func (p *presence) wake() {
	w, suspended := &p.b.Wakes, p.variant.Target.Suspended.ScaleOut
	if w.Verdict != behavior.Yes {
		p.NoWake = true
		switch {
		case p.Min > 0 || suspended:
		case w.Verdict == behavior.NotJudged:
			p.note("whether it wakes from zero is not judged, and it does not in the simulation: %s", w.Reason)
		default:
			p.note("nothing wakes it from zero at present")
		}
		return
	}
	step := p.variant.Policy(w.By.Policy).Step
	if step == nil {
		p.NoWake = true
		p.note("it is woken by %q, which is not simulated", w.By.Policy)
		return
	}
	p.WakeCooldown, p.WakeAdds, p.WakeExact = fleet.Cooldown(step.Cooldown), w.To, step.AdjustmentType == policy.ExactCapacity
	if w.From > 1 {
		p.note("at present it wakes only from %d requests; the simulation wakes it from the first", w.From)
	}
	p.WakePeriods = max(1, int(w.After/time.Minute))
	for i := range p.variant.Alarms {
		if a := &p.variant.Alarms[i]; a.Name == w.By.Alarm && a.Period == policy.WakePeriod && p.WakePeriods < a.EvaluationPeriods {
			p.WakeOf = a.EvaluationPeriods
			return
		}
	}
}
