package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// mostActions is how many actions CloudWatch takes for one state of an alarm.
const mostActions = 5

func alarmFields(a *fleet.Alarm, triggers []string) []named {
	actions := append([]string{}, a.AlarmActions...)
	for range triggers {
		actions = append(actions, AfterApply)
	}
	return []named{
		{"metric", alarmMetric(a)},
		{"dimensions", dimensionList(&a.Metric)},
		{"unit", optional(a.Unit)},
		{"statistic", a.Statistic},
		{"period", a.Period},
		{"threshold", a.Threshold},
		{"comparison", a.Comparison},
		{"evaluation_periods", a.EvaluationPeriods},
		{"datapoints_to_alarm", a.DatapointsToAlarm},
		{"treat_missing_data", a.TreatMissingData},
		{"actions_enabled", a.ActionsEnabled},
		{alarmActions, actions},
	}
}

// alarmMetric names what an alarm watches.
func alarmMetric(a *fleet.Alarm) string {
	if len(a.Math) > 0 {
		return "metric math"
	}
	return metricName(&a.Metric)
}

// alarmDraft is one alarm with the variants that it wakes, or should. They may share it, and it is written once.
type alarmDraft struct {
	before *fleet.Alarm // nil: to be created
	after  fleet.Alarm  // with the ARNs of policies that the plan makes, see fresh
	wakes  []*state     // in the order of the snapshot
	in     obstacle     // withholds it
	joins  bool         // it is to start a variant beside another one: what entries set of the wake alarm is not about it
}

// draftOf is the draft of an alarm that the variant is woken by, or should be.
func (d *differ) draftOf(s *state, name string) *alarmDraft {
	draft := d.alarms[name]
	if draft == nil {
		draft = &alarmDraft{before: d.alarmNow(s, name)}
		if draft.before != nil {
			draft.after = *draft.before
			draft.after.ConfigurationUpdated = time.Time{} // nobody knows it yet
		}
		d.alarms[name], d.names = draft, append(d.names, name)
		s.siblings.alarms = append(s.siblings.alarms, name)
	}
	draft.wakes, draft.joins = append(draft.wakes, s), false
	return draft
}

// alarmNow is the alarm of that name as it will be; nil where none stands or is planned.
func (d *differ) alarmNow(s *state, name string) *fleet.Alarm {
	if draft := d.alarms[name]; draft != nil {
		return &draft.after
	}
	if i := slices.IndexFunc(s.Variant.Alarms, func(a fleet.WiredAlarm) bool { return a.Name == name }); i >= 0 {
		return &s.Variant.Alarms[i].Alarm
	}
	if i, ok := d.find(name); ok {
		return &d.snapshot.Alarms[i]
	}
	return nil
}

func (d *differ) find(name string) (int, bool) {
	return slices.BinarySearchFunc(d.snapshot.Alarms, name, func(a fleet.Alarm, name string) int { return strings.Compare(a.Name, name) })
}

// taken says what the name of a new alarm belongs to, if that means something else: PutMetricAlarm would overwrite it. It
// is empty for a name that is free.
func (d *differ) taken(name string, b *behavior.Behavior) string {
	if draft := d.alarms[name]; draft != nil {
		return "the alarm of " + draft.wakes[0].Endpoint.Name + " has that name"
	}
	if i, ok := d.find(name); ok {
		return "an alarm of that name stands there, " + waking(b, name) + " and is not the plan's to change: it watches " + watched(&d.snapshot.Alarms[i])
	}
	if _, ok := slices.BinarySearch(d.snapshot.OtherAlarms, name); ok {
		return "an alarm of that name watches something else"
	}
	return ""
}

// watched is what an alarm watches, for people.
func watched(a *fleet.Alarm) string {
	list := dimensionList(&a.Metric)
	return strings.TrimSuffix(alarmMetric(a)+" of "+strings.Join(list, ", "), " of ")
}

// finishAlarms compares each alarm with what the variants that share it ask of it.
func (d *differ) finishAlarms() {
	for _, name := range d.names {
		d.finishAlarm(name, d.alarms[name])
	}
}

