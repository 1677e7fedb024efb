package reconcile

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// neighbours withholds an alarm that acts on variants for which it is not written, of this endpoint or of others, where
// somebody suspended their scaling or takes their endpoint out of every policy. Nothing else reads those again.
func (w *writes) neighbours(ctx context.Context, step plan.Step) (*plan.Withheld, error) {
	others := neighbours(step)
	targets, err := w.Round.targets(ctx, others)
	if err != nil {
		return nil, err
	}
	for _, target := range targets {
		if target.Suspended != (fleet.Suspension{}) {
			return withheld(step, plan.Suspended, "the scaling of "+target.ResourceID+", which the alarm triggers as well"), nil
		}
	}
	endpoints := map[string]bool{}
	for _, resource := range others {
		if name, _, ok := fleet.SplitResourceID(resource); ok && name != w.Name {
			endpoints[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(endpoints)) {
		out, err := w.optedOut(ctx, name)
		if err != nil {
			return nil, err
		}
		if out {
			return withheld(step, plan.NameTaken, "the alarm triggers the endpoint "+plan.Quoted(name)+" as well, which is tagged to be left alone"), nil
		}
	}
	return nil, nil
}

// neighbours are the variants that the alarm of a step triggers, before or after it, and for which it is not written.
func neighbours(step plan.Step) (others []string) {
	for _, alarm := range []*fleet.Alarm{step.Expects.Alarm, step.Alarm} {
		if alarm == nil {
			continue
		}
		for _, action := range alarm.Actions() {
			if resource := fleet.ScaledResource(action); resource != "" && !slices.Contains(resources(step), resource) {
				others = append(others, resource)
			}
		}
	}
	slices.Sort(others)
	return slices.Compact(others)
}

// optedOut tells whether another endpoint is tagged to be left alone; one that is gone is not.
func (w *writes) optedOut(ctx context.Context, name string) (bool, error) {
	description, err := w.describe(ctx, name)
	if err == nil {
		var tags map[string]string
		if tags, err = w.tags(ctx, description.ARN); err == nil {
			return policy.OptedOut(tags), nil
		}
	}
	if errors.Is(err, fleet.ErrNotFound) {
		return false, nil
	}
	return false, err
}
