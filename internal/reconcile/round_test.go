package reconcile

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

const (
	resource = "endpoint/e/variant/v"
	inOrder  = "scalable_target wake_policy wake_alarm tracking_policy min_capacity"
)

// writing are the operations that carry out the kinds of steps.
var writing = map[plan.Kind]string{
	plan.ScalableTarget: "ApplicationAutoScaling.RegisterScalableTarget", plan.WakePolicy: "ApplicationAutoScaling.PutScalingPolicy",
	plan.WakeAlarm: "CloudWatch.PutMetricAlarm",
}

func TestRun_putsAnEndpointToSleepLastAndSaysThatItConverged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		result := c.round(t.Context())
		if c.Kinds() != inOrder || !result.Converged() || len(result.Outcomes) != 5 {
			t.Errorf("written %s; %+v", c.Kinds(), result)
		}
		if c.target().MinCapacity != 0 || result.Seen.Variants[0].Target.MinCapacity != 0 {
			t.Errorf("the target is %+v", c.target())
		}
		polled := c.polled(documented())
		n := len(c.Requests())
		if again := c.round(t.Context(), func(r *Round) { r.Polled = polled }); !again.Converged() || len(again.Outcomes) != 0 || len(c.since(n)) != 6 {
			t.Errorf("the second round: %+v, asked %q", again, c.since(n))
		}
	})
}

// Each kind of step is refused: nothing sleeps that nothing wakes, and tracking holds up no waking.
func TestRun_neverSleepsWhatWouldNotWake(t *testing.T) {
	for _, kind := range plan.Kinds() {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			c.Writing = denying(kind)
			result := c.round(t.Context())
			if v := c.harmed(); v != "" || result.Converged() || !result.Failed() {
				t.Errorf("%s denied: %q sleeps for ever; %+v", kind, v, result)
			}
			if kind == plan.TrackingPolicy && c.Kinds() != "scalable_target wake_policy wake_alarm min_capacity" {
				t.Errorf("tracking denied: written %s", c.Kinds())
			}
			if held := result.Withheld; kind == plan.WakeAlarm && (len(held) != 1 || held[0].Reason != plan.WouldNotWake || held[0].Kind != plan.MinCapacity) {
				t.Errorf("the wake alarm denied: withheld %+v", held)
			}
			c.Writing = nil
			if again := c.round(t.Context()); !again.Converged() {
				t.Errorf("%s no longer denied: %+v", kind, again)
			}
		})
	}
}

// Each operation that writes goes wrong in each way, for a whole round: AWS refuses it, does not do it in time, or does it
// and does not say so.
func TestRun_writesThatAreSlowDeniedOrLost(t *testing.T) {
	for _, operation := range writing {
		for name, fault := range map[string]awssim.Fault{
			"denied": {Code: "AccessDeniedException"}, "throttled": {Code: "ThrottlingException"}, "full": {Code: "LimitExceededException"},
			"slow": {Delay: 12 * time.Second}, "too slow": {Delay: time.Minute}, "hung": {Break: awssim.Hang}, "gateway": {Status: 504},
			"closed": {Break: awssim.CloseConnection}, "cut": {Break: awssim.CutBody}, "unreadable": {Break: awssim.MalformedBody},
		} {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, 2, "v")
				c.AWS.SetFault(operation, fault)
				result := c.round(t.Context())
				if v := c.harmed(); v != "" || result.Interrupted != nil {
					t.Errorf("%s %s: %q sleeps for ever; %+v", operation, name, v, result)
				}
				if result.Converged() != (name == "slow") {
					t.Errorf("%s %s: converged %t; written %s, withheld %v", operation, name, result.Converged(), c.Kinds(), result.Withheld)
				}
				c.Allow(operation)
				if again := c.round(t.Context()); !again.Converged() {
					t.Errorf("%s %s no longer: %+v", operation, name, again)
				}
			})
		}
	}
}

