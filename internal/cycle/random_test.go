package cycle

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// dice throw a world that somebody might have made.
type dice struct{ *rand.Rand }

func (d dice) often() bool { return d.IntN(4) > 0 }

func (d dice) seldom() bool { return d.IntN(5) == 0 }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// wanted is a policy that sets some of its values.
func (d dice) wanted() policy.Wanted {
	w := policy.Documented()
	w.MinCapacity = policy.Setting[int]{Value: d.IntN(2), Enforced: d.seldom()}
	w.MaxCapacity = policy.Setting[int]{Value: 2 + d.IntN(6), Enforced: d.seldom()}
	w.Tracking.TargetValue = policy.Setting[float64]{Value: float64(1 + d.IntN(9)), Enforced: d.seldom()}
	w.Tracking.ScaleInCooldown = policy.Setting[time.Duration]{Value: time.Duration(d.IntN(600)) * time.Second, Enforced: d.seldom()}
	w.Wake.Adjustment = policy.Setting[int]{Value: 1 + d.IntN(3), Enforced: d.seldom()}
	w.Wake.Aggregation = policy.Setting[string]{Value: pick(d, "Average", "Maximum"), Enforced: d.seldom()}
	w.Alarm.EvaluationPeriods = policy.Setting[int]{Value: 2 + d.IntN(3), Enforced: d.seldom()}
	w.Alarm.DatapointsToAlarm = policy.Setting[int]{Value: 1 + d.IntN(2), Enforced: d.seldom()}
	w.Alarm.TreatMissingData = policy.Setting[string]{Value: pick(d, "missing", "notBreaching"), Enforced: d.seldom()}
	w.Alarm.NameTemplate = pick(d, policy.WakeAlarmName, policy.WakeAlarmName, "wake-{endpoint}")
	if d.seldom() {
		w = w.Strict()
	}
	return w
}

// scaling gives a variant objects that are right, wrong or not there. What the model refuses is not there either.
func (d dice) scaling(w *sim.World, endpoint, variant string) {
	resource := fleet.ResourceID(endpoint, variant)
	lowest, highest := d.IntN(3), 3+d.IntN(5)
	if !d.often() {
		d.alarm(w, endpoint, variant, "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/"+resource+":policyName/gone")
		return
	}
	change := sim.TargetChange{ResourceID: resource, Min: &lowest, Max: &highest}
	if d.seldom() {
		change.Suspended = &fleet.Suspension{ScaleIn: d.seldom(), ScaleOut: d.seldom()}
	}
	_, _ = w.RegisterScalableTarget(change)
	for range d.IntN(3) {
		tracking := policy.Tracking(endpoint, variant)
		tracking.Name = pick(d, policy.TrackingName, "by-terraform", "other")
		tracking.Tracking.TargetValue = pick(d, 5, 12.5)
		tracking.Tracking.Metric.Name = pick(d, "ApproximateBacklogSizePerInstance", "ApproximateBacklogSizePerInstance", "Invocations", "GPUUtilization")
		tracking.Tracking.Statistic = pick(d, "Average", "Average", "Sum")
		tracking.Tracking.DisableScaleIn = d.seldom()
		if d.seldom() {
			tracking.Tracking.Metric.Dimensions = fleet.VariantDimensions(endpoint, variant)
		}
		_, _ = w.PutScalingPolicy(tracking)
	}
	for range d.IntN(3) {
		wake := policy.Wake(endpoint, variant)
		wake.Name = pick(d, policy.WakeName, "wake-by-cdk", policy.TrackingName)
		wake.Step.AdjustmentType = pick(d, "ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
		lower := pick(d, 0.0, 0, 3)
		wake.Step.Adjustments[0] = fleet.StepAdjustment{Lower: &lower, Adjustment: pick(d, 1, 2, -1)}
		stored, err := w.PutScalingPolicy(wake)
		if err == nil {
			d.alarm(w, endpoint, variant, stored.ARN)
		}
	}
	if d.seldom() {
		_ = w.PutScheduledAction(fleet.ScheduledAction{ResourceID: resource, Name: "night", Schedule: "rate(1 day)", MinCapacity: &lowest})
	}
}

// alarm makes an alarm that may be wrong in several ways.
func (d dice) alarm(w *sim.World, endpoint, variant, arn string) {
	alarm := policy.WakeAlarm(endpoint, variant, arn)
	alarm.Name = pick(d, alarm.Name, "wake-"+endpoint, "my-alarm-"+variant, policy.SharedAlarmName)
	alarm.Metric.Name = pick(d, "HasBacklogWithoutCapacity", "HasBacklogWithoutCapacity", "ApproximateBacklogSize", "CPUUtilization")
	if d.seldom() {
		alarm.Metric.Dimensions = fleet.VariantDimensions(endpoint, variant)
	}
	alarm.Threshold, alarm.Comparison = pick(d, 1.0, 0.0, 5), pick(d, "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold")
	alarm.TreatMissingData = pick(d, "missing", "notBreaching", "breaching", "ignore")
	alarm.Statistic = pick(d, "Average", "Maximum", "Sum")
	alarm.Period = pick(d, time.Minute, 5*time.Minute)
	alarm.ActionsEnabled = d.often()
	alarm.EvaluationPeriods = 1 + d.IntN(4)
	alarm.DatapointsToAlarm = 1 + d.IntN(alarm.EvaluationPeriods)
	for range d.IntN(6) {
		alarm.AlarmActions = append(alarm.AlarmActions, fmt.Sprintf("arn:aws:sns:us-east-1:111122223333:pager-%d", len(alarm.AlarmActions)))
	}
	if d.seldom() {
		alarm.AlarmActions = nil
	}
	_ = w.PutMetricAlarm(alarm)
}

// Whatever stands in an account: after the plan has been carried out there are no steps left, only what is withheld for a
// reason that no write of ours could take away, and what other owners made is as it was.
func TestApply_leavesNothingToDo(t *testing.T) {
	written := 0
	reasons := map[plan.Reason]int{}
	for seed := range uint64(160) {
		if !awstest.Sampled(int(seed), 4) {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			d := dice{rand.New(rand.NewPCG(seed, 4))}
			a := newAccount(t)
			a.Do(func(w *sim.World) {
				for i := range 1 + d.IntN(3) {
					name := fmt.Sprintf("e%d", i)
					variants := []string{"v", "w"}[:1+d.IntN(2)]
					awstest.Add(t, w, name, d.IntN(3), variants...)
					for _, variant := range variants {
						d.scaling(w, name, variant)
					}
				}
			})
			pagers, entries := a.pagers(), policy.Policies{{Endpoints: everything{}, Wanted: d.wanted()}}
			rules := func(r *report.Rules) { r.Policies = entries }
			first := a.applies(t.Context(), t, rules)
			lines := a.Tried()
			written += len(lines)
			for _, held := range first.Plan.Withheld {
				reasons[held.Reason]++
			}
			if len(first.Plan.Steps) > 0 {
				t.Errorf("seed %d: after %q there are steps left: %+v", seed, lines, first.Plan.Steps)
			}
			if a.applies(t.Context(), t, rules); len(a.Tried()) > 0 {
				t.Errorf("seed %d: a second run writes", seed)
			}
			if left := a.pagers(); !slices.Equal(left, pagers) {
				t.Errorf("seed %d: actions of others were %v and are %v", seed, pagers, left)
			}
		})
	}
	t.Logf("%d writes, withheld afterwards: %v", written, reasons)
	if written < awstest.Share(1000, 4) || len(reasons) < 4 {
		t.Error("too little happened to prove anything")
	}
}

