package awsapi

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"
	"unique"

	"github.com/aws/aws-sdk-go-v2/aws"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Every field of AWS's answers is a pointer and may be missing: what is missing becomes the empty value of package
// fleet, never a guess, except where AWS documents a default.

// text is a string of an answer, to be kept; empty when it is missing.
func text(s *string) string { return interned(aws.ToString(s)) }

// interned is a string of an answer as a view of the fleet keeps it. The SDK cuts the strings of an answer from one block, so a
// single one would keep all of it in memory, with what nobody reads. And most of them are the same in every row: until the
// next garbage collection equal ones are one.
func interned[S ~string](s S) string { return unique.Make(string(s)).Value() }

func summaryOf(row types.EndpointSummary) fleet.EndpointSummary {
	return fleet.EndpointSummary{
		Name:         text(row.EndpointName),
		ARN:          text(row.EndpointArn),
		Status:       interned(row.EndpointStatus),
		Created:      moment(row.CreationTime),
		LastModified: moment(row.LastModifiedTime),
	}
}

func descriptionOf(out *sagemaker.DescribeEndpointOutput) fleet.EndpointDescription {
	description := fleet.EndpointDescription{
		EndpointSummary: fleet.EndpointSummary{
			Name:         text(out.EndpointName),
			ARN:          text(out.EndpointArn),
			Status:       interned(out.EndpointStatus),
			Created:      moment(out.CreationTime),
			LastModified: moment(out.LastModifiedTime),
		},
		ConfigName:    text(out.EndpointConfigName),
		FailureReason: withoutSecrets(text(out.FailureReason)),
		Async:         asyncOf(out.AsyncInferenceConfig),
	}
	for _, row := range out.ProductionVariants {
		variant := fleet.VariantDescription{
			Name:    text(row.VariantName),
			Current: number(row.CurrentInstanceCount),
			Desired: number(row.DesiredInstanceCount),
		}
		for _, pool := range row.InstancePools {
			variant.Pools = append(variant.Pools, fleet.PoolCount{
				InstanceType: interned(pool.InstanceType),
				Current:      int(aws.ToInt32(pool.CurrentInstanceCount)),
			})
		}
		description.Variants = append(description.Variants, variant)
	}
	slices.SortFunc(description.Variants, func(a, b fleet.VariantDescription) int { return strings.Compare(a.Name, b.Name) })
	return description
}

func asyncOf(async *types.AsyncInferenceConfig) *fleet.AsyncConfig {
	if async == nil {
		return nil
	}
	config := &fleet.AsyncConfig{}
	if async.ClientConfig != nil {
		config.MaxConcurrentInvocationsPerInstance = number(async.ClientConfig.MaxConcurrentInvocationsPerInstance)
	}
	if async.OutputConfig != nil {
		config.S3OutputPath = text(async.OutputConfig.S3OutputPath)
		config.S3FailurePath = text(async.OutputConfig.S3FailurePath)
	}
	return config
}

func configOf(out *sagemaker.DescribeEndpointConfigOutput) fleet.EndpointConfig {
	config := fleet.EndpointConfig{Name: text(out.EndpointConfigName), Async: asyncOf(out.AsyncInferenceConfig)}
	for _, row := range out.ProductionVariants {
		variant := fleet.VariantConfig{
			Name:         text(row.VariantName),
			InstanceType: interned(row.InstanceType),
			Serverless:   row.ServerlessConfig != nil,
			ModelName:    text(row.ModelName),
		}
		for _, pool := range row.InstancePools {
			variant.Pools = append(variant.Pools, fleet.PoolConfig{
				InstanceType: interned(pool.InstanceType),
				Priority:     int(aws.ToInt32(pool.Priority)),
			})
		}
		slices.SortFunc(variant.Pools, func(a, b fleet.PoolConfig) int {
			return cmp.Or(cmp.Compare(a.Priority, b.Priority), strings.Compare(a.InstanceType, b.InstanceType))
		})
		config.Variants = append(config.Variants, variant)
	}
	slices.SortFunc(config.Variants, func(a, b fleet.VariantConfig) int { return strings.Compare(a.Name, b.Name) })
	return config
}

