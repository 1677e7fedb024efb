package check

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var differsFromDocumented = &Check{
	Name: "differs_from_documented", Severities: []Severity{Info}, Needs: wiring, run: runDiffersFromDocumented,
}

func runDiffersFromDocumented(s *Subject) verdict {
	if s.Variant.Target == nil {
		return verdict{}
	}
	var d differences
	add(&d, "MaxCapacity", s.Variant.Target.MaxCapacity, policy.MaxCapacity)
	d.tracking(s.tracking())
	d.wake(s.Match.Wake, s.threshold())
	d.alarm(s.wakeAlarm())
	if len(d) == 0 {
		return pass(Info)
	}
	return fail(Info, "Of variant %q these are not the documented values: %s. Somebody may have tuned them, so reconcile leaves alone what "+
		"no policy sets; there is nothing to do if they are meant.", s.Variant.Name, strings.Join(d, ", "))
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
func (d *differences) tracking(p *fleet.Policy) {
	if p == nil {
		return
	}
	add(d, "TargetValue", p.Tracking.TargetValue, policy.TargetValue)
	if policy.TracksByMath(p) {
		return
	}
	add(d, "ScaleInCooldown", fleet.Cooldown(p.Tracking.ScaleInCooldown), policy.Cooldown)
	add(d, "ScaleOutCooldown", fleet.Cooldown(p.Tracking.ScaleOutCooldown), policy.Cooldown)
}

func (d *differences) wake(p *fleet.Policy, threshold float64) {
	if p == nil {
		return
	}
	if adds := policy.WakeAdds(p, threshold); adds > 0 { // else it is not the value that is wrong
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
