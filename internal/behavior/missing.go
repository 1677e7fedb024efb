package behavior

import (
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// missing asks what acts when a watched metric has no value: each in turn. Only what treats missing data as breaching, or
// acts on insufficient data, can.
func (j *judge) missing() {
	var metrics []fleet.Metric
	for i := range j.alarms {
		alarm := &j.alarms[i]
		if alarm.TreatMissingData != "breaching" && len(alarm.InsufficientDataActions) == 0 {
			continue
		}
		if len(alarm.Math) == 0 {
			metrics = append(metrics, alarm.Metric)
		}
		for _, query := range alarm.Math {
			if query.Metric != nil {
				metrics = append(metrics, *query.Metric)
			}
		}
	}
	for i := range metrics {
		if slices.ContainsFunc(metrics[:i], metrics[i].Equal) {
			continue
		}
		j.settle(scene{of: DataMissing, running: 1, desired: 1, before: busy(1, j.c), now: busy(1, j.c), missing: &metrics[i]})
	}
}

// flaps finds alarms that change their state although nothing else does: because a period is shorter than the minute in
// which the metrics have one value, or because FILL supplies the newest minute, whose datapoint is late.
func (j *judge) flaps() {
	for i := range j.alarms {
		alarm := &j.alarms[i]
		if len(alarm.Math) == 0 && alarm.Period > 0 && alarm.Period < time.Minute {
			j.b.Alarms[i].Flaps = "its period of " + fleet.Short(alarm.Period) + " is shorter than the minute in which the metric has one value"
			continue
		}
		if fills(alarm) && j.differsLate(i) {
			j.b.Alarms[i].Flaps = "FILL supplies a value for the newest minute, whose datapoint is late, and the alarm asks for all of its periods"
		}
	}
}

func fills(alarm *fleet.Alarm) bool {
	return slices.ContainsFunc(alarm.Math, func(q fleet.MathQuery) bool { return strings.Contains(q.Expression, "FILL(") })
}

// differsLate tells whether an alarm comes to rest in another state when the newest minute is not there yet.
func (j *judge) differsLate(i int) bool {
	for _, s := range []scene{
		{of: AsleepRequests, requests: 1, before: asleep(0), now: asleep(1)},
		{of: Overloaded, running: 1, desired: 1, before: awake(1, 0, 0), now: pressed(1)},
		{of: Busy, running: 1, desired: 1, before: pressed(1), now: busy(1, j.c)},
	} {
		at := func(late int) autoscaling.States {
			s.late = late
			return j.model.SettleIn(j.situation(s), &j.room).Alarms[i].Final
		}
		if whole, late := at(0), at(1); whole.Judged() && late.Judged() && whole != late {
			return true
		}
	}
	return false
}
