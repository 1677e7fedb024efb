package plan

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

func wakeFields(s *fleet.Step) []named {
	return []named{
		{"adjustment_type", s.AdjustmentType},
		{"adjustment", adjustment(s.Adjustments)},
		{"min_adjustment_magnitude", magnitude(s.MinAdjustmentMagnitude)},
		{"aggregation", cmp.Or(s.Aggregation, policy.WakeAggregation)},
		{"cooldown", fleet.Cooldown(s.Cooldown)},
	}
}

// magnitude is the least change of a percentage, where it is set.
func magnitude(least *int) Value {
	if least == nil {
		return nil
	}
	return *least
}

// adjustment is the number of a single step from the threshold on, or the steps in words.
func adjustment(steps []fleet.StepAdjustment) Value {
	if len(steps) == 1 && (steps[0].Lower == nil || *steps[0].Lower <= 0) && steps[0].Upper == nil {
		return steps[0].Adjustment
	}
	var all []string
	for _, step := range steps {
		text := fmt.Sprintf("%+d", step.Adjustment)
		if step.Lower != nil {
			text += fmt.Sprintf(" from %g", *step.Lower)
		}
		if step.Upper != nil {
			text += fmt.Sprintf(" below %g", *step.Upper)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// wakePolicy is what the alarm has to know of the policy that it triggers.
type wakePolicy struct {
	arn string   // empty while the policy is still to be created
	in  obstacle // in the way of creating it
}

// wake compares the step policy that wakes.
func (d *differ) wake(s *policy.Subject, missing obstacle) wakePolicy {
	wanted := s.Wanted.Wake
	if s.Match.Wake == nil {
		draft := d.draft(s, WakePolicy, wanted.Name)
		documented := policy.Wake(s.Endpoint.Name, s.Variant.Name)
		documented.Name = wanted.Name
		documented.Step.Adjustments[0].Adjustment = wanted.Adjustment.Value
		documented.Step.Aggregation = wanted.Aggregation.Value
		documented.Step.Cooldown = &wanted.Cooldown.Value
		draft.step.Policy = &documented
		return wakePolicy{in: draft.create(wakeFields(documented.Step), d.policyObstacle(s, WakePolicy, missing, s.Match.WakeTaken))}
	}
	draft := d.draft(s, WakePolicy, s.Match.Wake.Name)
	draft.step.Expects = Object{Policy: s.Match.Wake}
	after, step := *s.Match.Wake, *s.Match.Wake.Step
	if !policy.WakeSteps(s.Match.Wake, threshold(s.Match.Alarm)) && draft.free("adjustment_type", "adjustment") {
		lower, by := 0.0, wanted.Adjustment.Value
		if tuned := firstPositive(step); tuned > 0 && !wanted.Adjustment.Enforced {
			by = tuned
		}
		step.AdjustmentType, step.MinAdjustmentMagnitude = policy.ChangeInCapacity, nil
		step.Adjustments = []fleet.StepAdjustment{{Lower: &lower, Adjustment: by}}
	}
	if wanted.Adjustment.Enforced && adjustment(step.Adjustments) != Value(wanted.Adjustment.Value) && draft.free("adjustment") {
		lower := 0.0
		step.Adjustments = []fleet.StepAdjustment{{Lower: &lower, Adjustment: wanted.Adjustment.Value}}
	}
	if cmp.Or(step.Aggregation, policy.WakeAggregation) != wanted.Aggregation.Value {
		enforce(draft, "aggregation", &step.Aggregation, wanted.Aggregation)
	}
	enforceCooldown(draft, "cooldown", &step.Cooldown, wanted.Cooldown)
	after.Step = &step
	draft.step.Policy = &after
	draft.update(d.policyObstacle(s, WakePolicy, missing, nil), func() (before, now []named) {
		return wakeFields(s.Match.Wake.Step), wakeFields(&step)
	})
	return wakePolicy{arn: s.Match.Wake.ARN}
}

// threshold is that of the alarm as it will be: one that is as good as the documented one keeps its own.
func threshold(alarm *fleet.Alarm) float64 {
	if alarm != nil && policy.WakeCondition(alarm) {
		return alarm.Threshold
	}
	return policy.WakeThreshold
}

// firstPositive is the change of the first step that adds instances. A percentage says nothing about a number.
func firstPositive(s fleet.Step) int {
	if s.AdjustmentType != policy.ChangeInCapacity {
		return 0
	}
	for _, step := range s.Adjustments {
		if step.Adjustment > 0 {
			return step.Adjustment
		}
	}
	return 0
}
