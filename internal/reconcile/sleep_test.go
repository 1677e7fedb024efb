package reconcile

import (
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

// wakeless has variants of which each runs two instances between 0 and 5. Nothing removes them, and nothing would start them.
func wakeless(t *testing.T, variants ...string) *cloud {
	t.Helper()
	c := newCloud(t, 2, variants...)
	c.Do(func(w *sim.World) {
		lowest, highest := 0, 5
		for _, name := range variants {
			_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: fleet.ResourceID("e", name), Min: &lowest, Max: &highest})
			awstest.Must(t, err)
		}
	})
	return c
}

// doomed says which variant may scale to zero and is not woken; it is empty when none is.
func (c *cloud) doomed() string {
	tracked := map[string]bool{}
	for _, p := range read(c, (*sim.World).ScalingPolicies) {
		tracked[p.ResourceID] = tracked[p.ResourceID] || p.Tracking != nil
	}
	for _, t := range read(c, (*sim.World).ScalableTargets) {
		if _, variant, _ := fleet.SplitResourceID(t.ResourceID); t.MinCapacity == 0 && tracked[t.ResourceID] && !c.wakes(variant) {
			return variant
		}
	}
	return ""
}

// With a minimum that is 0 already, tracking puts the endpoint to sleep: it waits for what wakes it.
func TestRun_tracksNothingToZeroThatWouldNotWake(t *testing.T) {
	for name, hinder := range map[string]func(t *testing.T, c *cloud, r *Round){
		"the wake policy denied": func(_ *testing.T, c *cloud, _ *Round) { c.Writing = denying(plan.WakePolicy) },
		"the wake alarm denied":  func(_ *testing.T, c *cloud, _ *Round) { c.Writing = denying(plan.WakeAlarm) },
		"the wake alarm full": func(_ *testing.T, c *cloud, _ *Round) {
			c.AWS.SetFault("CloudWatch.PutMetricAlarm", awssim.Fault{Code: "LimitExceeded"})
		},
		"the name of the alarm taken": func(t *testing.T, c *cloud, _ *Round) {
			other := policy.WakeAlarm("e", "v", "")
			other.Comparison, other.AlarmActions = "LessThanThreshold", []string{pager}
			c.Do(func(w *sim.World) { awstest.Must(t, w.PutMetricAlarm(other)) })
		},
		"one step a round":  func(_ *testing.T, _ *cloud, r *Round) { r.Rules.MaxSteps = 1 },
		"two steps a round": func(_ *testing.T, _ *cloud, r *Round) { r.Rules.MaxSteps = 2 },
		"nothing":           func(*testing.T, *cloud, *Round) {},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := wakeless(t, "v")
			var last Result
			for range 3 {
				last = c.round(t.Context(), func(r *Round) { hinder(t, c, r) })
				if v := c.doomed(); v != "" {
					t.Fatalf("%s: %s sleeps for ever; written %s", name, v, c.Kinds())
				}
			}
			stuck := strings.HasPrefix(name, "the ")
			held := false
			for _, w := range append(last.Withheld, last.After.Withheld...) {
				held = held || w.Kind == plan.TrackingPolicy && w.Reason == plan.WouldNotWake
			}
			if held != stuck || last.Converged() == stuck {
				t.Errorf("%s: withheld %t, converged %t: %+v", name, held, last.Converged(), last.After)
			}
			c.Writing = nil
			c.Allow("CloudWatch.PutMetricAlarm")
			if name != "the name of the alarm taken" && !c.round(t.Context()).Converged() {
				t.Errorf("%s no longer: written %s", name, c.Kinds())
			}
		})
	}
}

// Between the last look at what wakes the variant and the lowering of its minimum somebody takes it away: the minimum is raised again, and
// the round has not converged.
func TestRun_raisesAMinimumThatWasLoweredTooSoon(t *testing.T) {
	for name, destroy := range map[string]func(w *sim.World) error{
		"alarm":  func(w *sim.World) error { return w.DeleteAlarms([]string{policy.WakeAlarm("e", "v", "").Name}) },
		"policy": func(w *sim.World) error { return w.DeleteScalingPolicy(resource, policy.WakeName) },
		"a mute rule": func(w *sim.World) error {
			return w.PutAlarmMuteRule(fleet.MuteRule{Name: "quiet", Alarms: []string{policy.WakeAlarm("e", "v", "").Name}, Expression: "cron(* * * * *)", Duration: "PT1H"})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, done := newCloud(t, 2, "v"), false
			c.Writing = func(step plan.Step) error {
				if step.Kind == plan.MinCapacity && !done {
					done = true
					c.Do(func(w *sim.World) { awstest.Must(t, destroy(w)) })
				}
				return nil
			}
			result := c.round(t.Context())
			if !done || c.target().MinCapacity != 2 || result.Converged() || !heldAs(result, plan.MinCapacity, plan.WouldNotWake) {
				t.Errorf("%s: %t, the target is %+v; withheld %+v", name, done, c.target(), result.Withheld)
			}
			c.Do(func(w *sim.World) { w.DeleteAlarmMuteRule("quiet") })
			time.Sleep(5 * time.Minute)
			if again := c.round(t.Context()); !again.Converged() || c.target().MinCapacity != 0 {
				t.Errorf("%s: in the end the target is %+v; %+v", name, c.target(), again)
			}
		})
	}
}