func targetOf(row scalingtypes.ScalableTarget) fleet.Target {
	target := fleet.Target{
		ResourceID:  text(row.ResourceId),
		ARN:         text(row.ScalableTargetARN),
		RoleARN:     text(row.RoleARN),
		MinCapacity: int(aws.ToInt32(row.MinCapacity)),
		MaxCapacity: int(aws.ToInt32(row.MaxCapacity)),
		Created:     moment(row.CreationTime),
	}
	if suspended := row.SuspendedState; suspended != nil {
		target.Suspended = fleet.Suspension{
			ScaleIn:   aws.ToBool(suspended.DynamicScalingInSuspended),
			ScaleOut:  aws.ToBool(suspended.DynamicScalingOutSuspended),
			Scheduled: aws.ToBool(suspended.ScheduledScalingSuspended),
		}
	}
	return target
}

func policyOf(row scalingtypes.ScalingPolicy) fleet.Policy {
	policy := fleet.Policy{
		ResourceID: text(row.ResourceId),
		Name:       text(row.PolicyName),
		ARN:        text(row.PolicyARN),
		Type:       fleet.PolicyType(interned(row.PolicyType)),
		Created:    moment(row.CreationTime),
	}
	for _, alarm := range row.Alarms {
		policy.Alarms = append(policy.Alarms, text(alarm.AlarmName))
	}
	slices.Sort(policy.Alarms)
	if row.TargetTrackingScalingPolicyConfiguration != nil {
		policy.Tracking = trackingOf(row.TargetTrackingScalingPolicyConfiguration)
	}
	if row.StepScalingPolicyConfiguration != nil {
		policy.Step = stepOf(row.StepScalingPolicyConfiguration)
	}
	return policy
}

func trackingOf(row *scalingtypes.TargetTrackingScalingPolicyConfiguration) *fleet.Tracking {
	tracking := &fleet.Tracking{
		TargetValue:      aws.ToFloat64(row.TargetValue),
		ScaleInCooldown:  seconds(row.ScaleInCooldown),
		ScaleOutCooldown: seconds(row.ScaleOutCooldown),
		DisableScaleIn:   aws.ToBool(row.DisableScaleIn),
	}
	if predefined := row.PredefinedMetricSpecification; predefined != nil {
		tracking.Predefined = interned(predefined.PredefinedMetricType)
		tracking.ResourceLabel = text(predefined.ResourceLabel)
	}
	custom := row.CustomizedMetricSpecification
	switch {
	case custom == nil:
	case len(custom.Metrics) > 0:
		for _, query := range custom.Metrics {
			tracking.Math = append(tracking.Math, trackingQueryOf(query))
		}
	default:
		metric := metricOf(custom.Namespace, custom.MetricName, custom.Dimensions,
			func(d scalingtypes.MetricDimension) (*string, *string) { return d.Name, d.Value })
		tracking.Metric = &metric
		tracking.Statistic = interned(custom.Statistic)
		tracking.Unit = text(custom.Unit)
	}
	return tracking
}

func trackingQueryOf(row scalingtypes.TargetTrackingMetricDataQuery) fleet.MathQuery {
	query := fleet.MathQuery{
		ID:         text(row.Id),
		Expression: text(row.Expression),
		Label:      text(row.Label),
		ReturnData: row.ReturnData,
	}
	if stat := row.MetricStat; stat != nil {
		query.Statistic, query.Unit = text(stat.Stat), text(stat.Unit)
		if stat.Metric != nil {
			metric := metricOf(stat.Metric.Namespace, stat.Metric.MetricName, stat.Metric.Dimensions,
				func(d scalingtypes.TargetTrackingMetricDimension) (*string, *string) { return d.Name, d.Value })
			query.Metric = &metric
		}
	}
	return query
}

func stepOf(row *scalingtypes.StepScalingPolicyConfiguration) *fleet.Step {
	step := &fleet.Step{
		AdjustmentType:         interned(row.AdjustmentType),
		Cooldown:               seconds(row.Cooldown),
		MinAdjustmentMagnitude: number(row.MinAdjustmentMagnitude),
		Aggregation:            interned(row.MetricAggregationType),
	}
	for _, adjustment := range row.StepAdjustments {
		step.Adjustments = append(step.Adjustments, fleet.StepAdjustment{
			Lower:      adjustment.MetricIntervalLowerBound,
			Upper:      adjustment.MetricIntervalUpperBound,
			Adjustment: int(aws.ToInt32(adjustment.ScalingAdjustment)),
		})
	}
	return step
}

