package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// alarm is the alarm that matters now: the wake alarm at 0 instances, else the one that scales in the direction in which the
// number of instances has to go.
func (v *variant) alarm() Link {
	link := v.checked(Alarm)
	switch {
	case v.missing != "" || !v.counted:
		return link.is(Unknown, "Which alarm matters is not known: %s.", v.uncounted())
	case v.noAlarms != "":
		return link.is(Unknown, "The alarms are not known: %s.", v.noAlarms)
	case v.beside() && (v.goes != out || v.desired > 0):
		return v.joins(link)
	case v.asleep():
		return v.waking(link)
	case v.Target == nil:
		return link.is(Unused, "Without a scalable target no alarm scales it.")
	case v.goes == in:
		return v.lowAlarm(link)
	}
	return v.highAlarm(link)
}

// joins is the alarm that starts the variant beside another one, as long as nothing is asked of it.
func (v *variant) joins(link Link) Link {
	switch joins := &v.Behavior.Joins; {
	case joins.Verdict == behavior.Yes:
		return link.is(Unused, "While another variant runs, the alarm %q starts this one from %s on.", joins.By.Alarm, requests(float64(joins.From)))
	case joins.Verdict == behavior.NotJudged:
		return link.is(Unused, "Whether queued requests start this variant while another one runs is not judged%s.", because(joins.Reason))
	case joins.Fault != nil && v.calledFor(joins.Fault.Alarm):
		link.holds, link.Alert = true, "SageMakerAsyncWakeAlarmBroken"
		for i := range link.Findings { // that say it too
			if f := &link.Findings[i]; strings.Contains(f.Sentence, strconv.Quote(joins.Fault.Alarm)) {
				link.check, link.advice = f.Check.Name, f.Advice()
				break
			}
		}
		return link.is(Broken, "The alarm %q should start this variant, but %s.", joins.Fault.Alarm, v.obstacle(joins.Fault))
	case joins.Fault != nil:
		return link.is(Unused, "The alarm %q would start this variant while another one runs, but %s.", joins.Fault.Alarm, v.obstacle(joins.Fault))
	}
	return link.is(Unused, "No alarm starts this variant while another one runs: tracking multiplies what runs, and the wake alarm stays in OK.")
}

// calledFor tells whether an alarm is known to watch more than its threshold now.
func (v *variant) calledFor(name string) bool {
	i := slices.IndexFunc(v.Alarms, func(a fleet.WiredAlarm) bool { return a.Name == name })
	if i < 0 || !v.waiting || v.desired > 0 {
		return false
	}
	beyond, _, known := v.beyond(&v.Alarms[i].Alarm)
	return beyond && known
}

// waking is the wake alarm while nothing runs.
func (v *variant) waking(link Link) Link {
	alarm, w := v.wakes.alarm, &v.Behavior.Wakes
	asked := v.waiting && v.desired == 0
	if alarm != nil {
		v.describe(&link, v.wakes)
	}
	switch {
	case w.Verdict == behavior.NotJudged && v.desired == 0 && (!v.wakes.acts() || !v.waiting):
		verdict := Unused
		if asked {
			verdict = Waits
		}
		return link.is(verdict, "Whether queued requests wake it is not judged%s.", because(w.Reason))
	case alarm == nil:
		return link.is(Unused, "No alarm wakes it.")
	case v.desired > 0 && !v.waiting:
		return link.is(Unused, "An instance is desired already, so nothing is asked of the wake alarm %q.", alarm.Name)
	case v.desired > 0:
		return link.is(OK, "The wake alarm %q has done its part: an instance is desired.", alarm.Name)
	case v.tooFew() && v.anotherWakes():
		return link.is(Unused, "The wake alarm %q starts no instance for %s: it takes %s. Another variant wakes.", alarm.Name, requests(v.backlog.Value), v.enough())
	case v.faulty() != "" && (!v.waiting || v.anotherWakes()):
		return link.is(Unused, "The wake alarm %q would start no instance: %s.", alarm.Name, v.faulty())
	case v.faulty() != "" && v.alarmAt(v.wakes).over(v.readAt(alarm)):
		link.holds, link.Alert = true, "SageMakerAsyncBacklogWithoutCapacity"
		return link.is(Broken, "The wake alarm %q starts no instance: %s.", alarm.Name, v.faulty())
	case v.tooFew():
		link.holds, link.Alert = true, "SageMakerAsyncBacklogWithoutCapacity"
		return link.is(Broken, "The wake alarm %q starts no instance for %s: it takes %s.", alarm.Name, requests(v.backlog.Value), v.enough())
	case v.wakes.acts() && v.waiting:
		return link.is(OK, "The wake alarm %q has been in %s since %s.", alarm.Name, alarm.State, fleet.Minute(changed(alarm), v.at))
	case !v.waiting:
		return link.is(Unused, "The wake alarm %q triggers its policy; it goes into %s once %s queued.", alarm.Name, v.wakes.state, v.oneOrMore())
	}
	return v.overdue(link)
}

