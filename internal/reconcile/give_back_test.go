package reconcile

import (
	"context"
	"errors"
	"strings"
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

// betrayed is an account in which somebody deletes the wake alarm of v right before its minimum is lowered, and does something
// else then. The round of that is what it returns.
func (c *cloud) betrayed(t *testing.T, then func(end context.CancelFunc, r *Round), change ...func(*Round)) Result {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	done := false
	var round *Round
	c.Writing = func(step plan.Step) error {
		if step.Kind == plan.MinCapacity && step.ResourceID == resource && !done {
			done = true
			c.Do(func(w *sim.World) { awstest.Must(t, w.DeleteAlarms([]string{policy.WakeAlarm("e", "v", "").Name})) })
			then(end, round)
		}
		return nil
	}
	result := c.round(ctx, append(change, func(r *Round) { round = r })...)
	if !done {
		t.Fatalf("the minimum was never lowered: written %s, withheld %+v", c.Kinds(), result.Withheld)
	}
	c.Writing = nil
	return result
}

// minimum is that of a variant's target.
func (c *cloud) minimum(variant string) int {
	for _, target := range read(c, (*sim.World).ScalableTargets) {
		if target.ResourceID == fleet.ResourceID("e", variant) {
			return target.MinCapacity
		}
	}
	return -1
}

// afterwards lets something happen once the minimum was lowered, before the first call of that beginning.
func (c *cloud) afterwards(beginning string, act func()) {
	lowered, acted := false, false
	c.Before = func(call string, _ int) {
		if lowered = lowered || strings.HasSuffix(c.Kinds(), string(plan.MinCapacity)); lowered && !acted && strings.HasPrefix(call, beginning) {
			acted = true
			act()
		}
	}
}

// The minimum was lowered beside an alarm that was deleted. Whatever else goes wrong then, it is raised again, and the next round
// converges.
func TestRun_raisesTheMinimumAgainWhateverGoesWrong(t *testing.T) {
	type end = context.CancelFunc
	fault := func(c *cloud, operation string, fault awssim.Fault) func(end, *Round) {
		return func(end, *Round) {
			c.afterwards("DescribeEndpoint", func() { c.AWS.SetFault(operation, fault) })
		}
	}
	for name, then := range map[string]func(*testing.T, *cloud) func(end, *Round){
		"nothing else": func(*testing.T, *cloud) func(end, *Round) { return func(end, *Round) {} },
		"the last look is denied once": func(_ *testing.T, c *cloud) func(end, *Round) {
			return fault(c, "ApplicationAutoScaling.DescribeScalableTargets", awssim.Fault{Code: "AccessDeniedException", Times: 1})
		},
		"the alarms are throttled for a while": func(_ *testing.T, c *cloud) func(end, *Round) {
			return fault(c, "CloudWatch.DescribeAlarms", awssim.Fault{Code: "ThrottlingException", Times: 6})
		},
		"the mute rules hang once": func(_ *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				c.AWS.SetFault("CloudWatch.ListAlarmMuteRules", awssim.Fault{Break: awssim.Hang, Times: 1})
			}
		},
		"the raise is throttled": func(_ *testing.T, c *cloud) func(end, *Round) {
			return fault(c, writing[plan.ScalableTarget], awssim.Fault{Code: "ThrottlingException", Times: 2})
		},
		"the answer to the raise is lost": func(_ *testing.T, c *cloud) func(end, *Round) {
			return fault(c, writing[plan.ScalableTarget], awssim.Fault{Break: awssim.CloseConnection, Times: 1})
		},
		"the answer to the lowering is lost": func(_ *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				c.AWS.SetFault(writing[plan.ScalableTarget], awssim.Fault{Break: awssim.CutBody, Times: 1})
			}
		},
		"AWS is slow": func(_ *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				for _, operation := range reading {
					c.AWS.SetFault(operation, awssim.Fault{Delay: 700 * time.Millisecond})
				}
			}
		},
		"AWS shows it late": func(_ *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) { c.Change(func(a *awstest.Account) { a.Lag = 4 * time.Second }) }
		},
		"SIGTERM": func(_ *testing.T, _ *cloud) func(end, *Round) { return func(end end, _ *Round) { end() } },
		"SIGTERM in the last look": func(_ *testing.T, c *cloud) func(end, *Round) {
			return func(end end, _ *Round) { c.afterwards("DescribeAlarms", end) }
		},
		"SIGTERM before the raise": func(_ *testing.T, c *cloud) func(end, *Round) {
			return func(end end, _ *Round) { c.afterwards("RegisterScalableTarget", end) }
		},
		"somebody tags the endpoint": func(t *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				c.Do(func(w *sim.World) { awstest.Must(t, w.SetTags("e", map[string]string{"team": "speech"})) })
			}
		},
		"somebody tags it before the raise": func(t *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				c.afterwards("DescribeScheduledActions", func() { // after the tags were read
					c.Do(func(w *sim.World) { awstest.Must(t, w.SetTags("e", map[string]string{"team": "speech"})) })
				})
			}
		},
		"somebody raises the maximum": func(t *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				c.afterwards("DescribeEndpoint", func() {
					most := 9
					c.Do(func(w *sim.World) {
						_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Max: &most})
						awstest.Must(t, err)
					})
				})
			}
		},
		"the second variant changes": func(t *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				lowest := 1
				c.Do(func(w *sim.World) {
					_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: fleet.ResourceID("e", "w"), Min: &lowest})
					awstest.Must(t, err)
				})
			}
		},
		"the second variant cannot be read": func(_ *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				c.AWS.SetFault("ApplicationAutoScaling.DescribeScheduledActions", awssim.Fault{Code: "AccessDeniedException", Times: 1})
			}
		},
		"AWS fails once at the raise": func(_ *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				c.afterwards("DescribeAlarms", func() {
					c.AWS.SetFault("ApplicationAutoScaling.RegisterScalableTarget", awssim.Fault{Code: "InternalServiceException", Status: 500, Times: 1})
				})
			}
		},
		"the raise is lost on its way": func(_ *testing.T, c *cloud) func(end, *Round) {
			return func(end, *Round) {
				c.afterwards("DescribeAlarms", func() {
					c.AWS.SetFault("ApplicationAutoScaling.RegisterScalableTarget", awssim.Fault{Break: awssim.CloseConnection, Times: 1})
				})
			}
		},
		"no steps are left": func(_ *testing.T, _ *cloud) func(end, *Round) { return func(_ end, r *Round) { r.Rules.MaxSteps = 1 } },
	} {
		for _, variants := range [][]string{{"v"}, {"v", "w"}} {
			synctest.Test(t, func(t *testing.T) {
				if strings.HasPrefix(name, "the second variant") && len(variants) == 1 {
					return
				}
				c := newCloud(t, 2, variants...)
				result := c.betrayed(t, then(t, c))
				if v := c.harmed(); v != "" || c.minimum("v") != 2 || result.Converged() && result.Interrupted == nil || !heldAs(result, plan.MinCapacity, plan.WouldNotWake) {
					t.Errorf("%s, %q: the minimum is %d, %q sleeps for ever; written %s, withheld %+v", name, variants, c.minimum("v"), v, c.Kinds(), result.Withheld)
				}
				if result.Failed() && name == "nothing else" {
					t.Errorf("%s: %+v", name, result)
				}
				c.Before, c.Lag = nil, 0
				c.Allow("*")
				for _, operation := range reading {
					c.Allow(operation)
				}
				time.Sleep(5 * time.Minute)
				if again := c.round(t.Context()); !again.Converged() || c.minimum("v") != 0 || c.harmed() != "" {
					t.Errorf("%s, %q: in the end the minimum is %d; left %+v, withheld %+v", name, variants, c.minimum("v"), again.After, again.Withheld)
				}
			})
		}
	}
}