func scheduledOf(row scalingtypes.ScheduledAction) fleet.ScheduledAction {
	action := fleet.ScheduledAction{
		ResourceID: text(row.ResourceId),
		Name:       text(row.ScheduledActionName),
		Schedule:   text(row.Schedule),
		Timezone:   text(row.Timezone),
		Start:      moment(row.StartTime),
		End:        moment(row.EndTime),
	}
	if bounds := row.ScalableTargetAction; bounds != nil {
		action.MinCapacity, action.MaxCapacity = number(bounds.MinCapacity), number(bounds.MaxCapacity)
	}
	return action
}

func activityOf(row scalingtypes.ScalingActivity) fleet.Activity {
	activity := fleet.Activity{
		ID:            text(row.ActivityId),
		ResourceID:    text(row.ResourceId),
		Cause:         withoutSecrets(text(row.Cause)),
		Description:   text(row.Description),
		Details:       withoutSecrets(text(row.Details)),
		Status:        interned(row.StatusCode),
		StatusMessage: withoutSecrets(text(row.StatusMessage)),
		Start:         moment(row.StartTime),
		End:           moment(row.EndTime),
	}
	if !activity.End.IsZero() && activity.End.Before(activity.Start) {
		activity.End = activity.Start // see tolerance
	}
	for _, reason := range row.NotScaledReasons {
		activity.NotScaled = append(activity.NotScaled, fleet.NotScaledReason{
			Code:    text(reason.Code),
			Current: number(reason.CurrentCapacity),
			Min:     number(reason.MinCapacity),
			Max:     number(reason.MaxCapacity),
		})
	}
	return activity
}

func alarmOf(row alarmtypes.MetricAlarm) fleet.Alarm {
	alarm := fleet.Alarm{
		Name:                    text(row.AlarmName),
		ARN:                     text(row.AlarmArn),
		Description:             text(row.AlarmDescription),
		Metric:                  metricOf(row.Namespace, row.MetricName, row.Dimensions, alarmDimension),
		Statistic:               cmp.Or(interned(row.Statistic), text(row.ExtendedStatistic)),
		Unit:                    interned(row.Unit),
		Period:                  time.Duration(aws.ToInt32(row.Period)) * time.Second,
		EvaluationPeriods:       int(aws.ToInt32(row.EvaluationPeriods)),
		DatapointsToAlarm:       int(aws.ToInt32(cmp.Or(row.DatapointsToAlarm, row.EvaluationPeriods))),
		Threshold:               aws.ToFloat64(row.Threshold),
		Comparison:              interned(row.ComparisonOperator),
		TreatMissingData:        cmp.Or(text(row.TreatMissingData), "missing"),
		ActionsEnabled:          row.ActionsEnabled == nil || *row.ActionsEnabled,
		AlarmActions:            actionsOf(row.AlarmActions),
		OKActions:               actionsOf(row.OKActions),
		InsufficientDataActions: actionsOf(row.InsufficientDataActions),
		State:                   interned(row.StateValue),
		StateReason:             text(row.StateReason),
		StateUpdated:            moment(row.StateUpdatedTimestamp),
		StateSince:              moment(row.StateTransitionedTimestamp),
		ConfigurationUpdated:    moment(row.AlarmConfigurationUpdatedTimestamp),
		Extras:                  extrasOf(row),
	}
	if stat := onlyMetric(row.Metrics); stat != nil {
		alarm.Metric = metricOf(stat.Metric.Namespace, stat.Metric.MetricName, stat.Metric.Dimensions, alarmDimension)
		alarm.Statistic, alarm.Unit = text(stat.Stat), interned(stat.Unit)
		alarm.Period = time.Duration(aws.ToInt32(stat.Period)) * time.Second
		return alarm
	}
	alarm.Math = slices.Grow(alarm.Math, len(row.Metrics))
	for _, query := range row.Metrics {
		alarm.Math = append(alarm.Math, alarmQueryOf(query))
		if query.MetricStat != nil {
			alarm.Period = max(alarm.Period, time.Duration(aws.ToInt32(query.MetricStat.Period))*time.Second)
		}
	}
	return alarm
}

