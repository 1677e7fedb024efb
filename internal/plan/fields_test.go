package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

const (
	onTarget   = "  ~ endpoint/e/variant/v  scalable target\n      "
	onMinimum  = "  ~ endpoint/e/variant/v  min capacity\n      "
	onTracking = "  ~ endpoint/e/variant/v  tracking policy AsyncBacklogTargetTracking\n      "
	onWake     = "  ~ endpoint/e/variant/v  wake policy HasBacklogWithoutCapacity-ScalingPolicy\n      "
	onAlarm    = "  ~ endpoint/e/variant/v  wake alarm HasBacklogWithoutCapacity-Alarm-e-v\n      "
	nothing    = "No changes. 1 variant matches its policy."
	sleeps     = "\n      effect: may scale to zero; the first request then waits 3 to 18 minutes"
)

func TestDiff_documentedIsNoChange(t *testing.T) {
	documented("v").gives(t, nothing)
	documented("blue", "green").gives(t, "No changes. 2 variants match their policies.")
}

// What is structural is mended whoever made it; what means the same stays.
func TestDiff_structuralFieldsAreMended(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*world)
		want   string
	}{
		{
			"tracking with one dimension too many", func(w *world) {
				w.policy(policy.TrackingName).Tracking.Metric.Dimensions = fleet.VariantDimensions("e", "v")
			}, onTracking + "dimensions: EndpointName=e, VariantName=v -> EndpointName=e" + sleeps,
		},
		{
			"tracking without a dimension", func(w *world) { w.policy(policy.TrackingName).Tracking.Metric.Dimensions = nil },
			onTracking + "dimensions: (none) -> EndpointName=e" + sleeps,
		},
		{"tracking another statistic", func(w *world) { w.policy(policy.TrackingName).Tracking.Statistic = "Maximum" }, nothing},
		{
			"tracking with a unit that nothing is published under", func(w *world) { w.policy(policy.TrackingName).Tracking.Unit = "Seconds" },
			onTracking + "unit: Seconds -> (none)" + sleeps,
		},
		{
			"the wanted name tracks what nobody publishes", func(w *world) {
				w.policy(policy.TrackingName).Tracking.Metric.Name = "InvocationsPerInstance"
				w.policy(policy.TrackingName).Tracking.TargetValue = 70
			}, onTracking + "metric: AWS/SageMaker InvocationsPerInstance -> AWS/SageMaker ApproximateBacklogSizePerInstance\n      target_value: 70 -> 5" + sleeps,
		},
		{
			"tracking by metric math", func(w *world) {
				tracking := w.policy(policy.TrackingName).Tracking
				tracking.Math = []fleet.MathQuery{{ID: "m", Metric: tracking.Metric}}
				tracking.Metric = nil
			}, nothing,
		},
		{
			"wake from a bound of its own, by two", func(w *world) {
				w.policy(policy.WakeName).Step.Adjustments[0] = fleet.StepAdjustment{Lower: pointer(.5), Adjustment: 2}
			},
			onWake + "adjustment: +2 from 0.5 -> 2",
		},
		{
			"wake by exact capacity", func(w *world) { w.policy(policy.WakeName).Step.AdjustmentType = "ExactCapacity" }, nothing,
		},
		{
			"wake from a bound that is never reached", func(w *world) {
				w.policy(policy.WakeName).Step.Adjustments = []fleet.StepAdjustment{{Lower: pointer(5.0), Adjustment: 2}}
			}, onWake + "adjustment: +2 from 5 -> 2",
		},
		{
			"the alarm watches another variant of the metric", func(w *world) {
				w.wakeAlarm(func(a *fleet.Alarm) { a.Metric.Dimensions = fleet.VariantDimensions("e", "v") })
			}, onAlarm + "dimensions: EndpointName=e, VariantName=v -> EndpointName=e",
		},
		{
			"> 0 is >= 1, and Maximum is Average", func(w *world) {
				w.wakeAlarm(func(a *fleet.Alarm) { a.Threshold, a.Comparison, a.Statistic = 0, "GreaterThanThreshold", "Maximum" })
			}, nothing,
		},
		{
			"> 1 never rings", func(w *world) { w.wakeAlarm(func(a *fleet.Alarm) { a.Comparison = "GreaterThanThreshold" }) },
			onAlarm + "comparison: GreaterThanThreshold -> GreaterThanOrEqualToThreshold",
		},
		{"a high-resolution period", func(w *world) { w.wakeAlarm(func(a *fleet.Alarm) { a.Period = 30 * time.Second }) }, nothing},
		{
			"a unit that the metric does not have", func(w *world) { w.wakeAlarm(func(a *fleet.Alarm) { a.Unit = "Seconds" }) },
			onAlarm + "unit: Seconds -> (none)",
		},
		{
			"a unit and a dimension", func(w *world) {
				w.wakeAlarm(func(a *fleet.Alarm) { a.Unit, a.Metric.Dimensions = "Seconds", fleet.VariantDimensions("e", "v") })
			}, onAlarm + "dimensions: EndpointName=e, VariantName=v -> EndpointName=e\n      unit: Seconds -> (none)",
		},
		{"missing data is ignored", func(w *world) { w.wakeAlarm(func(a *fleet.Alarm) { a.TreatMissingData = "ignore" }) }, nothing},
		{
			"missing data is not breaching", func(w *world) { w.wakeAlarm(func(a *fleet.Alarm) { a.TreatMissingData = "notBreaching" }) }, nothing,
		},
		{
			"the alarm has no action", func(w *world) { w.wakeAlarm(func(a *fleet.Alarm) { a.AlarmActions = nil }) },
			onAlarm + "alarm_actions: (none) -> " + arn("v", policy.WakeName),
		},
		{
			"the alarm points at a dead policy, and at a pager", func(w *world) {
				w.wakeAlarm(func(a *fleet.Alarm) { a.AlarmActions = []string{"arn:aws:sns:pager", arn("v", "gone")} })
			}, onAlarm + "alarm_actions: arn:aws:sns:pager, " + arn("v", "gone") + " -> arn:aws:sns:pager, " + arn("v", policy.WakeName),
		},
		{
			"the minimum, which the flag asks for by name", func(w *world) { w.variant().Target.MinCapacity = 1 },
			onMinimum + "min_capacity: 1 -> 0" + sleeps,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := documented("v")
			test.change(w)
			w.wire()
			w.gives(t, test.want)
		})
	}
}

