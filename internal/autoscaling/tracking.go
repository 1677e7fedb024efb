package autoscaling

import (
	"cmp"
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The habits of AWS, not its promises: a tracking policy scales out above its target for three minutes, and in below nine
// tenths of it for fifteen.
const (
	highPeriods = 3
	lowPeriods  = 15
	lowShare    = .9
)

// TrackingAlarms are the two alarms that Application Auto Scaling makes for a tracking policy, the high one first; each call of
// id gives an id for a name.
func TrackingAlarms(p *fleet.Policy, id func() string) []fleet.Alarm {
	if p.Tracking == nil {
		return nil
	}
	metric, statistic := Tracked(p)
	alarm := func(side, comparison string, threshold float64, periods int) fleet.Alarm {
		return fleet.Alarm{
			Name:        fleet.TrackingAlarmPrefix + p.ResourceID + "-" + side + "-" + id(),
			Description: "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + p.ARN + ".",
			Metric:      metric, Statistic: statistic, Unit: p.Tracking.Unit, Period: time.Minute, Math: p.Tracking.Math,
			EvaluationPeriods: periods, DatapointsToAlarm: periods, Threshold: threshold,
			Comparison: comparison, ActionsEnabled: true, AlarmActions: []string{p.ARN},
		}
	}
	return []fleet.Alarm{
		alarm("AlarmHigh", "GreaterThanThreshold", p.Tracking.TargetValue, highPeriods),
		alarm("AlarmLow", "LessThanThreshold", p.Tracking.TargetValue*lowShare, lowPeriods),
	}
}

// predefined are the metrics behind the predefined types of SageMaker. AWS publishes none of them for asynchronous endpoints.
var predefined = map[string]string{
	"SageMakerVariantInvocationsPerInstance":                   "InvocationsPerInstance",
	"SageMakerVariantConcurrentRequestsPerModelHighResolution": "ConcurrentRequestsPerModel",
}

// Tracked is the metric that a tracking policy follows, with its statistic; both are empty for metric math.
func Tracked(p *fleet.Policy) (fleet.Metric, string) {
	t := p.Tracking
	switch {
	case len(t.Math) > 0:
		return fleet.Metric{}, ""
	case t.Metric != nil:
		return *t.Metric, cmp.Or(t.Statistic, "Average")
	}
	endpoint, variant, _ := fleet.SplitResourceID(p.ResourceID)
	return fleet.Metric{Namespace: fleet.Namespace, Name: predefined[t.Predefined], Dimensions: fleet.VariantDimensions(endpoint, variant)}, "Sum"
}

// FullTarget is the highest target value, in tenths, that does not remove instances which work on so many requests at the same
// time with an empty queue: the backlog counts requests in service too, so they read as many. Below it, instances with all the
// work that they can do are soon scaled out.
func FullTarget(concurrent int) float64 { return math.Floor(float64(concurrent)/lowShare*10) / 10 }

// Tracks is what a tracking policy asks of so many instances at a value of its metric, as far as the alarms that AWS makes for
// it go into ALARM at that value; None where neither does.
func Tracks(p *fleet.Policy, value float64, n Instances) Asked {
	for _, alarm := range TrackingAlarms(p, func() string { return "" }) {
		if beyond, known := Breaches(&alarm, Exactly(value)); known && beyond {
			return Ask(p, &alarm, Alarm, Exactly(value), n)
		}
	}
	return Asked{None: true}
}
