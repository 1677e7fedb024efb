package awsapi

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// span is what a number may be, both ends included.
type span struct{ least, most float64 }

var (
	count      = span{0, 1_000_000}
	duration   = span{0, 100_000_000} // seconds
	adjustment = span{-1_000_000, 1_000_000}
	anything   = span{-math.MaxFloat64, math.MaxFloat64} // but a number
)

// ranges are what the numbers that are read here may be, by the names of their members: wider than what AWS allows today,
// and narrow enough that nothing overflows or lasts for ever.
var ranges = map[string]span{
	"CurrentInstanceCount": count, "DesiredInstanceCount": count, "MaxConcurrentInvocationsPerInstance": count, "Priority": count,
	"MinCapacity": count, "MaxCapacity": count, "CurrentCapacity": count, "MinAdjustmentMagnitude": count,
	"ScalingAdjustment": adjustment, "MetricIntervalLowerBound": anything, "MetricIntervalUpperBound": anything,
	"TargetValue": {0x1p-360, 0x1p360}, "ScaleInCooldown": duration, "ScaleOutCooldown": duration, "Cooldown": duration,
	"Threshold": anything, "Period": {1, 30 * 86_400}, "EvaluationPeriods": {1, 100_000}, "DatapointsToAlarm": {1, 100_000},
	"WarmUpPeriodDurationInMinutes": {0, 1_000_000},
}

// outOfRange says what is wrong with a number of that name; empty when nothing is. Numbers without a range are not read.
func outOfRange(name string, number float64) string {
	switch of, ok := ranges[name]; {
	case !finite(number):
		return " is no number"
	case !ok || number >= of.least && number <= of.most:
		return ""
	default:
		return fmt.Sprintf(" is %s, not %s to %s", short(number), short(of.least), short(of.most))
	}
}

// How many bytes a text may have: twice what AWS allows of one that becomes a label or goes by as a name, and of one that is
// kept for each endpoint; of any other several times what AWS writes.
const (
	longestLabel = 512
	longestKept  = 2 * kib
	longestText  = 64 * kib
)

// labels are the members of which the texts become labels.
var labels = map[string]bool{
	"EndpointConfigName": true, "InstanceType": true, "ModelName": true, "PolicyName": true, "PolicyType": true, "AlarmName": true,
	"AlarmNames": true, "Key": true, "MetricName": true, "ScheduledActionName": true, "Code": true, "StatusCode": true, "EndpointStatus": true, "StateValue": true,
}

// kept are the members of which the texts are kept for each endpoint.
var kept = map[string]bool{
	"S3OutputPath": true, "S3FailurePath": true, "SuccessTopic": true, "ErrorTopic": true, "FailureReason": true, "EndpointArn": true, "Value": true,
}

// tooLong says what is wrong with a text of that name.
func tooLong(name, text string) string {
	most := longestText
	switch {
	case labels[name]:
		most = longestLabel
	case kept[name]:
		most = longestKept
	}
	if len(text) > most {
		return fmt.Sprintf(" has %d bytes, more than %d", len(text), most)
	}
	return ""
}

// short is a number as people write it: without an exponent unless it has more digits than anybody counts.
func short(number float64) string {
	if magnitude := math.Abs(number); magnitude != 0 && (magnitude >= 1e15 || magnitude < 1e-6) {
		return strconv.FormatFloat(number, 'g', 7, 64)
	}
	return strconv.FormatFloat(number, 'f', -1, 64)
}

// tolerance is by how much an end may be before its beginning: two machines of AWS may have written them.
const tolerance = time.Minute

// contradiction says what cannot be about a row of which each number can be by itself; empty when nothing is. AWS writes
// no such object.
func contradiction(row any) string {
	above := func(low, high string, is, most *int32) string {
		if is == nil || most == nil || *is <= *most {
			return ""
		}
		return fmt.Sprintf("%s is %d, above %s %d", low, *is, high, *most)
	}
	switch row := row.(type) {
	case scalingtypes.ScalableTarget:
		return above("MinCapacity", "MaxCapacity", row.MinCapacity, row.MaxCapacity)
	case scalingtypes.ScheduledAction:
		if bounds := row.ScalableTargetAction; bounds != nil {
			return above("MinCapacity", "MaxCapacity", bounds.MinCapacity, bounds.MaxCapacity)
		}
	case scalingtypes.ScalingPolicy:
		if row.StepScalingPolicyConfiguration == nil {
			return ""
		}
		for _, step := range row.StepScalingPolicyConfiguration.StepAdjustments {
			if low, high := step.MetricIntervalLowerBound, step.MetricIntervalUpperBound; low != nil && high != nil && *low >= *high {
				return fmt.Sprintf("MetricIntervalLowerBound is %s, not below MetricIntervalUpperBound %s", short(*low), short(*high))
			}
		}
	case scalingtypes.ScalingActivity:
		if row.StartTime != nil && row.EndTime != nil && row.EndTime.Before(row.StartTime.Add(-tolerance)) {
			return "EndTime is before StartTime"
		}
	case alarmtypes.MetricAlarm:
		return above("DatapointsToAlarm", "EvaluationPeriods", row.DatapointsToAlarm, row.EvaluationPeriods)
	}
	return ""
}

