package awssim_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// From nothing to the documented four objects, as the document's own snippets write them.
func TestWrites_makeTheDocumentedObjects(t *testing.T) {
	bare := sim.New(home, start, 1)
	if err := bare.AddEndpoint(sim.EndpointSpec{Name: "e", Config: fleet.EndpointConfig{
		Name: "c", Async: &fleet.AsyncConfig{}, Variants: []fleet.VariantConfig{{Name: "v", InstanceType: "ml.g5.xlarge", ModelName: "m"}},
	}}); err != nil {
		t.Fatal(err)
	}
	server := serve(t, awssim.Options{Now: func() time.Time { return start }}, bare)
	c := at(t, server)
	resource := aws.String(fleet.ResourceID("e", "v"))
	_, err := c.scaling.PutScalingPolicy(soon(t), &applicationautoscaling.PutScalingPolicyInput{
		PolicyName: aws.String("p"), ResourceId: resource, ScalableDimension: dimension, ServiceNamespace: namespace,
		PolicyType: scalingtypes.PolicyTypeStepScaling, StepScalingPolicyConfiguration: &scalingtypes.StepScalingPolicyConfiguration{},
	})
	wantCode(t, err, "ObjectNotFoundException")
	must[applicationautoscaling.RegisterScalableTargetOutput](t)(c.scaling.RegisterScalableTarget(soon(t), &applicationautoscaling.RegisterScalableTargetInput{
		ResourceId: resource, ScalableDimension: dimension, ServiceNamespace: namespace,
		MinCapacity: aws.Int32(0), MaxCapacity: aws.Int32(5),
	}))
	must[applicationautoscaling.PutScalingPolicyOutput](t)(c.scaling.PutScalingPolicy(soon(t), &applicationautoscaling.PutScalingPolicyInput{
		PolicyName: aws.String(policy.TrackingName), ResourceId: resource, ScalableDimension: dimension, ServiceNamespace: namespace,
		PolicyType: scalingtypes.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &scalingtypes.TargetTrackingScalingPolicyConfiguration{
			TargetValue: aws.Float64(5), ScaleInCooldown: aws.Int32(300), ScaleOutCooldown: aws.Int32(300),
			CustomizedMetricSpecification: &scalingtypes.CustomizedMetricSpecification{
				MetricName: aws.String("ApproximateBacklogSizePerInstance"), Namespace: aws.String("AWS/SageMaker"),
				Dimensions: []scalingtypes.MetricDimension{{Name: aws.String("EndpointName"), Value: aws.String("e")}},
				Statistic:  scalingtypes.MetricStatisticAverage,
			},
		},
	}))
	step := must[applicationautoscaling.PutScalingPolicyOutput](t)(c.scaling.PutScalingPolicy(soon(t), &applicationautoscaling.PutScalingPolicyInput{
		PolicyName: aws.String(policy.WakeName), ResourceId: resource, ScalableDimension: dimension, ServiceNamespace: namespace,
		PolicyType: scalingtypes.PolicyTypeStepScaling,
		StepScalingPolicyConfiguration: &scalingtypes.StepScalingPolicyConfiguration{
			AdjustmentType: scalingtypes.AdjustmentTypeChangeInCapacity, Cooldown: aws.Int32(300),
			MetricAggregationType: scalingtypes.MetricAggregationTypeAverage,
			StepAdjustments:       []scalingtypes.StepAdjustment{{MetricIntervalLowerBound: aws.Float64(0), ScalingAdjustment: aws.Int32(1)}},
		},
	}))
	must[cloudwatch.PutMetricAlarmOutput](t)(c.cloudwatch.PutMetricAlarm(soon(t), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("HasBacklogWithoutCapacity-Alarm-e-v"), MetricName: aws.String("HasBacklogWithoutCapacity"),
		Namespace: aws.String("AWS/SageMaker"), Statistic: cwtypes.StatisticAverage, EvaluationPeriods: aws.Int32(2),
		DatapointsToAlarm: aws.Int32(2), Threshold: aws.Float64(1), Period: aws.Int32(60), TreatMissingData: aws.String("missing"),
		ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold,
		Dimensions:         []cwtypes.Dimension{{Name: aws.String("EndpointName"), Value: aws.String("e")}},
		AlarmActions:       []string{*step.PolicyARN},
	}))

	// The model now holds what it would hold had it been documented by its own hand.
	server.Do(home.Region, func(w *sim.World) {
		target := w.ScalableTargets()[0]
		check(t, "bounds", [2]int{target.MinCapacity, target.MaxCapacity}, [2]int{policy.MinCapacity, policy.MaxCapacity})
		for _, got := range w.ScalingPolicies() {
			switch got.Name {
			case policy.TrackingName:
				check(t, "target", got.Tracking.TargetValue, policy.TargetValue)
				check(t, "metric", got.Tracking.Metric.Dimensions[0], fleet.Dimension{Name: "EndpointName", Value: "e"})
				check(t, "cooldown", *got.Tracking.ScaleInCooldown, policy.Cooldown)
				check(t, "alarms", len(got.Alarms), 2)
			case policy.WakeName:
				check(t, "adjustment", got.Step.Adjustments[0].Adjustment, policy.WakeAdjustment)
				check(t, "cooldown", *got.Step.Cooldown, policy.Cooldown)
				check(t, "alarm", got.Alarms[0], "HasBacklogWithoutCapacity-Alarm-e-v")
			default:
				t.Errorf("policy %s", got.Name)
			}
		}
		documented := policy.WakeAlarm("e", "v", *step.PolicyARN)
		for _, alarm := range w.Alarms() {
			if alarm.Name == documented.Name && (alarm.Threshold != documented.Threshold || alarm.Period != documented.Period ||
				alarm.Comparison != documented.Comparison || alarm.TreatMissingData != documented.TreatMissingData || !alarm.ActionsEnabled ||
				alarm.AlarmActions[0] != documented.AlarmActions[0] || alarm.EvaluationPeriods != documented.EvaluationPeriods) {
				t.Errorf("alarm %+v, want %+v", alarm, documented)
			}
		}
	})
}
