package awssim_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

const resource = "endpoint/endpoint-00001/variant/AllTraffic"

func TestRegisterScalableTarget_leavesAloneWhatIsNotGiven(t *testing.T) {
	server, _ := aFleet(t, 2)
	c, ctx := at(t, server), soon(t)
	before := target(t, server)
	register := func(in aas.RegisterScalableTargetInput) {
		t.Helper()
		in.ServiceNamespace, in.ScalableDimension, in.ResourceId = namespace, dimension, aws.String(resource)
		out := must[aas.RegisterScalableTargetOutput](t)(c.scaling.RegisterScalableTarget(ctx, &in))
		check(t, "arn", *out.ScalableTargetARN, before.ARN)
	}
	register(aas.RegisterScalableTargetInput{MinCapacity: aws.Int32(0), MaxCapacity: aws.Int32(7)})
	register(aas.RegisterScalableTargetInput{SuspendedState: &types.SuspendedState{DynamicScalingInSuspended: aws.Bool(true)}})
	register(aas.RegisterScalableTargetInput{
		RoleARN: aws.String("arn:aws:iam::1:role/r"), SuspendedState: &types.SuspendedState{ScheduledScalingSuspended: aws.Bool(true)},
	})
	want := before
	want.MinCapacity, want.MaxCapacity, want.RoleARN = 0, 7, "arn:aws:iam::1:role/r"
	want.Suspended = fleet.Suspension{ScaleIn: true, Scheduled: true}
	check(t, "in the model", target(t, server), want)
	list := must[aas.DescribeScalableTargetsOutput](t)(c.scaling.DescribeScalableTargets(ctx,
		&aas.DescribeScalableTargetsInput{ServiceNamespace: namespace, ResourceIds: []string{resource}}))
	if len(list.ScalableTargets) != 1 {
		t.Fatalf("%d targets of one resource", len(list.ScalableTargets))
	}
	row := list.ScalableTargets[0]
	check(t, "on the wire", fleet.Target{
		ResourceID: *row.ResourceId, ARN: *row.ScalableTargetARN, RoleARN: *row.RoleARN,
		MinCapacity: int(*row.MinCapacity), MaxCapacity: int(*row.MaxCapacity), Created: row.CreationTime.UTC(),
		Suspended: fleet.Suspension{
			ScaleIn: *row.SuspendedState.DynamicScalingInSuspended, ScaleOut: *row.SuspendedState.DynamicScalingOutSuspended,
			Scheduled: *row.SuspendedState.ScheduledScalingSuspended,
		},
	}, want)
}

func TestDeregisterScalableTarget_takesThePoliciesAlong(t *testing.T) {
	server, _ := aFleet(t, 2)
	c, ctx := at(t, server), soon(t)
	in := &aas.DeregisterScalableTargetInput{ServiceNamespace: namespace, ScalableDimension: dimension, ResourceId: aws.String(resource)}
	must[aas.DeregisterScalableTargetOutput](t)(c.scaling.DeregisterScalableTarget(ctx, in))
	list := must[aas.DescribeScalingPoliciesOutput](t)(c.scaling.DescribeScalingPolicies(ctx,
		&aas.DescribeScalingPoliciesInput{ServiceNamespace: namespace, ResourceId: aws.String(resource)}))
	check(t, "policies", len(list.ScalingPolicies), 0)
	_, err := c.scaling.DeregisterScalableTarget(ctx, in)
	wantCode(t, err, "ObjectNotFoundException")
}

// target is the scalable target of resource in the model.
func target(t *testing.T, server *awssim.Server) fleet.Target {
	t.Helper()
	for _, target := range world(server, (*sim.World).ScalableTargets) {
		if target.ResourceID == resource {
			return target
		}
	}
	t.Fatalf("%s is not in the model", resource)
	return fleet.Target{}
}

