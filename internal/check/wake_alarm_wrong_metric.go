package check

import (
	"fmt"
	"strings"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var wakeAlarmWrongMetric = &Check{
	Name: "wake_alarm_wrong_metric", Severities: []Severity{Critical, Warning, Info}, Needs: wiring, run: runWakeAlarmWrongMetric,
	Stage: StageAlarm, Holds: Wake, Alert: "SageMakerAsyncWakeAlarmBroken", Remedy: []plan.Kind{plan.WakePolicy, plan.WakeAlarm},
}

func runWakeAlarmWrongMetric(s *Subject) verdict {
	fault, v, fails := s.cause(behavior.NeverAlarms)
	if !fails {
		if other := s.runs(); v.severity != "" && s.Behavior.Wakes.Verdict == behavior.Yes && other != "" && s.Behavior.Joins.Verdict == behavior.No {
			return s.neverJoins(other)
		}
		return v
	}
	severity, cost := s.weight()
	return fail(severity, "The wake alarm %q of variant %q does not go into ALARM when requests are queued at 0 instances: %s. %s.",
		fault.Alarm, s.Variant.Name, s.silent(fault.Alarm), cost).advise("%s", s.toAlarm(fault.Alarm))
}

// neverJoins is about a variant that would wake, if only another one did not run all the time.
func (s *Subject) neverJoins(other string) verdict {
	by := s.Behavior.Wakes.By
	why := "it does not go into ALARM"
	if alarm := s.alarm(by.Alarm); alarm != nil && len(alarm.Math) == 0 && alarm.Metric.Name == fleet.WithoutCapacity.String() {
		why = "HasBacklogWithoutCapacity is 0"
	}
	return fail(Warning, "Variant %q never starts: variant %q always runs, and while an instance of the endpoint runs, %s.", s.Variant.Name, other,
		strings.Replace(why, "it does", fmt.Sprintf("the wake alarm %q does", by.Alarm), 1)).
		advise("%s", s.toWake())
}

// toAlarm says what to change about an alarm so that it goes into ALARM when requests are queued at 0 instances.
func (s *Subject) toAlarm(name string) string {
	const whole = "Let it watch HasBacklogWithoutCapacity with the dimension EndpointName alone, at least 1 for 2 periods of 1m."
	if other := s.runs(); other != "" {
		return fmt.Sprintf("Let it watch ApproximateBacklogSize with the dimension EndpointName alone, from as many requests as variant %q is not to work on alone.", other)
	}
	alarm := s.alarm(name)
	if alarm == nil || len(alarm.Math) > 0 || alarm.Metric.Name != fleet.WithoutCapacity.String() {
		return whole
	}
	right := policy.WakeAlarm(s.Endpoint.Name, s.Variant.Name, "")
	var changes []string
	set := func(differs bool, change string) {
		if differs {
			changes = append(changes, change)
		}
	}
	if alarm.Metric.Namespace != right.Metric.Namespace {
		set(true, "let it watch "+right.Metric.Name+" in the namespace "+right.Metric.Namespace)
	}
	alone := right.Metric
	alone.Namespace = alarm.Metric.Namespace
	set(!alarm.Metric.Equal(alone), "let it watch the dimension EndpointName alone")
	set(alarm.Unit != "", "leave out its unit")
	if len(changes) == 0 {
		set(alarm.Statistic != right.Statistic, "set its statistic to "+right.Statistic)
		set(alarm.Threshold != right.Threshold || alarm.Comparison != right.Comparison, "let it go into ALARM at 1 or more")
		set(alarm.Period != right.Period, "set its period to "+short(right.Period))
	}
	if len(changes) == 0 {
		return "Put the alarm again with the documented values."
	}
	return fleet.Capital(strings.Join(changes, ", ")) + "."
}

// silent says in words why an alarm does not go into ALARM.
func (s *Subject) silent(name string) string {
	alarm := s.alarm(name)
	known := s.Behavior.Alarm(name)
	switch {
	case alarm == nil:
		return "its metric has no value then"
	case known != nil && known.Elsewhere != "":
		return fmt.Sprintf("it watches another endpoint, %q", known.Elsewhere)
	case len(alarm.Math) > 0:
		return "its metric math comes to no value beyond the threshold"
	}
	if why := s.unpublished(alarm); why != "" {
		return why
	}
	return fmt.Sprintf("the condition %s %g of the %s of %s is not met then", alarm.Comparison, alarm.Threshold, alarm.Statistic, alarm.Metric.Name)
}

// unpublished says in words why what an alarm of one metric watches never has data; empty where it has, or nobody can tell.
func (s *Subject) unpublished(alarm *fleet.Alarm) string {
	unit, ok, listed := autoscaling.Published(alarm.Metric)
	switch {
	case len(alarm.Math) > 0 || !listed:
	case !ok:
		return noData(&alarm.Metric, s.Endpoint.Name)
	case alarm.Unit != "" && alarm.Unit != unit:
		return fmt.Sprintf("%s has no data in the unit %q, only in %q", alarm.Metric.Name, alarm.Unit, unit)
	}
	return ""
}

// beyond is a dimension that a metric of an endpoint has beside that of its name; empty where that is not what is wrong.
func beyond(metric *fleet.Metric, endpoint string) (extra string) {
	named := false
	for _, d := range metric.Dimensions {
		switch {
		case d.Name != "EndpointName":
			extra = d.Name
		case d.Value != endpoint:
			return ""
		default:
			named = true
		}
	}
	if !named {
		return ""
	}
	return extra
}

// noData says in words that AWS publishes nothing under a name or its dimensions.
func noData(metric *fleet.Metric, endpoint string) string {
	right := autoscaling.Dimensions(*metric)
	switch extra := beyond(metric, endpoint); {
	case right == nil:
		return fmt.Sprintf("asynchronous endpoints do not publish %q in %q", metric.Name, metric.Namespace)
	case len(right) == 1 && extra != "":
		return fmt.Sprintf("%s has no data with the dimension %q, only with EndpointName alone", metric.Name, extra)
	case len(right) == 1:
		return fmt.Sprintf("%s has no data under %s, only under %q = %q", metric.Name, dimensions(metric), right[0], endpoint)
	}
	return fmt.Sprintf("%s has no data under %s, only under %s", metric.Name, dimensions(metric), strings.Join(right, " and "))
}
