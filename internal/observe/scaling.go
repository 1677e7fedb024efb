package observe

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// scalingMemory is what Application Auto Scaling said of all endpoint variants.
type scalingMemory struct {
	targets   []fleet.Target // sorted by resource id
	policies  []fleet.Policy // sorted by resource id, then name
	scheduled []fleet.ScheduledAction
	standIns  time.Time // since when some were refused; zero: none is
	gaps      gaps
	early     time.Time // when targets and scheduled actions were asked for, while the policies are not known yet; else zero
	refused   [3]error  // of these
}

// stage is a part of the question about scaling.
type stage int

const (
	whole stage = iota
	early       // targets and scheduled actions
	rest        // the policies
)

// stage is what to ask next. In a first view there may be a thousand pages of policies: they hold up nothing else.
func (o *Observer) stage() stage {
	if known := o.sources[fleet.SourceScaling]; !bool(o.inBatches) || !known.LastAnswer.IsZero() {
		return whole
	}
	if age := o.now().Sub(o.scaling.early); o.scaling.early.IsZero() || age < 0 || age >= o.options.Intervals.Of(fleet.SourceScaling) {
		return early
	}
	return rest
}

// askScaling reads scalable targets, policies and scheduled actions. They describe one thing together, so they are
// learned together or not at all, but for a first view.
func (o *Observer) askScaling() func(context.Context) (func(*Observer), error) {
	aws, before, now, lifetime, part := o.aws.Scaling, o.scaling, o.now, o.options.lifetime(fleet.SourceScaling), o.stage()
	return func(ctx context.Context) (func(*Observer), error) {
		at := now()
		var seen scalingMemory
		var refused [3]error
		var missing [3]gaps
		for i := range missing {
			missing[i] = gaps{}
		}
		if part == rest {
			seen.targets, seen.scheduled, refused, missing[0] = before.targets, before.scheduled, before.refused, before.gaps
		}
		group, ctx := errgroup.WithContext(ctx)
		ask := func(of stage, read func() error) {
			if part == whole || part == of {
				group.Go(read)
			}
		}
		ask(early, func() error {
			targets, err := aws.ScalableTargets(ctx)
			of := list[fleet.Target]{
				source: fleet.SourceScaling, key: func(t fleet.Target) string { return t.ResourceID },
				before: unlessOutlived(before.targets, before.standIns, at, lifetime),
			}
			seen.targets, refused[0], err = of.standIn(targets, err, missing[0])
			return err
		})
		ask(rest, func() error {
			policies, err := aws.ScalingPolicies(ctx)
			of := list[fleet.Policy]{
				source: fleet.SourceScaling, key: fleet.Policy.Key,
				before: unlessOutlived(before.policies, before.standIns, at, lifetime),
			}
			seen.policies, refused[1], err = of.standIn(policies, err, missing[1])
			return err
		})
		ask(early, func() error {
			scheduled, err := aws.ScheduledActions(ctx)
			of := list[fleet.ScheduledAction]{
				source: fleet.SourceScaling, key: fleet.ScheduledAction.Key,
				before: unlessOutlived(before.scheduled, before.standIns, at, lifetime),
			}
			seen.scheduled, refused[2], err = of.standIn(scheduled, err, missing[2])
			return err
		})
		if err := group.Wait(); err != nil {
			return nil, err
		}
		err := errors.Join(refused[:]...)
		seen.standIns, seen.gaps = since(before.standIns, at, err), merged(missing[:]...)
		if part == early {
			seen.early, seen.refused = at, refused
			return func(o *Observer) { o.scaling, o.joined = seen, nil }, errGoesOn
		}
		return func(o *Observer) {
			o.scaling, o.joined = seen, nil
			o.heard(fleet.SourceScaling, at)
		}, withRefused(nil, allRefused(refused[:]...))
	}
}
