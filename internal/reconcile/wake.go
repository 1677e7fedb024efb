package reconcile

import (
	"context"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// wakes reads again what wakes the variant, right before a step that may let it scale to zero: the policies of the variant,
// the alarms that concern it and the rules that mute them. It withholds the step where the variant would not wake. The state before our own writes
// is waited out.
func (w *writes) wakes(ctx context.Context, step plan.Step) (*plan.Withheld, error) {
	if !step.ToZero {
		return nil, nil
	}
	one := observe.One{Description: w.description, Tags: w.seen.Tags}
	one.Description.Async = &w.seen.Async
	if there := w.targets[step.ResourceID]; len(there) > 0 && there[0].Target != nil {
		one.Targets = []fleet.Target{*there[0].Target}
	}
	for {
		err := w.readMutes(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, err
		case err != nil: // nobody knows whether the wake alarm does anything
			return withheld(step, plan.SourceFailed, err.Error()), nil
		}
		if one.Policies, err = w.policies(ctx, step.ResourceID); err != nil {
			return nil, err
		}
		names := w.alarmNames(one)
		alarms, err := w.alarms(ctx, names)
		if err != nil {
			return nil, err
		}
		if !w.lagging(step.ResourceID, one.Policies, alarms) {
			snapshot := w.snapshot(one, names, alarms)
			return w.asleep(step, &snapshot), nil
		}
		if err := w.wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// asleep withholds the step where the variant would not wake by what was just read.
func (w *writes) asleep(step plan.Step, now *fleet.Snapshot) *plan.Withheld {
	endpoint := &now.Endpoints[0]
	for i := range endpoint.Variants {
		variant := &endpoint.Variants[i]
		if fleet.ResourceID(endpoint.Name, variant.Name) != step.ResourceID || variant.Target == nil {
			continue
		}
		why := plan.Asleep(endpoint, variant, now.At)
		if why == "" {
			return nil
		}
		return withheld(step, plan.WouldNotWake, why)
	}
	return w.differs(step, "the scalable target", nil)
}

// lagging tells whether what was read of the policies or alarms of a variant is the state before our own write.
func (w *writes) lagging(resource string, policies []fleet.Policy, alarms []fleet.Alarm) bool {
	return slices.ContainsFunc(w.wrote, func(own wrote) bool {
		var read plan.Object
		switch {
		case own.step.Kind == plan.WakePolicy && own.step.ResourceID == resource:
			if i := slices.IndexFunc(policies, func(p fleet.Policy) bool { return p.Name == own.step.Name }); i >= 0 {
				read.Policy = &policies[i]
			}
		case own.step.Kind == plan.WakeAlarm && slices.Contains(resources(own.step), resource):
			if i := slices.IndexFunc(alarms, func(a fleet.Alarm) bool { return a.Name == own.step.Name }); i >= 0 {
				read.Alarm = &alarms[i]
			}
		default:
			return false
		}
		return w.late(own.step, read)
	})
}
