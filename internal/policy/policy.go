// Package policy holds the documented scaling policies of asynchronous endpoints as data: the scalable target that
// allows zero, target tracking on the backlog per instance, and the step policy with the alarm that wakes an endpoint
// from zero.
package policy

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The documented names and values.
const (
	TrackingName  = "AsyncBacklogTargetTracking"
	WakeName      = "HasBacklogWithoutCapacity-ScalingPolicy"
	WakeAlarmName = "HasBacklogWithoutCapacity-Alarm-{endpoint}-{variant}" // alarm names are unique in a region

	MinCapacity = 0
	MaxCapacity = 5
	TargetValue = 5.0 // requests per instance
	Cooldown    = 300 * time.Second

	WakeAdjustment        = 1
	WakePeriod            = time.Minute
	WakeThreshold         = 1.0
	WakeEvaluationPeriods = 2
	WakeAggregation       = "Average"
	WakeMissingData       = "missing" // no data while it sleeps is how it should be
	WakeStatistic         = "Average"
	WakeComparison        = "GreaterThanOrEqualToThreshold"
	ChangeInCapacity      = "ChangeInCapacity" // the adjustment type of the wake policy
	ExactCapacity         = "ExactCapacity"    // another one that wakes as well

	// SharedAlarmName is the name that the document gives the wake alarm of every endpoint. Alarm names are unique in an
	// account and region, so the second endpoint overwrites the alarm of the first.
	SharedAlarmName = "HasBacklogWithoutCapacity-Alarm"
)

// Target is the documented scalable target of a variant.
func Target(endpoint, variant string) fleet.Target {
	return fleet.Target{
		ResourceID: fleet.ResourceID(endpoint, variant), MinCapacity: MinCapacity, MaxCapacity: MaxCapacity,
	}
}

// Tracking is the documented target-tracking policy: the backlog per instance of the whole endpoint.
func Tracking(endpoint, variant string) fleet.Policy {
	in, out := Cooldown, Cooldown
	metric := fleet.BacklogPerInstance.Query(endpoint)
	return fleet.Policy{
		ResourceID: fleet.ResourceID(endpoint, variant), Name: TrackingName, Type: fleet.TargetTracking,
		Tracking: &fleet.Tracking{
			TargetValue: TargetValue, Metric: &metric.Metric, Statistic: metric.Statistic,
			ScaleInCooldown: &in, ScaleOutCooldown: &out,
		},
	}
}

// Wake is the documented step policy that adds the first instance.
func Wake(endpoint, variant string) fleet.Policy {
	cooldown, lower := Cooldown, 0.0
	return fleet.Policy{
		ResourceID: fleet.ResourceID(endpoint, variant), Name: WakeName, Type: fleet.StepScaling,
		Step: &fleet.Step{
			AdjustmentType: ChangeInCapacity, Aggregation: WakeAggregation, Cooldown: &cooldown,
			Adjustments: []fleet.StepAdjustment{{Lower: &lower, Adjustment: WakeAdjustment}},
		},
	}
}

// WakeAlarm is the documented alarm that triggers the wake policy with the given ARN.
func WakeAlarm(endpoint, variant, wakeARN string) fleet.Alarm {
	metric := fleet.WithoutCapacity.Query(endpoint)
	return fleet.Alarm{
		Name:   WantedAlarm{NameTemplate: WakeAlarmName}.Name(endpoint, variant),
		Metric: metric.Metric, Statistic: metric.Statistic, Period: WakePeriod,
		EvaluationPeriods: WakeEvaluationPeriods, DatapointsToAlarm: WakeEvaluationPeriods,
		Threshold: WakeThreshold, Comparison: WakeComparison, TreatMissingData: WakeMissingData,
		ActionsEnabled: true, AlarmActions: []string{wakeARN},
	}
}