// What was made a moment ago is deleted before the endpoint may sleep: that is read, though it looks like a late answer.
func TestRun_readsTheWakePathBeforeTheEndpointMaySleep(t *testing.T) {
	for name, destroy := range map[string]func(w *sim.World) error{
		"alarm":  func(w *sim.World) error { return w.DeleteAlarms([]string{policy.WakeAlarm("e", "v", "").Name}) },
		"policy": func(w *sim.World) error { return w.DeleteScalingPolicy(resource, policy.WakeName) },
		"actions": func(w *sim.World) error {
			alarm := w.Alarms()[0]
			alarm.ActionsEnabled = false
			return w.PutMetricAlarm(alarm)
		},
	} {
		for _, c := range []func(*testing.T) *cloud{func(t *testing.T) *cloud { return newCloud(t, 2, "v") }, func(t *testing.T) *cloud { return wakeless(t, "v") }, broken} {
			synctest.Test(t, func(t *testing.T) {
				c := c(t)
				done := false
				c.Before = func(call string, _ int) {
					if kinds := c.Kinds(); !done && strings.HasSuffix(kinds, "wake_alarm") && strings.HasPrefix(call, "DescribeEndpoint") {
						done = true
						c.Do(func(w *sim.World) { awstest.Must(t, destroy(w)) })
					}
				}
				result := c.round(t.Context())
				if !done || c.doomed() != "" || result.Converged() {
					t.Errorf("%s: done %t, %q sleeps for ever; written %s, withheld %+v", name, done, c.doomed(), c.Kinds(), result.Withheld)
				}
			})
		}
	}
}

// A Lambda function may wake the endpoint: that is not judged, and what tracks already is written as the entry says.
func TestRun_writesWhatAddsNoWayToZeroThoughWakingIsNotJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := wakeless(t, "v")
		c.Do(func(w *sim.World) {
			_, err := w.PutScalingPolicy(policy.Tracking("e", "v"))
			awstest.Must(t, err)
			alarm := policy.WakeAlarm("e", "v", "arn:aws:lambda:us-east-1:111122223333:function:wake")
			awstest.Must(t, w.PutMetricAlarm(alarm))
		})
		entry := policy.ByName(everything{})
		entry.Wanted.Tracking.TargetValue = policy.Setting[float64]{Value: 7, Enforced: true}
		c.round(t.Context(), func(r *Round) { r.Policies = policy.Policies{entry} })
		if c.Kinds() != "tracking_policy" || c.policy(policy.TrackingName).Tracking.TargetValue != 7 {
			t.Errorf("written %s", c.Kinds())
		}
	})
}

// denying refuses the steps of a kind.
func denying(kinds ...plan.Kind) func(plan.Step) error {
	return func(step plan.Step) error {
		for _, kind := range kinds {
			if step.Kind == kind {
				return errors.New("access denied")
			}
		}
		return nil
	}
}

// Two variants share the wake alarm, and their minimums are 0 already: killed after any call, none may sleep for ever.
func TestRun_killedAfterAnyCallLeavesNothingThatTrackingPutsToSleep(t *testing.T) {
	shared := policy.ByName(everything{})
	shared.Wanted.Alarm.NameTemplate = "wake-{endpoint}"
	policies := policy.Policies{shared}
	calls := 0
	synctest.Test(t, func(t *testing.T) {
		calls = len(wakeless(t, "v", "w").undisturbed(t, policies))
	})
	for kill := range calls + 1 {
		if !awstest.Sampled(kill, 3) {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			c := wakeless(t, "v", "w")
			c.killed(t, kill, policies)
			if v := c.doomed(); v != "" {
				t.Errorf("killed after %d calls, %s sleeps for ever: %q", kill, v, c.Kinds())
			}
			if again := c.round(t.Context(), func(r *Round) { r.Policies = policies }); !again.Converged() || c.doomed() != "" {
				t.Errorf("killed after %d calls, the next run leaves %+v", kill, again.After)
			}
		})
	}
}

// A round of one step: each step that needs none that fails is written, whichever fails for ever.
func TestRun_aStepThatFailsTakesNoneFromTheOthers(t *testing.T) {
	for _, denied := range []plan.Kind{plan.TrackingPolicy, plan.WakePolicy, plan.WakeAlarm, plan.MinCapacity} {
		synctest.Test(t, func(t *testing.T) {
			c := broken(t)
			c.Writing = denying(denied)
			want, rounds := 3, 0
			switch denied {
			case plan.WakePolicy: // the alarm and the minimum wait for it
				want = 1
			case plan.WakeAlarm:
				want = 2
			}
			for ; rounds < want; rounds++ {
				before := len(c.Steps())
				c.round(t.Context(), func(r *Round) { r.Rules.MaxSteps = 1 })
				if wrote := len(c.Steps()) - before; wrote != 1 {
					t.Errorf("%s denied: round %d writes %d steps; written %s", denied, rounds, wrote, c.Kinds())
				}
			}
			if c.harmed() != "" {
				t.Errorf("%s denied: %s sleeps for ever", denied, c.harmed())
			}
		})
	}
}
