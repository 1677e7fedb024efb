package simulate

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// Present is how a variant is scaled now, as values, with what cannot be said by values in words. A variant that nothing
// scales stays at the instances that it has.
func Present(s policy.Subject) (present sim.Scaling, notes []string, err error) {
	switch {
	case len(s.Endpoint.Variants) > 1:
		return sim.Scaling{}, nil, errors.New("it has more than one variant, which share a queue: the simulation knows one")
	case s.Variant.Current == nil:
		return sim.Scaling{}, nil, errors.New("its number of instances is not known")
	}
	present = sim.DocumentedScaling()
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	target := s.Variant.Target
	if target == nil {
		note("no scalable target is registered: at present it stays at %d instance(s)", *s.Variant.Current)
		present.Min, present.Max, present.NoTracking, present.NoWake = *s.Variant.Current, *s.Variant.Current, true, true
		return present, notes, nil
	}
	present.Min, present.Max = target.MinCapacity, target.MaxCapacity
	present.NoTracking = !takeTracking(&present, s)
	present.NoWake = !takeWake(&present, s)
	if present.NoTracking {
		note("no policy follows the backlog per instance at present")
	}
	if present.NoWake && present.Min == 0 {
		note("nothing wakes it from zero at present")
	}
	if !present.NoWake && s.Match.Alarm.Period != policy.WakePeriod {
		note("its wake alarm is simulated with a period of one minute instead of %s", fleet.Short(s.Match.Alarm.Period))
	}
	if target.Suspended.ScaleOut {
		note("scale-out is suspended at present: nothing is added or woken")
		present.NoTracking, present.NoWake = true, true
	}
	if target.Suspended.ScaleIn {
		note("scale-in is suspended at present")
		present.NoScaleIn = true
	}
	if len(s.Variant.Scheduled) > 0 {
		note("its %d scheduled action(s) are not simulated", len(s.Variant.Scheduled))
	}
	return present, notes, nil
}

func takeTracking(present *sim.Scaling, s policy.Subject) bool {
	p := s.Match.Tracking
	if p == nil || !policy.TracksExactly(p, s.Endpoint.Name) {
		return false
	}
	present.TargetValue, present.NoScaleIn = p.Tracking.TargetValue, p.Tracking.DisableScaleIn
	present.In, present.Out = fleet.Cooldown(p.Tracking.ScaleInCooldown), fleet.Cooldown(p.Tracking.ScaleOutCooldown)
	return true
}

func takeWake(present *sim.Scaling, s policy.Subject) bool {
	p, alarm := s.Match.Wake, s.Match.Alarm
	if p == nil || alarm == nil || !alarm.ActionsEnabled || !policy.WatchesWakeMetric(alarm, s.Endpoint.Name) ||
		!policy.WakeCondition(alarm) || !triggers(alarm, p) {
		return false
	}
	present.WakeCooldown, present.WakeAdds = fleet.Cooldown(p.Step.Cooldown), policy.WakeAdds(p, alarm.Threshold)
	present.WakeExact = p.Step.AdjustmentType == policy.ExactCapacity
	present.WakePeriods = max(1, alarm.EvaluationPeriods)
	if m := alarm.DatapointsToAlarm; m > 0 && m < present.WakePeriods {
		present.WakePeriods, present.WakeOf = m, alarm.EvaluationPeriods
	}
	return present.WakeAdds > 0
}

func triggers(alarm *fleet.Alarm, p *fleet.Policy) bool {
	return slices.Contains(alarm.AlarmActions, p.ARN)
}