// overdue tells a wake alarm that should be in the state in which it wakes from one whose time has not come.
func (v *variant) overdue(link Link) Link {
	alarm, expected := v.wakes.alarm, v.alarmAt(v.wakes)
	if expected.over(v.readAt(alarm)) {
		link.holds, link.Alert = true, "SageMakerAsyncBacklogWithoutCapacity"
		return link.is(Broken, "The wake alarm %q should have gone into %s by %s and is in state %s.", alarm.Name, v.wakes.state,
			fleet.Minute(expected.to, v.at), alarm.State)
	}
	link.next = next{nextAlarm, expected.yet(v.at)}
	if written := alarm.ConfigurationUpdated; expected.known() && written.After(v.since) {
		return link.is(Waits, "The wake alarm %q was changed %s ago and is in state %s; it should go into %s %s.", alarm.Name,
			fleet.Lapse(v.at.Sub(written)), alarm.State, v.wakes.state, link.next.when.words(v.at))
	}
	if !expected.known() {
		takes := ""
		if after := v.wakes.after; after > 0 {
			takes = "; it takes " + fleet.Lapse(after) + " after the metric is there"
		}
		return link.is(Waits, "The wake alarm %q is not in %s yet%s.", alarm.Name, v.wakes.state, takes)
	}
	return link.is(Waits, "The wake alarm %q is not in %s yet, as of %s; it should be %s.", alarm.Name, v.wakes.state,
		fleet.Minute(v.readAt(alarm), v.at), link.next.when.words(v.at))
}

// oneOrMore says how many requests wake the variant.
func (v *variant) oneOrMore() string {
	if from := v.Behavior.Wakes.From; from > 1 {
		return fleet.Number(float64(from)) + " requests are"
	}
	return "requests are"
}

// enough says how many requests wake the variant, where it is not any number.
func (v *variant) enough() string {
	w := &v.Behavior.Wakes
	if w.UpTo > 0 && int(v.backlog.Value) > w.UpTo {
		return fmt.Sprintf("at most %d", w.UpTo)
	}
	return fmt.Sprintf("%d or more", w.From)
}