// What is withheld for somebody else's objects lets nothing sleep either.
func TestRun_whatIsWithheldKeepsTheMinimum(t *testing.T) {
	pager := func(n int) (arns []string) {
		for i := range n {
			arns = append(arns, "arn:aws:sns:us-east-1:111122223333:pager-"+string(rune('a'+i)))
		}
		return arns
	}
	for reason, setUp := range map[plan.Reason]func(t *testing.T, w *sim.World){
		plan.NameTaken: func(t *testing.T, w *sim.World) {
			other := policy.WakeAlarm("e", "v", "")
			other.Comparison, other.AlarmActions = "LessThanThreshold", pager(1)
			awstest.Must(t, w.PutMetricAlarm(other))
		},
		plan.TooManyActions: func(t *testing.T, w *sim.World) {
			full := policy.WakeAlarm("e", "v", "")
			full.AlarmActions = pager(5)
			awstest.Must(t, w.PutMetricAlarm(full))
		},
		plan.ActionsDisabled: func(t *testing.T, w *sim.World) {
			off := policy.WakeAlarm("e", "v", "")
			off.ActionsEnabled, off.AlarmActions = false, nil
			awstest.Must(t, w.PutMetricAlarm(off))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			c.Do(func(w *sim.World) { setUp(t, w) })
			before := *c.alarm()
			for range 3 {
				result := c.round(t.Context())
				held := map[plan.Reason]bool{}
				for _, w := range result.After.Withheld {
					held[w.Reason] = true
				}
				if c.harmed() != "" || !held[reason] || !held[plan.WouldNotWake] {
					t.Errorf("%s: %q sleeps for ever; withheld %+v", reason, c.harmed(), result.After.Withheld)
				}
			}
			if !(plan.Object{Alarm: &before}).Same(plan.Object{Alarm: c.alarm()}) {
				t.Errorf("%s: the alarm was %+v and is %+v", reason, before, *c.alarm())
			}
		})
	}
}

func TestRun_stepsThatAreLeftEndItBeforeItSleeps(t *testing.T) {
	for most := 1; most <= 5; most++ {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			rounds := 0
			for done := false; !done; rounds++ {
				before := len(c.Steps())
				result := c.round(t.Context(), func(r *Round) { r.Rules.MaxSteps = most })
				if v := c.harmed(); v != "" {
					t.Fatalf("with %d steps %s sleeps for ever after %s", most, v, c.Kinds())
				}
				if len(c.Steps())-before > most || rounds > 9 {
					t.Fatalf("with %d steps a round writes %d", most, len(c.Steps())-before)
				}
				done = result.Converged()
			}
			if c.Kinds() != inOrder {
				t.Errorf("with %d steps written %s in %d rounds", most, c.Kinds(), rounds)
			}
		})
	}
}

// After each single call the process is killed: the endpoint wakes or does not sleep, and the next run converges.
func TestRun_killedAfterAnyCallLeavesAnEndpointThatWakesOrDoesNotSleep(t *testing.T) {
	calls, objects := 0, ""
	synctest.Test(t, func(t *testing.T) {
		whole := newCloud(t, 2, "v", "w")
		calls, objects = len(whole.undisturbed(t, documented())), whole.Objects()
	})
	for kill := range calls + 1 {
		if !awstest.Sampled(kill, 3) {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v", "w")
			c.killed(t, kill, documented())
			if v := c.harmed(); v != "" {
				t.Errorf("killed after %d calls, %s sleeps for ever: %q", kill, v, c.Requests())
			}
			if again := c.round(t.Context()); !again.Converged() || c.Objects() != objects {
				t.Errorf("killed after %d calls, the next run leaves %+v\n%s", kill, again.After, c.Objects())
			}
		})
	}
}

// AWS shows the state before our own write for some seconds.
func TestRun_waitsForItsOwnWritesToShow(t *testing.T) {
	for _, lag := range []time.Duration{500 * time.Millisecond, 3 * time.Second, 9 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			c.Lag = lag
			result := c.round(t.Context())
			if c.Kinds() != inOrder || !result.Converged() {
				t.Errorf("%s late: written %s, withheld %+v, left %+v", lag, c.Kinds(), result.Withheld, result.After)
			}
		})
	}
}

