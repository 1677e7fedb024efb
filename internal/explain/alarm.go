package explain

import (
	"cmp"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// alarm is the alarm that matters now: the wake alarm at 0 instances, else the one of AWS's two that goes the way in
// which the number of instances has to go.
func (v *variant) alarm() Link {
	link := v.checked(Alarm)
	switch {
	case v.missing != "" || !v.counted:
		return link.is(Unknown, "Which alarm matters is not known: %s.", v.uncounted())
	case v.noAlarms != "":
		return link.is(Unknown, "The alarms are not known: %s.", v.noAlarms)
	case v.current == 0 && v.running > 0:
		return link.is(Unused, "No alarm starts this variant while another one runs: tracking multiplies what runs, and the "+
			"wake alarm is silent.")
	case v.asleep():
		return v.waking(link)
	case v.Target == nil || v.tracking == nil:
		return link.is(Unused, "Nothing tracks the backlog, so AWS has made no alarm for it.")
	case v.goes == in:
		return v.ringsLow(link)
	}
	return v.ringsHigh(link)
}

// waking is the wake alarm while nothing runs.
func (v *variant) waking(link Link) Link {
	alarm := v.wakeAlarm
	if alarm == nil {
		return link.is(Unused, "There is no wake alarm.")
	}
	v.describe(&link, alarm)
	expected := v.ringsAt(alarm)
	switch {
	case v.desired > 0 && !v.waiting:
		return link.is(Unused, "The wake alarm %q is wired; an instance is wanted already.", alarm.Name)
	case v.desired > 0:
		return link.is(OK, "The wake alarm %q is wired and has done its part: an instance is wanted.", alarm.Name)
	case alarm.State == ringing && v.waiting:
		return link.is(OK, "The wake alarm %q has been ringing since %s.", alarm.Name, fleet.Minute(changed(alarm), v.at))
	case !v.waiting:
		return link.is(Unused, "The wake alarm %q is wired; it rings once requests wait.", alarm.Name)
	case expected.over(v.readAt(alarm)):
		link.holds, link.Alert = true, "SageMakerAsyncBacklogWithoutCapacity"
		return link.is(Broken, "The wake alarm %q should have rung by %s and is in state %s.", alarm.Name, fleet.Minute(expected.to, v.at), alarm.State)
	}
	link.next = next{nextAlarm, expected.yet(v.at)}
	if written := alarm.ConfigurationUpdated; expected.known() && written.After(v.since) {
		return link.is(Waits, "The wake alarm %q was changed %s ago and is in state %s; it should go into ALARM %s.", alarm.Name,
			fleet.Lapse(v.at.Sub(written)), alarm.State, link.next.when.words(v.at))
	}
	if !expected.known() {
		return link.is(Waits, "The wake alarm %q has not rung yet; it takes %s after the metric is there.", alarm.Name, fleet.Lapse(rings(alarm)))
	}
	return link.is(Waits, "The wake alarm %q has not rung yet, as of %s; it should %s.", alarm.Name,
		fleet.Minute(v.readAt(alarm), v.at), link.next.when.words(v.at))
}

// ringsAt is when the wake alarm should ring for what waits.
func (v *variant) ringsAt(alarm *fleet.Alarm) window {
	if v.since.IsZero() {
		return window{}
	}
	waits := window{v.since, v.since}.after(lagLeast+rings(alarm), lagMost+rings(alarm)+time.Minute)
	if written := alarm.ConfigurationUpdated; written.After(v.since) {
		// As it was before, it may never have gone into ALARM. CloudWatch judges the datapoints that are there anew.
		changed := window{written, written}.after(0, lagMost+rings(alarm)+time.Minute)
		waits.to = changed.to
		if changed.from.After(waits.from) {
			waits.from = changed.from
		}
	}
	return waits
}

// readAt is when the alarm was read.
func (v *variant) readAt(alarm *fleet.Alarm) time.Time {
	if alarm.Read.IsZero() {
		return v.read(fleet.SourceAlarms)
	}
	return alarm.Read
}

// ringsHigh is the alarm that scales out.
func (v *variant) ringsHigh(link Link) Link {
	alarm := v.high
	if alarm == nil {
		return v.noTrackingAlarm(link)
	}
	v.describe(&link, alarm)
	switch {
	case v.goes == rest:
		return link.is(Unused, "The high alarm is in state %s, and no more instances are needed.", alarm.State)
	case alarm.State == ringing:
		return link.is(OK, "The high alarm has been ringing since %s: more waits for each instance than %s.",
			fleet.Minute(changed(alarm), v.at), fleet.Number(alarm.Threshold))
	case v.desired > v.current:
		return link.is(Unused, "The high alarm is in state %s; more instances are wanted already.", alarm.State)
	}
	link.next = next{nextAlarm, window{v.at, v.at.Add(lagMost + rings(alarm))}}
	return link.is(Waits, "The high alarm is in state %s, as of %s; if the queue stays as it is, it rings %s.", alarm.State,
		fleet.Minute(v.readAt(alarm), v.at), link.next.when.words(v.at))
}

// ringsLow is the alarm that scales in.
func (v *variant) ringsLow(link Link) Link {
	alarm := v.low
	if alarm == nil {
		return v.noTrackingAlarm(link)
	}
	v.describe(&link, alarm)
	switch {
	case v.desired <= v.least():
		return link.is(Unused, "The low alarm is in state %s, and there are no more instances than the minimum.", alarm.State)
	case alarm.State == ringing:
		return link.is(OK, "The low alarm has been ringing since %s: less waits for each instance than %s.",
			fleet.Minute(changed(alarm), v.at), fleet.Number(alarm.Threshold))
	case v.desired < v.current:
		return link.is(Unused, "The low alarm is in state %s; fewer instances are wanted already.", alarm.State)
	}
	link.next = next{nextAlarm, window{v.at, v.at.Add(lagMost + rings(alarm))}}
	return link.is(Waits, "The low alarm is in state %s, as of %s; it rings after %s below %s, so %s at the latest if the queue stays as it is.",
		alarm.State, fleet.Minute(v.readAt(alarm), v.at), fleet.Lapse(rings(alarm)), fleet.Number(alarm.Threshold),
		link.next.when.words(v.at))
}

// noTrackingAlarm says that AWS's alarm is not there.
func (v *variant) noTrackingAlarm(link Link) Link {
	if v.goes == rest || v.desired != v.current {
		return link.is(Unused, "None of AWS's own alarms of the policy %q was found.", v.tracking.Name)
	}
	link.holds = true
	return link.is(Broken, "None of AWS's own alarms of the policy %q was found, so nothing triggers it. Put the policy again: AWS then "+
		"makes them anew.", v.tracking.Name)
}

// describe adds what is known of an alarm.
func (v *variant) describe(link *Link, alarm *fleet.Alarm) {
	link.fact("alarm", alarm.Name)
	link.fact("state", alarm.State, changed(alarm))
	link.fact("metric", cmp.Or(alarm.Metric.Name, "metric math"))
	for _, d := range alarm.Metric.Dimensions {
		link.fact("dimension", d.String())
	}
	link.fact("condition", alarm.Statistic+" "+alarm.Comparison+" "+fleet.Number(alarm.Threshold))
	link.fact("rings_after", rings(alarm))
	link.fact("changed", alarm.ConfigurationUpdated)
	link.fact("read", alarm.Read)
	link.fact("actions_enabled", alarm.ActionsEnabled)
	if mute, muted := alarm.Muted(v.at); muted {
		link.fact("muted_by", mute.Rule)
		link.fact("muted_until", mute.Until)
	}
	wired := false
	for i := range v.Policies {
		for _, action := range alarm.AlarmActions {
			wired = wired || action != "" && action == v.Policies[i].ARN
		}
	}
	link.fact("wired", wired)
	for _, metric := range fleet.QueueMetrics() {
		if reading := v.endpoint.Queue[metric]; alarm.Metric.Equal(metric.Query(v.endpoint.Name).Metric) && v.sees(metric) {
			if would, ok := wouldRing(alarm, reading.Value); ok {
				link.fact("would_ring", would, reading.At)
			}
		}
	}
	link.fact("reason", alarm.StateReason)
}

// changed is when the state of an alarm last changed.
func changed(alarm *fleet.Alarm) time.Time {
	if alarm.StateSince.IsZero() {
		return alarm.StateUpdated
	}
	return alarm.StateSince
}

// rungFor is for how long the alarm is known to have been ringing when the activities were read; 0 when it does not ring.
func (v *variant) rungFor(alarm *fleet.Alarm) time.Duration {
	if alarm == nil || v.noAlarms != "" || alarm.State != ringing || changed(alarm).IsZero() {
		return 0
	}
	read := v.readAt(alarm)
	if activities := v.read(fleet.SourceActivities); activities.Before(read) {
		read = activities
	}
	return max(0, read.Sub(changed(alarm)))
}

// wakesBy is how many instances the wake policy starts when its alarm rings.
func wakesBy(p *fleet.Policy, alarm *fleet.Alarm) int {
	threshold := policy.WakeThreshold
	if alarm != nil {
		threshold = alarm.Threshold
	}
	return policy.WakeAdds(p, threshold)
}
