package awsapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// The values of package fleet as AWS takes them: the inverse of convert.go. AWS replaces whole policies and alarms, so
// all that convert.go reads is written, and what it cannot keep is refused.

// targetInput sends the bounds that change: what RegisterScalableTarget is not given, it leaves alone.
func targetInput(step plan.Step) *applicationautoscaling.RegisterScalableTargetInput {
	lowest, highest := step.Bounds()
	return &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: namespace, ScalableDimension: dimension, ResourceId: &step.ResourceID,
		MinCapacity: counted(lowest), // a 0 that was left out would be no 0
		MaxCapacity: counted(highest),
	}
}

func counted(n *int) *int32 {
	if n == nil {
		return nil
	}
	return aws.Int32(int32(*n))
}

func policyInput(step plan.Step) (*applicationautoscaling.PutScalingPolicyInput, error) {
	input := &applicationautoscaling.PutScalingPolicyInput{
		ServiceNamespace: namespace, ScalableDimension: dimension, ResourceId: &step.ResourceID, PolicyName: &step.Name,
		PolicyType: scalingtypes.PolicyType(step.Policy.Type),
	}
	switch p := step.Policy; {
	case p.Type == fleet.TargetTracking && p.Tracking != nil && p.Step == nil && p.Tracking.Forms() == 1:
		input.TargetTrackingScalingPolicyConfiguration = trackingInput(p.Tracking)
	case p.Type == fleet.StepScaling && p.Step != nil && p.Tracking == nil:
		input.StepScalingPolicyConfiguration = stepInput(p.Step)
	default:
		return nil, fmt.Errorf("policy %s of type %q has not the one configuration that can be written", step.Name, p.Type)
	}
	return input, nil
}

func trackingInput(t *fleet.Tracking) *scalingtypes.TargetTrackingScalingPolicyConfiguration {
	config := &scalingtypes.TargetTrackingScalingPolicyConfiguration{
		TargetValue:      &t.TargetValue,
		ScaleInCooldown:  inSeconds(t.ScaleInCooldown),
		ScaleOutCooldown: inSeconds(t.ScaleOutCooldown),
		DisableScaleIn:   &t.DisableScaleIn,
	}
	switch {
	case t.Predefined != "":
		config.PredefinedMetricSpecification = &scalingtypes.PredefinedMetricSpecification{
			PredefinedMetricType: scalingtypes.MetricType(t.Predefined), ResourceLabel: unlessEmpty(t.ResourceLabel),
		}
	case t.Metric != nil:
		config.CustomizedMetricSpecification = &scalingtypes.CustomizedMetricSpecification{
			Namespace: &t.Metric.Namespace, MetricName: &t.Metric.Name,
			Dimensions: dimensionsOf(t.Metric, func(name, value *string) scalingtypes.MetricDimension {
				return scalingtypes.MetricDimension{Name: name, Value: value}
			}),
			Statistic: scalingtypes.MetricStatistic(t.Statistic), Unit: unlessEmpty(t.Unit),
		}
	default:
		config.CustomizedMetricSpecification = &scalingtypes.CustomizedMetricSpecification{}
		for _, query := range t.Math {
			config.CustomizedMetricSpecification.Metrics = append(config.CustomizedMetricSpecification.Metrics, trackingQuery(query))
		}
	}
	return config
}

func trackingQuery(q fleet.MathQuery) scalingtypes.TargetTrackingMetricDataQuery {
	query := scalingtypes.TargetTrackingMetricDataQuery{
		Id: &q.ID, Expression: unlessEmpty(q.Expression), Label: unlessEmpty(q.Label), ReturnData: q.ReturnData,
	}
	if q.Metric != nil {
		query.MetricStat = &scalingtypes.TargetTrackingMetricStat{
			Metric: &scalingtypes.TargetTrackingMetric{
				Namespace: &q.Metric.Namespace, MetricName: &q.Metric.Name,
				Dimensions: dimensionsOf(q.Metric, func(name, value *string) scalingtypes.TargetTrackingMetricDimension {
					return scalingtypes.TargetTrackingMetricDimension{Name: name, Value: value}
				}),
			},
			Stat: &q.Statistic, Unit: unlessEmpty(q.Unit),
		}
	}
	return query
}

func stepInput(s *fleet.Step) *scalingtypes.StepScalingPolicyConfiguration {
	config := &scalingtypes.StepScalingPolicyConfiguration{
		AdjustmentType:        scalingtypes.AdjustmentType(s.AdjustmentType),
		Cooldown:              inSeconds(s.Cooldown),
		MetricAggregationType: scalingtypes.MetricAggregationType(s.Aggregation),
	}
	config.MinAdjustmentMagnitude = counted(s.MinAdjustmentMagnitude)
	for _, adjustment := range s.Adjustments {
		config.StepAdjustments = append(config.StepAdjustments, scalingtypes.StepAdjustment{
			MetricIntervalLowerBound: adjustment.Lower,
			MetricIntervalUpperBound: adjustment.Upper,
			ScalingAdjustment:        aws.Int32(int32(adjustment.Adjustment)),
		})
	}
	return config
}

