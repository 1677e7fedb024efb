package awssim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

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

// A fault that breaks an answer comes when the operation has happened, one that is an error comes instead of it: both
// leave a client that does not know.
func TestFault_breaksTheAnswerOfAWriteThatIsDone(t *testing.T) {
	for _, test := range []struct {
		fault awssim.Fault
		done  bool
	}{
		{awssim.Fault{Break: awssim.CloseConnection}, true},
		{awssim.Fault{Break: awssim.CutBody}, true},
		{awssim.Fault{Break: awssim.MalformedBody}, true},
		{awssim.Fault{Code: "InternalServiceException"}, false},
		{awssim.Fault{Status: 503}, false},
		{awssim.Fault{Code: "ThrottlingException", Break: awssim.CloseConnection}, false},
	} {
		server, _ := aFleet(t, 1)
		c := at(t, server)
		server.SetFault("ApplicationAutoScaling.RegisterScalableTarget", test.fault)
		_, err := c.scaling.RegisterScalableTarget(soon(t), &applicationautoscaling.RegisterScalableTargetInput{
			ResourceId: aws.String(fleet.ResourceID("endpoint-00000", "AllTraffic")), ScalableDimension: dimension, ServiceNamespace: namespace,
			MaxCapacity: aws.Int32(17),
		})
		if err == nil {
			t.Errorf("%+v: the client got its answer", test.fault)
		}
		check(t, "done", world(server, (*sim.World).ScalableTargets)[0].MaxCapacity == 17, test.done)
		check(t, "recorded as done", server.Writes()[0].Done, test.done)
	}
}

func TestFault_ofANewTargetThatIsNotKnownYetPasses(t *testing.T) {
	server, _ := aFleet(t, 1)
	c := at(t, server)
	server.SetFault("ApplicationAutoScaling.PutScalingPolicy", awssim.Fault{Code: "ObjectNotFoundException", Times: 2})
	put := func() error {
		_, err := c.scaling.PutScalingPolicy(soon(t), &applicationautoscaling.PutScalingPolicyInput{
			PolicyName: aws.String("p"), ResourceId: aws.String(fleet.ResourceID("endpoint-00000", "AllTraffic")),
			ScalableDimension: dimension, ServiceNamespace: namespace, PolicyType: scalingtypes.PolicyTypeStepScaling,
			StepScalingPolicyConfiguration: &scalingtypes.StepScalingPolicyConfiguration{
				AdjustmentType:  scalingtypes.AdjustmentTypeChangeInCapacity,
				StepAdjustments: []scalingtypes.StepAdjustment{{ScalingAdjustment: aws.Int32(1)}},
			},
		})
		return err
	}
	wantCode(t, put(), "ObjectNotFoundException")
	wantCode(t, put(), "ObjectNotFoundException")
	if err := put(); err != nil {
		t.Error(err)
	}
}

func TestWrites_areListedInTheirOrder(t *testing.T) {
	server, _ := aFleet(t, 2)
	c := at(t, server)
	must[cloudwatch.DescribeAlarmsOutput](t)(c.cloudwatch.DescribeAlarms(soon(t), &cloudwatch.DescribeAlarmsInput{}))
	must[sagemaker.ListEndpointsOutput](t)(c.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{}))
	if writes := server.Writes(); len(writes) > 0 {
		t.Errorf("reading wrote %+v", writes)
	}
	resource := fleet.ResourceID("endpoint-00001", "AllTraffic")
	must[applicationautoscaling.RegisterScalableTargetOutput](t)(c.scaling.RegisterScalableTarget(soon(t), &applicationautoscaling.RegisterScalableTargetInput{
		ResourceId: &resource, ScalableDimension: dimension, ServiceNamespace: namespace, MinCapacity: aws.Int32(0),
	}))
	_, err := c.cloudwatch.DeleteAlarms(soon(t), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"a", "b"}})
	wantCode(t, err, "ResourceNotFound")
	_, err = c.sagemaker.DeleteEndpoint(soon(t), &sagemaker.DeleteEndpointInput{EndpointName: aws.String("endpoint-00001")})
	wantCode(t, err, "UnknownOperationException")
	want := []awssim.Write{
		{Operation: "ApplicationAutoScaling.RegisterScalableTarget", Resource: resource, Done: true},
		{Operation: "CloudWatch.DeleteAlarms", Name: "a b"},
		{Operation: "SageMaker.DeleteEndpoint"},
	}
	if got := server.Writes(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	server.ResetCalls()
	if writes := server.Writes(); len(writes) > 0 {
		t.Errorf("after the reset: %+v", writes)
	}
}
