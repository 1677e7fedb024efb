// Package policy holds the documented scaling policies of asynchronous endpoints as data: the scalable target that
// allows zero, target tracking on the backlog per instance, and the step policy with the alarm that wakes an endpoint
// from zero.
package policy

import (
	"strings"
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
			AdjustmentType: "ChangeInCapacity", Aggregation: "Average", Cooldown: &cooldown,
			Adjustments: []fleet.StepAdjustment{{Lower: &lower, Adjustment: WakeAdjustment}},
		},
	}
}

// WakeAlarm is the documented alarm that triggers the wake policy with the given ARN.
func WakeAlarm(endpoint, variant, wakeARN string) fleet.Alarm {
	metric := fleet.WithoutCapacity.Query(endpoint)
	return fleet.Alarm{
		Name:   strings.NewReplacer("{endpoint}", endpoint, "{variant}", variant).Replace(WakeAlarmName),
		Metric: metric.Metric, Statistic: metric.Statistic, Period: WakePeriod,
		EvaluationPeriods: WakeEvaluationPeriods, DatapointsToAlarm: WakeEvaluationPeriods,
		Threshold: WakeThreshold, Comparison: "GreaterThanOrEqualToThreshold", TreatMissingData: "missing",
		ActionsEnabled: true, AlarmActions: []string{wakeARN},
	}
}
