package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

const (
	resource = "endpoint/e/variant/v"
	inOrder  = "scalable_target tracking_policy wake_policy wake_alarm min_capacity"
)

func TestRun_putsAnEndpointToSleepLastAndSaysThatItConverged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(2, "v")
		result := c.round(t.Context())
		if c.wrote() != inOrder || !result.Converged() || len(result.Outcomes) != 5 {
			t.Errorf("written %s; %+v", c.wrote(), result)
		}
		if target := c.world.ScalableTargets()[0]; target.MinCapacity != 0 || result.Seen.Variants[0].Target.MinCapacity != 0 {
			t.Errorf("the target is %+v", target)
		}
		n := len(c.calls)
		if again := c.round(t.Context()); !again.Converged() || len(again.Outcomes) != 0 || len(c.calls) != n+6 {
			t.Errorf("the second round: %+v, asked %q", again, c.calls[n:])
		}
	})
}

// Whatever is denied, nothing sleeps that nothing wakes; and tracking holds up no waking.
func TestRun_neverSleepsWhatWouldNotWake(t *testing.T) {
	for _, kind := range plan.Kinds() {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(2, "v")
			c.denied[kind] = errors.New("access denied")
			result := c.round(t.Context())
			if v := c.harmed(); v != "" || result.Converged() || !result.Failed() {
				t.Errorf("%s denied: %q sleeps for ever; %+v", kind, v, result)
			}
			if kind == plan.TrackingPolicy && c.wrote() != "scalable_target wake_policy wake_alarm min_capacity" {
				t.Errorf("tracking denied: written %s", c.wrote())
			}
			if held := result.Withheld; kind == plan.WakeAlarm && (len(held) != 1 || held[0].Reason != plan.WouldNotWake || held[0].Kind != plan.MinCapacity) {
				t.Errorf("the wake alarm denied: withheld %+v", held)
			}
			clear(c.denied)
			if again := c.round(t.Context()); !again.Converged() {
				t.Errorf("%s no longer denied: %+v", kind, again)
			}
		})
	}
}

func TestRun_stepsThatAreLeftEndItBeforeItSleeps(t *testing.T) {
	for most := 1; most <= 5; most++ {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(2, "v")
			rounds := 0
			for done := false; !done; rounds++ {
				before := len(c.writes)
				result := c.round(t.Context(), func(r *Round) { r.Rules.MaxSteps = most })
				if v := c.harmed(); v != "" {
					t.Fatalf("with %d steps %s sleeps for ever after %s", most, v, c.wrote())
				}
				if len(c.writes)-before > most || rounds > 9 {
					t.Fatalf("with %d steps a round writes %d", most, len(c.writes)-before)
				}
				done = result.Converged()
			}
			if c.wrote() != inOrder {
				t.Errorf("with %d steps written %s in %d rounds", most, c.wrote(), rounds)
			}
		})
	}
}

// After each single call the process is killed: the endpoint wakes or does not sleep, and the next run converges.
func TestRun_killedAfterAnyCallLeavesAnEndpointThatWakesOrDoesNotSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole := newCloud(2, "v", "w")
		if result := whole.round(t.Context()); !result.Converged() {
			t.Fatalf("undisturbed: %+v", result)
		}
		for kill := range len(whole.calls) + 1 {
			c := newCloud(2, "v", "w")
			ctx, die := context.WithCancel(t.Context())
			c.before = func(_ string, n int) error {
				if n >= kill {
					die()
					return errKilled
				}
				return nil
			}
			c.round(ctx)
			die()
			if v := c.harmed(); v != "" {
				t.Errorf("killed after %d calls, %s sleeps for ever: %q", kill, v, c.calls)
			}
			c.before = nil
			if again := c.round(t.Context()); !again.Converged() || c.objects() != whole.objects() {
				t.Errorf("killed after %d calls, the next run leaves %+v\n%s", kill, again.After, c.objects())
			}
		}
	})
}

