package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The bounds of AWS's own models.
const (
	longestAlarmName  = 255
	longestPolicyName = 256
	mostActions       = 5 // for each state
	longestWindow     = 24 * time.Hour
)

// validName checks a name; without a name it is missing.
func validName(member, name string, longest int) (problem string) {
	switch {
	case name == "":
		return fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", member)
	case utf8.RuneCountInString(name) > longest:
		return fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", name, member, longest)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Sprintf("Value at '%s' failed to satisfy constraint: Member must not have control characters", member)
	}
	return ""
}

// oneOf checks a text of a closed set.
func oneOf(member, text string, known ...string) (problem string) {
	if slices.Contains(known, text) {
		return ""
	}
	return fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: [%s]",
		text, member, strings.Join(known, ", "))
}

// validAlarm is what CloudWatch refuses.
func validAlarm(a fleet.Alarm) error {
	problem := validName("alarmName", a.Name, longestAlarmName)
	for _, found := range []string{
		oneOf("comparisonOperator", a.Comparison, "GreaterThanOrEqualToThreshold", "GreaterThanThreshold",
			"LessThanThreshold", "LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold",
			"LessThanLowerThreshold", "GreaterThanUpperThreshold"),
		oneOf("treatMissingData", a.TreatMissingData, "missing", "notBreaching", "breaching", "ignore"),
		validActions("alarmActions", a.AlarmActions), validActions("oKActions", a.OKActions),
		validActions("insufficientDataActions", a.InsufficientDataActions),
	} {
		if problem == "" {
			problem = found
		}
	}
	period := a.Period
	switch {
	case problem != "":
	case a.EvaluationPeriods < 1:
		problem = "EvaluationPeriods must be greater than 0"
	case a.DatapointsToAlarm < 1 || a.DatapointsToAlarm > a.EvaluationPeriods:
		problem = "DatapointsToAlarm must be greater than 0 and less than or equal to EvaluationPeriods"
	case len(a.Math) == 0 && (a.Metric.Name == "" || a.Metric.Namespace == "" || a.Statistic == ""):
		problem = "MetricName, Namespace and Statistic or ExtendedStatistic are required"
	case len(a.Math) == 0 && (period <= 0 || period%time.Minute != 0 && period != 10*time.Second && period != 20*time.Second && period != 30*time.Second):
		problem = fmt.Sprintf("Period must be 10, 20, 30 or a multiple of 60, and is %g", period.Seconds())
	case period < time.Hour && period*time.Duration(a.EvaluationPeriods) > longestWindow:
		problem = "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)."
	}
	if problem == "" {
		return nil
	}
	return &Error{"ValidationError", problem}
}

func validActions(member string, actions []string) (problem string) {
	if len(actions) > mostActions {
		return fmt.Sprintf("Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", member, mostActions)
	}
	for _, action := range actions {
		if strings.Count(action, ":") < 4 || !strings.HasPrefix(action, "arn:") {
			return "Invalid arn syntax: " + action
		}
	}
	return ""
}

// validPolicy is what Application Auto Scaling refuses of a policy, whatever stands beside it.
func validPolicy(p fleet.Policy) error {
	if problem := validName("policyName", p.Name, longestPolicyName); problem != "" {
		return invalid(problem)
	}
	switch {
	case p.Type == fleet.TargetTracking && p.Tracking != nil && p.Step == nil:
		return validTracking(*p.Tracking)
	case p.Type == fleet.StepScaling && p.Step != nil && p.Tracking == nil:
		return validStep(*p.Step)
	}
	return invalid("A policy needs exactly one configuration that fits its type.")
}

func validTracking(t fleet.Tracking) error {
	switch {
	case !(t.TargetValue > 0):
		return invalid(fmt.Sprintf("The target value %g is not positive.", t.TargetValue))
	case t.Forms() != 1:
		return invalid("A target tracking policy needs exactly one metric specification.")
	case t.Metric != nil && (t.Metric.Name == "" || t.Metric.Namespace == "" || t.Statistic == ""):
		return invalid("A customized metric needs MetricName, Namespace and Statistic.")
	}
	return validCooldowns(t.ScaleInCooldown, t.ScaleOutCooldown)
}

func validStep(s fleet.Step) error {
	if problem := oneOf("adjustmentType", s.AdjustmentType, "ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"); problem != "" {
		return invalid(problem)
	}
	if len(s.Adjustments) == 0 {
		return invalid("At least one step adjustment must be specified.")
	}
	for _, step := range s.Adjustments {
		if step.Lower != nil && step.Upper != nil && *step.Lower >= *step.Upper {
			return invalid("The lower bound of a step must be less than its upper bound.")
		}
	}
	return validCooldowns(s.Cooldown)
}

func validCooldowns(cooldowns ...*time.Duration) error {
	for _, cooldown := range cooldowns {
		if cooldown != nil && *cooldown < 0 {
			return invalid(fmt.Sprintf("A cooldown of %g seconds is negative.", cooldown.Seconds()))
		}
	}
	return nil
}
