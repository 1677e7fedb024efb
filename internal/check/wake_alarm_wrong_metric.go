package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var wakeAlarmWrongMetric = &Check{
	Name: "wake_alarm_wrong_metric", Severities: []Severity{Critical, Info}, Needs: wiring, run: runWakeAlarmWrongMetric,
}

func runWakeAlarmWrongMetric(s *Subject) verdict {
	alarm := s.wakeAlarm()
	if !s.hasWakePath() || alarm == nil {
		return verdict{}
	}
	if wrong := wrongInWakeAlarm(alarm, s.Endpoint.Name); len(wrong) > 0 {
		return fail(Critical, "The wake alarm %q of variant %q does not ring just when requests wait at 0 instances: %s. So they wait until they expire, or "+
			"instances start for nothing. %s.",
			alarm.Name, s.Variant.Name, strings.Join(wrong, "; "),
			s.mend("Make it HasBacklogWithoutCapacity with EndpointName alone, Average of 1m at least 1, missing data as missing"))
	}
	if alarm.Period > policy.WakePeriod {
		return fail(Info, "The wake alarm %q looks at periods of %s, so requests wait at least %s before variant %q wakes, where %s "+
			"would do. %s.", alarm.Name, short(alarm.Period), short(alarm.Period*time.Duration(alarm.EvaluationPeriods)),
			s.Variant.Name, short(policy.WakePeriod*time.Duration(alarm.EvaluationPeriods)), s.mend("Set its period to 60 seconds"))
	}
	return pass(Critical)
}

// wrongInWakeAlarm says in words why the alarm rings at wrong moments or never.
func wrongInWakeAlarm(alarm *fleet.Alarm, endpoint string) (wrong []string) {
	if !policy.WatchesWakeMetric(alarm, endpoint) {
		documented := fleet.WithoutCapacity.Query(endpoint).Metric
		switch {
		case len(alarm.Math) > 0:
			wrong = append(wrong, "it watches metric math")
		case alarm.Metric.Name != documented.Name || alarm.Metric.Namespace != documented.Namespace:
			wrong = append(wrong, fmt.Sprintf("it watches %q in %q", alarm.Metric.Name, alarm.Metric.Namespace))
		default:
			wrong = append(wrong, fmt.Sprintf("the metric has no data under %s, only under %s", dimensions(&alarm.Metric), dimensions(&documented)))
		}
	}
	if !policy.WakeCondition(alarm) {
		unit := ""
		if alarm.Unit != "" {
			unit = fmt.Sprintf(" in the unit %q", alarm.Unit)
		}
		wrong = append(wrong, fmt.Sprintf("%q of %q and %g%s does not mean that the value is 1", alarm.Comparison, alarm.Statistic, alarm.Threshold, unit))
	}
	if policy.WakesOnMissing(alarm) {
		wrong = append(wrong, fmt.Sprintf("missing data is %q, so it can ring for ever and start instances that have nothing to do", alarm.TreatMissingData))
	}
	if !policy.WakePeriods(alarm) {
		wrong = append(wrong, fmt.Sprintf("it looks at periods of %s, and the metric has one value a minute", short(alarm.Period)))
	}
	return wrong
}