func (d *differ) finishAlarm(name string, shared *alarmDraft) {
	slices.SortStableFunc(shared.wakes, func(a, b *state) int { return strings.Compare(a.Variant.Name, b.Variant.Name) })
	last := shared.wakes[len(shared.wakes)-1] // the ARNs of all wake policies are known when its turn comes
	draft, in := d.draft(last.Subject, WakeAlarm, name), d.alarmObstacle(shared)
	after := shared.after
	for _, s := range last.siblings.states {
		if slices.ContainsFunc(s.policies, func(p fleet.Policy) bool { return slices.Contains(after.AlarmActions, p.ARN) }) {
			draft.step.Wakes = append(draft.step.Wakes, s.Resource)
		}
	}
	after.AlarmActions = nil
	for _, action := range shared.after.AlarmActions {
		if fleetResource, ok := strings.CutPrefix(action, freshPrefix); ok {
			resource, _, _ := strings.Cut(fleetResource, ":")
			draft.step.Triggers = append(draft.step.Triggers, resource)
			continue
		}
		after.AlarmActions = append(after.AlarmActions, action)
	}
	if n := len(shared.after.AlarmActions); n > mostActions && in.reason == "" {
		in = obstacle{TooManyActions, fmt.Sprintf("%d, and an alarm takes %d", n, mostActions)}
	}
	draft.step.Alarm = &after
	if shared.before == nil {
		shared.in = draft.create(alarmFields(&after, draft.step.Triggers), in)
	} else {
		shared.in = d.finishUpdate(draft, shared, in)
	}
}

// finishUpdate makes the step of an alarm that stands: its fix, and what the entries set.
func (d *differ) finishUpdate(draft *draft, shared *alarmDraft, in obstacle) obstacle {
	step := &draft.step
	step.Expects, step.Note = Object{Alarm: shared.before}, owner(shared.wakes[0].Endpoint, shared.before.Description)
	for _, field := range differing(alarmFields(shared.before, nil), alarmFields(step.Alarm, step.Triggers)) {
		switch {
		case field == alarmActions && len(step.Triggers) > 0: // it follows a policy that is made anew
			draft.touched = true
		case field == alarmActions:
			draft.frees(field, living(*step))
		default:
			draft.free(field)
		}
	}
	if len(draft.held) > 0 { // half a fix is none
		*step.Alarm, step.Triggers = *shared.before, nil
		shared.in = obstacle{Contested, ""}
	}
	for _, s := range shared.wakes {
		if shared.joins {
			break
		}
		if wrong := draft.enforceAlarm(step.Alarm, s.Wanted); in.reason == "" {
			in = wrong
		}
	}
	if len(step.Alarm.Math) > 0 && in.reason == "" { // package awsapi cannot write it whole
		in = obstacle{Ambiguous, "it watches metric math, which cannot be written back whole"}
	}
	if in = draft.update(in, func() (before, now []named) {
		return alarmFields(shared.before, nil), alarmFields(step.Alarm, step.Triggers)
	}); in.reason != "" {
		return in
	}
	return shared.in
}

// alarmObstacle finds what withholds an alarm: what is in the way of one of its variants is in the way of all.
func (d *differ) alarmObstacle(a *alarmDraft) obstacle {
	for _, s := range a.wakes {
		for _, in := range []obstacle{s.missing, s.wake, d.obstacle(s.Subject, WakeAlarm)} {
			if in.reason != "" {
				return in
			}
		}
	}
	if a.before == nil {
		return obstacle{}
	}
	endpoint := a.wakes[0].Endpoint
	for i := range endpoint.Variants {
		variant := &endpoint.Variants[i]
		if variant.Target == nil || variant.Target.Suspended == (fleet.Suspension{}) {
			continue
		}
		if slices.ContainsFunc(variant.Policies, func(p fleet.Policy) bool { return slices.Contains(a.before.AlarmActions, p.ARN) }) {
			return obstacle{Suspended, suspension(variant.Target.Suspended) + " of variant " + variant.Name + ", which the alarm wakes as well"}
		}
	}
	return obstacle{}
}

// enforceAlarm corrects what an entry sets, and says what of it the alarm cannot have: AWS refuses more datapoints than
// periods, and what the entry leaves out is not changed for it.
func (d *draft) enforceAlarm(a *fleet.Alarm, wanted *policy.Wanted) (wrong obstacle) {
	w, all := wanted.Alarm, a.DatapointsToAlarm == a.EvaluationPeriods
	enforce(d, "evaluation_periods", &a.EvaluationPeriods, w.EvaluationPeriods)
	if all && !w.DatapointsToAlarm.Enforced { // whatever their number is
		a.DatapointsToAlarm = a.EvaluationPeriods
	}
	enforce(d, "datapoints_to_alarm", &a.DatapointsToAlarm, w.DatapointsToAlarm)
	enforce(d, "treat_missing_data", &a.TreatMissingData, w.TreatMissingData)
	switch points, of := a.DatapointsToAlarm, a.EvaluationPeriods; {
	case points <= of:
	case w.DatapointsToAlarm.Enforced:
		wrong = obstacle{EntryError, fmt.Sprintf("datapointsToAlarm is %d, and the alarm has %s: write evaluationPeriods: %d or more into the entry as well",
			points, fleet.Plural(of, "period"), points)}
	default:
		wrong = obstacle{EntryError, fmt.Sprintf("evaluationPeriods is %d, and the alarm asks for %d datapoints: write datapointsToAlarm: %d or less into the entry as well",
			of, points, of)}
	}
	return wrong
}
