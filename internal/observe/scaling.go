package observe

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// scalingMemory is what Application Auto Scaling said of all endpoint variants.
type scalingMemory struct {
	targets   []fleet.Target // sorted by resource id
	policies  []fleet.Policy // sorted by resource id, then name
	scheduled []fleet.ScheduledAction
}

// askScaling reads scalable targets, policies and scheduled actions. They describe one thing together, so they are
// learned together or not at all.
func (o *Observer) askScaling() func(context.Context) (func(*Observer), error) {
	aws := o.aws.Scaling
	return func(ctx context.Context) (func(*Observer), error) {
		var seen scalingMemory
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() (err error) { seen.targets, err = aws.ScalableTargets(ctx); return err })
		group.Go(func() (err error) { seen.policies, err = aws.ScalingPolicies(ctx); return err })
		group.Go(func() (err error) { seen.scheduled, err = aws.ScheduledActions(ctx); return err })
		if err := group.Wait(); err != nil {
			return nil, err
		}
		return func(o *Observer) { o.scaling, o.joined = seen, nil }, nil
	}
}
