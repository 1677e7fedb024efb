package awsapi

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"

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
	"TargetValue": {0, math.MaxFloat64}, "ScaleInCooldown": duration, "ScaleOutCooldown": duration, "Cooldown": duration,
	"Threshold": anything, "Period": {0, 30 * 86_400}, "EvaluationPeriods": {0, 100_000}, "DatapointsToAlarm": {0, 100_000},
	"WarmUpPeriodDurationInMinutes": {0, 1_000_000},
}

// outOfRange says what is wrong with a number of that name; empty when nothing is. Numbers without a range are not read.
func outOfRange(name string, number float64) string {
	switch of, ok := ranges[name]; {
	case !finite(number):
		return " is no number"
	case !ok || number >= of.least && number <= of.most:
		return ""
	case of.most == math.MaxFloat64:
		return fmt.Sprintf(" is %s, below %s", short(number), short(of.least))
	default:
		return fmt.Sprintf(" is %s, not %s to %s", short(number), short(of.least), short(of.most))
	}
}

// longestLabel is how many bytes a text may have that becomes a label or goes by as a name: twice what AWS allows.
const longestLabel = 512

// labels are the members of which the texts become labels.
var labels = map[string]bool{
	"EndpointConfigName": true, "InstanceType": true, "ModelName": true, "PolicyName": true, "PolicyType": true, "AlarmName": true,
	"MetricName": true, "ScheduledActionName": true, "Code": true, "StatusCode": true, "EndpointStatus": true, "StateValue": true,
}

// tooLong says what is wrong with a text of that name.
func tooLong(name, text string) string {
	if labels[name] && len(text) > longestLabel {
		return fmt.Sprintf(" has %d bytes, more than %d", len(text), longestLabel)
	}
	return ""
}

func short(number float64) string { return strconv.FormatFloat(number, 'f', -1, 64) }

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
	unread    func(T) bool // of which the name alone is read; nil: of none
	list      []T
	refused   []fleet.RefusedItem
}

func (r *rows[R, T]) add(row R) {
	item := r.of(row)
	if what := badRow(r.operation, row); what != "" && (r.unread == nil || !r.unread(item)) {
		r.refused = append(r.refused, fleet.RefusedItem{Name: oneLine(r.name(item)), What: what})
		return
	}
	r.list = append(r.list, item)
}

// err is a fleet.Refused if there is anything to say, with what was done meanwhile.
func (r *rows[R, T]) err(during string) error {
	if len(r.refused) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", during, &fleet.Refused{Items: r.refused})
}

// badRow says what is wrong with the numbers and times of a row.
func badRow(operation string, row any) string {
	of := members[operation].members[rowsOf[operation]]
	if of == nil {
		of = &member{}
	}
	return verifier{numbers: true}.verify(of, reflect.ValueOf(row), "", "")
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

// badVariants says what is wrong with the names of an answer that was asked for by a name. Variants become series, and
// two of one name would be one.
func badVariants[V any](asked string, name *string, variants []V, of func(V) *string) string {
	if got := aws.ToString(name); got != asked {
		return fmt.Sprintf("answer is about %.80q", got)
	}
	seen := map[string]bool{}
	for _, variant := range variants {
		name := of(variant)
		if what := badName("ProductionVariants.VariantName", name); what != "" {
			return what
		}
		if seen[*name] {
			return fmt.Sprintf("ProductionVariants has %s twice", *name)
		}
		seen[*name] = true
	}
	return ""
}