// What forbids every write forbids that one: the minimum stays, and the round says so.
func TestRun_raisesNoMinimumAgainstANo(t *testing.T) {
	lost := errors.New("the Lease is lost")
	type rules = map[string]string
	tagged := func(t *testing.T, c *cloud, tags rules) {
		c.Do(func(w *sim.World) { awstest.Must(t, w.SetTags("e", tags)) })
	}
	for says, does := range map[string]func(*testing.T, *cloud, *Round){
		"no policy selects the variant any more": func(t *testing.T, c *cloud, _ *Round) { tagged(t, c, rules{policy.OptOutTag: "off"}) },
		"its scaling is suspended": func(t *testing.T, c *cloud, _ *Round) {
			c.afterwards("DescribeEndpoint", func() {
				c.Do(func(w *sim.World) {
					_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Suspended: &fleet.Suspension{ScaleOut: true}})
					awstest.Must(t, err)
				})
			})
		},
		"scheduled actions stand on the target": func(t *testing.T, c *cloud, _ *Round) {
			most := 3
			c.Do(func(w *sim.World) {
				awstest.Must(t, w.PutScheduledAction(fleet.ScheduledAction{ResourceID: resource, Name: "night", Schedule: "rate(1 day)", MaxCapacity: &most}))
			})
		},
		lost.Error(): func(_ *testing.T, _ *cloud, r *Round) { r.May = func() error { return lost } },
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			began := time.Now()
			result := c.betrayed(t, func(_ context.CancelFunc, r *Round) { does(t, c, r) })
			said := false
			for _, held := range result.Withheld {
				said = said || held.Kind == plan.MinCapacity && strings.Contains(held.Detail, "; the minimum was not raised again: "+says)
			}
			if !said || c.minimum("v") != 0 || result.Converged() || time.Since(began) > time.Minute {
				t.Errorf("%s: the minimum is %d after %s; written %s, withheld %+v", says, c.minimum("v"), time.Since(began), c.Kinds(), result.Withheld)
			}
		})
	}
}