// extrasOf are the settings of an alarm that are read only to be written back.
func extrasOf(row alarmtypes.MetricAlarm) *fleet.AlarmExtras {
	extras := fleet.AlarmExtras{LowSamples: text(row.EvaluateLowSampleCountPercentile)}
	if onlyMetric(row.Metrics) != nil {
		extras.QueryID, extras.QueryLabel = text(row.Metrics[0].Id), text(row.Metrics[0].Label)
	}
	if warmUp := row.WarmUpConfiguration; warmUp != nil {
		extras.WarmUpMinutes = int(aws.ToInt32(warmUp.WarmUpPeriodDurationInMinutes))
		extras.WarmUpWhole = aws.ToBool(warmUp.OnlyStartEvaluatingAfterWarmUpPeriodEnds)
	}
	if window, ok := row.EvaluationWindow.(*alarmtypes.EvaluationWindowMemberWallClockWindow); ok {
		extras.WallClock = aws.String(text(window.Value.Timezone))
	}
	if row.ActionConfiguration != nil && row.ActionConfiguration.AlarmTagsPropagation != nil {
		tags := row.ActionConfiguration.AlarmTagsPropagation
		extras.TagsInNotification = &fleet.TagsInAction{
			Enabled: aws.ToBool(tags.Enabled), Included: orNone(tags.IncludedTagKeys), Excluded: orNone(tags.ExcludedTagKeys),
		}
	}
	extras.FullActions = fullActions(row.AlarmActions, row.OKActions, row.InsufficientDataActions)
	if reflect.ValueOf(extras).IsZero() {
		return nil
	}
	return &extras
}

// createdBy is what AWS may append to the ARN of a scaling policy in the actions of an alarm, with an id: who made the
// alarm. The policy's own ARN does not have it.
const createdBy = ":createdBy/"

// actionsOf are the actions of an alarm, by the ARNs that their targets have.
func actionsOf(listed []string) []string {
	var actions []string
	for _, action := range listed {
		action, _, _ = strings.Cut(action, createdBy)
		actions = append(actions, interned(action))
	}
	return actions
}

// fullActions are those of the actions that actionsOf has made shorter, sorted.
func fullActions(lists ...[]string) []string {
	var full []string
	for _, action := range slices.Concat(lists...) {
		if strings.Contains(action, createdBy) && !slices.Contains(full, action) {
			full = append(full, interned(action))
		}
	}
	slices.Sort(full)
	return full
}

// onlyMetric is the metric of an alarm that was written in the form of metric math without any: to CloudWatch it is the
// same as one that names its metric.
func onlyMetric(queries []alarmtypes.MetricDataQuery) *alarmtypes.MetricStat {
	if len(queries) != 1 || queries[0].AccountId != nil || queries[0].MetricStat == nil || queries[0].MetricStat.Metric == nil {
		return nil
	}
	return queries[0].MetricStat
}

func alarmQueryOf(row alarmtypes.MetricDataQuery) fleet.MathQuery {
	query := fleet.MathQuery{
		ID:         text(row.Id),
		Expression: text(row.Expression),
		Label:      text(row.Label),
		ReturnData: row.ReturnData,
	}
	if stat := row.MetricStat; stat != nil {
		query.Statistic, query.Unit = text(stat.Stat), interned(stat.Unit)
		if stat.Metric != nil {
			metric := metricOf(stat.Metric.Namespace, stat.Metric.MetricName, stat.Metric.Dimensions, alarmDimension)
			query.Metric = &metric
		}
	}
	return query
}

func alarmDimension(d alarmtypes.Dimension) (name, value *string) { return d.Name, d.Value }

// metricOf makes a metric of the three forms in which the SDK has them; its dimensions are sorted by name.
func metricOf[D any](namespace, name *string, dimensions []D, split func(D) (name, value *string)) fleet.Metric {
	metric := fleet.Metric{Namespace: text(namespace), Name: text(name)}
	for _, dimension := range dimensions {
		key, value := split(dimension)
		metric.Dimensions = append(metric.Dimensions, fleet.Dimension{Name: text(key), Value: text(value)})
	}
	slices.SortFunc(metric.Dimensions, func(a, b fleet.Dimension) int { return strings.Compare(a.Name, b.Name) })
	return metric
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func number(n *int32) *int {
	if n == nil {
		return nil
	}
	converted := int(*n)
	return &converted
}

func seconds(n *int32) *time.Duration {
	if n == nil {
		return nil
	}
	converted := time.Duration(*n) * time.Second
	return &converted
}

// orNone makes no difference between a list that is empty and one that is not there: the wire protocols make none.
func orNone(list []string) (texts []string) {
	for _, s := range list {
		texts = append(texts, interned(s))
	}
	return texts
}
