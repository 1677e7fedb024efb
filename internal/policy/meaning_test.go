package policy

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func documentedAlarm(change func(*fleet.Alarm)) *fleet.Alarm {
	alarm := WakeAlarm("e", "v", "arn:wake")
	if change != nil {
		change(&alarm)
	}
	return &alarm
}

func TestWakeCondition_isTheSameInOtherWords(t *testing.T) {
	for _, row := range []struct {
		comparison string
		threshold  float64
		statistic  string
		unit       string
		want       bool
	}{
		{"GreaterThanOrEqualToThreshold", 1, "Average", "", true},
		{"GreaterThanOrEqualToThreshold", 1, "Maximum", "Count", true},
		{"GreaterThanOrEqualToThreshold", 0.5, "Average", "", true},
		{"GreaterThanThreshold", 0, "Average", "", true},
		{"GreaterThanThreshold", 0.9, "Maximum", "", true},
		{"GreaterThanThreshold", 1, "Average", "", false},          // never
		{"GreaterThanThreshold", -1, "Average", "", false},         // always
		{"GreaterThanOrEqualToThreshold", 0, "Average", "", false}, // always
		{"GreaterThanOrEqualToThreshold", 1.1, "Average", "", false},
		{"LessThanThreshold", 1, "Average", "", false},
		{"", 1, "Average", "", false},
		{"GreaterThanOrEqualToThreshold", 1, "SampleCount", "", false},
		{"GreaterThanOrEqualToThreshold", 1, "", "", false},
		{"GreaterThanOrEqualToThreshold", 1, "Average", "Seconds", false},
	} {
		alarm := documentedAlarm(func(a *fleet.Alarm) {
			a.Comparison, a.Threshold, a.Statistic, a.Unit = row.comparison, row.threshold, row.statistic, row.unit
		})
		if got := WakeCondition(alarm); got != row.want {
			t.Errorf("%+v: %t", row, got)
		}
	}
}

func TestWakesOnMissing_onlyWhereMissingDataCanRing(t *testing.T) {
	for treat, want := range map[string]bool{"": false, "missing": false, "notBreaching": false, "breaching": true, "ignore": true} {
		if got := WakesOnMissing(documentedAlarm(func(a *fleet.Alarm) { a.TreatMissingData = treat })); got != want {
			t.Errorf("%q: %t", treat, got)
		}
	}
}

func TestWakePeriods_areWholeMinutes(t *testing.T) {
	for period, want := range map[time.Duration]bool{
		0: false, 10 * time.Second: false, 30 * time.Second: false, time.Minute: true, 90 * time.Second: false, 5 * time.Minute: true,
	} {
		if got := WakePeriods(documentedAlarm(func(a *fleet.Alarm) { a.Period = period })); got != want {
			t.Errorf("%s: %t", period, got)
		}
	}
}

func TestWatchesWakeMetric_withExactlyOneDimension(t *testing.T) {
	dimension := fleet.Dimension{Name: "EndpointName", Value: "e"}
	for name, row := range map[string]struct {
		change func(*fleet.Alarm)
		want   bool
	}{
		"documented":       {func(*fleet.Alarm) {}, true},
		"another endpoint": {func(a *fleet.Alarm) { a.Metric = fleet.WithoutCapacity.Query("f").Metric }, false},
		"a variant too": {func(a *fleet.Alarm) {
			a.Metric.Dimensions = []fleet.Dimension{dimension, {Name: "VariantName", Value: "v"}}
		}, false},
		"no dimension":      {func(a *fleet.Alarm) { a.Metric.Dimensions = nil }, false},
		"another namespace": {func(a *fleet.Alarm) { a.Metric.Namespace = "Mine" }, false},
		"another metric":    {func(a *fleet.Alarm) { a.Metric = fleet.Backlog.Query("e").Metric }, false},
		"metric math":       {func(a *fleet.Alarm) { a.Math = []fleet.MathQuery{{ID: "m"}} }, false},
	} {
		if got := WatchesWakeMetric(documentedAlarm(row.change), "e"); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestWakeSteps_addAnInstanceAtTheMomentTheAlarmRings(t *testing.T) {
	at := func(f float64) *float64 { return &f }
	step := func(lower, upper *float64, adjustment int) fleet.StepAdjustment {
		return fleet.StepAdjustment{Lower: lower, Upper: upper, Adjustment: adjustment}
	}
	for name, row := range map[string]struct {
		kind      string
		steps     []fleet.StepAdjustment
		threshold float64
		want      bool
	}{
		"documented":                {ChangeInCapacity, []fleet.StepAdjustment{step(at(0), nil, 1)}, 1, true},
		"exact":                     {ExactCapacity, []fleet.StepAdjustment{step(at(0), nil, 1)}, 1, true},
		"exactly none":              {ExactCapacity, []fleet.StepAdjustment{step(at(0), nil, 0)}, 1, false},
		"a percentage of none":      {"PercentChangeInCapacity", []fleet.StepAdjustment{step(at(0), nil, 100)}, 1, false},
		"no bounds":                 {ChangeInCapacity, []fleet.StepAdjustment{step(nil, nil, 2)}, 1, true},
		"begins above":              {ChangeInCapacity, []fleet.StepAdjustment{step(at(0.5), nil, 1)}, 1, false},
		"reached from a lower one":  {ChangeInCapacity, []fleet.StepAdjustment{step(at(0.5), nil, 1)}, 0, true},
		"an upper bound is outside": {ChangeInCapacity, []fleet.StepAdjustment{step(at(0), at(1), 1)}, 0, false},
		"an upper bound above":      {ChangeInCapacity, []fleet.StepAdjustment{step(at(0), at(1), 1)}, 1, true},
		"the step below removes":    {ChangeInCapacity, []fleet.StepAdjustment{step(nil, at(0), -1), step(at(0), nil, 1)}, 1, true},
		"removes":                   {ChangeInCapacity, []fleet.StepAdjustment{step(at(0), nil, -1)}, 1, false},
		"no steps":                  {ChangeInCapacity, nil, 1, false},
	} {
		policy := Wake("e", "v")
		policy.Step = &fleet.Step{AdjustmentType: row.kind, Adjustments: row.steps}
		if got := WakeSteps(&policy, row.threshold); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	tracking := Tracking("e", "v")
	if WakeSteps(&tracking, 1) {
		t.Error("target tracking has no steps")
	}
}
