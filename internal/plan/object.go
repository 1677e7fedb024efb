package plan

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Object is one thing that a step writes, as a whole: at most one of the three is set, and none where nothing is there.
type Object struct {
	Target *fleet.Target
	Policy *fleet.Policy
	Alarm  *fleet.Alarm
}

// None tells whether nothing is there.
func (o Object) None() bool { return o.Target == nil && o.Policy == nil && o.Alarm == nil }

// Same tells whether both are configured alike. ARNs, dates, states, their reasons and the alarms that AWS lists with a
// policy are no configuration; but an alarm that was written since is another one, where it is known when each was.
func (o Object) Same(other Object) bool {
	a, b := o.configuration(), other.configuration()
	if a.Alarm != nil && b.Alarm != nil && (a.Alarm.ConfigurationUpdated.IsZero() || b.Alarm.ConfigurationUpdated.IsZero()) {
		a.Alarm.ConfigurationUpdated, b.Alarm.ConfigurationUpdated = time.Time{}, time.Time{}
	}
	return reflect.DeepEqual(a, b)
}

// configuration is the object without everything that AWS says of it and nobody configures.
func (o Object) configuration() Object {
	switch {
	case o.Target != nil:
		t := fleet.Target{MinCapacity: o.Target.MinCapacity, MaxCapacity: o.Target.MaxCapacity, Suspended: o.Target.Suspended}
		return Object{Target: &t}
	case o.Policy != nil:
		p := fleet.Policy{Name: o.Policy.Name, Type: o.Policy.Type}
		if o.Policy.Tracking != nil {
			tracking := *o.Policy.Tracking
			in, out := fleet.Cooldown(tracking.ScaleInCooldown), fleet.Cooldown(tracking.ScaleOutCooldown)
			tracking.ScaleInCooldown, tracking.ScaleOutCooldown = &in, &out
			tracking.Metric, tracking.Math = sorted(tracking.Metric), ordered(tracking.Math)
			p.Tracking = &tracking
		}
		if o.Policy.Step != nil {
			step, cooldown := *o.Policy.Step, fleet.Cooldown(o.Policy.Step.Cooldown)
			step.Cooldown, step.Aggregation = &cooldown, cmp.Or(step.Aggregation, "Average")
			step.Adjustments = filled(step.Adjustments)
			p.Step = &step
		}
		return Object{Policy: &p}
	case o.Alarm != nil:
		a := *o.Alarm
		a.ARN, a.State, a.StateReason, a.StateUpdated, a.StateSince = "", "", "", time.Time{}, time.Time{}
		a.DatapointsToAlarm = cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods)
		a.TreatMissingData = cmp.Or(a.TreatMissingData, "missing")
		a.Metric, a.Math = *sorted(&a.Metric), ordered(a.Math)
		a.AlarmActions, a.OKActions, a.InsufficientDataActions = filled(a.AlarmActions), filled(a.OKActions), filled(a.InsufficientDataActions)
		a.Read, a.Mutes, a.Extras = time.Time{}, fleet.Mutes{}, extras(a.Extras)
		return Object{Alarm: &a}
	}
	return Object{}
}

// extras are the settings among them: how AWS writes an action is none.
func extras(e *fleet.AlarmExtras) *fleet.AlarmExtras {
	if e == nil {
		return nil
	}
	set := *e
	set.FullActions = nil
	if reflect.DeepEqual(set, fleet.AlarmExtras{}) {
		return nil
	}
	return &set
}

// filled is the list, or nil for an empty one: AWS tells none from the other.
func filled[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// sorted is the metric with its dimensions by name.
func sorted(m *fleet.Metric) *fleet.Metric {
	if m == nil {
		return nil
	}
	metric := *m
	metric.Dimensions = filled(slices.SortedFunc(slices.Values(m.Dimensions), func(a, b fleet.Dimension) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	}))
	return &metric
}

func ordered(queries []fleet.MathQuery) (list []fleet.MathQuery) {
	for _, query := range queries {
		query.Metric = sorted(query.Metric)
		list = append(list, query)
	}
	return list
}