// The configurations have every field that package fleet knows, in the three forms of a tracked metric and two of steps.
func TestPutScalingPolicy_carriesEveryField(t *testing.T) {
	dimensions := []types.MetricDimension{{Name: aws.String("EndpointName"), Value: aws.String("endpoint-00001")}}
	metric := fleet.Metric{Namespace: "N", Name: "M", Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: "endpoint-00001"}}}
	for name, test := range map[string]struct {
		in   aas.PutScalingPolicyInput
		want fleet.Policy
	}{
		"customised": {
			aas.PutScalingPolicyInput{
				PolicyType: types.PolicyTypeTargetTrackingScaling,
				TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
					TargetValue: aws.Float64(2.5), ScaleInCooldown: aws.Int32(0), ScaleOutCooldown: aws.Int32(60), DisableScaleIn: aws.Bool(true),
					CustomizedMetricSpecification: &types.CustomizedMetricSpecification{
						Namespace: aws.String("N"), MetricName: aws.String("M"), Dimensions: dimensions,
						Statistic: types.MetricStatisticAverage, Unit: aws.String("Count"),
					},
				},
			},
			fleet.Policy{Type: fleet.TargetTracking, Tracking: &fleet.Tracking{
				TargetValue: 2.5, ScaleInCooldown: duration(0), ScaleOutCooldown: duration(time.Minute), DisableScaleIn: true,
				Metric: &metric, Statistic: "Average", Unit: "Count",
			}},
		},
		"predefined": {
			aas.PutScalingPolicyInput{
				PolicyType: types.PolicyTypeTargetTrackingScaling,
				TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
					TargetValue: aws.Float64(70),
					PredefinedMetricSpecification: &types.PredefinedMetricSpecification{
						PredefinedMetricType: types.MetricTypeSageMakerVariantInvocationsPerInstance, ResourceLabel: aws.String("label"),
					},
				},
			},
			fleet.Policy{Type: fleet.TargetTracking, Tracking: &fleet.Tracking{
				TargetValue: 70, Predefined: "SageMakerVariantInvocationsPerInstance", ResourceLabel: "label",
			}},
		},
		"metric math": {
			aas.PutScalingPolicyInput{
				PolicyType: types.PolicyTypeTargetTrackingScaling,
				TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
					TargetValue: aws.Float64(5),
					CustomizedMetricSpecification: &types.CustomizedMetricSpecification{Metrics: []types.TargetTrackingMetricDataQuery{
						{Id: aws.String("m1"), ReturnData: aws.Bool(false), MetricStat: &types.TargetTrackingMetricStat{
							Stat: aws.String("Sum"), Unit: aws.String("Count"),
							Metric: &types.TargetTrackingMetric{
								Namespace: aws.String("N"), MetricName: aws.String("M"), Dimensions: []types.TargetTrackingMetricDimension{
									{Name: aws.String("EndpointName"), Value: aws.String("endpoint-00001")},
								},
							},
						}},
						{Id: aws.String("e1"), Expression: aws.String("m1 / 2"), Label: aws.String("half"), ReturnData: aws.Bool(true)},
					}},
				},
			},
			fleet.Policy{Type: fleet.TargetTracking, Tracking: &fleet.Tracking{TargetValue: 5, Math: []fleet.MathQuery{
				{ID: "m1", Metric: &metric, Statistic: "Sum", Unit: "Count", ReturnData: aws.Bool(false)},
				{ID: "e1", Expression: "m1 / 2", Label: "half", ReturnData: aws.Bool(true)},
			}}},
		},
		"steps": {
			aas.PutScalingPolicyInput{
				PolicyType: types.PolicyTypeStepScaling,
				StepScalingPolicyConfiguration: &types.StepScalingPolicyConfiguration{
					AdjustmentType: types.AdjustmentTypePercentChangeInCapacity, Cooldown: aws.Int32(30),
					MinAdjustmentMagnitude: aws.Int32(2), MetricAggregationType: types.MetricAggregationTypeMaximum,
					StepAdjustments: []types.StepAdjustment{
						{MetricIntervalLowerBound: aws.Float64(0), MetricIntervalUpperBound: aws.Float64(1.5), ScalingAdjustment: aws.Int32(10)},
						{MetricIntervalLowerBound: aws.Float64(1.5), ScalingAdjustment: aws.Int32(-20)},
					},
				},
			},
			fleet.Policy{Type: fleet.StepScaling, Step: &fleet.Step{
				AdjustmentType: "PercentChangeInCapacity", Cooldown: duration(30 * time.Second), MinAdjustmentMagnitude: aws.Int(2), Aggregation: "Maximum",
				Adjustments: []fleet.StepAdjustment{
					{Lower: aws.Float64(0), Upper: aws.Float64(1.5), Adjustment: 10}, {Lower: aws.Float64(1.5), Adjustment: -20},
				},
			}},
		},
		"the least": {
			aas.PutScalingPolicyInput{
				PolicyType: types.PolicyTypeStepScaling,
				StepScalingPolicyConfiguration: &types.StepScalingPolicyConfiguration{
					AdjustmentType: types.AdjustmentTypeExactCapacity, StepAdjustments: []types.StepAdjustment{{ScalingAdjustment: aws.Int32(0)}},
				},
			},
			fleet.Policy{Type: fleet.StepScaling, Step: &fleet.Step{
				AdjustmentType: "ExactCapacity", Adjustments: []fleet.StepAdjustment{{}},
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, clock := aFleet(t, 2)
			c, ctx := at(t, server), soon(t)
			in := test.in
			in.ServiceNamespace, in.ScalableDimension, in.ResourceId, in.PolicyName = namespace, dimension, aws.String(resource), aws.String("p")
			put := must[aas.PutScalingPolicyOutput](t)(c.scaling.PutScalingPolicy(ctx, &in))
			stored := findPolicy(world(server, (*sim.World).ScalingPolicies), "p")
			want := test.want
			want.ResourceID, want.Name, want.ARN, want.Created, want.Alarms = resource, "p", stored.ARN, clock.now(), stored.Alarms
			if !reflect.DeepEqual(stored, want) {
				t.Errorf("in the model:\n%s\nwant\n%s", deep(stored), deep(want))
			}
			check(t, "arn", *put.PolicyARN, stored.ARN)
			check(t, "alarms", len(put.Alarms), len(stored.Alarms))
			list := must[aas.DescribeScalingPoliciesOutput](t)(c.scaling.DescribeScalingPolicies(ctx,
				&aas.DescribeScalingPoliciesInput{ServiceNamespace: namespace, ScalableDimension: dimension, PolicyNames: []string{"p"}}))
			if len(list.ScalingPolicies) != 1 {
				t.Fatalf("%d policies of the name", len(list.ScalingPolicies))
			}
			row := list.ScalingPolicies[0]
			got := []any{row.TargetTrackingScalingPolicyConfiguration, row.StepScalingPolicyConfiguration, row.PolicyType}
			sent := []any{in.TargetTrackingScalingPolicyConfiguration, in.StepScalingPolicyConfiguration, in.PolicyType}
			if !reflect.DeepEqual(got, sent) {
				t.Errorf("on the wire:\n%s\nwant\n%s", deep(got), deep(sent))
			}
			if len(row.Alarms) > 0 && !strings.HasSuffix(*row.Alarms[0].AlarmARN, ":alarm:"+*row.Alarms[0].AlarmName) {
				t.Errorf("alarm %s has ARN %s", *row.Alarms[0].AlarmName, *row.Alarms[0].AlarmARN)
			}
			must[aas.DeleteScalingPolicyOutput](t)(c.scaling.DeleteScalingPolicy(ctx, &aas.DeleteScalingPolicyInput{
				ServiceNamespace: namespace, ScalableDimension: dimension, ResourceId: aws.String(resource), PolicyName: aws.String("p"),
			}))
			check(t, "after deletion", findPolicy(world(server, (*sim.World).ScalingPolicies), "p").Name, "")
		})
	}
}

