package reconcile

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
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

// rival is somebody else's change of one field.
type rival struct {
	name   string
	about  string // the operations that read or write the object have this in their names
	does   func(t *testing.T, c *cloud)
	stands func(c *cloud) bool // the change is there
	ours   bool                // the policy owns the field: a later round may correct it
	stops  bool                // it forbids every write from then on
}

// of makes a rival of a change that may be made again without a difference: the change stands while that is so.
func of[T any](name, about string, find func(*cloud) T, put func(*sim.World, T) error, change func(*T), ours bool) rival {
	return rival{name: name, about: about, ours: ours, does: func(t *testing.T, c *cloud) {
		object := find(c)
		change(&object)
		c.Do(func(w *sim.World) { awstest.Must(t, put(w, object)) })
	}, stands: func(c *cloud) bool {
		now, again := find(c), find(c)
		change(&again)
		return reflect.DeepEqual(now, again)
	}}
}

func ofAlarm(field string, ours bool, change func(*fleet.Alarm)) rival {
	find := func(c *cloud) fleet.Alarm { a := *c.alarm(); a.ConfigurationUpdated = time.Time{}; return a }
	return of("alarm "+field, "Alarm", find, (*sim.World).PutMetricAlarm, change, ours)
}

func ofPolicy(name, field string, ours bool, change func(*fleet.Policy)) rival {
	find := func(c *cloud) fleet.Policy {
		p := c.policy(name)
		if p.Tracking != nil {
			tracking := *p.Tracking
			p.Tracking = &tracking
		}
		if p.Step != nil {
			step := *p.Step
			p.Step = &step
		}
		return p
	}
	put := func(w *sim.World, p fleet.Policy) error { _, err := w.PutScalingPolicy(p); return err }
	return of(name+" "+field, "ScalingPolic", find, put, change, ours)
}

func ofTarget(field string, ours bool, change func(*fleet.Target)) rival {
	put := func(w *sim.World, t fleet.Target) error {
		_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &t.MinCapacity, Max: &t.MaxCapacity, Suspended: &t.Suspended})
		return err
	}
	return of("target "+field, "ScalableTarget", (*cloud).target, put, change, ours)
}

// stopping is a rival that forbids every write.
func stopping(r rival) rival {
	r.stops = true
	return r
}

func always(*cloud) bool { return true }

const pager = "arn:aws:sns:us-east-1:111122223333:pager"

func with(list []string, one string) []string {
	if slices.Contains(list, one) {
		return list
	}
	return append(slices.Clone(list), one)
}