// Told to end at any of its calls, a round leaves nothing that sleeps for ever: it looks again first. Killed instead, the next run
// converges.
func TestRun_toldToEndAfterAMinimumWasLoweredTooSoon(t *testing.T) {
	var calls []string
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		n := 0
		c.betrayed(t, func(context.CancelFunc, *Round) { n = len(c.Requests()) })
		calls = c.since(n)
	})
	for point, call := range calls {
		if !awstest.Sampled(point, 3) {
			continue
		}
		for name, killed := range map[string]bool{"told to end": false, "killed": true} {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, 2, "v")
				c.betrayed(t, func(end context.CancelFunc, _ *Round) {
					first := len(c.Requests())
					c.Before = func(_ string, n int) {
						if n == first+point {
							if end(); killed {
								c.AWS.SetFault("*", awssim.Fault{Code: "ServiceUnavailable"})
							}
						}
					}
				})
				if v := c.harmed(); v != "" && !killed {
					t.Errorf("%s at call %d (%s): %s sleeps for ever: written %s", name, point, call, v, c.Kinds())
				}
				c.Before = nil
				c.Allow("*")
				time.Sleep(5 * time.Minute)
				if again := c.round(t.Context()); !again.Converged() || c.harmed() != "" {
					t.Errorf("%s at call %d (%s): the next run leaves %+v", name, point, call, again.After)
				}
			})
		}
	}
}

// Under keep a lost target comes back, is lowered too soon and raised: the minimum that it had is not forgotten for that.
func TestRun_keepsTheMinimumThatItHasRaisedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		lowest, highest := 0, 5
		c.Do(func(w *sim.World) {
			_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &lowest, Max: &highest})
			awstest.Must(t, err)
		})
		seen, round := c.polled(keeping()), &Round{}
		round.History = round.History.Observe(&seen.Snapshot)
		c.Do(func(w *sim.World) { awstest.Must(t, w.DeregisterScalableTarget(resource)) })
		history := round.History
		c.betrayed(t, func(context.CancelFunc, *Round) {}, func(r *Round) { r.Policies, r.History, round = keeping(), history, r })
		if c.minimum("v") != 2 {
			t.Errorf("the minimum is %d: written %s", c.minimum("v"), c.Kinds())
		}
		time.Sleep(5 * time.Minute)
		if _, result := c.again(t.Context(), round, keeping()); !result.Converged() || c.minimum("v") != 0 {
			t.Errorf("in the end the minimum is %d: %+v", c.minimum("v"), result)
		}
	})
}
