package observe

import (
	"cmp"
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// scalingMemory is what Application Auto Scaling said of all endpoint variants.
type scalingMemory struct {
	targets   []fleet.Target // sorted by resource id
	policies  []fleet.Policy // sorted by resource id, then name
	scheduled []fleet.ScheduledAction
	standIns  time.Time // since when some are of an older answer; zero: none is
}

// askScaling reads scalable targets, policies and scheduled actions. They describe one thing together, so they are
// learned together or not at all.
func (o *Observer) askScaling() func(context.Context) (func(*Observer), error) {
	aws, before, now, lifetime := o.aws.Scaling, o.scaling, o.now, o.options.lifetime(fleet.SourceScaling)
	return func(ctx context.Context) (func(*Observer), error) {
		at := now()
		var seen scalingMemory
		var refused [3]error
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() (err error) {
			seen.targets, err = aws.ScalableTargets(ctx)
			seen.targets, refused[0], err = standIn(seen.targets, before.targets, func(t fleet.Target) string { return t.ResourceID }, err)
			return err
		})
		group.Go(func() (err error) {
			seen.policies, err = aws.ScalingPolicies(ctx)
			seen.policies, refused[1], err = standIn(seen.policies, before.policies, fleet.Policy.Key, err)
			return err
		})
		group.Go(func() (err error) {
			seen.scheduled, err = aws.ScheduledActions(ctx)
			seen.scheduled, refused[2], err = standIn(seen.scheduled, before.scheduled, fleet.ScheduledAction.Key, err)
			return err
		})
		if err := group.Wait(); err != nil {
			return nil, err
		}
		err := cmp.Or(refused[0], refused[1], refused[2])
		if seen.standIns = since(before.standIns, at, err); outlived(seen.standIns, at, lifetime) {
			return nil, err
		}
		return func(o *Observer) {
			o.scaling, o.joined = seen, nil
			o.heard(fleet.SourceScaling, at)
		}, err
	}
}
