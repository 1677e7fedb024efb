package check

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

var wakeAlarmWrongMetric = &Check{
	Name: "wake_alarm_wrong_metric", Severities: []Severity{Critical, Warning, Info}, Needs: wiring, run: runWakeAlarmWrongMetric,
	Stage: StageAlarm, Holds: Wake, Alert: "SageMakerAsyncWakeAlarmBroken", Remedy: []plan.Kind{plan.WakePolicy, plan.WakeAlarm},
}

func runWakeAlarmWrongMetric(s *Subject) verdict {
	fault, v, fails := s.cause(behavior.NeverAlarms)
	if !fails {
		return v
	}
	severity, cost := s.weight()
	return fail(severity, "The wake alarm %q of variant %q does not go into ALARM when requests are queued at 0 instances: %s. %s. %s.",
		fault.Alarm, s.Variant.Name, s.silent(fault.Alarm), cost,
		s.remedy("Let it watch HasBacklogWithoutCapacity with EndpointName alone, at least 1 for 2 periods of 1m"))
}

// silent says in words why an alarm does not go into ALARM.
func (s *Subject) silent(name string) string {
	alarm := s.alarm(name)
	switch {
	case alarm == nil:
		return "its metric has no value then"
	case len(alarm.Math) > 0:
		return "its metric math comes to no value beyond the threshold"
	}
	unit, ok, known := autoscaling.Published(alarm.Metric)
	switch {
	case known && !ok:
		return noData(&alarm.Metric, s.Endpoint.Name)
	case known && alarm.Unit != "" && alarm.Unit != unit:
		return fmt.Sprintf("%s has no data in the unit %q, only in %q", alarm.Metric.Name, alarm.Unit, unit)
	}
	return fmt.Sprintf("the condition %s %g of the %s of %s is not met then", alarm.Comparison, alarm.Threshold, alarm.Statistic, alarm.Metric.Name)
}

// noData says in words that AWS publishes nothing under a name or its dimensions.
func noData(metric *fleet.Metric, endpoint string) string {
	for _, queue := range fleet.QueueMetrics() {
		if published := queue.Query(endpoint).Metric; metric.Name == published.Name && metric.Namespace == published.Namespace {
			return fmt.Sprintf("%s has no data under %s, only under %s", metric.Name, dimensions(metric), dimensions(&published))
		}
	}
	return fmt.Sprintf("asynchronous endpoints do not publish %q in %q", metric.Name, metric.Namespace)
}
