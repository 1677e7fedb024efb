package check

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var differsFromDocumented = &Check{
	Name: "differs_from_documented", Severities: []Severity{Info}, Needs: wiring, run: runDiffersFromDocumented, Stage: StagePolicy,
}

func runDiffersFromDocumented(s *Subject) verdict {
	if !s.scaled() {
		return verdict{}
	}
	var d differences
	add(&d, "MaxCapacity", s.Variant.Target.MaxCapacity, policy.MaxCapacity)
	if known := s.Behavior.Tracker(); known != nil {
		if p := s.policy(known.Name); p != nil { // a file may hold one without a name
			d.tracking(p, known.Follows)
		}
	}
	path := s.Behavior.WakePath()
	d.wake(s.policy(path.Policy), s.Behavior.Wakes.To)
	d.alarm(s.alarm(path.Alarm))
	if len(d) == 0 {
		return pass(Info)
	}
	return fail(Info, "Variant %q differs from the documented values: %s.", s.Variant.Name, strings.Join(d, ", ")).
		advise("Ignore this if it is intended: reconcile changes only what a policy sets.")
}

// differences are the tunable values that are not the documented ones, in words.
type differences []string

func add[T comparable](d *differences, name string, got, documented T) {
	if got != documented {
		*d = append(*d, fmt.Sprintf("%s is %s, not %s", name, word(got), word(documented)))
	}
}

// word writes a value; what AWS says is quoted.
func word(value any) string {
	switch v := value.(type) {
	case time.Duration:
		return short(v)
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(value)
}

// tracking compares metric math by its target value alone.
func (d *differences) tracking(p *fleet.Policy, follows behavior.Follows) {
	add(d, "TargetValue", p.Tracking.TargetValue, policy.TargetValue)
	if follows == behavior.ByMath {
		return
	}
	add(d, "ScaleInCooldown", fleet.Cooldown(p.Tracking.ScaleInCooldown), policy.Cooldown)
	add(d, "ScaleOutCooldown", fleet.Cooldown(p.Tracking.ScaleOutCooldown), policy.Cooldown)
}

// wake compares the policy that wakes, and how many instances it starts.
func (d *differences) wake(p *fleet.Policy, adds int) {
	if p == nil || p.Step == nil {
		return
	}
	if adds > 0 { // else it is not the value that is wrong
		add(d, "the adjustment of the wake policy", adds, policy.WakeAdjustment)
	}
	add(d, "the cooldown of the wake policy", fleet.Cooldown(p.Step.Cooldown), policy.Cooldown)
	add(d, "the aggregation of the wake policy", cmp.Or(p.Step.Aggregation, policy.WakeAggregation), policy.WakeAggregation)
}

func (d *differences) alarm(alarm *fleet.Alarm) {
	if alarm == nil {
		return
	}
	add(d, "EvaluationPeriods of the wake alarm", alarm.EvaluationPeriods, policy.WakeEvaluationPeriods)
	add(d, "DatapointsToAlarm of the wake alarm", cmp.Or(alarm.DatapointsToAlarm, alarm.EvaluationPeriods), policy.WakeEvaluationPeriods)
}
