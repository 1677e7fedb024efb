package awsapi

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"
)

// bound is what the answers of one operation may be at most, and what they must have.
type bound struct {
	body   int // bytes of one answer, unpacked
	values int // texts, numbers, lists and maps in one answer
	pages  int // of one question
	rows   int // in all pages of one question
	total  int // bytes of all pages of one question, unpacked

	// required are the members that AWS's model calls required, of those that are read here; and, marked by a
	// star, those without which the answer is none although the model does not say it.
	required []string
}

const (
	kib = 1 << 10
	mib = 1 << 20

	// deepest is how deeply values may be nested. AWS's own answers reach ten levels.
	deepest = 32
	// longestNumber is in characters. AWS writes 25 at most.
	longestNumber = 64
	// longestFailure is how much of an answer that is an error is read.
	longestFailure = 64 * kib
	// longestHeader bounds the header of an answer.
	longestHeader = 256 * kib
)

// bounds are the limits of each operation: a few times the largest honest answer of 5,000 endpoints, with AWS's own
// limits on pages and texts. All of them together at their limits fit into the memory limit of the chart. A row of
// DescribeAlarms has 2 KiB, three alarms an endpoint are 30 MiB; a row of DescribeScalingPolicies has 1.5 KiB.
// GetMetricData has 100,800 datapoints of 20 bytes and three values at most; how many pages it may have depends on what
// was asked, see mostPages.
var bounds = map[string]bound{
	"DescribeScalableTargets": {mib, 20_000, 1_000, 20_000, 12 * mib, []string{
		"ScalableTargets.CreationTime", "ScalableTargets.MaxCapacity", "ScalableTargets.MinCapacity",
		"ScalableTargets.ResourceId", "ScalableTargets.RoleARN", "ScalableTargets.ScalableDimension",
		"ScalableTargets.ServiceNamespace",
	}},
	"DescribeScalingActivities": {2 * mib, 20_000, 1_000, 20_000, 16 * mib, []string{
		"ScalingActivities.ActivityId", "ScalingActivities.Cause", "ScalingActivities.Description",
		"ScalingActivities.NotScaledReasons.Code", "ScalingActivities.ResourceId", "ScalingActivities.ScalableDimension",
		"ScalingActivities.ServiceNamespace", "ScalingActivities.StartTime", "ScalingActivities.StatusCode",
	}},
	"DescribeScalingPolicies": {2 * mib, 50_000, 5_000, 30_000, 32 * mib, []string{
		"ScalingPolicies.Alarms.AlarmARN", "ScalingPolicies.Alarms.AlarmName", "ScalingPolicies.CreationTime",
		"ScalingPolicies.PolicyARN", "ScalingPolicies.PolicyName", "ScalingPolicies.PolicyType", "ScalingPolicies.ResourceId",
		"ScalingPolicies.ScalableDimension", "ScalingPolicies.ServiceNamespace",
		"ScalingPolicies.StepScalingPolicyConfiguration.StepAdjustments.ScalingAdjustment",
		"ScalingPolicies.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Dimensions.Name",
		"ScalingPolicies.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Dimensions.Value",
		"ScalingPolicies.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics.Id",
		"ScalingPolicies.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics.MetricStat.Metric",
		"ScalingPolicies.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics.MetricStat.Metric.Dimensions.Name",
		"ScalingPolicies.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics.MetricStat.Metric.Dimensions.Value",
		"ScalingPolicies.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics.MetricStat.Stat",
		"ScalingPolicies.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType",
		"ScalingPolicies.TargetTrackingScalingPolicyConfiguration.TargetValue",
	}},
	"DescribeScheduledActions": {mib, 20_000, 1_000, 20_000, 12 * mib, []string{
		"ScheduledActions.CreationTime", "ScheduledActions.ResourceId", "ScheduledActions.Schedule",
		"ScheduledActions.ScheduledActionARN", "ScheduledActions.ScheduledActionName", "ScheduledActions.ServiceNamespace",
	}},
	"PutScalingPolicy":       {256 * kib, 2_000, 1, 100, 256 * kib, []string{"Alarms.AlarmARN", "Alarms.AlarmName", "PolicyARN"}},
	"RegisterScalableTarget": {64 * kib, 100, 1, 100, 64 * kib, nil},
	"DescribeAlarms": {8 * mib, 100_000, 1_000, 40_000, 48 * mib, []string{
		"MetricAlarms.ActionConfiguration.AlarmTagsPropagation.Enabled", "MetricAlarms.AlarmName*",
		"MetricAlarms.Dimensions.Name", "MetricAlarms.Dimensions.Value", "MetricAlarms.Metrics.Id",
		"MetricAlarms.Metrics.MetricStat.Metric", "MetricAlarms.Metrics.MetricStat.Metric.Dimensions.Name",
		"MetricAlarms.Metrics.MetricStat.Metric.Dimensions.Value", "MetricAlarms.Metrics.MetricStat.Period",
		"MetricAlarms.Metrics.MetricStat.Stat", "MetricAlarms.WarmUpConfiguration.WarmUpPeriodDurationInMinutes",
	}},
	"GetMetricData":       {8 * mib, 400_000, 0, 200_000, 16 * mib, []string{"MetricDataResults.Id*"}},
	"GetMetricStatistics": {256 * kib, 20_000, 1, 2_000, 256 * kib, []string{"Datapoints.Unit*"}},
	"ListAlarmMuteRules":  {mib, 20_000, 100, 10_000, 4 * mib, []string{"AlarmMuteRuleSummaries.AlarmMuteRuleArn*"}},
	"ListMetrics":         {mib, 20_000, 100, 50_000, 16 * mib, []string{"Metrics.Dimensions.Name", "Metrics.Dimensions.Value", "Metrics.MetricName*"}},
	"GetAlarmMuteRule": {mib, 5_000, 1, 2_000, mib, []string{
		"MuteTargets.AlarmNames", "Rule.Schedule", "Rule.Schedule.Duration", "Rule.Schedule.Expression",
	}},
	"PutMetricAlarm":            {64 * kib, 100, 1, 100, 64 * kib, nil},
	"AssumeRole":                credentialsBound,
	"AssumeRoleWithWebIdentity": credentialsBound, // the SDK asks it by itself
	"GetCallerIdentity":         {64 * kib, 100, 1, 100, 64 * kib, []string{"Account*"}},
	"DescribeEndpoint": {256 * kib, 5_000, 1, 500, 256 * kib, []string{
		"AsyncInferenceConfig.OutputConfig", "CreationTime", "EndpointArn", "EndpointName", "EndpointStatus",
		"LastModifiedTime", "ProductionVariants.InstancePools.CurrentInstanceCount",
		"ProductionVariants.InstancePools.InstanceType", "ProductionVariants.VariantName",
	}},
	"DescribeEndpointConfig": {mib, 10_000, 1, 500, mib, []string{
		"AsyncInferenceConfig.OutputConfig", "CreationTime", "EndpointConfigArn", "EndpointConfigName", "ProductionVariants",
		"ProductionVariants.InstancePools.InstanceType", "ProductionVariants.InstancePools.Priority",
		"ProductionVariants.VariantName",
	}},
	"ListEndpoints": {mib, 20_000, 500, 50_000, 12 * mib, []string{
		"Endpoints", "Endpoints.CreationTime", "Endpoints.EndpointArn", "Endpoints.EndpointName", "Endpoints.EndpointStatus",
		"Endpoints.LastModifiedTime",
	}},
	"ListTags": {256 * kib, 1_000, 10, 300, 256 * kib, []string{"Tags.Key", "Tags.Value"}},
}

