package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

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
		{"metric", metricName(&a.Metric)},
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

// wakeUp is a variant that has to be woken, with what is known of its target and its wake policy.
type wakeUp struct {
	*policy.Subject
	missing obstacle // in the way of the target
	wake    wakePolicy
}

// alarmDraft is one alarm with the variants that it wakes, or should. They may share it, and it is written once.
type alarmDraft struct {
	before *fleet.Alarm // nil: to be created
	wakes  []wakeUp     // in the order of the snapshot
}

// draftAlarms finds the alarm of each variant. First come those that have one: an alarm that is mended for one variant
// may be the one that another would get by its name.
func (d *differ) draftAlarms() {
	for _, w := range d.wakes {
		if w.Match.Alarm != nil {
			d.draftAlarm(w.Match.Alarm.Name, w.Match.Alarm, w)
		}
	}
	for _, w := range d.wakes {
		if w.Match.Alarm != nil {
			continue
		}
		name := w.Wanted.Alarm.Name(w.Endpoint.Name, w.Variant.Name)
		if what := d.taken(name, w.Endpoint.Name); what != "" {
			d.withhold(w.Resource, WakeAlarm, name, NameTaken, what)
			d.wakeless(Step{ResourceID: w.Resource, Kind: WakeAlarm, Name: name}, NameTaken)
			continue
		}
		var found *fleet.Alarm
		if i, ok := d.find(name); ok {
			found = &d.snapshot.Alarms[i] // of another variant of the endpoint
		}
		d.draftAlarm(name, found, w)
	}
}

func (d *differ) draftAlarm(name string, found *fleet.Alarm, w wakeUp) {
	draft := d.alarms[name]
	if draft == nil {
		draft = &alarmDraft{before: found}
		d.alarms[name], d.names = draft, append(d.names, name)
	}
	draft.wakes = append(draft.wakes, w)
}

func (d *differ) find(name string) (int, bool) {
	return slices.BinarySearchFunc(d.snapshot.Alarms, name, func(a fleet.Alarm, name string) int { return strings.Compare(a.Name, name) })
}

// taken says what the name of a new alarm belongs to, if that means something else: PutMetricAlarm would overwrite it. It
// is empty for a name that is free, or that of the endpoint's own wake alarm.
func (d *differ) taken(name, endpoint string) string {
	if draft := d.alarms[name]; draft != nil {
		if of := draft.wakes[0].Endpoint.Name; of != endpoint {
			return "the alarm of " + of + " has that name"
		}
		return ""
	}
	if i, ok := d.find(name); ok {
		if alarm := &d.snapshot.Alarms[i]; !policy.WakesEndpoint(alarm, endpoint) {
			return "an alarm of that name watches something else (" + cmp.Or(metricName(&alarm.Metric), "metric math") + ")"
		}
	}
	if _, ok := slices.BinarySearch(d.snapshot.OtherAlarms, name); ok {
		return "an alarm of that name watches something else"
	}
	return ""
}

// finishAlarms compares each alarm with what the variants that share it ask of it.
func (d *differ) finishAlarms() {
	d.draftAlarms()
	for _, name := range d.names {
		d.finishAlarm(name, d.alarms[name])
	}
}

func (d *differ) finishAlarm(name string, shared *alarmDraft) {
	slices.SortStableFunc(shared.wakes, func(a, b wakeUp) int { return strings.Compare(a.Variant.Name, b.Variant.Name) })
	last := shared.wakes[len(shared.wakes)-1].Subject // the ARNs of all wake policies are known when its turn comes
	draft, in := d.draft(last, WakeAlarm, name), shared.obstacle(d)
	draft.step.Expects = Object{Alarm: shared.before}
	for _, w := range shared.wakes {
		draft.step.Wakes = append(draft.step.Wakes, w.Resource)
	}
	var after fleet.Alarm
	if shared.before != nil {
		after = *shared.before
		after.ConfigurationUpdated = time.Time{} // nobody knows it yet
	} else {
		wanted := last.Wanted.Alarm
		after = policy.WakeAlarm(last.Endpoint.Name, last.Variant.Name, "")
		after.Name, after.AlarmActions = name, nil
		after.EvaluationPeriods, after.DatapointsToAlarm = wanted.EvaluationPeriods.Value, wanted.DatapointsToAlarm.Value
		after.TreatMissingData = wanted.TreatMissingData.Value
	}
	for _, w := range shared.wakes {
		draft.mend(&after, w.Subject)
		draft.wire(&after, w.Subject, w.wake)
	}
	if n := len(after.AlarmActions) + len(draft.step.Triggers); n > mostActions && in.reason == "" {
		in = obstacle{TooManyActions, fmt.Sprintf("%d, and an alarm takes %d", n, mostActions)}
	}
	draft.step.Alarm = &after
	if shared.before == nil {
		draft.create(alarmFields(&after, draft.step.Triggers), in)
		return
	}
	draft.update(in, func() (before, now []named) {
		return alarmFields(shared.before, nil), alarmFields(&after, draft.step.Triggers)
	})
}

