package reconcile

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// bounded selects every endpoint and sets its maximum.
func bounded(most int) policy.Policies {
	entry := policy.ByName(everything{})
	entry.Wanted.MaxCapacity = policy.Setting[int]{Value: most, Enforced: true}
	return policy.Policies{entry}
}

// asks is somebody who asks for so many instances and leaves the bounds as they are: with or without a target.
func asks(t *testing.T, instances int) func(*sim.World) {
	return func(w *sim.World) {
		before, most := w.ScalableTargets(), 8
		_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &instances, Max: &most})
		awstest.Must(t, err)
		if len(before) == 0 {
			awstest.Must(t, w.DeregisterScalableTarget(resource))
			return
		}
		_, err = w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &before[0].MinCapacity, Max: &before[0].MaxCapacity})
		awstest.Must(t, err)
	}
}

// Instances are asked for before any call of the round until the bounds are written: none of them is stopped.
func TestRun_stopsNoInstanceThatSomebodyAsksForMeanwhile(t *testing.T) {
	for name, bounds := range map[string][]int{"a lower maximum": {0, 8}, "a lower maximum and minimum": {2, 8}, "a new target": nil} {
		account := func(t *testing.T) *cloud {
			c := newCloud(t, 2, "v")
			if bounds != nil {
				c.Do(func(w *sim.World) {
					_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &bounds[0], Max: &bounds[1]})
					awstest.Must(t, err)
				})
			}
			return c
		}
		policies := bounded(3)
		var calls []string
		synctest.Test(t, func(t *testing.T) { calls = account(t).undisturbed(t, policies) })
		written := slices.IndexFunc(calls, func(call string) bool { return strings.HasPrefix(call, "RegisterScalableTarget") })
		for point, call := range calls {
			if strings.HasPrefix(call, "RegisterScalableTarget") && !strings.HasPrefix(calls[point-1], "DescribeEndpoint ") {
				t.Errorf("%s: %s comes after %s", name, call, calls[point-1])
			}
			if point >= written {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				c := account(t)
				acted := c.at(point, policies, func() { c.Do(asks(t, 6)) })
				result := c.round(t.Context(), func(r *Round) { r.Polled, r.Policies = acted.polled, policies })
				desired := 0
				c.Do(func(w *sim.World) {
					description, err := w.DescribeEndpoint("e")
					awstest.Must(t, err)
					desired = *description.Variants[0].Desired
				})
				if !acted.done || desired != 6 {
					t.Errorf("%s, before call %d (%s): %d instances are left; written %s, withheld %+v", name, point, call, desired, c.Kinds(), result.Withheld)
				}
			})
		}
	}
}
