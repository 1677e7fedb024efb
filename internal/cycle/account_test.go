package cycle

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/reconcile"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// account is a modelled account that is observed and written to without a wire, on the clock of its test.
type account struct {
	mu    sync.Mutex
	world *sim.World
	asked []string              // operations and what they were about, in order
	fail  map[string]error      // by operation
	tags  map[string]string     // of every endpoint; nil: those of the world
	write func(plan.Step) error // asked before each write; nil: all are good
	slow  func()                // called before each write; nil: none takes any time
}

func newAccount(endpoints ...string) *account {
	a := &account{fail: map[string]error{}}
	a.world = sim.New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, time.Now(), 1)
	for _, name := range endpoints {
		if err := a.world.AddEndpoint(sim.EndpointSpec{Name: name, Config: configOf(name, "v")}); err != nil {
			panic(err)
		}
	}
	return a
}

func configOf(endpoint string, variants ...string) fleet.EndpointConfig {
	config := fleet.EndpointConfig{Name: endpoint + "-1", Async: &fleet.AsyncConfig{}}
	for _, name := range variants {
		config.Variants = append(config.Variants, fleet.VariantConfig{Name: name, InstanceType: "ml.g5.xlarge", ModelName: "m"})
	}
	return config
}

// does something to the world.
func (a *account) does(change func(*sim.World)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.world.Advance(time.Now())
	change(a.world)
}

// ask answers one question from the world as it is now.
func ask[T any](a *account, operation, about string, answer func(*sim.World) (T, error)) (found T, err error) {
	a.does(func(w *sim.World) {
		a.asked = append(a.asked, strings.TrimSpace(operation+" "+about))
		if err = a.fail[operation]; err == nil {
			found, err = answer(w)
		}
	})
	return found, err
}

func all[T any](list func(*sim.World) []T) func(*sim.World) ([]T, error) {
	return func(w *sim.World) ([]T, error) { return list(w), nil }
}

func (a *account) ListEndpoints(context.Context) ([]fleet.EndpointSummary, error) {
	return ask(a, "ListEndpoints", "", all((*sim.World).Endpoints))
}

func (a *account) DescribeEndpoint(_ context.Context, name string) (fleet.EndpointDescription, error) {
	return ask(a, "DescribeEndpoint", name, func(w *sim.World) (fleet.EndpointDescription, error) { return w.DescribeEndpoint(name) })
}

func (a *account) DescribeEndpointConfig(_ context.Context, name string) (fleet.EndpointConfig, error) {
	return ask(a, "DescribeEndpointConfig", name, func(w *sim.World) (fleet.EndpointConfig, error) { return w.DescribeEndpointConfig(name) })
}

func (a *account) ListTags(_ context.Context, arn string) (map[string]string, error) {
	return ask(a, "ListTags", "", func(w *sim.World) (map[string]string, error) {
		tags, err := w.ListTags(arn)
		if tags == nil || a.tags != nil {
			tags = maps.Clone(a.tags)
		}
		if tags == nil {
			tags = map[string]string{}
		}
		return tags, err
	})
}

func (a *account) MetricData(_ context.Context, queries []fleet.Query, _, _ time.Time) ([]fleet.Series, int, error) {
	return make([]fleet.Series, len(queries)), len(queries), nil // reconcile reads no metric
}

func (a *account) MetricUnit(context.Context, fleet.Metric, time.Time, time.Duration) (string, error) {
	return "", errors.New("no data")
}

func (a *account) ScalableTargets(context.Context) ([]fleet.Target, error) {
	return ask(a, "DescribeScalableTargets", "", all((*sim.World).ScalableTargets))
}

func (a *account) ScalingPolicies(context.Context) ([]fleet.Policy, error) {
	return ask(a, "DescribeScalingPolicies", "", all((*sim.World).ScalingPolicies))
}

func (a *account) ScheduledActions(context.Context) ([]fleet.ScheduledAction, error) {
	return ask(a, "DescribeScheduledActions", "", all((*sim.World).ScheduledActions))
}

func (a *account) MetricAlarms(context.Context) ([]fleet.Alarm, error) {
	return ask(a, "DescribeAlarms", "", all((*sim.World).Alarms))
}

func (a *account) ScalingActivities(context.Context, func([]fleet.Activity, int) bool) ([]fleet.Activity, error) {
	return ask(a, "DescribeScalingActivities", "", all((*sim.World).ScalingActivities))
}

// of keeps what is about these resources or names.
func of[T any](list []T, names []string, name func(*T) string) []T {
	return slices.DeleteFunc(list, func(row T) bool { return !slices.Contains(names, name(&row)) })
}

func (a *account) TargetsOf(_ context.Context, resources []string) ([]fleet.Target, error) {
	return ask(a, "DescribeScalableTargets", strings.Join(resources, " "), func(w *sim.World) ([]fleet.Target, error) {
		return of(w.ScalableTargets(), resources, func(t *fleet.Target) string { return t.ResourceID }), nil
	})
}

func (a *account) PoliciesOf(_ context.Context, resource string) ([]fleet.Policy, error) {
	return ask(a, "DescribeScalingPolicies", resource, func(w *sim.World) ([]fleet.Policy, error) {
		return of(w.ScalingPolicies(), []string{resource}, func(p *fleet.Policy) string { return p.ResourceID }), nil
	})
}

func (a *account) ScheduledActionsOf(_ context.Context, resource string) ([]fleet.ScheduledAction, error) {
	return ask(a, "DescribeScheduledActions", resource, func(w *sim.World) ([]fleet.ScheduledAction, error) {
		return of(w.ScheduledActions(), []string{resource}, func(s *fleet.ScheduledAction) string { return s.ResourceID }), nil
	})
}

