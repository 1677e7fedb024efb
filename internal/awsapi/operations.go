package awsapi

import (
	"cmp"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Operation is one AWS operation that this package calls.
type Operation struct {
	Service string // as in Call
	Name    string
	Action  string // the IAM action it needs; empty where AWS asks for none
	Writes  bool   // it changes something: only a Writer calls it
}

// What an operation does, for the table below.
const (
	reads  = false
	writes = true
)

// Services as they are named in a Call.
const (
	serviceSageMaker   = "SageMaker"
	serviceAutoScaling = "ApplicationAutoScaling"
	serviceCloudWatch  = "CloudWatch"
	serviceSTS         = "STS"
)

// limit is how fast one operation is called by one Client, which is to say in one account and region.
type limit struct {
	perSecond rate.Limit
	burst     int
}

// operations is the one table of every operation with its IAM action and its limit. AWS publishes the limits of
// CloudWatch. Those of SageMaker and Application Auto Scaling are unknown, and other programs share them: the numbers
// let ten endpoints through at once, describe 500 in under half a minute, and keep out of the way of one sequential
// pager at 50 ms a page (DescribeScalingPolicies has 100 pages for 500 endpoints with two policies each). Writes are few
// and in no hurry.
var operations = []struct {
	Operation
	limit
}{
	{Operation{serviceAutoScaling, "DescribeScalableTargets", "application-autoscaling:DescribeScalableTargets", reads}, limit{20, 50}},
	{Operation{serviceAutoScaling, "DescribeScalingActivities", "application-autoscaling:DescribeScalingActivities", reads}, limit{20, 50}},
	{Operation{serviceAutoScaling, "DescribeScalingPolicies", "application-autoscaling:DescribeScalingPolicies", reads}, limit{20, 50}},
	{Operation{serviceAutoScaling, "DescribeScheduledActions", "application-autoscaling:DescribeScheduledActions", reads}, limit{20, 50}},
	{Operation{serviceAutoScaling, "PutScalingPolicy", "application-autoscaling:PutScalingPolicy", writes}, limit{5, 5}},
	{Operation{serviceAutoScaling, "RegisterScalableTarget", "application-autoscaling:RegisterScalableTarget", writes}, limit{5, 5}},
	{Operation{serviceCloudWatch, "DescribeAlarms", "cloudwatch:DescribeAlarms", reads}, limit{9, 9}},
	{Operation{serviceCloudWatch, "GetAlarmMuteRule", "cloudwatch:GetAlarmMuteRule", reads}, limit{5, 10}},
	{Operation{serviceCloudWatch, "GetMetricData", "cloudwatch:GetMetricData", reads}, limit{50, 50}},
	{Operation{serviceCloudWatch, "GetMetricStatistics", "cloudwatch:GetMetricStatistics", reads}, limit{5, 5}},
	{Operation{serviceCloudWatch, "ListAlarmMuteRules", "cloudwatch:ListAlarmMuteRules", reads}, limit{5, 5}},
	{Operation{serviceCloudWatch, "ListMetrics", "cloudwatch:ListMetrics", reads}, limit{10, 20}},
	{Operation{serviceCloudWatch, "PutMetricAlarm", "cloudwatch:PutMetricAlarm", writes}, limit{3, 3}},
	{Operation{serviceSTS, "AssumeRole", "sts:AssumeRole", reads}, limit{10, 10}},
	{Operation{serviceSTS, "GetCallerIdentity", "", reads}, limit{10, 10}},
	{Operation{serviceSageMaker, "DescribeEndpoint", "sagemaker:DescribeEndpoint", reads}, limit{20, 40}},
	{Operation{serviceSageMaker, "DescribeEndpointConfig", "sagemaker:DescribeEndpointConfig", reads}, limit{20, 40}},
	{Operation{serviceSageMaker, "ListEndpoints", "sagemaker:ListEndpoints", reads}, limit{10, 20}},
	{Operation{serviceSageMaker, "ListTags", "sagemaker:ListTags", reads}, limit{20, 40}},
}

// otherLimit holds for what the SDK calls on its own to find credentials.
var otherLimit = limit{10, 10}

// CloudWatch's limits of datapoints a second that GetMetricData reads: of the last three hours, and further back.
var (
	pointLimit      = limit{180_000, 180_000}
	olderPointLimit = limit{396_000, 396_000}
)

// hurried are the operations that a Hurried context lets go twice as fast, by this much more: those that describe endpoints.
var (
	hurried      = map[string]bool{"DescribeEndpoint": true, "DescribeEndpointConfig": true}
	hurriedLimit = limit{20, 20}
)

// older is the length of a window that begins further back; what is read here ends now.
const older = 3 * time.Hour

// Operations lists every AWS operation that this package calls, sorted by service and name. Which of them a scope needs
// depends on what it is configured to do: AssumeRole only with a role, ListTags only where something selects by tags, and
// what writes only where policies are enforced.
func Operations() []Operation {
	list := make([]Operation, len(operations))
	for i, row := range operations {
		list[i] = row.Operation
	}
	return list
}

// Most is how many attempts of the operation one Client makes in a stretch of time at most, retries included, and where it
// is in a hurry.
func (o Operation) Most(stretch time.Duration) int {
	for _, row := range operations {
		if row.Operation == o {
			most := row.burst + int(float64(row.perSecond)*stretch.Seconds())
			if hurried[o.Name] {
				most += hurriedLimit.burst + int(float64(hurriedLimit.perSecond)*stretch.Seconds())
			}
			return most
		}
	}
	return 0
}

// actionOf is the IAM action of an operation. Operations that are not in the table are the SDK's own.
func actionOf(service, name string) string {
	for _, row := range operations {
		if row.Service == service && row.Name == name && row.Action != "" {
			return row.Action
		}
	}
	return strings.ToLower(service) + ":" + name
}

// limiter holds the limit on a clock that runs at the given speed; 0 is 1.
func (l limit) limiter(speed float64) *rate.Limiter {
	return rate.NewLimiter(l.perSecond*rate.Limit(cmp.Or(speed, 1)), l.burst)
}