// Somebody who restores what we have overwritten is told from a late answer after ten seconds.
func TestRun_aValueThatIsRestoredIsARivalsAfterTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := broken(t)
		before, done := *c.alarm(), false
		c.Before = func(call string, _ int) {
			steps := c.Steps()
			if !done && len(steps) > 0 && steps[len(steps)-1].Kind == plan.WakeAlarm && strings.HasPrefix(call, "DescribeEndpoint") {
				done = true
				c.Do(func(w *sim.World) { awstest.Must(t, w.PutMetricAlarm(before)) })
			}
		}
		began := time.Now()
		result := c.round(t.Context())
		if took := time.Since(began); !done || took < 9*time.Second || took > 20*time.Second || result.Converged() {
			t.Errorf("it took %s; %+v", took, result)
		}
	})
}

func TestRun_reconcilesTwoVariantsThatShareAnAlarmTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := policy.ByName(everything{})
		shared.Wanted.Alarm.NameTemplate = "wake-{endpoint}"
		c := newCloud(t, 1, "v", "w")
		result := c.round(t.Context(), func(r *Round) { r.Policies = policy.Policies{shared} })
		if !result.Converged() || !c.wakes("v") || !c.wakes("w") || strings.Count(c.Kinds(), "wake_alarm") != 1 {
			t.Errorf("written %s; %+v", c.Kinds(), result)
		}
		if !strings.HasSuffix(c.Kinds(), "wake_alarm tracking_policy tracking_policy min_capacity min_capacity") {
			t.Errorf("written %s", c.Kinds())
		}
	})
}

func TestRun_asksBeforeEachWriteWhetherItMayGoOn(t *testing.T) {
	lost := errors.New("the Lease is lost")
	for most := range 5 {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			result := c.round(t.Context(), func(r *Round) {
				r.May = func() error {
					if len(c.Steps()) >= most {
						return lost
					}
					return nil
				}
			})
			if len(c.Steps()) != most || !errors.Is(result.Interrupted, lost) || result.Converged() {
				t.Errorf("written %s, want %d: %+v", c.Kinds(), most, result)
			}
		})
	}
}

// A read that fails ends the round, before the next write.
func TestRun_aReadThatFailsEndsIt(t *testing.T) {
	var calls []string
	synctest.Test(t, func(t *testing.T) {
		calls = newCloud(t, 2, "v").undisturbed(t, documented())
	})
	for point, call := range calls {
		if awstest.Writes(call) {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			failed := c.at(point, documented(), func() { c.AWS.SetFault("*", awssim.Fault{Code: "ThrottlingException"}) })
			result := c.round(t.Context(), func(r *Round) { r.Polled = failed.polled })
			if len(c.Steps()) != failed.wrote || result.Err == nil || result.Converged() || c.harmed() != "" {
				t.Errorf("call %d (%s) fails: written %s, %+v", point, call, c.Kinds(), result)
			}
			for _, held := range result.Withheld {
				if held.Reason != plan.SourceFailed {
					t.Errorf("call %d (%s) fails: withheld %+v", point, call, held)
				}
			}
		})
	}
}

func TestRun_anEndpointThatIsGoneOrNotObservedAnyMoreIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		polled := c.polled(documented())
		result := c.round(t.Context(), func(r *Round) {
			r.Polled, r.Selects = polled, func(string, map[string]string) bool { return false }
		})
		if len(c.Steps()) != 0 || result.Err != nil || !result.After.Empty() {
			t.Errorf("not observed: written %s, %+v", c.Kinds(), result)
		}
		result = c.round(t.Context(), func(r *Round) { r.Polled, r.Name = polled, "gone" })
		if len(c.Steps()) != 0 || result.Err != nil || !result.After.Empty() {
			t.Errorf("gone: written %s, %+v", c.Kinds(), result)
		}
	})
}

