package reconcile

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// unset selects every endpoint, and sets no bounds.
func unset() policy.Policies {
	return policy.Policies{{Endpoints: everything{}, Variants: everything{}, Wanted: policy.Documented()}}
}

// owing is a round that lowered a minimum of 2 beside an alarm that was deleted, and could not raise it again. Nothing is denied any
// more, and minutes have passed.
func (c *cloud) owing(t *testing.T, change ...func(*Round)) (round *Round) {
	t.Helper()
	c.betrayed(t, func(_ context.CancelFunc, r *Round) {
		round = r
		c.afterwards("DescribeEndpoint", func() { c.Deny(writing[plan.ScalableTarget]) })
	}, change...)
	if c.minimum("v") != 0 || c.harmed() != "v" {
		t.Fatalf("the minimum is %d", c.minimum("v"))
	}
	c.Before = nil
	c.Allow(writing[plan.ScalableTarget])
	time.Sleep(5 * time.Minute)
	return round
}

// An entry that lowered the minimum to 0 is taken back. What was raised again, in the round or in a later one, stays.
func TestRun_handsBackTheMinimumThatItHasRaisedAgain(t *testing.T) {
	for name, entry := range map[string]func() policy.Policies{"keep": keeping, "no key": unset} {
		for when, raised := range map[string]func(*testing.T, *cloud) *Round{
			"in the round": func(t *testing.T, c *cloud) (round *Round) {
				c.betrayed(t, func(_ context.CancelFunc, r *Round) { round = r })
				return round
			},
			"by a later round of that entry": func(t *testing.T, c *cloud) *Round {
				round := c.owing(t)
				c.Deny(writing[plan.WakeAlarm])
				round, _ = c.again(t.Context(), round, documented())
				c.Allow(writing[plan.WakeAlarm])
				return round
			},
			"by a later round of this one": func(t *testing.T, c *cloud) *Round { return c.owing(t) },
			"and was lost before it was": func(t *testing.T, c *cloud) *Round {
				round := c.owing(t)
				seen := c.polled(documented())
				round.History = round.History.Observe(&seen.Snapshot)
				c.Do(func(w *sim.World) { awstest.Must(t, w.DeregisterScalableTarget(resource)) })
				return round
			},
		} {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, 2, "v")
				c.Do(func(w *sim.World) { // it was there before: what is registered anew has what its entry asks for
					least, most := 2, 5
					_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &least, Max: &most})
					awstest.Must(t, err)
				})
				round := raised(t, c)
				for range 3 {
					time.Sleep(5 * time.Minute)
					now, result := c.again(t.Context(), round, entry())
					if round = now; c.minimum("v") != 2 || result.Failed() {
						t.Fatalf("%s, raised %s: the minimum is %d; written %s, %+v", name, when, c.minimum("v"), c.Kinds(), result)
					}
				}
				if _, last := c.again(t.Context(), round, entry()); !last.Converged() {
					t.Errorf("%s, raised %s: %+v", name, when, last)
				}
			})
		}
	}
}

// A target that somebody registered anew, or wrote within the minute, is somebody's, though it looks the same.
func TestRun_raisesNoMinimumOfSomebodyElse(t *testing.T) {
	put := func(t *testing.T, c *cloud, least int) {
		most := 5
		c.Do(func(w *sim.World) {
			_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &least, Max: &most})
			awstest.Must(t, err)
		})
	}
	for name, meanwhile := range map[string]func(*testing.T, *cloud, *Round){
		"registered anew": func(t *testing.T, c *cloud, _ *Round) {
			c.Do(func(w *sim.World) { awstest.Must(t, w.DeregisterScalableTarget(resource)) })
			put(t, c, 0)
		},
		"another one within the minute": func(_ *testing.T, c *cloud, r *Round) {
			target := c.target()
			target.MinCapacity = 3
			written := time.Now().Add(-5*time.Minute + 30*time.Second)
			r.History = r.History.Saw(&fleet.Endpoint{
				EndpointSummary: fleet.EndpointSummary{Name: "e"}, Variants: []fleet.Variant{{Name: "v", Target: &target}},
			}, written)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			round := c.owing(t)
			meanwhile(t, c, round)
			c.Deny(writing[plan.WakeAlarm])
			if _, result := c.again(t.Context(), round, unset()); c.minimum("v") != 0 {
				t.Errorf("%s: the minimum is %d; %+v", name, c.minimum("v"), result)
			}
		})
	}
}

// A maximum of 0 stops it for a while: then it is raised.
func TestRun_raisesWhatItOwesOnceTheMaximumAllowsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		round := c.owing(t)
		bound := func(most int) {
			c.Do(func(w *sim.World) {
				_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Max: &most})
				awstest.Must(t, err)
			})
		}
		bound(0)
		c.Deny(writing[plan.WakeAlarm])
		round, _ = c.again(t.Context(), round, documented())
		if got := c.target(); got.MinCapacity != 0 || got.MaxCapacity != 0 {
			t.Fatalf("the target is %+v", got)
		}
		bound(4)
		time.Sleep(15 * time.Minute)
		if _, result := c.again(t.Context(), round, documented()); c.target().MinCapacity != 2 || c.target().MaxCapacity != 4 {
			t.Errorf("the target is %+v; %+v", c.target(), result)
		}
	})
}