// credentialsBound is of the operations that give credentials.
var credentialsBound = bound{64 * kib, 100, 1, 100, 64 * kib, []string{
	"AssumedRoleUser.Arn", "AssumedRoleUser.AssumedRoleId", "Credentials*", "Credentials.AccessKeyId",
	"Credentials.Expiration", "Credentials.SecretAccessKey", "Credentials.SessionToken",
}}

// otherBound holds for what the SDK calls on its own to find credentials.
var otherBound = bound{mib, 20_000, 1, 1_000, mib, nil}

// mostPages is how many pages the answer of one GetMetricData call may have: one for each query and for every hundred of
// its datapoints, and a few that are empty. The network of CloudWatch may cut a page anywhere.
func mostPages(queries, points int) int { return 10 + queries + points/100 }

// mostPoints is how many datapoints the answer of one GetMetricData call may have. CloudWatch may repeat a minute on the
// next page.
func mostPoints(points int) int { return 2*points + 100 }

// allValues is how many values all pages of one question may have. What is kept of one takes 16 bytes at least, an empty
// text too, and the answer of a small value has one byte.
func (b bound) allValues() int { return max(b.values, b.total/valueShare) }

// valueShare is in bytes. In DescribeAlarms of 5,000 endpoints a value has 22, at a third of its bytes.
const valueShare = 40

// mostItems is how many items a list inside of a row may have, by its name: twice what AWS allows, or more. For another
// list it is mostOthers.
var mostItems = map[string]int{
	"AlarmActions": 20, "OKActions": 20, "InsufficientDataActions": 20, "Dimensions": 60, "Metrics": 20, "StepAdjustments": 40, "Alarms": 40,
	"Values": math.MaxInt, "Timestamps": math.MaxInt, // datapoints have bounds of their own, see mostPoints
}

const mostOthers = 200

// tooMany says what is wrong with the length of a list inside of a row; path is from the answer on.
func tooMany(path, name string, items int) string {
	if most := cmp.Or(mostItems[name], mostOthers); items > most && strings.Contains(path, ".") {
		return fmt.Sprintf("answer with more than %d %s in one row", most, name)
	}
	return ""
}

// badAnswer is the error of an answer that AWS would not give: it is not retried, because the next would be no better.
type badAnswer struct {
	service, operation string
	what               string // for example "answer longer than 8 MiB"
	wrong              bool   // it is not AWS's: not only too long
}

func (b *badAnswer) Error() string {
	text := strings.Replace(actionOf(b.service, b.operation), ":", " ", 1) + ": " + b.what
	if b.wrong {
		text += ": check AWS_ENDPOINT_URL and proxies"
	}
	return text
}

// kind is the same for all wrong answers of an operation, and for all that are too long.
func (b *badAnswer) kind() string {
	if b.wrong {
		return b.operation + ": wrong answer"
	}
	return b.operation + ": too much"
}

// serviceOf is the service of an operation in the table.
func serviceOf(operation string) string {
	for _, row := range operations {
		if row.Name == operation {
			return row.Service
		}
	}
	return "aws"
}

// writesOnly tells whether the operation has nothing to answer but that it was done.
func writesOnly(operation string) bool {
	for _, row := range operations {
		if row.Name == operation {
			return row.Writes
		}
	}
	return false
}

// tooMuch is the error of a question of which all pages together pass a limit.
func tooMuch(operation, format string, args ...any) error {
	return &badAnswer{service: serviceOf(operation), operation: operation, what: fmt.Sprintf(format, args...)}
}

// size is a number of bytes in words.
func size(bytes int) string {
	if bytes%mib == 0 {
		return fmt.Sprintf("%d MiB", bytes/mib)
	}
	return fmt.Sprintf("%d KiB", bytes/kib)
}

func isBadAnswer(err error) bool {
	bad := (*badAnswer)(nil)
	return errors.As(err, &bad)
}
