package check

import (
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestPolicyNeverActs(t *testing.T) {
	down := func(s fleet.StepAdjustment) func(*fixture) {
		return another(stepPolicy("down", "ExactCapacity", s), fleet.Alarm{Metric: fleet.Backlog.Query("e").Metric, Comparison: "LessThanThreshold", Threshold: 1})
	}
	gone := another(change("burst", "ChangeInCapacity", 1), fleet.Alarm{Metric: fleet.Backlog.Query("e").Metric, Threshold: 10})
	table(t, "policy_never_acts",
		row{"documented", nil, Warning, false, nil},
		row{"a lower bound of 0 on small values", changes(down(fleet.StepAdjustment{Lower: new(float64)})), Warning, true, []string{`delete the alarm "of-down" and the policy "down".`, "below 0"}},
		row{"another alarm uses the policy", changes(down(fleet.StepAdjustment{Lower: new(float64)}), func(f *fixture) {
			beside := f.variant.Alarms[3]
			beside.Name, beside.Threshold, beside.Comparison = "beside", 100, "GreaterThanThreshold"
			f.variant.Alarms = append(f.variant.Alarms, beside)
		}), Warning, true, []string{`delete the alarm "of-down" alone: another alarm uses the policy.`}},
		row{"the alarm pages somebody too", changes(down(fleet.StepAdjustment{Lower: new(float64)}), func(f *fixture) {
			f.variant.Alarms[3].OKActions = []string{"arn:aws:sns:us-east-1:111122223333:pager"}
		}), Warning, true, []string{"take the policy out of the actions of the alarm, which has others."}},
		row{"an upper one", changes(down(fleet.StepAdjustment{Upper: new(float64)})), Warning, false, nil},
		row{"a dead alarm", changes(gone, func(f *fixture) { f.variant.Policies = f.variant.Policies[:2] }), Warning, true, []string{`"of-burst"`, "does not exist any more"}},
		row{"an un-alarmed policy may be called by hand", changes(gone, func(f *fixture) { f.variant.Alarms = f.variant.Alarms[:3] }), Warning, false, nil},
		row{"the wake alarm is another check's", changes(alarm(func(a *fleet.Alarm) { a.Unit = "Seconds" })), Warning, false, nil},
		row{"a misspelt metric", changes(another(change("burst", "ChangeInCapacity", 1), fleet.Alarm{
			Metric: fleet.Metric{Namespace: fleet.Namespace, Name: "ApproximateBacklogsize", Dimensions: fleet.Backlog.Query("e").Metric.Dimensions}, Threshold: 10,
		})), Warning, true, []string{`do not publish "ApproximateBacklogsize"`, "Let it watch a metric that AWS publishes"}},
		row{"AWS's own alarms are gone beside steps", changes(bereft("high", "low"), another(change("out", "ChangeInCapacity", 2), fleet.Alarm{
			Metric: fleet.Backlog.Query("e").Metric, Comparison: "GreaterThanOrEqualToThreshold", Threshold: 3,
		}), another(stepPolicy("in", "ExactCapacity", fleet.StepAdjustment{Upper: new(float64)}), fleet.Alarm{
			Metric: fleet.Backlog.Query("e").Metric, Comparison: "LessThanThreshold", Threshold: 1,
		})), Warning, true, []string{"AWS's own alarms of the tracking policy", "are gone", "again as it is"}},
		row{"AWS's own alarms are gone, as another check says", changes(bereft("high", "low")), Warning, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}

// bereft deletes AWS's own alarms of the tracking policy.
func bereft(names ...string) func(*fixture) {
	return func(f *fixture) {
		for _, name := range names {
			f.tracking.Lost = append(f.tracking.Lost, "TargetTracking-endpoint/e/variant/v-Alarm"+fleet.Capital(name)+"-1")
			f.variant.Alarms = slices.DeleteFunc(f.variant.Alarms, func(a fleet.WiredAlarm) bool { return a.Name == name })
		}
	}
}

func TestAlarmFlaps(t *testing.T) {
	fills := func(m, n int) func(*fixture) {
		return alarm(func(a *fleet.Alarm) {
			metric, no := a.Metric, false
			a.Metric, a.Statistic, a.DatapointsToAlarm, a.EvaluationPeriods = fleet.Metric{}, "", m, n
			a.Math = []fleet.MathQuery{{ID: "e", Expression: "FILL(m1, 0)"}, {ID: "m1", Metric: &metric, Statistic: "Average", ReturnData: &no}}
		})
	}
	table(t, "alarm_flaps",
		row{"documented", nil, Warning, false, nil},
		row{"half minutes", changes(alarm(func(a *fleet.Alarm) { a.Period = 30 * time.Second })), Warning, true, []string{"30s"}},
		row{"FILL with all of its periods", changes(fills(2, 2)), Warning, true, []string{"FILL"}},
		row{"FILL with one of three", changes(fills(1, 3)), Warning, false, nil},
		row{"no alarm", changes(func(f *fixture) { f.variant.Alarms = nil }), absent, false, nil},
	)
}

func TestNotJudged(t *testing.T) {
	table(t, "not_judged",
		row{"documented", nil, Info, false, nil},
		row{"a team's own metric", changes(another(change("own", "ChangeInCapacity", 1), fleet.Alarm{Metric: fleet.Metric{Namespace: "Team", Name: "Jobs"}})), Info, true, []string{"Jobs in Team", `"of-own"`}},
		row{"a function of metric math", changes(alarm(func(a *fleet.Alarm) {
			a.Metric, a.Math = fleet.Metric{}, []fleet.MathQuery{{ID: "e", Expression: "ANOMALY(m1)"}}
		})), Info, true, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