// rival is somebody else's change of one field, and what of it has to be there ever after.
type rival struct {
	name   string
	does   func(t *testing.T, c *cloud)
	stands func(c *cloud) bool
	stops  bool // it forbids every write from then on
}

func (c *cloud) alarm() *fleet.Alarm {
	for _, a := range c.world.Alarms() {
		if !strings.HasPrefix(a.Name, "TargetTracking-") {
			return &a
		}
	}
	return nil
}

// changes puts the alarm with a change; there is none before the round made it.
func alarmRival(name string, change func(*fleet.Alarm), same func(*fleet.Alarm) bool) rival {
	return rival{name, func(t *testing.T, c *cloud) {
		a := *c.alarm()
		change(&a)
		must(t, c.world.PutMetricAlarm(a))
	}, func(c *cloud) bool { return same(c.alarm()) }, false}
}

func policyRival(name, policyName string, change func(*fleet.Policy), same func(*fleet.Policy) bool) rival {
	find := func(c *cloud) *fleet.Policy {
		for _, p := range c.world.ScalingPolicies() {
			if p.Name == policyName {
				return &p
			}
		}
		return &fleet.Policy{}
	}
	return rival{name, func(t *testing.T, c *cloud) {
		p := *find(c)
		if p.Tracking != nil {
			tracking := *p.Tracking
			p.Tracking = &tracking
		}
		if p.Step != nil {
			step := *p.Step
			p.Step = &step
		}
		change(&p)
		_, err := c.world.PutScalingPolicy(p)
		must(t, err)
	}, func(c *cloud) bool { return same(find(c)) }, false}
}

func targetRival(name string, change sim.TargetChange, same func(fleet.Target) bool, stops bool) rival {
	return rival{name, func(t *testing.T, c *cloud) {
		change.ResourceID = resource
		_, err := c.world.RegisterScalableTarget(change)
		must(t, err)
	}, func(c *cloud) bool { return same(c.world.ScalableTargets()[0]) }, stops}
}

func rivals() []rival {
	nine, minute := 9, time.Minute
	return []rival{
		alarmRival("alarm description", func(a *fleet.Alarm) { a.Description = "mine" }, func(a *fleet.Alarm) bool { return a.Description == "mine" }),
		alarmRival("alarm action", func(a *fleet.Alarm) {
			a.AlarmActions = append(a.AlarmActions, "arn:aws:sns:us-east-1:111122223333:pager")
		},
			func(a *fleet.Alarm) bool {
				return slices.Contains(a.AlarmActions, "arn:aws:sns:us-east-1:111122223333:pager")
			}),
		alarmRival("alarm periods", func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, 3 }, func(a *fleet.Alarm) bool { return a.EvaluationPeriods == 3 }),
		policyRival("target value", "mine", func(p *fleet.Policy) { p.Tracking.TargetValue = 12 }, func(p *fleet.Policy) bool { return p.Tracking.TargetValue == 12 }),
		policyRival("cooldown", "mine", func(p *fleet.Policy) { p.Tracking.ScaleInCooldown = &minute }, func(p *fleet.Policy) bool { return *p.Tracking.ScaleInCooldown == minute }),
		policyRival("wake cooldown", policy.WakeName, func(p *fleet.Policy) { p.Step.Cooldown = &minute }, func(p *fleet.Policy) bool { return *p.Step.Cooldown == minute }),
		targetRival("maximum", sim.TargetChange{Max: &nine}, func(t fleet.Target) bool { return t.MaxCapacity == 9 }, false),
		targetRival("suspended", sim.TargetChange{Suspended: &fleet.Suspension{ScaleIn: true}}, func(t fleet.Target) bool { return t.Suspended.ScaleIn }, true),
		{"opted out", func(_ *testing.T, c *cloud) { c.tags = map[string]string{policy.OptOutTag: "off"} }, func(*cloud) bool { return true }, true},
		{"scheduled action", func(t *testing.T, c *cloud) {
			must(t, c.world.PutScheduledAction(fleet.ScheduledAction{ResourceID: resource, Name: "night", Schedule: "rate(1 day)", MinCapacity: &nine, MaxCapacity: &nine}))
		}, func(c *cloud) bool { return len(c.world.ScheduledActions()) == 1 }, false},
		{"deregistered", func(t *testing.T, c *cloud) { must(t, c.world.DeregisterScalableTarget(resource)) }, func(*cloud) bool { return true }, false},
		{"updating", func(_ *testing.T, c *cloud) { c.status = "SystemUpdating" }, func(*cloud) bool { return true }, true},
		{"deployed", func(_ *testing.T, c *cloud) { c.config = "e-2" }, func(*cloud) bool { return true }, false},
	}
}

