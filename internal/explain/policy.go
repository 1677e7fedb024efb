package explain

import (
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// policy is what the alarm triggers: the policy that wakes at 0 instances, else the one that scales in the direction in
// which the number of instances has to go.
func (v *variant) policy() Link {
	link := v.checked(Policy)
	switch {
	case v.missing != "" || !v.counted:
		return link.is(Unknown, "Which policy matters is not known: %s.", v.uncounted())
	case v.noScaling != "":
		return link.is(Unknown, "The scaling policies are not known: %s.", v.noScaling)
	case v.Target == nil:
		return link.is(Unused, "Without a scalable target there are no policies.")
	}
	switch {
	case v.asleep():
		link = v.wakesBy(link)
	case v.goes == in && v.shrinks.known():
		link = v.scalesBy(link, v.shrinks, "removes idle instances")
	case v.grows.known() || v.tracking == nil:
		link = v.scalesBy(link, v.grows, "adds instances")
	default:
		link = v.scalesBy(link, path{policy: v.tracking}, "")
	}
	if what := strings.Join(v.Target.Suspended.Kinds(), ", "); what != "" {
		link.fact("suspended", what)
		if v.suspended(v.goes) && (v.goes != in || !v.atMinimum()) {
			link.holds, link.Alert = true, "SageMakerAsyncScalingSuspended"
			if v.goes == wake && v.waiting {
				link.Alert = "SageMakerAsyncSuspendedWithBacklog"
			}
			link.next = next{}
			return link.is(Broken, "Somebody has suspended %s, so the policies do not act.", what)
		}
	}
	return link
}

// wakesBy is the policy that wakes the variant while nothing runs.
func (v *variant) wakesBy(link Link) Link {
	wakes, w := v.wakes.policy, &v.Behavior.Wakes
	switch {
	case wakes == nil && w.Verdict == behavior.NotJudged:
		return link.is(Unused, "Which policy wakes it is not judged%s.", because(w.Reason))
	case wakes == nil:
		return link.is(Unused, "No alarm triggers a policy that wakes it.")
	}
	link.fact("policy", wakes.Name)
	if w.To > 0 {
		link.fact("starts", w.To)
	}
	link.fact("cooldown", behavior.Cooldown(wakes, true))
	if until := v.coolsUntil(v.wakes); v.goes == wake && v.desired == 0 && until.After(v.at) {
		return v.coolsDown(link, until, "The wake policy %q cools down until %s.", wakes.Name)
	}
	starts := "instances"
	if w.To > 0 {
		starts = instances(w.To)
	}
	return link.is(quiet(v.goes == wake), "The wake policy %q starts %s when its alarm goes into %s.", wakes.Name, starts, v.wakes.state)
}

// coolsUntil is until when Application Auto Scaling waits with what a path asks for, once its alarm asks for it; zero where it does not.
// Without the activities nobody knows.
func (v *variant) coolsUntil(by path) time.Time {
	for _, ask := range []behavior.Ask{v.standing.Now, v.standing.Rest} {
		if by.policy != nil && ask.Policy == by.policy.Name && ask.Waits {
			return ask.Until
		}
	}
	return time.Time{}
}

// coolsDown is a policy that holds still for a while.
func (v *variant) coolsDown(link Link, until time.Time, format, name string) Link {
	link.fact("cooldown_until", until)
	link.next = next{nextCooldownEnd, window{until, until}}
	return link.is(Waits, format, name, fleet.Minute(until, v.at))
}

// scalesBy is the policy that adds or removes instances while some run.
func (v *variant) scalesBy(link Link, by path, does string) Link {
	p := by.policy
	if p == nil {
		return link.is(Unused, "%s.", v.noPath())
	}
	link.fact("policy", p.Name)
	t := p.Tracking
	if t != nil {
		link.fact("tracks", strings.Join(p.MetricNames(), ", "))
		link.fact("target_value", t.TargetValue)
		if value, ok := v.perInstance(); ok {
			link.fact("value", value, v.endpoint.Queue[fleet.BacklogPerInstance].At)
		}
		link.fact("scale_out_cooldown", behavior.Cooldown(p, true))
		link.fact("scale_in_cooldown", behavior.Cooldown(p, false))
		if t.DisableScaleIn {
			link.fact("scale_in_disabled", true)
		}
	} else {
		link.fact("cooldown", behavior.Cooldown(p, true))
	}
	until, larger := v.coolsUntil(by), ""
	if v.goes == out {
		larger = "; a larger step may pass before"
	}
	switch asked := v.goes != rest && v.desired == v.current && v.noAlarms == "" && by.acts() && until.After(v.at); {
	case asked && t != nil:
		return v.coolsDown(link, until, "The tracking policy %q cools down until %s"+larger+".", p.Name)
	case asked:
		return v.coolsDown(link, until, "The policy %q cools down until %s"+larger+".", p.Name)
	case t == nil:
		return link.is(quiet(v.goes != rest), "The policy %q %s when its alarm goes into %s.", p.Name, does, by.state)
	case t.DisableScaleIn:
		return link.is(quiet(v.goes != rest), "The tracking policy %q keeps %s queued for each instance, and only ever adds instances.",
			p.Name, fleet.Number(t.TargetValue))
	}
	return link.is(quiet(v.goes != rest), "The tracking policy %q keeps %s queued for each instance.", p.Name, fleet.Number(t.TargetValue))
}

// noPath says of the direction of the moment that no path goes there, or that it is not judged.
func (v *variant) noPath() string {
	if v.goes == in {
		if unjudged := v.unjudged(); unjudged != "" {
			return unjudged
		}
		if v.Behavior.ScalesIn.Silenced {
			return "A mute rule silences the alarm that removes idle instances"
		}
		return "No policy removes idle instances"
	}
	switch s := &v.Behavior.ScalesOut; s.Level {
	case behavior.LevelOpen:
		return "Whether a queue adds instances is not judged" + because(s.Reason)
	case behavior.Never, behavior.BurstOnly:
		if s.Silenced {
			return "A mute rule silences the alarm that adds instances"
		}
	case behavior.NotNeeded:
		return "The maximum leaves no room for more instances"
	}
	return "No policy adds instances to those that run"
}

// quiet is the verdict of what is as it should be: whether something is asked of it, or not.
func quiet(asked bool) Verdict {
	if asked {
		return OK
	}
	return Unused
}
