package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestWakeAlarmWrongMetric(t *testing.T) {
	with := func(change func(*fleet.Alarm)) []func(*fixture) { return changes(alarm(change)) }
	table(t, "wake_alarm_wrong_metric",
		row{"documented", nil, Critical, false, nil},
		row{"in other words", with(func(a *fleet.Alarm) {
			a.Comparison, a.Threshold, a.Statistic, a.TreatMissingData = "GreaterThanThreshold", 0, "Maximum", "notBreaching"
		}), Critical, false, nil},
		row{
			"a variant too", with(func(a *fleet.Alarm) { a.Metric.Dimensions = fleet.VariantDimensions("e", "v") }), Critical, true,
			[]string{`"VariantName" = "v"`, `only under "EndpointName" = "e"`},
		},
		row{"no dimension", with(func(a *fleet.Alarm) { a.Metric.Dimensions = nil }), Critical, true, []string{"under no dimension"}},
		row{"another namespace", with(func(a *fleet.Alarm) { a.Metric.Namespace = "Mine\n" }), Critical, true, []string{`"Mine\n"`}},
		row{"another metric", with(func(a *fleet.Alarm) { a.Metric = fleet.Backlog.Query("e").Metric }), Critical, true, []string{`"ApproximateBacklogSize"`}},
		row{"another threshold", with(func(a *fleet.Alarm) { a.Threshold = 7 }), Critical, true, []string{"7", `"Average"`}},
		row{"a unit", with(func(a *fleet.Alarm) { a.Unit = "Seconds" }), Critical, true, []string{`"Seconds"`}},
		row{"breaching", with(func(a *fleet.Alarm) { a.TreatMissingData = "breaching" }), Critical, true, []string{`"breaching"`}},
		row{"ignore", with(func(a *fleet.Alarm) { a.TreatMissingData = "ignore" }), Critical, true, []string{`"ignore"`}},
		row{"half minutes", with(func(a *fleet.Alarm) { a.Period = 30 * time.Second }), Critical, true, []string{"30s"}},
		row{"five minutes", with(func(a *fleet.Alarm) { a.Period = 5 * time.Minute }), Info, true, []string{"10m", "2m"}},
		row{"two wrongs", with(func(a *fleet.Alarm) { a.Period, a.Metric.Dimensions = time.Second, nil }), Critical, true, []string{"; "}},
		row{"no alarm", changes(without("alarm")), absent, false, nil},
		row{"never at zero", changes(minimum(1)), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}

// An alarm that triggers the wake policy for another reason is not the one that wakes.
func TestWakeAlarmWrongMetric_ofOtherAlarms(t *testing.T) {
	for name, other := range map[string]fleet.WiredAlarm{
		"on the policy":      {Policy: "HasBacklogWithoutCapacity-ScalingPolicy", Role: fleet.RoleOther, Alarm: fleet.Alarm{Name: "cpu"}},
		"on another policy":  {Policy: "mine", Role: fleet.RoleWake, Alarm: fleet.Alarm{Name: "mine", Metric: fleet.Backlog.Query("e").Metric}},
		"of another purpose": {Role: fleet.RoleOther, Alarm: fleet.Alarm{Name: "age"}},
	} {
		f := healthy(without("alarm"), func(f *fixture) { f.variant.Alarms = append(f.variant.Alarms, other) })
		if finding := f.find("wake_alarm_wrong_metric"); finding != nil {
			t.Errorf("%s: %+v", name, finding)
		}
	}
}

// Metric math has no metric of its own; such an alarm is found by what it triggers and its name.
func TestWakeAlarmWrongMetric_metricMath(t *testing.T) {
	f := healthy(alarm(func(a *fleet.Alarm) { a.Metric, a.Math = fleet.Metric{}, []fleet.MathQuery{{ID: "m"}} }))
	finding := f.find("wake_alarm_wrong_metric")
	if finding == nil || !finding.Failed {
		t.Fatalf("%+v", finding)
	}
	proper(t, "metric math", *finding)
}