// tune changes every tunable value of the first variant.
func tune(w *world) {
	w.variant().Target.MaxCapacity = 40
	tracking, wake := w.policy(policy.TrackingName).Tracking, w.policy(policy.WakeName).Step
	tracking.TargetValue, tracking.ScaleInCooldown, tracking.ScaleOutCooldown = 12, pointer(10*time.Minute), pointer(time.Minute)
	wake.Cooldown, wake.Aggregation, wake.Adjustments[0].Adjustment = pointer(2*time.Minute), "Maximum", 3
	w.wakeAlarm(func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, 1 })
}

func TestDiff_tunedValuesAreTheUsersWork(t *testing.T) {
	w := documented("v")
	tune(w)
	w.gives(t, nothing)
}

func TestDiff_strictEnforcesAllButTheBounds(t *testing.T) {
	w := documented("v")
	tune(w)
	w.variant().Target.MinCapacity = 2
	w.policies = policy.Policies{{Endpoints: all{}, Wanted: policy.Documented().Strict()}}
	w.gives(t, onWake+strings.Join([]string{
		"adjustment: 3 -> 1", "aggregation: Maximum -> Average", "cooldown: 2m -> 5m",
	}, "\n      ")+"\n"+onAlarm+strings.Join([]string{
		"evaluation_periods: 3 -> 2", "datapoints_to_alarm: 1 -> 2",
	}, "\n      ")+"\n"+onTracking+strings.Join([]string{
		"target_value: 12 -> 5", "scale_in_cooldown: 10m -> 5m", "scale_out_cooldown: 1m -> 5m",
	}, "\n      "))
}

func TestDiff_enforcesWhatTheEntrySetsAlone(t *testing.T) {
	w := documented("v")
	tune(w)
	wanted := policy.Documented()
	wanted.MaxCapacity = policy.Setting[int]{Value: 20, Enforced: true}
	wanted.Wake.Cooldown = policy.Setting[time.Duration]{Value: time.Minute, Enforced: true}
	w.policies = policy.Policies{{Endpoints: all{}, Wanted: wanted}}
	w.gives(t, onTarget+"max_capacity: 40 -> 20\n"+onWake+"cooldown: 2m -> 1m")
}