func duration(d time.Duration) *time.Duration { return &d }

func findPolicy(policies []fleet.Policy, name string) fleet.Policy {
	for _, policy := range policies {
		if policy.Name == name {
			return policy
		}
	}
	return fleet.Policy{}
}

// deep prints a value with what its pointers point at.
func deep(value any) string {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "-"
		}
		return deep(v.Elem().Interface())
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, deep(v.Index(i).Interface()))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case reflect.Struct:
		var parts []string
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				parts = append(parts, v.Type().Field(i).Name+":"+deep(v.Field(i).Interface()))
			}
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return fmt.Sprint(value)
}

func TestScaling_pagesAreAsShortAsAWSs(t *testing.T) {
	server, _ := aFleet(t, 60)
	c, ctx := at(t, server), soon(t)
	seen := map[string]bool{}
	for p := aas.NewDescribeScalingPoliciesPaginator(c.scaling, &aas.DescribeScalingPoliciesInput{ServiceNamespace: namespace}); p.HasMorePages(); {
		out, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range out.ScalingPolicies {
			seen[*row.PolicyARN] = true
		}
	}
	check(t, "policies", len(seen), 120)
	check(t, "pages of 10", server.Calls()["ApplicationAutoScaling.DescribeScalingPolicies"], 12)
	first := must[aas.DescribeScalableTargetsOutput](t)(c.scaling.DescribeScalableTargets(ctx, &aas.DescribeScalableTargetsInput{ServiceNamespace: namespace}))
	check(t, "targets on a page", len(first.ScalableTargets), 50)
	rest := must[aas.DescribeScalableTargetsOutput](t)(c.scaling.DescribeScalableTargets(ctx,
		&aas.DescribeScalableTargetsInput{ServiceNamespace: namespace, NextToken: first.NextToken}))
	check(t, "targets on the next", len(rest.ScalableTargets), 10)
	check(t, "a token after the last", rest.NextToken, (*string)(nil))
	_, err := c.scaling.DescribeScalingPolicies(ctx, &aas.DescribeScalingPoliciesInput{ServiceNamespace: namespace, NextToken: first.NextToken})
	wantCode(t, err, "InvalidNextTokenException")
	_, err = c.scaling.DescribeScalableTargets(ctx, &aas.DescribeScalableTargetsInput{ServiceNamespace: namespace, MaxResults: aws.Int32(0)})
	wantCode(t, err, "ValidationException")
	other := must[aas.DescribeScalableTargetsOutput](t)(c.scaling.DescribeScalableTargets(ctx,
		&aas.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs}))
	check(t, "targets of another service", len(other.ScalableTargets), 0)
}

