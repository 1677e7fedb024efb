package awssim_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cw "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// Shapes of real accounts, written with the SDK, act: they are carried over the wire whole.
func TestShapes_writtenOverTheWireAct(t *testing.T) {
	const name = "shaped"
	id := fleet.ResourceID(name, "AllTraffic")
	model := sim.New(home, start, 1)
	if err := model.AddEndpoint(sim.EndpointSpec{
		Name: name, Work: sim.Work{Service: 10 * time.Second}, Provision: time.Minute,
		Config: fleet.EndpointConfig{Name: "config", Async: &fleet.AsyncConfig{}, Variants: []fleet.VariantConfig{{Name: "AllTraffic", InstanceType: "ml.g5.xlarge"}}},
	}); err != nil {
		t.Fatal(err)
	}
	clock := &clock{at: start}
	server := serve(t, awssim.Options{Now: clock.now}, model)
	c, ctx := at(t, server), soon(t)
	desired := func() int {
		t.Helper()
		out := must[sagemaker.DescribeEndpointOutput](t)(c.sagemaker.DescribeEndpoint(ctx, &sagemaker.DescribeEndpointInput{EndpointName: aws.String(name)}))
		return int(*out.ProductionVariants[0].DesiredInstanceCount)
	}
	pass := func(d time.Duration) {
		clock.move(d)
		server.Do(home.Region, func(*sim.World) {}) // the world follows the clock
	}
	must[aas.RegisterScalableTargetOutput](t)(c.scaling.RegisterScalableTarget(ctx, &aas.RegisterScalableTargetInput{
		ServiceNamespace: namespace, ScalableDimension: dimension, ResourceId: aws.String(id), MinCapacity: aws.Int32(0), MaxCapacity: aws.Int32(20),
	}))
	step := func(policy string, kind types.AdjustmentType, by int32, lower, upper *float64, magnitude *int32) string {
		t.Helper()
		return *must[aas.PutScalingPolicyOutput](t)(c.scaling.PutScalingPolicy(ctx, &aas.PutScalingPolicyInput{
			ServiceNamespace: namespace, ScalableDimension: dimension, ResourceId: aws.String(id), PolicyName: aws.String(policy), PolicyType: types.PolicyTypeStepScaling,
			StepScalingPolicyConfiguration: &types.StepScalingPolicyConfiguration{
				AdjustmentType: kind, Cooldown: aws.Int32(60), MinAdjustmentMagnitude: magnitude,
				StepAdjustments: []types.StepAdjustment{{MetricIntervalLowerBound: lower, MetricIntervalUpperBound: upper, ScalingAdjustment: aws.Int32(by)}},
			},
		})).PolicyARN
	}
	wake := step("wake", types.AdjustmentTypeExactCapacity, 2, aws.Float64(0), nil, nil)
	grow := step("grow", types.AdjustmentTypePercentChangeInCapacity, 10, aws.Float64(0), nil, aws.Int32(3))
	sleep := step("sleep", types.AdjustmentTypeExactCapacity, 0, nil, aws.Float64(0), nil)

	queue := func(metric fleet.QueueMetric) *cw.Metric {
		return &cw.Metric{
			Namespace: aws.String(fleet.Namespace), MetricName: aws.String(metric.String()),
			Dimensions: []cw.Dimension{{Name: aws.String("EndpointName"), Value: aws.String(name)}},
		}
	}
	put := func(in cloudwatch.PutMetricAlarmInput) {
		t.Helper()
		must[cloudwatch.PutMetricAlarmOutput](t)(c.cloudwatch.PutMetricAlarm(ctx, &in))
	}
	put(cloudwatch.PutMetricAlarmInput{ // metric math, 1 of 3, and an action as AWS lists it
		AlarmName: aws.String("math"), EvaluationPeriods: aws.Int32(3), DatapointsToAlarm: aws.Int32(1), Threshold: aws.Float64(1),
		ComparisonOperator: cw.ComparisonOperatorGreaterThanOrEqualToThreshold, AlarmActions: []string{wake + ":createdBy/0123"},
		Metrics: []cw.MetricDataQuery{
			{Id: aws.String("m1"), ReturnData: aws.Bool(false), MetricStat: &cw.MetricStat{Metric: queue(fleet.WithoutCapacity), Stat: aws.String("Average"), Period: aws.Int32(60)}},
			{Id: aws.String("e1"), Expression: aws.String("FILL(m1, 0)"), ReturnData: aws.Bool(true)},
		},
	})
	backlog := queue(fleet.Backlog)
	put(cloudwatch.PutMetricAlarmInput{ // a percentile with a unit; scale-in by the OK state
		AlarmName: aws.String("both ways"), EvaluationPeriods: aws.Int32(2), Threshold: aws.Float64(5), Period: aws.Int32(60), ExtendedStatistic: aws.String("p90"),
		Namespace: backlog.Namespace, MetricName: backlog.MetricName, Dimensions: backlog.Dimensions, Unit: cw.StandardUnitCount,
		ComparisonOperator: cw.ComparisonOperatorGreaterThanThreshold, AlarmActions: []string{grow}, OKActions: []string{sleep},
	})
	pass(10 * time.Minute)
	check(t, "asleep", desired(), 0)
	server.Do(home.Region, func(w *sim.World) {
		if err := w.Invoke(name, 2000); err != nil {
			t.Error(err)
		}
	})
	pass(6 * time.Minute) // it wakes with 2, and each minute of the cooldown adds at least 3
	if n := desired(); n < 5 {
		t.Errorf("%d instances while 2000 requests wait", n)
	}
	pass(2 * time.Hour)
	check(t, "with an empty queue", desired(), 0)
	for _, alarm := range world(server, (*sim.World).Alarms) {
		if alarm.State != "OK" {
			t.Errorf("%s is %s", alarm.Name, alarm.State)
		}
	}
	must[aas.PutScheduledActionOutput](t)(c.scaling.PutScheduledAction(ctx, &aas.PutScheduledActionInput{
		ServiceNamespace: namespace, ScalableDimension: dimension, ResourceId: aws.String(id), ScheduledActionName: aws.String("noon"),
		Schedule: aws.String("cron(0 12 * * ? *)"), ScalableTargetAction: &types.ScalableTargetAction{MinCapacity: aws.Int32(3)},
	}))
	pass(time.Hour)
	check(t, "after noon", desired(), 3)
}