// rivals change each field that the objects of broken have.
func rivals() []rival {
	minute, most, nine := time.Minute, 3, 9
	const ours = true
	return []rival{
		ofAlarm("description", !ours, func(a *fleet.Alarm) { a.Description = "mine" }),
		ofAlarm("alarm action", !ours, func(a *fleet.Alarm) { a.AlarmActions = with(a.AlarmActions, pager) }),
		ofAlarm("ok action", !ours, func(a *fleet.Alarm) { a.OKActions = with(a.OKActions, pager) }),
		ofAlarm("insufficient data action", !ours, func(a *fleet.Alarm) { a.InsufficientDataActions = with(a.InsufficientDataActions, pager) }),
		ofAlarm("periods", !ours, func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, 3 }),
		ofAlarm("datapoints", !ours, func(a *fleet.Alarm) { a.DatapointsToAlarm = 1 }),
		ofAlarm("statistic", !ours, func(a *fleet.Alarm) { a.Statistic = "Maximum" }),
		ofAlarm("missing data", !ours, func(a *fleet.Alarm) { a.TreatMissingData = "notBreaching" }),
		ofAlarm("period", ours, func(a *fleet.Alarm) { a.Period = 5 * time.Minute }),
		ofAlarm("unit", ours, func(a *fleet.Alarm) { a.Unit = "Seconds" }),
		ofAlarm("threshold", ours, func(a *fleet.Alarm) { a.Threshold = 5 }),
		ofAlarm("comparison", ours, func(a *fleet.Alarm) { a.Comparison = "GreaterThanThreshold" }),
		ofAlarm("metric", ours, func(a *fleet.Alarm) { a.Metric.Name = "ApproximateBacklogSize" }),
		ofAlarm("actions enabled", ours, func(a *fleet.Alarm) { a.ActionsEnabled = false }),
		ofPolicy("mine", "target value", !ours, func(p *fleet.Policy) { p.Tracking.TargetValue = 12 }),
		ofPolicy("mine", "scale-in cooldown", !ours, func(p *fleet.Policy) { p.Tracking.ScaleInCooldown = &minute }),
		ofPolicy("mine", "scale-out cooldown", !ours, func(p *fleet.Policy) { p.Tracking.ScaleOutCooldown = &minute }),
		ofPolicy("mine", "scale-in", !ours, func(p *fleet.Policy) { p.Tracking.DisableScaleIn = true }),
		ofPolicy("mine", "statistic", ours, func(p *fleet.Policy) { p.Tracking.Statistic = "Maximum" }),
		ofPolicy("mine", "metric", ours, func(p *fleet.Policy) {
			p.Tracking.Metric = &fleet.Metric{Namespace: "AWS/SageMaker", Name: "ApproximateBacklogSizePerInstance", Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: "f"}}}
		}),
		ofPolicy(policy.WakeName, "cooldown", !ours, func(p *fleet.Policy) { p.Step.Cooldown = &minute }),
		ofPolicy(policy.WakeName, "aggregation", !ours, func(p *fleet.Policy) { p.Step.Aggregation = "Maximum" }),
		ofPolicy(policy.WakeName, "adjustment", !ours, func(p *fleet.Policy) {
			lower := 0.0
			p.Step.Adjustments = []fleet.StepAdjustment{{Lower: &lower, Adjustment: 2}}
		}),
		ofPolicy(policy.WakeName, "adjustment type", !ours, func(p *fleet.Policy) { p.Step.AdjustmentType = "ExactCapacity" }),
		ofPolicy(policy.WakeName, "bounds", ours, func(p *fleet.Policy) {
			lower := 2.0
			p.Step.Adjustments = []fleet.StepAdjustment{{Lower: &lower, Adjustment: 2}}
		}),
		ofTarget("maximum", !ours, func(t *fleet.Target) { t.MaxCapacity = 9 }),
		ofTarget("minimum", ours, func(t *fleet.Target) { t.MinCapacity = 1 }),
		stopping(ofTarget("scale-in", !ours, func(t *fleet.Target) { t.Suspended.ScaleIn = true })),
		stopping(ofTarget("scale-out", !ours, func(t *fleet.Target) { t.Suspended.ScaleOut = true })),
		stopping(ofTarget("schedule", !ours, func(t *fleet.Target) { t.Suspended.Scheduled = true })),
		{name: "deregistered", about: "ScalableTarget", stands: always, does: func(t *testing.T, c *cloud) {
			c.Do(func(w *sim.World) { awstest.Must(t, w.DeregisterScalableTarget(resource)) })
		}},
		{name: "wake alarm deleted", about: "Alarm", ours: ours, stands: func(c *cloud) bool { return c.alarm() == nil }, does: func(t *testing.T, c *cloud) {
			c.Do(func(w *sim.World) { awstest.Must(t, w.DeleteAlarms([]string{policy.WakeAlarm("e", "v", "").Name})) })
		}},
		{name: "wake policy deleted", about: "ScalingPolic", ours: ours, stands: func(c *cloud) bool { return c.policy(policy.WakeName).Name == "" }, does: func(t *testing.T, c *cloud) {
			c.Do(func(w *sim.World) { awstest.Must(t, w.DeleteScalingPolicy(resource, policy.WakeName)) })
		}},
		{name: "opted out", about: "ListTags", stops: true, stands: always, does: func(t *testing.T, c *cloud) {
			c.Do(func(w *sim.World) { awstest.Must(t, w.SetTags("e", map[string]string{policy.OptOutTag: "off"})) })
		}},
		{name: "tagged", about: "ListTags", stands: always, does: func(t *testing.T, c *cloud) {
			c.Do(func(w *sim.World) { awstest.Must(t, w.SetTags("e", map[string]string{"team": "speech"})) })
		}},
		{name: "scheduled action", about: "ScheduledAction", does: func(t *testing.T, c *cloud) {
			c.Do(func(w *sim.World) {
				awstest.Must(t, w.PutScheduledAction(fleet.ScheduledAction{ResourceID: resource, Name: "night", Schedule: "rate(1 day)", MinCapacity: &most, MaxCapacity: &nine}))
			})
		}, stands: func(c *cloud) bool { return len(read(c, (*sim.World).ScheduledActions)) == 1 }},
		{name: "updating", about: "DescribeEndpoint", stops: true, stands: always, does: func(_ *testing.T, c *cloud) {
			c.Change(func(a *awstest.Account) {
				a.Rewrite = func(_ string, body []byte) []byte {
					return bytes.ReplaceAll(body, []byte(`"EndpointStatus":"InService"`), []byte(`"EndpointStatus":"SystemUpdating"`))
				}
			})
		}},
		{name: "deployed", about: "DescribeEndpoint", stops: true, stands: always, does: func(t *testing.T, c *cloud) {
			c.Do(func(w *sim.World) {
				awstest.Must(t, w.UpdateEndpoint("e", fleet.EndpointConfig{Name: "e-2", Async: &fleet.AsyncConfig{}, Variants: []fleet.VariantConfig{{Name: "v", InstanceType: "ml.g5.xlarge", ModelName: "m2"}}}))
			})
		}},
	}
}

