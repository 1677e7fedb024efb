package plan

import (
	"cmp"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// documentedWake is the wake policy of the document, with the values of the one that was lost, if one was seen.
func (d *differ) documentedWake(s *state) fleet.Policy {
	p, wanted := policy.Wake(s.Endpoint.Name, s.Variant.Name), s.Wanted.Wake
	p.Name, p.ARN = wanted.Name, fresh(s.Resource, wanted.Name)
	p.Step.Adjustments[0].Adjustment = wanted.Adjustment.Value
	p.Step.Aggregation, p.Step.Cooldown = wanted.Aggregation.Value, &wanted.Cooldown.Value
	if lost := d.history.variant(s.Resource).good.wake; lost != nil {
		d.restoreWake(s, &p, lost)
	}
	return p
}

// restoreWake gives a policy that is made again the values that the lost one had, but for those that the entry sets. Steps with which
// the documented alarm would not wake the variant are not restored.
func (d *differ) restoreWake(s *state, p *fleet.Policy, lost *fleet.Step) {
	step, wanted := p.Step, s.Wanted.Wake
	if !wanted.Cooldown.Enforced {
		cooldown := fleet.Cooldown(lost.Cooldown)
		step.Cooldown = &cooldown
	}
	if !wanted.Aggregation.Enforced {
		step.Aggregation = cmp.Or(lost.Aggregation, policy.WakeAggregation)
	}
	if wanted.Adjustment.Enforced {
		return
	}
	restored, again, alarm := *step, *p, documentedAlarm(s)
	restored.AdjustmentType, restored.MinAdjustmentMagnitude = lost.AdjustmentType, lost.MinAdjustmentMagnitude
	restored.Adjustments = slices.Clone(lost.Adjustments)
	again.Step, alarm.AlarmActions = &restored, []string{p.ARN}
	if w := &d.trial(s, []fleet.Policy{again}, []fleet.Alarm{alarm}).Wakes; wakesFromOne(w) {
		p.Step = &restored
	}
}

// wakeStep is the step policy that an alarm on queued requests triggers, on HasBacklogWithoutCapacity before others, else the
// one of the document's name; nil when there is none.
func wakeStep(endpoint string, variant *fleet.Variant) *fleet.Step {
	adding := func(of func(*fleet.Policy) bool) *fleet.Step {
		for i := range variant.Policies {
			if p := &variant.Policies[i]; p.ScalesOut() && of(p) {
				return p.Step
			}
		}
		return nil
	}
	for _, metric := range []string{fleet.WithoutCapacity.String(), fleet.Backlog.String()} {
		for i := range variant.Alarms {
			alarm := &variant.Alarms[i]
			if of, _ := alarm.Metric.Dimension("EndpointName"); alarm.Metric.Name != metric || of != endpoint {
				continue
			}
			if step := adding(func(p *fleet.Policy) bool { return slices.Contains(alarm.AlarmActions, p.ARN) }); step != nil {
				return step
			}
		}
	}
	return adding(func(p *fleet.Policy) bool { return p.Name == policy.WakeName })
}
