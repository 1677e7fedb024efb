package sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// alarm is an alarm with what it watches.
type alarm struct {
	fleet.Alarm
	watch   *autoscaling.Watch
	watched []*series                       // by the inputs of the watch, once they have been published
	at      func(ago int) autoscaling.Value // the value of a period
	why     verdict                         // of the present state
	rests   autoscaling.Value               // what the present state rests on
}

// Alarms lists the alarms, sorted by name (DescribeAlarms).
func (w *World) Alarms() []fleet.Alarm {
	list := make([]fleet.Alarm, 0, len(w.alarms))
	for _, name := range slices.Sorted(maps.Keys(w.alarms)) {
		list = append(list, w.alarms[name].Alarm)
	}
	return list
}

// PutMetricAlarm creates an alarm or replaces the one of the name, whoever made it. The state stays: what it triggers now
// is triggered with the next minute if it is ALARM. That the policies among its actions exist is not checked.
func (w *World) PutMetricAlarm(a fleet.Alarm) error {
	a.DatapointsToAlarm = cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods)
	a.TreatMissingData = cmp.Or(a.TreatMissingData, "missing")
	if err := validAlarm(a); err != nil {
		return err
	}
	a.ARN = "arn:aws:cloudwatch:" + w.scope.Region + ":" + w.scope.AccountID + ":alarm:" + a.Name
	a.State, a.StateReason, a.StateUpdated, a.StateSince = "INSUFFICIENT_DATA", "Unchecked: Initial alarm creation", w.now, w.now
	if before := w.alarms[a.Name]; before != nil {
		a.State, a.StateReason, a.StateUpdated, a.StateSince = before.State, before.StateReason, before.StateUpdated, before.StateSince
	}
	a.ConfigurationUpdated, a.Read, a.Mutes = w.now, time.Time{}, fleet.Mutes{}
	w.unlist(a.Name)
	w.alarms[a.Name] = w.newAlarm(a)
	for _, arn := range triggered(a) {
		w.acting[arn] = append(w.acting[arn], a.Name)
	}
	return nil
}

// triggered are the ARNs that an alarm triggers in any state, each once.
func triggered(a fleet.Alarm) (arns []string) {
	for _, action := range slices.Concat(a.AlarmActions, a.OKActions, a.InsufficientDataActions) {
		arns = append(arns, autoscaling.PolicyARN(action))
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// unlist forgets an alarm.
func (w *World) unlist(name string) {
	before := w.alarms[name]
	if before == nil {
		return
	}
	for _, arn := range triggered(before.Alarm) {
		w.acting[arn] = slices.DeleteFunc(w.acting[arn], func(other string) bool { return other == name })
	}
	delete(w.alarms, name)
}

// DeleteAlarms deletes alarms; a name that is not there is an error and nothing is deleted.
func (w *World) DeleteAlarms(names []string) error {
	for _, name := range names {
		if w.alarms[name] == nil {
			return &Error{"ResourceNotFound", "Alarm " + name + " does not exist"}
		}
	}
	for _, name := range names {
		w.unlist(name)
	}
	return nil
}

// SetAlarmState sets the state of an alarm until it is next evaluated.
func (w *World) SetAlarmState(name, state, reason string) error {
	a := w.alarms[name]
	if a == nil {
		return &Error{"ResourceNotFound", "Alarm " + name + " does not exist"}
	}
	a.set(state, reason, w.now)
	return nil
}

func (a *alarm) set(state, reason string, at time.Time) {
	if a.State != state {
		a.State, a.StateSince, a.StateUpdated = state, at, at
	}
	a.StateReason, a.why, a.rests = reason, verdict{}, autoscaling.Missing()
}

// newAlarm is an alarm that can be evaluated.
func (w *World) newAlarm(a fleet.Alarm) *alarm {
	made := &alarm{Alarm: a, watch: autoscaling.Compile(&a), rests: autoscaling.Missing()}
	made.watched = make([]*series, len(made.watch.Inputs))
	read := func(input, ago int) autoscaling.Value { return w.shown(made, input, ago) }
	made.at = func(ago int) autoscaling.Value { return made.watch.At(ago, read) }
	return made
}

// shown is what CloudWatch shows an alarm of one of its inputs in the period so many periods ago. Periods end now, and do not
// keep to the clock.
func (w *World) shown(a *alarm, input, ago int) autoscaling.Value {
	of := &a.watch.Inputs[input]
	s := a.watched[input]
	if s == nil {
		if s = w.metrics[keyOf(of.Metric)]; s == nil {
			return autoscaling.Missing() // nothing was ever published under exactly these dimensions
		}
		a.watched[input] = s
	}
	if of.Unit != "" && of.Unit != s.unit {
		return autoscaling.Missing()
	}
	minute, now := w.minuteAt(w.now), w.elapsed()
	first, length := autoscaling.Minutes(a.watch.Period, ago)
	var merged autoscaling.Sample
	for m := minute - first - length; m < minute-first; m++ {
		merged.Merge(s.visible(m, now))
	}
	if v, ok := merged.Statistic(of.Statistic); ok {
		return autoscaling.Exactly(v)
	}
	return autoscaling.Missing()
}

// evaluate looks at every alarm, as CloudWatch does each minute.
func (w *World) evaluate() {
	for _, a := range w.alarms {
		j := autoscaling.Judge(&a.Alarm, autoscaling.StateOf(a.State), a.at)
		if j.Retained || !j.States.Judged() { // what is not modelled changes no state
			continue
		}
		why := verdict{breaching: j.Breaching, unknown: j.States == autoscaling.InsufficientData, judged: true}
		if state := j.States.String(); state != a.State || why != a.why {
			a.set(state, a.words(why), w.now)
			a.why = why
		}
		a.rests = j.Watched
	}
}

// verdict is what a judgement rests on.
type verdict struct {
	breaching int
	unknown   bool // there were no datapoints
	judged    bool // false in an alarm that nobody has judged since its state was set
}

// words are the verdict as CloudWatch says it.
func (a *alarm) words(why verdict) string {
	if why.unknown {
		return fmt.Sprintf("Insufficient Data: %d datapoints were unknown.", a.EvaluationPeriods)
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints were breaching the threshold (%g).",
		why.breaching, a.EvaluationPeriods, a.Threshold)
}