// broken has each kind of object, and a step for each that stands: the alarm has a dimension too many, a tracking policy
// tracks a metric under wrong dimensions, the wake policy's bounds miss its alarm, and the minimum is above 0.
func broken(t *testing.T) *cloud {
	t.Helper()
	c := newCloud(t, 2, "v")
	c.Do(func(w *sim.World) {
		lowest, highest := 2, 5
		_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &lowest, Max: &highest})
		awstest.Must(t, err)
		tracking := policy.Tracking("e", "v")
		tracking.Name, tracking.Tracking.Metric.Dimensions = "mine", fleet.VariantDimensions("e", "v")
		_, err = w.PutScalingPolicy(tracking)
		awstest.Must(t, err)
		wake := policy.Wake("e", "v")
		far := 1.0
		wake.Step.Adjustments = []fleet.StepAdjustment{{Lower: &far, Adjustment: 1}}
		stored, err := w.PutScalingPolicy(wake)
		awstest.Must(t, err)
		alarm := policy.WakeAlarm("e", "v", stored.ARN)
		alarm.Metric.Dimensions = fleet.VariantDimensions("e", "v")
		awstest.Must(t, w.PutMetricAlarm(alarm))
	})
	return c
}

// A rival changes one field of one object between any two calls, but for the last read of an object and its write, which
// AWS leaves open: nothing of it is lost, and the next rounds converge. Two moments are one where no call between them reads
// or writes the object.
func TestRun_losesNothingOfARivalWhoChangesAnyFieldBetweenAnyTwoCalls(t *testing.T) {
	var calls []string
	synctest.Test(t, func(t *testing.T) {
		whole := broken(t)
		if calls = whole.undisturbed(t, documented()); len(whole.Steps()) != 4 {
			t.Fatalf("written %s", whole.Kinds())
		}
	})
	planned := slices.IndexFunc(calls, func(call string) bool { return strings.HasPrefix(call, "DescribeAlarms") }) // the last of the first view
	meanwhile := 0
	for i, rival := range rivals() {
		for point, call := range calls {
			if awstest.Writes(call) || !strings.Contains(call, rival.about) || !awstest.Sampled(i+point, 3) {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				where := fmt.Sprintf("%s before call %d (%s)", rival.name, point, call)
				c := broken(t)
				acted := c.at(point, documented(), func() { rival.does(t, c) })
				result := c.round(t.Context(), func(r *Round) { r.Polled = acted.polled })
				if (point > planned || !rival.ours) && !rival.stands(c) {
					t.Errorf("%s: it is lost; written %s", where, c.Kinds())
				}
				if v := c.harmed(); v != "" && acted.wrote < len(plan.Kinds())-1 && rival.name != "alarm metric" { // once it sleeps, it is the rival's own deed; and the backlog wakes it as well
					t.Errorf("%s: %s sleeps for ever", where, v)
				}
				if rival.stops && len(c.Steps()) > acted.wrote && (point > planned || rival.name != "deployed") { // policies may be fixed while it is Updating
					t.Errorf("%s: written afterwards: %s", where, c.Kinds())
				}
				if slices.ContainsFunc(result.Withheld, func(w plan.Withheld) bool { return w.Reason == plan.ChangedMeanwhile }) {
					meanwhile++
				}
				c.Rewrite = nil
				time.Sleep(10 * time.Minute) // deployments end
				for n := 0; n < 3 && (n == 0 || len(result.After.Steps) > 0); n++ {
					result = c.round(t.Context())
				}
				if left := result.After; !rival.ours && !rival.stands(c) || len(left.Steps) > 0 {
					t.Errorf("%s: rounds later it stands %t, and left is %+v", where, rival.stands(c), left)
				}
			})
		}
	}
	if meanwhile < awstest.Share(50, 3) {
		t.Errorf("%d rounds ended as changed_meanwhile: too few to prove anything", meanwhile)
	}
}

// While a write takes its time somebody else acts: the round does not go on from its old view.
func TestRun_goesOnFromNoOldViewAfterASlowWrite(t *testing.T) {
	for _, kind := range []plan.Kind{plan.WakePolicy, plan.WakeAlarm} {
		for _, rival := range rivals() {
			if !rival.stops && rival.name != "deregistered" && rival.name != "scheduled action" {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				c := broken(t)
				acted := -1
				c.AWS.SetFault(writing[kind], awssim.Fault{Delay: 12 * time.Second, Times: 1})
				c.Writing = func(step plan.Step) error {
					if step.Kind == kind && acted < 0 {
						acted = len(c.Steps())
						time.AfterFunc(6*time.Second, func() { rival.does(t, c) })
					}
					return nil
				}
				c.round(t.Context())
				if acted < 0 || len(c.Steps()) > acted+1 && rival.stops || !rival.stands(c) || c.harmed() != "" {
					t.Errorf("%s during %s: written %s, it stands %t", rival.name, kind, c.Kinds(), rival.stands(c))
				}
				if rival.name == "deregistered" && len(read(c, (*sim.World).ScalableTargets)) > 0 {
					t.Errorf("%s during %s: the target is back", rival.name, kind)
				}
			})
		}
	}
}
