package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// minimum lowers the minimum of a target that stands, as it is once its bounds are written.
func (d *differ) minimum(s *policy.Subject, target *fleet.Target) {
	goal := d.goal(s)
	if goal >= target.MinCapacity {
		return
	}
	busy, known := instances(s.Variant)
	d.lower(s, target, bounds{goal, d.ceiling(s, target.MaxCapacity), d.kept(s)}, d.targetObstacle(s, MinCapacity, busy, known, target.MaxCapacity))
}

// lower makes the step that lowers the minimum, which is the last of its variant and writes nothing else.
func (d *differ) lower(s *policy.Subject, target *fleet.Target, goal bounds, in obstacle) {
	draft, after := d.draft(s, MinCapacity, ""), *target
	set(draft, minCapacity, &after.MinCapacity, goal.min)
	draft.step.Target, draft.step.goal, draft.step.Expects = &after, goal, Object{Target: target}
	if s.Variant.Target != nil {
		draft.step.Note = owner(s.Endpoint)
	}
	draft.update(in, func() (before, now []named) { return targetFields(target)[:1], targetFields(&after)[:1] })
}

// sleepLast withholds what would let a variant scale to zero where it would not wake from one request with everything in
// place that the plan writes: a minimum of 0, and tracking where the minimum is 0, now or after a scheduled action.
func (d *differ) sleepLast() {
	var steps []Step
	for _, step := range d.plan.Steps {
		s := d.states[step.ResourceID]
		if step.ToZero = d.toZero(s, step); !step.ToZero {
			steps = append(steps, step)
			continue
		}
		step.awake = wakesFromOne(&s.seen.Wakes)
		asleep := *s.target
		asleep.MinCapacity = 0
		b, slept := d.planned(s, &asleep), step.Kind == TrackingPolicy && scalesToZero(s.seen)
		switch w := &b.Wakes; {
		case wakesFromOne(w) && (b.Silence == nil || slept):
			if !slept {
				step.Effect = s.effect(b)
			}
			steps = append(steps, step)
		case slept && w.Verdict == behavior.NotJudged: // nothing new lets it scale to zero
			step.ToZero = false
			steps = append(steps, step)
		default:
			d.plan.Withheld = append(d.plan.Withheld, step.Withhold(WouldNotWake, cmp.Or(d.asleep[step.ResourceID], cannotWake(b, d.snapshot.At))))
		}
	}
	d.plan.Steps = steps
}

// effect is what a step allows that lets the variant scale to zero: as little as what the scaling then does.
func (s *state) effect(b *behavior.Behavior) string {
	if in := &b.ScalesIn; in.Possible > 0 {
		return fmt.Sprintf("allows zero instances, but nothing scales it in below %s", fleet.Plural(in.Possible, "instance"))
	}
	return "may scale to zero; the first request then waits " + firstWaits(s, &b.Wakes)
}

// toZero tells whether the variant may scale to zero by what the step writes.
func (d *differ) toZero(s *state, step Step) bool {
	switch step.Kind {
	case MinCapacity:
		return step.Target.MinCapacity == 0
	case TrackingPolicy:
		return !step.Policy.Tracking.DisableScaleIn && (s.target.MinCapacity == 0 ||
			slices.ContainsFunc(s.Variant.Scheduled, func(a fleet.ScheduledAction) bool { return a.MinCapacity != nil && *a.MinCapacity == 0 }))
	}
	return false
}

// scalesToZero tells whether idle instances are removed, down to the last one.
func scalesToZero(b *behavior.Behavior) bool {
	return b.ScalesIn.Verdict == behavior.Yes && b.ScalesIn.To == 0
}

// Asleep says why a variant of an endpoint would not wake from one request if its minimum were 0, now or while a mute rule to come
// lasts; it is empty where it would. Of one that scales to zero already the rules to come are not asked.
func Asleep(endpoint *fleet.Endpoint, variant *fleet.Variant, at time.Time) string {
	asleep := *variant
	target := *variant.Target
	target.MinCapacity = 0
	asleep.Target, asleep.Scheduled = &target, nil
	b := behavior.Of(endpoint, &asleep, behavior.Context{At: at})
	if wakesFromOne(&b.Wakes) && (b.Silence == nil || variant.Target.MinCapacity == 0 && scalesToZero(b)) {
		return ""
	}
	return cannotWake(b, at)
}

// firstWaits is how long the first request waits for an instance: as long as the endpoint's wakes have taken, where enough
// were seen, else as the delay of metrics, the alarm and the start of instances make it.
func firstWaits(s *state, w *behavior.Wakes) string {
	if wakes := s.Endpoint.Wakes; wakes.Count >= fleet.Enough {
		if least, most, ok := wakes.Range(); ok {
			return fmt.Sprintf("%s, as its last %d wakes took", minutes(least, most), wakes.Count)
		}
	}
	starts := fleet.StartsOf(s.Variant.Activity)
	text := minutes(starts.First(w.After))
	if starts.Samples > 0 {
		text += fmt.Sprintf(", by its last %d scale-outs", starts.Samples)
	}
	return text
}

// minutes is a span in whole minutes.
func minutes(least, most time.Duration) string {
	from, to := int(least/time.Minute), int((most+time.Minute-1)/time.Minute)
	switch {
	case from == 0 && to == 1:
		return "1 minute at most"
	case from == 0:
		return fmt.Sprintf("%d minutes at most", to)
	case from == to:
		return fmt.Sprintf("%d minutes", to)
	}
	return fmt.Sprintf("%d to %d minutes", from, to)
}

// planned is how the variant would wake with what the plan writes, and nothing that is withheld.
func (d *differ) planned(s *state, target *fleet.Target) *behavior.Behavior {
	alarms := slices.DeleteFunc(d.alarmsOf(s), func(a fleet.Alarm) bool {
		draft := d.alarms[a.Name]
		return draft != nil && draft.in.reason != "" && draft.before == nil
	})
	for i := range alarms {
		if draft := d.alarms[alarms[i].Name]; draft != nil && draft.in.reason != "" {
			alarms[i] = *draft.before
		}
	}
	return behavior.Of(s.Endpoint, s.as(target, s.policies, alarms, nil), behavior.Context{At: d.snapshot.At})
}

// cannotWake says why a variant does not wake from one request, or will not some time.
func cannotWake(b *behavior.Behavior, at time.Time) string {
	switch w := &b.Wakes; {
	case wakesFromOne(w) && b.Silence != nil:
		return b.Silence.String(at)
	case w.Verdict == behavior.NotJudged:
		return "whether it wakes is not judged: " + w.Reason
	case w.Verdict == behavior.Yes && w.From > 1:
		return fmt.Sprintf("it wakes only from %d requests on", w.From)
	case w.Verdict == behavior.Yes:
		return fmt.Sprintf("it wakes from %d requests at most", w.UpTo)
	case w.Fault != nil && w.Fault.Kind == behavior.Silenced:
		return "a mute rule silences the wake alarm " + Quoted(w.Fault.Alarm)
	}
	return "no alarm and policy start the first instance"
}