// pagers are the actions of alarms that scale nothing, by alarm, sorted.
func (a *account) pagers() (list []string) {
	a.Do(func(w *sim.World) {
		for _, alarm := range w.Alarms() {
			for _, action := range alarm.AlarmActions {
				if strings.HasPrefix(action, "arn:aws:sns:") {
					list = append(list, alarm.Name+" "+action)
				}
			}
		}
	})
	slices.Sort(list)
	return list
}

// Whatever stands in an account, whatever AWS refuses, and wherever the process is killed: no variant that could not sleep, or
// was woken, may now scale to zero without being woken.
func TestApply_deniedOrKilledLeavesNothingThatSleepsForEver(t *testing.T) {
	killed, denied, slept := 0, 0, 0
	for seed := range uint64(120) {
		if !awstest.Sampled(int(seed), 3) {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			d := dice{rand.New(rand.NewPCG(seed, 9))}
			a := newAccount(t)
			a.Do(func(w *sim.World) {
				variants := []string{"v", "w"}[:1+d.IntN(2)]
				awstest.Add(t, w, "e", d.IntN(3), variants...)
				for _, variant := range variants {
					d.scaling(w, "e", variant)
				}
			})
			entries := policy.Policies{{Endpoints: everything{}, Wanted: d.wanted()}}
			rules := func(r *report.Rules) { r.Policies = entries }
			before := a.doomed(t, rules)
			ctx, die := context.WithCancel(t.Context())
			defer die()
			if at := len(a.Requests()) + 10 + d.IntN(50); d.often() {
				a.Before = func(_ string, n int) {
					if n >= at && ctx.Err() == nil {
						killed++
						die()
						a.AWS.SetFault("*", awssim.Fault{Code: "ServiceUnavailable"})
					}
				}
			}
			operation := pick(d, "ApplicationAutoScaling.RegisterScalableTarget", "ApplicationAutoScaling.PutScalingPolicy", "CloudWatch.PutMetricAlarm")
			if d.often() {
				denied++
				a.AWS.SetFault(operation, awssim.Fault{Code: pick(d, "AccessDeniedException", "ThrottlingException", "LimitExceededException"), Times: d.IntN(3)})
			}
			a.applies(ctx, t, rules)
			a.Before = nil
			a.Allow("*")
			a.Allow(operation)
			for variant := range a.doomed(t, rules) {
				if slept++; !before[variant] {
					t.Errorf("seed %d: %s sleeps for ever after %q", seed, variant, a.Tried())
				}
			}
		})
	}
	least := awstest.Share(20, 3)
	if t.Logf("%d were killed, %d denied; %d slept for ever before", killed, denied, slept); killed < least || denied < least {
		t.Error("too little happened to prove anything")
	}
}

// doomed are the variants that may scale to zero and that nothing wakes.
func (a *account) doomed(t *testing.T, change func(*report.Rules)) map[string]bool {
	t.Helper()
	o := reconciling(change)
	o.Observe.Sources = []fleet.SourceName{fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceTags}
	board := NewBoard()
	c := New(a.scope(false), NewClock(1), o, board, log.NewNopLogger())
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Once(t.Context(), OncePatience)
	found := map[string]bool{}
	for _, e := range board.Set().Reports[0].Endpoints {
		for _, v := range e.Variants {
			b := v.Behavior
			if b.Sleeps && b.Wakes.Verdict == behavior.No && b.ScalesIn.Verdict != behavior.No && b.ScalesIn.Possible == 0 {
				found[e.Name+" "+v.Name] = true
			}
		}
	}
	return found
}