// rowsOf are the operations that answer lists of which one row says nothing about another: a number or a time that cannot
// be is refused with its row alone.
var rowsOf = map[string]string{
	"DescribeScalableTargets": "ScalableTargets", "DescribeScalingActivities": "ScalingActivities",
	"DescribeScalingPolicies": "ScalingPolicies", "DescribeScheduledActions": "ScheduledActions", "DescribeAlarms": "MetricAlarms",
}

// rows collects what AWS lists, without what cannot be.
type rows[R, T any] struct {
	operation string
	of        func(R) T
	name      func(T) string
	scales    func(T) []string // the endpoints that it scales; nil: it scales none
	unread    func(T) bool     // of which the name alone is read; nil: of none
	crowds    *crowds[T]       // nil: no more than AWS lists
	list      []T
	refused   []fleet.RefusedItem
}

func (r *rows[R, T]) add(row R) {
	item := r.of(row)
	what := badRow(r.operation, row)
	if what == "" && r.crowds != nil {
		what = r.crowds.add(item, r.name(item))
	}
	if what != "" && (r.unread == nil || !r.unread(item)) {
		refused := fleet.RefusedItem{Name: oneLine(r.name(item)), What: what}
		if r.scales != nil {
			refused.Endpoints = r.scales(item)
		}
		r.refused = append(r.refused, refused)
		return
	}
	r.list = append(r.list, item)
}

// endpointOf is the endpoint of a resource, none where the resource is no endpoint's.
func endpointOf(resource string) []string {
	if name, _, ok := fleet.SplitResourceID(resource); ok {
		return []string{name}
	}
	return nil
}

// err is a fleet.Refused if there is anything to say, with what was done meanwhile.
func (r *rows[R, T]) err(during string) error {
	if len(r.refused) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", during, &fleet.Refused{Items: r.refused})
}

// badRow says what is wrong with the numbers and times of a row, each by itself and beside the others.
func badRow(operation string, row any) string {
	of := members[operation].members[rowsOf[operation]]
	if of == nil {
		of = &member{}
	}
	return cmp.Or(verifier{numbers: true}.verify(of, reflect.ValueOf(row), "", ""), contradiction(row))
}

// nameForm is what SageMaker takes for the name of an endpoint or a variant.
var nameForm = regexp.MustCompile(`^[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}$`)

// badName says what is wrong with a name.
func badName(member string, name *string) string {
	if text := aws.ToString(name); !nameForm.MatchString(text) {
		return fmt.Sprintf("%s %.80q is no name", member, text)
	}
	return ""
}

// mostVariants is how many production variants an endpoint may have, and mostPools how many instance pools a variant: twice
// what AWS allows.
const (
	mostVariants = 20
	mostPools    = 20
)

// badVariants is what is wrong with an answer that was asked for by a name: it is about another, or has more variants than
// there can be, or variants of which one is no name or the name of two. Variants become series.
func badVariants[V any](operation, asked string, name *string, variants []V, of func(V) (name *string, pools int)) error {
	wrong := func(what string) error {
		return explain(&badAnswer{serviceSageMaker, operation, what, true})
	}
	if got := aws.ToString(name); got != asked {
		return wrong(fmt.Sprintf("answer is about %.80q", got))
	}
	if len(variants) > mostVariants {
		return explain(tooMuch(operation, "more than %d production variants", mostVariants))
	}
	seen := map[string]bool{}
	for _, variant := range variants {
		name, pools := of(variant)
		if what := badName("ProductionVariants.VariantName", name); what != "" {
			return wrong(what)
		}
		if seen[*name] {
			return wrong(fmt.Sprintf("ProductionVariants has %s twice", *name))
		}
		if pools > mostPools {
			return explain(tooMuch(operation, "more than %d instance pools in variant %s", mostPools, *name))
		}
		seen[*name] = true
	}
	return nil
}