func TestPages_goOnAfterTheSameItemWhenTheListChanges(t *testing.T) {
	server, _ := aFleet(t, 60)
	c, ctx := at(t, server), soon(t)
	first := must[aas.DescribeScalableTargetsOutput](t)(c.scaling.DescribeScalableTargets(ctx, &aas.DescribeScalableTargetsInput{ServiceNamespace: namespace}))
	last := *first.ScalableTargets[49].ResourceId
	server.Do(home.Region, func(w *sim.World) {
		if err := w.DeregisterScalableTarget(*first.ScalableTargets[3].ResourceId); err != nil {
			t.Fatal(err)
		}
	})
	rest := must[aas.DescribeScalableTargetsOutput](t)(c.scaling.DescribeScalableTargets(ctx,
		&aas.DescribeScalableTargetsInput{ServiceNamespace: namespace, NextToken: first.NextToken}))
	check(t, "targets on the next page", len(rest.ScalableTargets), 10)
	if next := *rest.ScalableTargets[0].ResourceId; next <= last {
		t.Errorf("%s comes after %s", next, last)
	}
}

func TestScheduledActions_carryEveryField(t *testing.T) {
	server, _ := aFleet(t, 2)
	c, ctx := at(t, server), soon(t)
	must[aas.PutScheduledActionOutput](t)(c.scaling.PutScheduledAction(ctx, &aas.PutScheduledActionInput{
		ServiceNamespace: namespace, ScalableDimension: dimension, ResourceId: aws.String(resource), ScheduledActionName: aws.String("month-end"),
		Schedule: aws.String("cron(0 8 1 * ? *)"), Timezone: aws.String("Europe/Berlin"),
		StartTime: aws.Time(start), EndTime: aws.Time(start.Add(time.Hour)),
		ScalableTargetAction: &types.ScalableTargetAction{MinCapacity: aws.Int32(0), MaxCapacity: aws.Int32(9)},
	}))
	want := fleet.ScheduledAction{
		ResourceID: resource, Name: "month-end", Schedule: "cron(0 8 1 * ? *)", Timezone: "Europe/Berlin",
		Start: start, End: start.Add(time.Hour), MinCapacity: aws.Int(0), MaxCapacity: aws.Int(9),
	}
	if got := world(server, (*sim.World).ScheduledActions); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("in the model: %s", deep(got))
	}
	out := must[aas.DescribeScheduledActionsOutput](t)(c.scaling.DescribeScheduledActions(ctx, &aas.DescribeScheduledActionsInput{ServiceNamespace: namespace}))
	row := out.ScheduledActions[0]
	got := fleet.ScheduledAction{
		ResourceID: *row.ResourceId, Name: *row.ScheduledActionName, Schedule: *row.Schedule, Timezone: *row.Timezone,
		Start: row.StartTime.UTC(), End: row.EndTime.UTC(),
		MinCapacity: aws.Int(int(*row.ScalableTargetAction.MinCapacity)), MaxCapacity: aws.Int(int(*row.ScalableTargetAction.MaxCapacity)),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("on the wire: %s", deep(got))
	}
}