// A value of the opt-out tag that is no yes is a no.
func TestRun_writesNothingToAnEndpointThatDoesNotConsent(t *testing.T) {
	for _, value := range []string{"off", "OFF", "Off", "off ", "false", "no", "0", "nein"} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			polled := c.polled(documented())
			c.Do(func(w *sim.World) { awstest.Must(t, w.SetTags("e", map[string]string{policy.OptOutTag: value})) })
			if result := c.round(t.Context(), func(r *Round) { r.Polled = polled }); len(c.Steps()) > 0 || len(result.After.Steps) > 0 {
				t.Errorf("%q: written %s, %+v", value, c.Kinds(), result)
			}
		})
	}
}

// A lost target comes back with what it had: its bounds, target value and cooldowns; with nothing remembered it is withheld.
func TestRun_keepKeepsWhatALostTargetHad(t *testing.T) {
	for _, remembers := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 3, "v")
			lowest, highest, cooldown := 2, 20, 7*time.Minute
			c.Do(func(w *sim.World) {
				_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &lowest, Max: &highest})
				awstest.Must(t, err)
				tracking := policy.Tracking("e", "v")
				tracking.Tracking.TargetValue, tracking.Tracking.ScaleInCooldown = 12, &cooldown
				_, err = w.PutScalingPolicy(tracking)
				awstest.Must(t, err)
			})
			var history plan.History
			if remembers {
				seen := c.polled(keeping())
				history = history.Observe(&seen.Snapshot)
			}
			c.Do(func(w *sim.World) { awstest.Must(t, w.DeregisterScalableTarget(resource)) })
			result := c.round(t.Context(), func(r *Round) { r.Policies, r.History = keeping(), history })
			if !remembers {
				if len(c.Steps()) > 0 || !slices.ContainsFunc(result.After.Withheld, func(w plan.Withheld) bool { return w.Reason == plan.NothingToKeep }) {
					t.Errorf("nothing remembered: written %s, withheld %+v", c.Kinds(), result.After.Withheld)
				}
				return
			}
			tracking := c.policy(policy.TrackingName).Tracking
			if now := c.target(); !result.Converged() || now.MinCapacity != 2 || now.MaxCapacity != 20 || tracking.TargetValue != 12 || *tracking.ScaleInCooldown != cooldown {
				t.Errorf("it is %+v and %+v; %+v", now, tracking, result)
			}
		})
	}
}

// Somebody else keeps writing a dead action: it is corrected three times, and contested from then on.
func TestRun_endsAFightOverADeadAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 0, "v")
		if result := c.round(t.Context()); !result.Converged() {
			t.Fatalf("at first: %+v", result)
		}
		dead := *c.alarm()
		dead.AlarmActions = []string{"arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:dead:resource/sagemaker/" + resource + ":policyName/" + policy.WakeName}
		n, r := len(c.Steps()), (*Round)(nil)
		for range 10 {
			time.Sleep(5 * time.Minute)
			c.Do(func(w *sim.World) { awstest.Must(t, w.PutMetricAlarm(dead)) })
			r, _ = c.again(t.Context(), r, documented())
		}
		if corrected := len(c.Steps()) - n; corrected != 3 {
			t.Errorf("corrected %d times: %s", corrected, c.Kinds())
		}
	})
}

// The last write shows late, and the endpoint is Updating by then: nothing is left to do, so nothing is withheld.
func TestRun_waitsForItsOwnLastWriteWhateverIsPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		var slept time.Time
		c.Rewrite = func(call string, body []byte) []byte {
			switch {
			case !strings.HasSuffix(c.Kinds(), string(plan.MinCapacity)):
				return body
			case slept.IsZero():
				slept = time.Now()
			}
			if strings.HasPrefix(call, "DescribeScalableTargets") && time.Since(slept) < 4*time.Second {
				body = bytes.ReplaceAll(body, []byte(`"MinCapacity":0`), []byte(`"MinCapacity":2`))
			}
			return bytes.ReplaceAll(body, []byte(`"EndpointStatus":"InService"`), []byte(`"EndpointStatus":"Updating"`))
		}
		if result := c.round(t.Context()); !result.Converged() || slept.IsZero() || time.Since(slept) < 4*time.Second {
			t.Errorf("withheld %+v, left %+v", result.Withheld, result.After)
		}
	})
}
