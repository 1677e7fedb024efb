package explain

import (
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// policy is what the alarm triggers: the wake policy at 0 instances, else the tracking policy.
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
	if v.asleep() {
		link = v.wakesBy(link)
	} else {
		link = v.tracksBy(link)
	}
	if what := strings.Join(v.Target.Suspended.Kinds(), ", "); what != "" {
		link.fact("suspended", what)
		if v.suspended(v.goes) {
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

// wakesBy is the wake policy while nothing runs.
func (v *variant) wakesBy(link Link) Link {
	wakes := v.Match.Wake
	if wakes == nil || wakes.Step == nil {
		return link.is(Unused, "There is no wake policy.")
	}
	link.fact("policy", wakes.Name)
	link.fact("adds", wakesBy(wakes, v.wakeAlarm))
	cooldown := fleet.Cooldown(wakes.Step.Cooldown)
	link.fact("cooldown", cooldown)
	if until := v.outs.cooldown(cooldown); v.noActivities == "" && v.goes == wake && v.desired == 0 && until.After(v.at) {
		link.fact("cooldown_until", until)
		link.next = next{nextCooldownEnd, window{until, until}}
		return link.is(Waits, "The wake policy %q cools down until %s.", wakes.Name, fleet.Minute(until, v.at))
	}
	return link.is(quiet(v.goes == wake), "The wake policy %q adds %s when its alarm rings.", wakes.Name, instances(wakesBy(wakes, v.wakeAlarm)))
}

// tracksBy is the tracking policy while instances run.
func (v *variant) tracksBy(link Link) Link {
	if v.tracking == nil || v.tracking.Tracking == nil {
		return link.is(Unused, "No policy tracks the backlog.")
	}
	t := v.tracking.Tracking
	link.fact("policy", v.tracking.Name)
	link.fact("tracks", strings.Join(v.tracking.MetricNames(), ", "))
	link.fact("target_value", t.TargetValue)
	if value, ok := v.perInstance(); ok {
		link.fact("value", value, v.endpoint.Queue[fleet.BacklogPerInstance].At)
	}
	link.fact("scale_out_cooldown", fleet.Cooldown(t.ScaleOutCooldown))
	link.fact("scale_in_cooldown", fleet.Cooldown(t.ScaleInCooldown))
	if t.DisableScaleIn {
		link.fact("scale_in_disabled", true)
	}
	alarm, until := v.high, v.outs.cooldown(fleet.Cooldown(t.ScaleOutCooldown))
	if v.goes == in {
		// A scale-out ends the cooldown of a scale-in before it.
		alarm, until = v.low, v.ins.cooldown(fleet.Cooldown(t.ScaleInCooldown))
		if v.outs.last != nil && v.ins.last != nil && v.outs.last.Start.After(v.ins.last.Start) {
			until = v.at
		}
	}
	held := v.goes != rest && v.desired == v.current && v.noAlarms == "" && alarm != nil && alarm.State == ringing
	if held && v.noActivities == "" && until.After(v.at) {
		link.fact("cooldown_until", until)
		link.next = next{nextCooldownEnd, window{until, until}}
		return link.is(Waits, "The tracking policy %q cools down until %s; a larger step may pass before.", v.tracking.Name, fleet.Minute(until, v.at))
	}
	if t.DisableScaleIn {
		return link.is(quiet(v.goes != rest), "The tracking policy %q keeps %s waiting for each instance, and only ever adds instances.",
			v.tracking.Name, fleet.Number(t.TargetValue))
	}
	return link.is(quiet(v.goes != rest), "The tracking policy %q keeps %s waiting for each instance.", v.tracking.Name, fleet.Number(t.TargetValue))
}

// quiet is the verdict of what is as it should be: whether something is asked of it, or not.
func quiet(asked bool) Verdict {
	if asked {
		return OK
	}
	return Unused
}