func (a *account) AlarmsNamed(_ context.Context, names []string) ([]fleet.Alarm, error) {
	return ask(a, "DescribeAlarms", strings.Join(names, " "), func(w *sim.World) ([]fleet.Alarm, error) {
		return of(w.Alarms(), names, func(alarm *fleet.Alarm) string { return alarm.Name }), nil
	})
}

// Write carries a step out.
func (a *account) Write(_ context.Context, step plan.Step) (string, error) {
	if a.slow != nil {
		a.slow()
	}
	return ask(a, "Write", step.Line(), func(w *sim.World) (string, error) {
		if a.write != nil {
			if err := a.write(step); err != nil {
				return "", err
			}
		}
		switch {
		case step.Target != nil:
			lowest, highest := step.Bounds()
			return w.RegisterScalableTarget(sim.TargetChange{ResourceID: step.ResourceID, Min: lowest, Max: highest})
		case step.Policy != nil:
			stored, err := w.PutScalingPolicy(*step.Policy)
			return stored.ARN, err
		}
		return "", w.PutMetricAlarm(*step.Alarm)
	})
}

// writes are the steps that were written, in order, and forgets them.
func (a *account) writes() (lines []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, asked := range a.asked {
		if line, ok := strings.CutPrefix(asked, "Write "); ok {
			lines = append(lines, line)
		}
	}
	a.asked = nil
	return lines
}

// scope is the account as the configuration names it.
func (a *account) scope(writes bool) Scope {
	return Scope{Key: "here", Name: "here", Connect: func(context.Context) (Connection, error) {
		reached := Connection{
			Scope: a.world.Scope(), AWS: observe.AWS{Endpoints: a, Tags: a, Metrics: a, Scaling: a, Alarms: a, Activities: a},
		}
		if writes {
			reached.Writing = reconcile.AWS{Endpoints: a, Scaling: a, Alarms: a, Writer: a}
		}
		return reached, nil
	}}
}

// everything is a pattern that matches every name.
type everything struct{}

func (everything) Match(string) bool { return true }

func (everything) String() string { return ".*" }

// reconciling are the options of a process that carries the documented policies out.
func reconciling(change ...func(*report.Rules)) Options {
	o := options()
	policies := policy.Policies{policy.ByName(everything{})}
	o.Observe.Tagged = policies.Reads
	o.Rules = report.Rules{Policies: policies, RecreateAfter: 15 * time.Minute, MaxSteps: 20, Reconcile: true}
	for _, do := range change {
		do(&o.Rules)
	}
	return o
}

// applies is the command apply: another process, that knows nothing of what was before.
func (a *account) applies(ctx context.Context, t *testing.T, change ...func(*report.Rules)) report.Report {
	t.Helper()
	o := reconciling(append(change, func(r *report.Rules) { r.RecreateAfter, r.Reconcile, r.MaxSteps = 0, false, 0 })...)
	o.Observe.Sources = []fleet.SourceName{fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceTags}
	board := NewBoard()
	c := New(a.scope(true), NewClock(1), o, board, log.NewNopLogger())
	if err := c.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	c.Once(ctx)
	r := board.Set().Reports[0]
	once := reconcile.Once{
		AWS: reconcile.AWS{Endpoints: a, Scaling: a, Alarms: a, Writer: a}, Clock: NewClock(1), Rules: o.Rules, Selects: o.Observe.Selects,
		Tell: func(plan.Outcome) {},
	}
	_, r.Plan, _ = once.Apply(ctx, &r)
	return r
}

// objects are the scaling objects of the world in words, without what differs from run to run: ids, times and states.
func (a *account) objects() string {
	var page strings.Builder
	a.does(func(w *sim.World) {
		for _, t := range w.ScalableTargets() {
			fmt.Fprintln(&page, t.ResourceID, t.MinCapacity, t.MaxCapacity, t.Suspended)
		}
		names := map[string]string{}
		for _, p := range w.ScalingPolicies() {
			names[p.ARN] = p.ResourceID + " " + p.Name
			fmt.Fprintf(&page, "%s %s %+v %+v\n", p.ResourceID, p.Name, describe(p.Tracking), describe(p.Step))
		}
		for _, alarm := range w.Alarms() {
			if strings.HasPrefix(alarm.Name, "TargetTracking-") {
				continue
			}
			actions := slices.Clone(alarm.AlarmActions)
			for i, action := range actions {
				if name := names[action]; name != "" {
					actions[i] = name
				}
			}
			fmt.Fprintln(&page, alarm.Name, alarm.Metric, alarm.Statistic, alarm.Period, alarm.Threshold, alarm.Comparison,
				alarm.EvaluationPeriods, alarm.DatapointsToAlarm, alarm.TreatMissingData, alarm.ActionsEnabled, actions)
		}
	})
	return page.String()
}

// describe is a configuration without pointers.
func describe(configuration any) string {
	switch c := configuration.(type) {
	case *fleet.Tracking:
		if c == nil {
			return ""
		}
		return fmt.Sprintf("%v %v %v %v %v", c.Metric, c.Statistic, c.TargetValue, *c.ScaleInCooldown, *c.ScaleOutCooldown)
	case *fleet.Step:
		if c == nil {
			return ""
		}
		return fmt.Sprintf("%v %v %v %v", c.AdjustmentType, len(c.Adjustments), c.Adjustments[0].Adjustment, *c.Cooldown)
	}
	return ""
}