// The maximum that somebody writes right before the raise stays.
func TestRun_leavesTheMaximumOfSomebodyWhenItRaises(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, round, most := newCloud(t, 2, "v"), (*Round)(nil), 9
		c.betrayed(t, func(_ context.CancelFunc, r *Round) {
			round = r
			c.afterwards("DescribeEndpoint", func() {
				c.Do(func(w *sim.World) {
					_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Max: &most})
					awstest.Must(t, err)
				})
			})
		})
		for range 3 {
			time.Sleep(5 * time.Minute)
			round, _ = c.again(t.Context(), round, documented())
		}
		if got := c.target(); got.MinCapacity != 0 || got.MaxCapacity != most {
			t.Errorf("the target is %+v", got)
		}
	})
}

// None are left: only what is owed is written.
func TestRun_withoutStepsLeftRaisesWhatItOwes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v", "w")
		round, before := c.owing(t), len(c.Steps())
		result := c.round(t.Context(), func(r *Round) { r.History, r.Rules.MaxSteps = round.History, -1 })
		if c.minimum("v") != 2 || len(c.Steps()) != before+1 || result.Spent() != 0 || result.Refused() != 0 || result.Converged() {
			t.Errorf("the minimum is %d; written %s, %+v", c.minimum("v"), c.Kinds(), result)
		}
	})
}

// gone is an account whose endpoint was deleted.
type gone struct{ *cloud }

func (gone) DescribeEndpoint(context.Context, string) (fleet.EndpointDescription, error) {
	return fleet.EndpointDescription{}, fleet.ErrNotFound
}

func TestRun_owesNothingToAnEndpointThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		round := c.owing(t)
		if len(round.History.Owing()) != 1 {
			t.Fatal("nothing is owed")
		}
		now := (*Round)(nil)
		result := c.round(t.Context(), func(r *Round) { r.History, r.AWS.Endpoints, now = round.History, gone{c}, r })
		if len(now.History.Owing()) != 0 || len(result.Withheld) > 0 {
			t.Errorf("owed at %q; %+v", now.History.Owing(), result)
		}
	})
}

// Mute rules that were read before the minimum was lowered prove nothing: the round reads them, and raises where it cannot.
func TestRun_goesByNoOlderMuteRules(t *testing.T) {
	for name, want := range map[string]int{"read anew": 2, "read anew, and there is none any more": 0, "not read": 2} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			c.again(t.Context(), nil, documented())
			least := 2
			c.Do(func(w *sim.World) {
				_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &least})
				awstest.Must(t, err)
			})
			time.Sleep(15 * time.Minute)
			older := c.polled(documented())
			for i := range older.Snapshot.Alarms {
				older.Snapshot.Alarms[i] = older.Snapshot.Alarms[i].WithMutes(nil)
			}
			muted, round := false, (*Round)(nil)
			c.Writing = func(step plan.Step) error {
				if step.Kind == plan.MinCapacity && !muted {
					muted = true
					c.Do(func(w *sim.World) {
						awstest.Must(t, w.PutAlarmMuteRule(fleet.MuteRule{
							Name: "quiet", Alarms: []string{policy.WakeAlarm("e", "v", "").Name}, Expression: "cron(* * * * *)", Duration: "PT1H",
						}))
					})
					c.afterwards("DescribeEndpoint", func() { c.Deny(writing[plan.ScalableTarget]) })
				}
				return nil
			}
			c.round(t.Context(), func(r *Round) { round = r })
			c.Before, c.Writing = nil, nil
			c.Allow(writing[plan.ScalableTarget])
			if len(round.History.Owing()) != 1 {
				t.Fatalf("nothing is owed: the minimum is %d", c.minimum("v"))
			}
			time.Sleep(5 * time.Minute)
			switch name {
			case "read anew, and there is none any more":
				c.Do(func(w *sim.World) { w.DeleteAlarmMuteRule("quiet") })
			case "not read":
				c.AWS.SetFault("CloudWatch.ListAlarmMuteRules", awssim.Fault{Code: "ThrottlingException"})
			}
			if result := c.round(t.Context(), func(r *Round) { r.History, r.Polled = round.History, older }); c.minimum("v") != want {
				t.Errorf("%s: the minimum is %d: %+v", name, c.minimum("v"), result)
			}
		})
	}
}

// realTime is an account in which a deployment has made the endpoint another kind of endpoint.
type realTime struct{ *cloud }

func (r realTime) DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	description, err := r.cloud.DescribeEndpoint(ctx, name)
	description.ConfigName, description.Async = "e-2", nil
	return description, err
}

func (realTime) DescribeEndpointConfig(context.Context, string) (fleet.EndpointConfig, error) {
	return fleet.EndpointConfig{Name: "e-2"}, nil
}

// An endpoint that is no asynchronous one by now is not deleted: what is owed is said, and remembered.
func TestRun_stillOwesToAnEndpointThatIsNotAsynchronousForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		before, now := c.owing(t), (*Round)(nil)
		result := c.round(t.Context(), func(r *Round) { r.History, r.AWS.Endpoints, now = before.History, realTime{c}, r })
		if len(now.History.Owing()) != 1 || !heldAs(result, plan.ScalableTarget, plan.WouldNotWake) {
			t.Errorf("owed at %q; %+v", now.History.Owing(), result)
		}
	})
}