// AWS replaces whole objects: what no policy names must be in the value.
func TestDiff_carriesOverWhatNoPolicyNames(t *testing.T) {
	w := documented("v")
	tracking := w.policy(policy.TrackingName).Tracking
	tracking.DisableScaleIn, tracking.Unit = true, "Seconds"
	step := w.policy(policy.WakeName).Step
	step.Adjustments[0].Lower = pointer(1.0)
	w.wakeAlarm(func(a *fleet.Alarm) {
		a.Unit, a.Description = "Seconds", "call Anna"
		a.AlarmActions = append(a.AlarmActions, "arn:aws:sns:pager")
		a.OKActions, a.InsufficientDataActions = []string{"arn:aws:sns:ok"}, []string{"arn:aws:sns:nodata"}
	})
	p := w.plan()
	if len(p.Steps) != 3 {
		t.Fatalf("%d steps:\n%s", len(p.Steps), p.text())
	}
	if written := p.Steps[2].Policy.Tracking; !written.DisableScaleIn || written.Unit != "" {
		t.Errorf("the policy is written as %+v", written)
	}
	alarm := p.Steps[1].Alarm
	if alarm.Description != "call Anna" || len(alarm.AlarmActions) != 2 || len(alarm.OKActions) != 1 || len(alarm.InsufficientDataActions) != 1 {
		t.Errorf("the alarm is written as %+v", alarm)
	}
	if tracking.Unit != "Seconds" || w.Alarms[0].Unit != "Seconds" || *step.Adjustments[0].Lower != 1 {
		t.Error("the snapshot was changed")
	}
}

func TestDiff_fromNothingToTheDocumentedObjects(t *testing.T) {
	w := documented("v")
	w.deregister()
	w.Alarms = nil
	w.wire()
	w.variant().Current, w.variant().Desired = pointer(8), pointer(7)
	w.gives(t, `
  + endpoint/e/variant/v  scalable target
      min_capacity: 7
      max_capacity: 8
  + endpoint/e/variant/v  wake policy HasBacklogWithoutCapacity-ScalingPolicy
      adjustment_type: ChangeInCapacity
      adjustment: 1
      aggregation: Average
      cooldown: 5m
  + endpoint/e/variant/v  wake alarm HasBacklogWithoutCapacity-Alarm-e-v
      metric: AWS/SageMaker HasBacklogWithoutCapacity
      dimensions: EndpointName=e
      statistic: Average
      period: 1m
      threshold: 1
      comparison: GreaterThanOrEqualToThreshold
      evaluation_periods: 2
      datapoints_to_alarm: 2
      treat_missing_data: missing
      actions_enabled: true
      alarm_actions: (known after apply)
  + endpoint/e/variant/v  tracking policy AsyncBacklogTargetTracking
      metric: AWS/SageMaker ApproximateBacklogSizePerInstance
      dimensions: EndpointName=e
      statistic: Average
      target_value: 5
      scale_in_cooldown: 5m
      scale_out_cooldown: 5m
  ~ endpoint/e/variant/v  min capacity
      min_capacity: 7 -> 0
      effect: may scale to zero; the first request then waits 3 to 18 minutes`)
	alarm, ok := w.plan().Steps[2].WithARNs(map[string]string{"endpoint/e/variant/v": "arn:new"})
	if !ok || len(alarm.Alarm.AlarmActions) != 1 || alarm.Alarm.AlarmActions[0] != "arn:new" {
		t.Errorf("resolved to %+v, %t", alarm.Alarm, ok)
	}
	if _, ok := w.plan().Steps[2].WithARNs(nil); ok {
		t.Error("resolved without the ARN")
	}
}

func TestDiff_raisingTheMinimumStartsInstances(t *testing.T) {
	w := documented("v")
	wanted := policy.Documented()
	wanted.MinCapacity = policy.Setting[int]{Value: 7, Enforced: true}
	w.policies = policy.Policies{{Endpoints: all{}, Wanted: wanted}}
	w.gives(t, onTarget+"min_capacity: 0 -> 7\n      max_capacity: 5 -> 7\n      effect: 0 -> 7 instances")
}