// broken has each kind of object, and a step for each that stands: the alarm has a dimension too many, a tracking policy
// tracks a metric under wrong dimensions, the minimum is above 0.
func broken(t *testing.T) *cloud {
	t.Helper()
	c := newCloud(2, "v")
	lowest, highest := 2, 5
	_, err := c.world.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &lowest, Max: &highest})
	must(t, err)
	tracking := policy.Tracking("e", "v")
	tracking.Name, tracking.Tracking.Metric.Dimensions = "mine", fleet.VariantDimensions("e", "v")
	_, err = c.world.PutScalingPolicy(tracking)
	must(t, err)
	wake, err := c.world.PutScalingPolicy(policy.Wake("e", "v"))
	must(t, err)
	alarm := policy.WakeAlarm("e", "v", wake.ARN)
	alarm.Metric.Dimensions = fleet.VariantDimensions("e", "v")
	must(t, c.world.PutMetricAlarm(alarm))
	return c
}

// A rival changes one field of one object between any two calls, but for the last read of an object and its write, which
// AWS leaves open: nothing of it is lost, and the next rounds converge.
func TestRun_losesNothingOfARivalWhoChangesAnyFieldBetweenAnyTwoCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole := broken(t)
		if result := whole.round(t.Context()); !result.Converged() || len(whole.writes) < 3 {
			t.Fatalf("undisturbed: %+v, written %s", result, whole.wrote())
		}
		meanwhile := 0
		for _, rival := range rivals() {
			for point := range len(whole.calls) {
				c := broken(t)
				acted := -1
				c.before = func(call string, n int) error {
					if n == point && acted < 0 && !strings.HasPrefix(call, "Write ") {
						acted = len(c.writes)
						rival.does(t, c)
					}
					return nil
				}
				polled := c.polled(documented())
				result := c.round(t.Context(), func(r *Round) { r.Polled = polled })
				if acted < 0 {
					continue
				}
				where := fmt.Sprintf("%s before call %d (%s)", rival.name, point, whole.calls[point])
				if !rival.stands(c) {
					t.Errorf("%s: it is lost; written %s", where, c.wrote())
				}
				if v := c.harmed(); v != "" {
					t.Errorf("%s: %s sleeps for ever", where, v)
				}
				if rival.stops && len(c.writes) > acted+1 { // the one whose ground had been read already
					t.Errorf("%s: written afterwards: %s", where, c.wrote())
				}
				if slices.ContainsFunc(result.Withheld, func(w plan.Withheld) bool { return w.Reason == plan.ChangedMeanwhile }) {
					meanwhile++
				}
				for range 3 {
					c.status, c.config = "", ""
					result = c.round(t.Context())
				}
				if left := result.After; !rival.stands(c) || len(left.Steps) > 0 && !rival.stops {
					t.Errorf("%s: rounds later %+v is left", where, left)
				}
			}
		}
		if meanwhile < 50 {
			t.Errorf("%d rounds ended as changed_meanwhile: too few to prove anything", meanwhile)
		}
	})
}