// alarmAt is when the alarm of a path that wakes should be in the state in which it does, for what is queued.
func (v *variant) alarmAt(by path) window {
	if v.since.IsZero() {
		return window{}
	}
	alarm, takes := by.alarm, by.after
	// A period of several minutes may have begun before the first request, and be spoilt by it: then the next one is the first.
	most := lagMost + takes + time.Minute + 2*max(0, alarm.Period-time.Minute)
	waits := window{v.since, v.since}.after(lagLeast+takes, most)
	if written := alarm.ConfigurationUpdated; written.After(v.since) {
		// As it was before, it may never have gone into ALARM. CloudWatch judges the datapoints that are there anew.
		changed := window{written, written}.after(0, most)
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

// highAlarm is the alarm that scales out.
func (v *variant) highAlarm(link Link) Link {
	alarm := v.grows.alarm
	switch {
	case alarm == nil && v.tracks(v.grows):
		return v.noTrackingAlarm(link)
	case alarm == nil:
		return link.is(Unused, "%s.", v.noPath())
	}
	v.describe(&link, v.grows)
	switch {
	case v.goes == rest:
		return link.is(Unused, "The high alarm is in state %s, and no more instances are needed.", alarm.State)
	case v.grows.acts() && v.tracks(v.grows):
		return link.is(OK, "The high alarm has been in ALARM since %s: more is queued for each instance than %s.",
			fleet.Minute(changed(alarm), v.at), fleet.Number(alarm.Threshold))
	case v.grows.acts():
		return link.is(OK, "The alarm %q has been in %s since %s.", alarm.Name, alarm.State, fleet.Minute(changed(alarm), v.at))
	case v.desired > v.current:
		return link.is(Unused, "The high alarm is in state %s; more instances are desired already.", alarm.State)
	}
	link.next = next{nextAlarm, window{v.at, v.at.Add(lagMost + v.grows.after)}}
	name := "high alarm"
	if v.beside() {
		name = fmt.Sprintf("alarm %q", alarm.Name)
	}
	return link.is(Waits, "The %s is in state %s, as of %s; if the queue stays as it is, it goes into %s %s.", name, alarm.State,
		fleet.Minute(v.readAt(alarm), v.at), v.grows.state, link.next.when.words(v.at))
}

// lowAlarm is the alarm that scales in.
func (v *variant) lowAlarm(link Link) Link {
	alarm := v.shrinks.alarm
	switch {
	case alarm == nil && v.tracks(v.shrinks) && !v.tracking.Tracking.DisableScaleIn && v.desired > v.least():
		return v.noTrackingAlarm(link)
	case alarm == nil:
		return link.is(Unused, "%s.", v.noPath())
	}
	v.describe(&link, v.shrinks)
	switch {
	case v.desired <= v.least():
		return link.is(Unused, "The low alarm is in state %s, and there are no more instances than the minimum.", alarm.State)
	case v.desired == v.current && v.empty && v.rests():
		return link.is(Unused, "The low alarm is in state %s. %s.", alarm.State, cmp.Or(v.unjudged(), "It removes no more instances"))
	case v.shrinks.acts() && v.tracks(v.shrinks):
		return link.is(OK, "The low alarm has been in ALARM since %s: less is queued for each instance than %s.",
			fleet.Minute(changed(alarm), v.at), fleet.Number(alarm.Threshold))
	case v.shrinks.acts():
		return link.is(OK, "The alarm %q has been in %s since %s.", alarm.Name, alarm.State, fleet.Minute(changed(alarm), v.at))
	case v.desired < v.current:
		return link.is(Unused, "The low alarm is in state %s; fewer instances are desired already.", alarm.State)
	}
	to, takes, below := v.shrinks.state, v.shrinks.after, ""
	if takes == 0 {
		return link.is(Waits, "The low alarm is in state %s, as of %s; when it goes into %s is not known.", alarm.State, fleet.Minute(v.readAt(alarm), v.at), to)
	}
	if to == stateAlarm {
		below = " below " + fleet.Number(alarm.Threshold)
	}
	link.next = next{nextAlarm, window{v.at, v.at.Add(lagMost + takes)}}
	return link.is(Waits, "The low alarm is in state %s, as of %s; it goes into %s after %s%s, so %s at the latest if the queue stays as it is.",
		alarm.State, fleet.Minute(v.readAt(alarm), v.at), to, fleet.Lapse(takes), below, link.next.when.words(v.at))
}

// noTrackingAlarm says that AWS's alarm is not there.
func (v *variant) noTrackingAlarm(link Link) Link {
	gone := fmt.Sprintf("None of AWS's own alarms of the policy %q was found", v.tracking.Name)
	if lost := v.tracking.Lost; len(lost) == 1 {
		gone = fmt.Sprintf("The alarm %q, which AWS made for the policy %q, is gone", lost[0], v.tracking.Name)
	}
	if v.goes == rest || v.desired != v.current {
		return link.is(Unused, "%s.", gone)
	}
	link.holds = true
	return link.is(Broken, "%s, so nothing triggers it. Put the policy again: AWS then makes its alarms anew.", gone)
}

// describe adds what is known of an alarm and of what it triggers.
func (v *variant) describe(link *Link, by path) {
	alarm, policy := by.alarm, ""
	link.fact("alarm", alarm.Name)
	if by.policy != nil {
		policy = by.policy.Name
	}
	link.fact("role", string(v.Behavior.Role(alarm.Name, policy)))
	link.fact("state", alarm.State, changed(alarm))
	link.fact("metric", cmp.Or(alarm.Metric.Name, "metric math"))
	for _, d := range alarm.Metric.Dimensions {
		link.fact("dimension", d.String())
	}
	link.fact("condition", alarm.Statistic+" "+alarm.Comparison+" "+fleet.Number(alarm.Threshold))
	if by.state != stateAlarm {
		link.fact("acts_in", by.state)
	}
	if by.after > 0 {
		link.fact("alarm_after", by.after)
	}
	link.fact("changed", alarm.ConfigurationUpdated)
	link.fact("read", alarm.Read)
	link.fact("actions_enabled", alarm.ActionsEnabled)
	if mute, muted := alarm.Muted(v.at); muted {
		link.fact("muted_by", mute.Rule)
		link.fact("muted_until", mute.Until)
	}
	if known := v.Behavior.Alarm(alarm.Name); known != nil {
		link.fact("triggers", strings.Join(known.Triggers, ", "))
	}
	if beyond, reading, known := v.beyond(alarm); known {
		link.fact("beyond_threshold", beyond, reading.At)
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

// actingFor is for how long the alarm of a path is known to have been in the state in which it acts when the activities were read; 0 when
// it is not.
func (v *variant) actingFor(by path) time.Duration {
	alarm := by.alarm
	if !by.acts() || v.noAlarms != "" || changed(alarm).IsZero() {
		return 0
	}
	read := v.readAt(alarm)
	if activities := v.read(fleet.SourceActivities); activities.Before(read) {
		read = activities
	}
	return max(0, read.Sub(changed(alarm)))
}