// alarmInput refuses an alarm on metric math, on a band that CloudWatch learns, or on a PromQL query: convert.go does not
// keep all of it, and no wake alarm is one.
func alarmInput(step plan.Step) (*cloudwatch.PutMetricAlarmInput, error) {
	a := step.Alarm
	if len(a.Math) > 0 || a.Metric.Name == "" {
		return nil, errors.New(step.Name + " watches more than one plain metric: it cannot be written back whole")
	}
	input := &cloudwatch.PutMetricAlarmInput{
		AlarmName:               &step.Name,
		AlarmDescription:        unlessEmpty(a.Description),
		EvaluationPeriods:       aws.Int32(int32(a.EvaluationPeriods)),
		DatapointsToAlarm:       aws.Int32(int32(a.DatapointsToAlarm)),
		Threshold:               &a.Threshold,
		ComparisonOperator:      alarmtypes.ComparisonOperator(a.Comparison),
		TreatMissingData:        unlessEmpty(a.TreatMissingData),
		ActionsEnabled:          &a.ActionsEnabled,
		AlarmActions:            a.AlarmActions,
		OKActions:               a.OKActions,
		InsufficientDataActions: a.InsufficientDataActions,
	}
	dimensions := dimensionsOf(&a.Metric, func(name, value *string) alarmtypes.Dimension {
		return alarmtypes.Dimension{Name: name, Value: value}
	})
	period := aws.Int32(int32(a.Period / time.Second))
	if a.Extras != nil && a.Extras.QueryID != "" {
		input.Metrics = []alarmtypes.MetricDataQuery{{
			Id: &a.Extras.QueryID, Label: unlessEmpty(a.Extras.QueryLabel), ReturnData: aws.Bool(true),
			MetricStat: &alarmtypes.MetricStat{
				Metric: &alarmtypes.Metric{Namespace: &a.Metric.Namespace, MetricName: &a.Metric.Name, Dimensions: dimensions},
				Period: period, Stat: &a.Statistic, Unit: alarmtypes.StandardUnit(a.Unit),
			},
		}}
	} else {
		input.Namespace, input.MetricName, input.Dimensions = &a.Metric.Namespace, &a.Metric.Name, dimensions
		input.Period, input.Unit = period, alarmtypes.StandardUnit(a.Unit)
		if extended(a.Statistic) {
			input.ExtendedStatistic = &a.Statistic
		} else {
			input.Statistic = alarmtypes.Statistic(a.Statistic)
		}
	}
	if a.Extras != nil {
		addExtras(input, a.Statistic, *a.Extras)
		for _, actions := range []*[]string{&input.AlarmActions, &input.OKActions, &input.InsufficientDataActions} {
			*actions = inFull(*actions, a.Extras.FullActions)
		}
	}
	return input, nil
}

// extended tells whether the statistic is a percentile or another of those that have no name of their own.
func extended(statistic string) bool {
	return !slices.Contains(alarmtypes.Statistic("").Values(), alarmtypes.Statistic(statistic))
}

func addExtras(input *cloudwatch.PutMetricAlarmInput, statistic string, extras fleet.AlarmExtras) {
	if extended(statistic) { // it says nothing of another one, and the plan may have changed the statistic
		input.EvaluateLowSampleCountPercentile = unlessEmpty(extras.LowSamples)
	}
	if extras.WarmUpMinutes > 0 {
		input.WarmUpConfiguration = &alarmtypes.WarmUpConfiguration{
			WarmUpPeriodDurationInMinutes:            aws.Int32(int32(extras.WarmUpMinutes)),
			OnlyStartEvaluatingAfterWarmUpPeriodEnds: &extras.WarmUpWhole,
		}
	}
	if extras.WallClock != nil {
		input.EvaluationWindow = &alarmtypes.EvaluationWindowMemberWallClockWindow{
			Value: alarmtypes.WallClockWindow{Timezone: unlessEmpty(*extras.WallClock)},
		}
	}
	if tags := extras.TagsInNotification; tags != nil {
		input.ActionConfiguration = &alarmtypes.ActionConfiguration{AlarmTagsPropagation: &alarmtypes.AlarmTagsPropagation{
			Enabled: &tags.Enabled, IncludedTagKeys: tags.Included, ExcludedTagKeys: tags.Excluded,
		}}
	}
}

// inFull is the inverse of actionsOf: an action that stays keeps the form that CloudWatch gave it.
func inFull(actions, full []string) []string {
	if len(full) == 0 {
		return actions
	}
	written := slices.Clone(actions)
	for i, action := range written {
		for _, longer := range full {
			if strings.HasPrefix(longer, action+createdBy) {
				written[i] = longer
			}
		}
	}
	return written
}

// dimensionsOf is the inverse of metricOf.
func dimensionsOf[D any](m *fleet.Metric, join func(name, value *string) D) []D {
	list := make([]D, 0, len(m.Dimensions))
	for _, dimension := range m.Dimensions {
		list = append(list, join(&dimension.Name, &dimension.Value))
	}
	return list
}

// inSeconds is the inverse of seconds.
func inSeconds(d *time.Duration) *int32 {
	if d == nil {
		return nil
	}
	return aws.Int32(int32(*d / time.Second))
}

// unlessEmpty leaves out what is empty: to AWS an empty text is a wrong one.
func unlessEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