// obstacle finds what withholds the alarm: what is in the way of one of its variants is in the way of all.
func (a *alarmDraft) obstacle(d *differ) obstacle {
	for _, w := range a.wakes {
		for _, in := range []obstacle{w.missing, w.wake.in, d.obstacle(w.Subject, WakeAlarm)} {
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

// mend corrects what the alarm watches and when it rings.
func (d *draft) mend(a *fleet.Alarm, s *policy.Subject) {
	wanted := s.Wanted.Alarm
	if !policy.WatchesWakeMetric(a, s.Endpoint.Name) && d.free("metric", "dimensions") {
		a.Metric, a.Math, a.Unit = fleet.WithoutCapacity.Query(s.Endpoint.Name).Metric, nil, ""
	}
	if !policy.WakeCondition(a) && d.free("statistic", "threshold", "comparison") {
		a.Unit = ""
		if a.Statistic != "Maximum" {
			a.Statistic = policy.WakeStatistic
		}
		if !policy.WakeCondition(a) {
			a.Threshold, a.Comparison = policy.WakeThreshold, policy.WakeComparison
		}
	}
	set(d, "period", &a.Period, policy.WakePeriod)
	enforce(d, "evaluation_periods", &a.EvaluationPeriods, wanted.EvaluationPeriods)
	enforce(d, "datapoints_to_alarm", &a.DatapointsToAlarm, wanted.DatapointsToAlarm)
	if a.DatapointsToAlarm > a.EvaluationPeriods { // AWS refuses it
		a.DatapointsToAlarm, d.touched = a.EvaluationPeriods, true
	}
	if wanted.TreatMissingData.Enforced || policy.WakesOnMissing(a) {
		set(d, "treat_missing_data", &a.TreatMissingData, wanted.TreatMissingData.Value)
	}
	set(d, "actions_enabled", &a.ActionsEnabled, true)
}

// wire puts the wake policy of the variant among the alarm's actions, in place of those of the same variant that are
// gone. All other actions stay.
func (d *draft) wire(a *fleet.Alarm, s *policy.Subject, wake wakePolicy) {
	resource := s.Resource
	dead := func(action string) bool {
		return fleet.ScaledResource(action) == resource &&
			!slices.ContainsFunc(s.Variant.Policies, func(p fleet.Policy) bool { return p.ARN == action })
	}
	wired := wake.arn != "" && slices.Contains(a.AlarmActions, wake.arn)
	hasDead := slices.ContainsFunc(a.AlarmActions, dead)
	if wired && !hasDead {
		return
	}
	var actions, triggers []string
	for _, action := range a.AlarmActions {
		switch {
		case !dead(action):
			actions = append(actions, action)
		case !wired && wake.arn != "":
			actions, wired = append(actions, wake.arn), true
		}
	}
	switch {
	case wired:
	case wake.arn != "":
		actions = append(actions, wake.arn)
	default:
		triggers = []string{resource}
	}
	after := d.step
	after.Alarm = &fleet.Alarm{AlarmActions: actions}
	if len(triggers) == 0 && !d.frees(alarmActions, living(after)) {
		return
	}
	d.touched, a.AlarmActions, d.step.Triggers = true, actions, append(d.step.Triggers, triggers...)
}
