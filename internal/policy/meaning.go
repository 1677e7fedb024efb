package policy

import (
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The wake metric is 1 while requests wait and no instance runs, and 0 else. So many alarms that are written in another
// way than the documented one ring at the same moments, and they are as good.

// awake is the value of the wake metric at which an endpoint has to be woken.
const awake = 1.0

// WatchesWakeMetric tells whether the alarm watches the documented metric of the endpoint: with one dimension more or
// less it watches a metric that nobody publishes.
func WatchesWakeMetric(alarm *fleet.Alarm, endpoint string) bool {
	return len(alarm.Math) == 0 && alarm.Metric.Equal(fleet.WithoutCapacity.Query(endpoint).Metric)
}

// WakeCondition tells whether the alarm's condition and statistic mean that the wake metric is 1: of one value, 0 or 1,
// Maximum is Average, and any bound between the two tells them apart. A unit that the metric does not have finds no data.
func WakeCondition(alarm *fleet.Alarm) bool {
	switch alarm.Statistic {
	case "Average", "Maximum":
	default:
		return false
	}
	if alarm.Unit != "" && alarm.Unit != "Count" {
		return false
	}
	switch alarm.Comparison {
	case "GreaterThanOrEqualToThreshold":
		return 0 < alarm.Threshold && alarm.Threshold <= awake
	case "GreaterThanThreshold":
		return 0 <= alarm.Threshold && alarm.Threshold < awake
	}
	return false
}

// WakesOnMissing tells whether minutes without data, which are normal while an endpoint sleeps, can make or keep the
// alarm ringing: breaching wakes for ever, and ignore can hold an alarm that rang.
func WakesOnMissing(alarm *fleet.Alarm) bool {
	switch alarm.TreatMissingData {
	case "", "missing", "notBreaching":
		return false
	}
	return true
}

// WakePeriods tells whether the alarm looks at whole minutes: the metric has one value a minute, so a shorter period
// finds no data half of the time. A longer one wakes later but does wake.
func WakePeriods(alarm *fleet.Alarm) bool {
	return alarm.Period >= WakePeriod && alarm.Period%time.Minute == 0
}

// WakeSteps tells whether the step policy adds an instance to none when an alarm with that threshold rings.
func WakeSteps(policy *fleet.Policy, threshold float64) bool { return WakeAdds(policy, threshold) > 0 }

// WakeAdds is how many instances the step policy starts of none when an alarm with that threshold rings: the step counts
// that the value 1 falls into, by its distance from the threshold. A percentage of no instances is none.
func WakeAdds(policy *fleet.Policy, threshold float64) int {
	if policy.Step == nil {
		return 0
	}
	if t := policy.Step.AdjustmentType; t != ChangeInCapacity && t != ExactCapacity {
		return 0
	}
	distance := awake - threshold
	for _, step := range policy.Step.Adjustments {
		above := step.Lower == nil || *step.Lower <= distance
		below := step.Upper == nil || distance < *step.Upper
		if above && below {
			return max(0, step.Adjustment)
		}
	}
	return 0
}

// The backlog counts requests in service too: instances that work on all that they can, with an empty queue, read as many
// as they work on at the same time. The low alarm of a tracking policy rings below nine tenths of its target value.

// RemovesBusy tells whether tracking that value scales in instances that work on so many requests at the same time.
func RemovesBusy(targetValue float64, concurrent int) bool {
	return targetValue*9 > float64(concurrent)*10
}

// FullTarget is the highest target value, in tenths, that does not. Below it, instances with all the work that they can do and
// an empty queue are soon scaled out.
func FullTarget(concurrent int) float64 { return math.Floor(float64(concurrent)/.9*10) / 10 }
