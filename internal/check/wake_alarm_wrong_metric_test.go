package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestWakeAlarmWrongMetric(t *testing.T) {
	with := func(change func(*fleet.Alarm)) []func(*fixture) { return changes(alarm(change)) }
	table(t, "wake_alarm_wrong_metric",
		row{"documented", nil, Critical, false, nil},
		row{
			"a variant too", with(func(a *fleet.Alarm) { a.Metric.Dimensions = fleet.VariantDimensions("e", "v") }), Critical, true,
			[]string{`has no data with the dimension "VariantName", only with EndpointName alone`},
		},
		row{"no dimension", with(func(a *fleet.Alarm) { a.Metric.Dimensions = nil }), Critical, true, []string{"under no dimension"}},
		row{"a misspelt metric", with(func(a *fleet.Alarm) { a.Metric.Name = "HasBacklog\n" }), Critical, true, []string{`"HasBacklog\n"`}},
		row{"another threshold", with(func(a *fleet.Alarm) { a.Threshold = 7 }), Critical, true, []string{"GreaterThanOrEqualToThreshold 7", "Average"}},
		row{"another endpoint", with(func(a *fleet.Alarm) { a.Metric = fleet.WithoutCapacity.Query("e-prod").Metric }), Critical, true, []string{`watches another endpoint, "e-prod"`}},
		row{"a misspelt namespace", with(func(a *fleet.Alarm) { a.Metric.Namespace = "AWS/Sagemaker" }), Critical, true, []string{`"AWS/Sagemaker"`}},
		row{"a unit", with(func(a *fleet.Alarm) { a.Unit = "Seconds" }), Critical, true, []string{`"Seconds"`, `"Count"`}},
		row{"another namespace is not judged", with(func(a *fleet.Alarm) { a.Metric.Namespace = "Mine" }), absent, false, nil},
		row{"no alarm", changes(without("alarm")), absent, false, nil},
		row{"never at zero", changes(minimum(1)), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
