package sim

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// alarm is an alarm with the series that it watches, once that has been published.
type alarm struct {
	fleet.Alarm
	watched *series
	why     verdict   // of the present state
	latest  float64   // the newest value that was looked at
	window  []reading // of the last look, kept for its memory
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
	w.unlist(a.Name)
	w.alarms[a.Name] = &alarm{Alarm: a}
	for _, action := range a.AlarmActions {
		w.acting[action] = append(w.acting[action], a.Name)
	}
	return nil
}

// unlist forgets an alarm.
func (w *World) unlist(name string) {
	before := w.alarms[name]
	if before == nil {
		return
	}
	for _, action := range before.AlarmActions {
		w.acting[action] = slices.DeleteFunc(w.acting[action], func(other string) bool { return other == name })
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
	a.StateReason, a.why = reason, verdict{}
}

// evaluate looks at every alarm, as CloudWatch does each minute.
func (w *World) evaluate() {
	for _, a := range w.alarms {
		if a.watched == nil {
			a.watched = w.metrics[keyOf(a.Metric)]
		}
		var window []reading // empty when nothing was ever published under exactly these dimensions
		if a.watched != nil {
			window = a.read(w.minuteAt(w.now), w.elapsed())
		}
		if state, why := a.judge(window); state != "" && (state != a.State || why != a.why) {
			a.set(state, a.words(why), w.now)
			a.why = why
		}
	}
}

// late is how many more periods CloudWatch looks back for datapoints that come late.
const late = 4

// reading is a period with a datapoint.
type reading struct {
	ago   int // periods back from the newest complete one
	value float64
}

// read finds the newest datapoints, newest first.
func (a *alarm) read(minute int, now time.Duration) []reading {
	found := a.window[:0]
	perPeriod := max(1, int(a.Period/time.Minute))
	for ago := range a.EvaluationPeriods + late {
		var merged sample
		last := minute - ago*perPeriod
		for m := last - perPeriod; m < last; m++ {
			merged.merge(a.watched.visible(m, now))
		}
		if v, ok := merged.statistic(a.Statistic); ok {
			found = append(found, reading{ago, v})
			if len(found) == a.EvaluationPeriods {
				break
			}
		}
	}
	if len(found) > 0 {
		a.latest = found[0].value
	}
	a.window = found
	return found
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

// judge decides the state by the newest datapoints; an empty state leaves it as it is.
func (a *alarm) judge(window []reading) (state string, why verdict) {
	breaching := 0
	for _, r := range window {
		if a.breaches(r.value) {
			breaching++
		}
	}
	missing := a.EvaluationPeriods - len(window)
	if len(window) == 0 {
		switch a.TreatMissingData {
		case "missing":
			return "INSUFFICIENT_DATA", verdict{unknown: true, judged: true}
		case "ignore":
			return "", why
		}
	}
	if a.TreatMissingData == "breaching" {
		breaching += missing
	}
	said := verdict{breaching: breaching, judged: true}
	switch {
	case breaching >= a.DatapointsToAlarm:
		return "ALARM", said
	case missing == 0 || a.TreatMissingData == "notBreaching" || a.TreatMissingData == "breaching" || breaching < len(window):
		return "OK", said
	case a.TreatMissingData == "missing" && window[len(window)-1].ago >= a.DatapointsToAlarm-1:
		// All that is there breaches, and the oldest of it is old enough.
		return "ALARM", said
	}
	return "", why
}

func (a *alarm) breaches(v float64) bool {
	switch a.Comparison {
	case "GreaterThanOrEqualToThreshold":
		return v >= a.Threshold
	case "GreaterThanThreshold":
		return v > a.Threshold
	case "LessThanOrEqualToThreshold":
		return v <= a.Threshold
	case "LessThanThreshold":
		return v < a.Threshold
	}
	return math.IsNaN(v) // another comparison is not modelled and never breaches
}
