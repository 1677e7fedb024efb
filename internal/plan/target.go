package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

func targetFields(t *fleet.Target) []named {
	return []named{{minCapacity, t.MinCapacity}, {"max_capacity", t.MaxCapacity}}
}

// scalable compares the scalable target. Each RegisterScalableTarget moves the running count into the bounds, so it is
// called for a real difference alone, and never with bounds that would stop an instance.
func (d *differ) scalable(s *state) {
	if s.Variant.Target == nil {
		s.target, s.missing = d.register(s.Subject)
		return
	}
	var raised bool
	if s.target, raised = d.bounds(s.Subject); raised && d.goal(s.Subject) < s.target.MinCapacity {
		d.withhold(s.Resource, MinCapacity, "", WouldNotWake, "it is raised again first")
		return
	}
	d.minimum(s.Subject, s.target)
}

// register makes a new target. Its minimum stops no instance: it is lowered when everything else is in place. It returns
// the target, or what is in the way of everything that needs it.
func (d *differ) register(s *policy.Subject) (*fleet.Target, obstacle) {
	draft, in := d.draft(s, ScalableTarget, ""), d.obstacle(s, ScalableTarget)
	busy, known := instances(s.Variant)
	missing, good := d.history.missingFor(s.Resource, d.snapshot.At), d.history.variant(s.Resource).good
	goal, highest := s.Wanted.MinCapacity.Value, s.Wanted.MaxCapacity.Value
	if good.known && !s.Wanted.MinCapacity.Enforced {
		goal = good.min
	}
	if good.known && !s.Wanted.MaxCapacity.Enforced {
		highest = good.max
	}
	switch {
	case in.reason != "":
	case !known:
		in = countUnknown
	case missing < d.rules.RecreateAfter:
		in = obstacle{TargetRecentlyMissing, fmt.Sprintf("for %s, registered again after %s", fleet.Short(missing.Round(time.Second)), fleet.Short(d.rules.RecreateAfter))}
	case s.Wanted.KeepMinimum && !good.known:
		in = obstacle{NothingToKeep, "minCapacity is keep, and no target was seen since the start: write a number for minCapacity"}
	}
	after := policy.Target(s.Endpoint.Name, s.Variant.Name)
	after.MinCapacity = goal
	if s.Variant.Desired != nil {
		after.MinCapacity = max(goal, *s.Variant.Desired)
	}
	after.MaxCapacity = max(highest, after.MinCapacity, busy)
	kept := goal
	switch {
	case !s.Wanted.MinCapacity.Enforced:
	case good.known:
		kept = good.min
	default:
		kept = after.MinCapacity
	}
	end := bounds{atLast(after.MinCapacity, goal, kept), after.MaxCapacity, kept}
	if good.known && !s.Wanted.MaxCapacity.Enforced {
		end.max = highest
	}
	draft.step.Target, draft.step.goal, draft.step.Effect = &after, end, effect(s.Variant, after.MinCapacity)
	if in = draft.create(targetFields(&after), in); in.reason != "" {
		return nil, in
	}
	if goal < after.MinCapacity {
		end.min = goal
		d.lower(s, &after, end, obstacle{})
	}
	return &after, obstacle{}
}

// bounds compares the bounds of a target that stands, but does not lower its minimum further than a lower maximum needs.
// It returns the target as it is then, and whether that raises a minimum again that we had lowered too soon.
func (d *differ) bounds(s *policy.Subject) (target *fleet.Target, raised bool) {
	variant, draft := s.Variant, d.draft(s, ScalableTarget, "")
	after := *variant.Target
	goal, again := d.goal(s), draft.raise(s, &after.MinCapacity)
	if goal > after.MinCapacity {
		set(draft, minCapacity, &after.MinCapacity, goal)
	}
	busy, known := instances(variant)
	highest := d.ceiling(s, after.MaxCapacity)
	if s.Wanted.MaxCapacity.Enforced {
		highest = s.Wanted.MaxCapacity.Value
	}
	if want := max(highest, goal); (s.Wanted.MaxCapacity.Enforced || highest != after.MaxCapacity) && want != after.MaxCapacity {
		if want < busy {
			d.withhold(s.Resource, ScalableTarget, "", MaxBelowRunning, fmt.Sprintf("max_capacity %d, and %d instances run or are desired", want, busy))
		} else {
			set(draft, "max_capacity", &after.MaxCapacity, want)
		}
	}
	if after.MaxCapacity < after.MinCapacity { // AWS refuses bounds that cross
		if goal < after.MinCapacity {
			set(draft, minCapacity, &after.MinCapacity, after.MaxCapacity)
		}
		after.MaxCapacity = max(after.MaxCapacity, after.MinCapacity)
	}
	kept := d.kept(s)
	draft.step.Target = &after
	draft.step.goal = bounds{atLast(after.MinCapacity, goal, kept), min(d.ceiling(s, after.MaxCapacity), after.MaxCapacity), kept}
	draft.step.Expects, draft.step.Effect = Object{Target: variant.Target}, joined(effect(variant, after.MinCapacity), again)
	draft.step.Note = owner(s.Endpoint)
	in := d.targetObstacle(s, ScalableTarget, busy, known, after.MaxCapacity)
	in.detail = joined(in.detail, again)
	if draft.update(in, func() (before, now []named) {
		return targetFields(variant.Target), targetFields(&after)
	}).reason != "" {
		return variant.Target, false
	}
	return &after, again != ""
}

// joined are what is told of one thing, in one line.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "; ")
}

// goal is the minimum that the target of the variant is to have in the end.
func (d *differ) goal(s *policy.Subject) int {
	if s.Wanted.MinCapacity.Enforced {
		return s.Wanted.MinCapacity.Value
	}
	return d.kept(s)
}

// kept is the minimum that the target of the variant is to have in the end if no entry sets one.
func (d *differ) kept(s *policy.Subject) int {
	known := d.history.variant(s.Resource)
	if raised, _ := d.owed(s); raised > 0 {
		return min(known.debt.kept, raised)
	}
	return known.floor.of(s.Variant.Target.MinCapacity)
}

// atLast is the minimum that a target which is written with that one now is to have in the end. One above the goal is for a while,
// and what an entry asks for lasts no longer than the entry.
func atLast(now, goal, kept int) int {
	if now <= goal {
		return now
	}
	return min(kept, now)
}

// ceiling is the maximum that a target which has that one now is to have in the end, where no entry sets it: a target that was
// registered again keeps what it had, and has more only while more instances run.
func (d *differ) ceiling(s *policy.Subject, now int) int {
	return d.history.variant(s.Resource).ceiling.of(now)
}

// targetObstacle finds what withholds a write of a target that stands.
func (d *differ) targetObstacle(s *policy.Subject, kind Kind, busy int, known bool, highest int) obstacle {
	switch in := d.obstacle(s, kind); {
	case in.reason != "":
		return in
	case len(s.Variant.Scheduled) > 0:
		return obstacle{ScheduledActions, scheduled(s.Variant.Scheduled)}
	case !known:
		return countUnknown
	case highest < busy:
		return obstacle{MaxBelowRunning, fmt.Sprintf("max_capacity is %d, and %d instances run or are desired: any write would stop some", highest, busy)}
	}
	return obstacle{}
}

var countUnknown = obstacle{SourceFailed, "endpoints: DescribeEndpoint does not say how many instances run"}

// instances is how many instances run or are desired, whichever is more.
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
