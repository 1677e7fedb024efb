package plan

import (
	"fmt"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

func targetFields(t *fleet.Target) []named {
	return []named{{"min_capacity", t.MinCapacity}, {"max_capacity", t.MaxCapacity}}
}

// target compares the scalable target. Each RegisterScalableTarget moves the running count into the bounds, so it is
// called for a real difference alone, and never with bounds that would stop an instance. What is returned is in the way
// of everything that needs the target; nothing is, where one stands.
func (d *differ) target(s *policy.Subject) obstacle {
	variant, wanted := s.Variant, s.Wanted
	draft := d.draft(s, ScalableTarget, "")
	in := d.obstacle(s, ScalableTarget)
	if variant.Target == nil {
		busy, known := instances(variant)
		missing := d.past.missingFor(s.Resource, d.snapshot.At)
		switch {
		case in.reason != "":
		case !known:
			in = countUnknown
		case missing < d.rules.RecreateAfter:
			in = obstacle{TargetRecentlyMissing, fmt.Sprintf("for %s, registered again after %s", fleet.Short(missing.Round(time.Second)), fleet.Short(d.rules.RecreateAfter))}
		}
		after := policy.Target(s.Endpoint.Name, variant.Name)
		after.MinCapacity = wanted.MinCapacity.Value
		after.MaxCapacity = max(wanted.MaxCapacity.Value, after.MinCapacity, busy)
		draft.step.Target, draft.step.Effect = &after, effect(variant, after.MinCapacity)
		return draft.create(targetFields(&after), in)
	}
	after := *variant.Target
	enforce(draft, "min_capacity", &after.MinCapacity, wanted.MinCapacity)
	busy, known := instances(variant)
	if want := max(wanted.MaxCapacity.Value, after.MinCapacity); wanted.MaxCapacity.Enforced && want != after.MaxCapacity && want < busy {
		d.withhold(s.Resource, ScalableTarget, "", MaxBelowRunning, fmt.Sprintf("max_capacity %d, and %d instances run or are wanted", want, busy))
	} else if wanted.MaxCapacity.Enforced {
		set(draft, "max_capacity", &after.MaxCapacity, want)
	}
	after.MaxCapacity = max(after.MaxCapacity, after.MinCapacity) // AWS refuses bounds that cross
	if after == *variant.Target && len(draft.held) == 0 {
		return obstacle{}
	}
	switch {
	case in.reason != "":
	case len(variant.Scheduled) > 0:
		in = obstacle{ScheduledActions, scheduled(variant.Scheduled)}
	case !known:
		in = countUnknown
	case after.MaxCapacity < busy:
		in = obstacle{MaxBelowRunning, fmt.Sprintf("max_capacity is %d, and %d instances run or are wanted: any write would stop some", after.MaxCapacity, busy)}
	}
	draft.step.Target, draft.step.Effect = &after, effect(variant, after.MinCapacity)
	draft.update(in, func() (before, now []named) { return targetFields(variant.Target), targetFields(&after) })
	return obstacle{}
}

var countUnknown = obstacle{SourceFailed, "endpoints: DescribeEndpoint does not say how many instances run"}

// instances is how many instances run or are wanted, whichever is more.
func instances(v *fleet.Variant) (busy int, known bool) {
	if v.Current == nil || v.Desired == nil {
		return 0, false
	}
	return max(*v.Current, *v.Desired), true
}

// effect says what registering a target with that minimum starts.
func effect(v *fleet.Variant, least int) string {
	if v.Desired == nil || *v.Desired >= least {
		return ""
	}
	return fmt.Sprintf("%d -> %d instances", *v.Desired, least)
}

func scheduled(actions []fleet.ScheduledAction) string {
	if len(actions) == 1 {
		return Quoted(actions[0].Name)
	}
	return fmt.Sprintf("%s and %d more", Quoted(actions[0].Name), len(actions)-1)
}