// AWS shows the state before our own write for some seconds.
func TestRun_waitsForItsOwnWritesToShow(t *testing.T) {
	for _, lag := range []time.Duration{500 * time.Millisecond, 3 * time.Second, 9 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(2, "v")
			c.lag = lag
			result := c.round(t.Context())
			if c.wrote() != inOrder || !result.Converged() {
				t.Errorf("%s late: written %s, withheld %+v, left %+v", lag, c.wrote(), result.Withheld, result.After)
			}
		})
	}
}

// Somebody who puts back what we wrote is told from a late answer after ten seconds.
func TestRun_aValueThatIsPutBackIsARivalsAfterTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := broken(t)
		before := *c.alarm()
		c.before = func(call string, _ int) error {
			if len(c.writes) > 0 && c.writes[len(c.writes)-1].Kind == plan.WakeAlarm && call == "DescribeEndpoint" {
				return c.world.PutMetricAlarm(before)
			}
			return nil
		}
		began := time.Now()
		result := c.round(t.Context())
		if took := time.Since(began); took < 9*time.Second || took > 15*time.Second || result.Converged() {
			t.Errorf("it took %s; %+v", took, result)
		}
	})
}

func TestRun_reconcilesTwoVariantsThatShareAnAlarmTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := policy.ByName(everything{})
		shared.Wanted.Alarm.NameTemplate = "wake-{endpoint}"
		c := newCloud(1, "v", "w")
		result := c.round(t.Context(), func(r *Round) { r.Policies = policy.Policies{shared} })
		if !result.Converged() || !c.wakes("v") || !c.wakes("w") || strings.Count(c.wrote(), "wake_alarm") != 1 {
			t.Errorf("written %s; %+v", c.wrote(), result)
		}
		if !strings.HasSuffix(c.wrote(), "wake_alarm min_capacity min_capacity") {
			t.Errorf("written %s", c.wrote())
		}
	})
}

func TestRun_asksBeforeEachWriteWhetherItMayGoOn(t *testing.T) {
	lost := errors.New("the Lease is lost")
	for most := range 5 {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(2, "v")
			result := c.round(t.Context(), func(r *Round) {
				r.May = func() error {
					if len(c.writes) >= most {
						return lost
					}
					return nil
				}
			})
			if len(c.writes) != most || !errors.Is(result.Interrupted, lost) || result.Converged() {
				t.Errorf("written %s, want %d: %+v", c.wrote(), most, result)
			}
		})
	}
}

// A read that fails ends the round, before the next write.
func TestRun_aReadThatFailsEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole := newCloud(2, "v")
		whole.round(t.Context())
		for point, call := range whole.calls {
			if strings.HasPrefix(call, "Write ") {
				continue
			}
			c := newCloud(2, "v")
			failed := -1
			c.before = func(_ string, n int) error {
				if n == point && failed < 0 {
					failed = len(c.writes)
					return errors.New("throttled")
				}
				return nil
			}
			result := c.round(t.Context(), func(r *Round) { r.Polled = c.polled(documented()) })
			if len(c.writes) != failed || result.Err == nil || result.Converged() || c.harmed() != "" {
				t.Errorf("call %d (%s) fails: written %s, %+v", point, call, c.wrote(), result)
			}
			for _, held := range result.Withheld {
				if held.Reason != plan.SourceFailed {
					t.Errorf("call %d (%s) fails: withheld %+v", point, call, held)
				}
			}
		}
	})
}

func TestRun_anEndpointThatIsGoneOrNotObservedAnyMoreIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(2, "v")
		polled := c.polled(documented())
		result := c.round(t.Context(), func(r *Round) {
			r.Polled, r.Selects = polled, func(string, map[string]string) bool { return false }
		})
		if len(c.writes) != 0 || result.Err != nil || !result.After.Empty() {
			t.Errorf("not observed: written %s, %+v", c.wrote(), result)
		}
		result = c.round(t.Context(), func(r *Round) { r.Polled, r.Name = polled, "gone" })
		if len(c.writes) != 0 || result.Err != nil || !result.After.Empty() {
			t.Errorf("gone: written %s, %+v", c.wrote(), result)
		}
	})
}