func TestDescribeScalingActivities_carryEveryField(t *testing.T) {
	server := demo(t)
	c, ctx := at(t, server), soon(t)
	want := world(server, (*sim.World).ScalingActivities)
	var got []fleet.Activity
	notScaled := 0
	input := &aas.DescribeScalingActivitiesInput{ServiceNamespace: namespace, IncludeNotScaledActivities: aws.Bool(true)}
	for p := aas.NewDescribeScalingActivitiesPaginator(c.scaling, input); p.HasMorePages(); {
		out, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range out.ScalingActivities {
			activity := fleet.Activity{
				ID: *row.ActivityId, ResourceID: *row.ResourceId, Cause: aws.ToString(row.Cause), Description: aws.ToString(row.Description),
				Details: aws.ToString(row.Details), Status: string(row.StatusCode), StatusMessage: aws.ToString(row.StatusMessage),
				Start: row.StartTime.UTC(), End: aws.ToTime(row.EndTime).UTC(),
			}
			for _, reason := range row.NotScaledReasons {
				activity.NotScaled = append(activity.NotScaled, fleet.NotScaledReason{
					Code: *reason.Code, Current: whole(reason.CurrentCapacity), Min: whole(reason.MinCapacity), Max: whole(reason.MaxCapacity),
				})
				notScaled++
			}
			got = append(got, activity)
		}
	}
	if len(got) != len(want) || notScaled == 0 {
		t.Fatalf("%d activities, %d reasons, want %d", len(got), notScaled, len(want))
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("got %s\nwant %s", deep(got[i]), deep(want[i]))
		}
	}
	input = &aas.DescribeScalingActivitiesInput{ServiceNamespace: namespace}
	out := must[aas.DescribeScalingActivitiesOutput](t)(c.scaling.DescribeScalingActivities(ctx, input))
	for _, row := range out.ScalingActivities {
		if len(row.NotScaledReasons) > 0 {
			t.Errorf("a not-scaled activity that was not asked for: %s", *row.ActivityId)
		}
	}
}

func whole(n *int32) *int {
	if n == nil {
		return nil
	}
	return aws.Int(int(*n))
}
