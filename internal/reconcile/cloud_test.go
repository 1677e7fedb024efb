package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// cloud is a modelled account on the clock of its test.
type cloud struct {
	world  *sim.World
	calls  []string                       // what was asked and written, in order
	before func(call string, n int) error // before each call, with its number: somebody else acts, or it fails
	denied map[plan.Kind]error            // writes that fail
	lag    time.Duration                  // for how long reads show the state before a write
	old    []past                         // what reads show as long as they lag
	tags   map[string]string              // of the endpoint
	status string                         // of the endpoint; empty: the world's own
	config string                         // of the endpoint; empty: the world's own
	writes []plan.Step
}

// past is what was there before a write.
type past struct {
	until    time.Time
	targets  []fleet.Target
	policies []fleet.Policy
	alarms   []fleet.Alarm
}

var errKilled = errors.New("killed")

// newCloud has one endpoint with these variants, of which each runs so many instances, and no scaling.
func newCloud(instances int, variants ...string) *cloud {
	c := &cloud{denied: map[plan.Kind]error{}, tags: map[string]string{}}
	c.world = sim.New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, time.Now(), 1)
	config := fleet.EndpointConfig{Name: "e-1", Async: &fleet.AsyncConfig{}}
	for _, name := range variants {
		config.Variants = append(config.Variants, fleet.VariantConfig{Name: name, InstanceType: "ml.g5.xlarge", ModelName: "m"})
	}
	if err := c.world.AddEndpoint(sim.EndpointSpec{Name: "e", Config: config, Instances: instances}); err != nil {
		panic(err)
	}
	return c
}

// call is one call to AWS: others act before it, and it may fail.
func (c *cloud) call(ctx context.Context, name string) error {
	c.world.Advance(time.Now())
	if c.before != nil {
		if err := c.before(name, len(c.calls)); err != nil {
			return err
		}
	}
	c.calls = append(c.calls, name)
	return ctx.Err()
}

// shown is what reads show now.
func (c *cloud) shown() past {
	for _, p := range c.old {
		if time.Now().Before(p.until) {
			return p
		}
	}
	return past{targets: c.world.ScalableTargets(), policies: c.world.ScalingPolicies(), alarms: c.world.Alarms()}
}

func (c *cloud) DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	if err := c.call(ctx, "DescribeEndpoint"); err != nil {
		return fleet.EndpointDescription{}, err
	}
	d, err := c.world.DescribeEndpoint(name)
	if err != nil {
		err = fleet.ErrNotFound
	}
	if c.status != "" {
		d.Status = c.status
	}
	if c.config != "" {
		d.ConfigName = c.config
	}
	return d, err
}

func (c *cloud) DescribeEndpointConfig(ctx context.Context, name string) (fleet.EndpointConfig, error) {
	if err := c.call(ctx, "DescribeEndpointConfig"); err != nil {
		return fleet.EndpointConfig{}, err
	}
	return c.world.DescribeEndpointConfig(name)
}

func (c *cloud) ListTags(ctx context.Context, _ string) (map[string]string, error) {
	if err := c.call(ctx, "ListTags"); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for key, value := range c.tags {
		tags[key] = value
	}
	return tags, nil
}

func (c *cloud) TargetsOf(ctx context.Context, resources []string) (list []fleet.Target, _ error) {
	if err := c.call(ctx, "DescribeScalableTargets"); err != nil {
		return nil, err
	}
	for _, t := range c.shown().targets {
		if slices.Contains(resources, t.ResourceID) {
			list = append(list, t)
		}
	}
	return list, nil
}

func (c *cloud) PoliciesOf(ctx context.Context, resource string) (list []fleet.Policy, _ error) {
	if err := c.call(ctx, "DescribeScalingPolicies"); err != nil {
		return nil, err
	}
	for _, p := range c.shown().policies {
		if p.ResourceID == resource {
			list = append(list, p)
		}
	}
	return list, nil
}

func (c *cloud) ScheduledActionsOf(ctx context.Context, resource string) (list []fleet.ScheduledAction, _ error) {
	if err := c.call(ctx, "DescribeScheduledActions"); err != nil {
		return nil, err
	}
	for _, a := range c.world.ScheduledActions() {
		if a.ResourceID == resource {
			list = append(list, a)
		}
	}
	return list, nil
}

func (c *cloud) AlarmsNamed(ctx context.Context, names []string) (list []fleet.Alarm, _ error) {
	if err := c.call(ctx, "DescribeAlarms"); err != nil {
		return nil, err
	}
	for _, a := range c.shown().alarms {
		if slices.Contains(names, a.Name) {
			list = append(list, a)
		}
	}
	return list, nil
}

func (c *cloud) Write(ctx context.Context, step plan.Step) (arn string, err error) {
	if err := c.call(ctx, "Write "+string(step.Kind)); err != nil {
		return "", err
	}
	if err := c.denied[step.Kind]; err != nil {
		return "", err
	}
	before := c.shown()
	before = past{time.Now().Add(c.lag), before.targets, before.policies, before.alarms}
	switch {
	case step.Target != nil:
		lowest, highest := step.Bounds()
		_, err = c.world.RegisterScalableTarget(sim.TargetChange{ResourceID: step.ResourceID, Min: lowest, Max: highest})
	case step.Policy != nil:
		var stored fleet.Policy
		stored, err = c.world.PutScalingPolicy(*step.Policy)
		arn = stored.ARN
	default:
		err = c.world.PutMetricAlarm(*step.Alarm)
	}
	if err == nil {
		c.writes = append(c.writes, step)
		if c.lag > 0 {
			c.old = append(c.old, before)
		}
	}
	return arn, err
}

// clock is that of the bubble.
type clock struct{}

func (clock) Now() time.Time                         { return time.Now() }
func (clock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// everything is a pattern that matches every name.
type everything struct{}

func (everything) Match(string) bool { return true }
func (everything) String() string    { return ".*" }

// documented selects every endpoint for the documented policy.
func documented() policy.Policies { return policy.Policies{policy.ByName(everything{})} }

// polled is the report of what is there now.
func (c *cloud) polled(policies policy.Policies) *report.Report {
	calls, before := c.calls, c.before
	c.before = nil
	round := Round{
		AWS: c.aws(), Clock: clock{}, Name: "e", Policies: policies, Selects: func(string, map[string]string) bool { return true },
		Polled: &report.Report{Snapshot: fleet.Snapshot{Scope: c.world.Scope(), Alarms: c.world.Alarms()}},
	}
	snapshot, err := round.read(context.Background())
	if err != nil {
		panic(err)
	}
	c.calls, c.before = calls, before
	built := report.Build(snapshot, report.Rules{Policies: policies}, report.NewPast())
	return &built
}

func (c *cloud) aws() AWS { return AWS{Endpoints: c, Scaling: c, Alarms: c, Writer: c} }

// round reconciles the endpoint from what is polled now.
func (c *cloud) round(ctx context.Context, change ...func(*Round)) Result {
	r := &Round{
		AWS: c.aws(), Clock: clock{}, Name: "e", Policies: documented(), Selects: func(string, map[string]string) bool { return true },
		Tell: func(plan.Outcome) {},
	}
	for _, do := range change {
		do(r)
	}
	if r.Polled == nil {
		r.Polled = c.polled(r.Policies)
	}
	return r.Run(ctx)
}

// wrote are the kinds that were written, in order.
func (c *cloud) wrote() string {
	kinds := make([]string, len(c.writes))
	for i, step := range c.writes {
		kinds[i] = string(step.Kind)
	}
	return strings.Join(kinds, " ")
}

// wakes tells whether the variant has an alarm that triggers a living policy which adds instances.
func (c *cloud) wakes(variant string) bool {
	for _, p := range c.world.ScalingPolicies() {
		if p.ResourceID != fleet.ResourceID("e", variant) || !p.ScalesOut() {
			continue
		}
		for _, a := range c.world.Alarms() {
			if a.Metric.Name == fleet.WithoutCapacity.String() && a.ActionsEnabled && slices.Contains(a.AlarmActions, p.ARN) {
				return true
			}
		}
	}
	return false
}

// harmed says which variant was put to sleep that nothing wakes; it is empty when none was.
func (c *cloud) harmed() string {
	for _, t := range c.world.ScalableTargets() {
		_, variant, _ := fleet.SplitResourceID(t.ResourceID)
		if t.MinCapacity == 0 && !c.wakes(variant) {
			return variant
		}
	}
	return ""
}

// objects are the scaling objects of the world in words, without what differs from run to run.
func (c *cloud) objects() string {
	var page strings.Builder
	for _, t := range c.world.ScalableTargets() {
		fmt.Fprintln(&page, t.ResourceID, t.MinCapacity, t.MaxCapacity, t.Suspended)
	}
	names := map[string]string{}
	for _, p := range c.world.ScalingPolicies() {
		names[p.ARN] = p.ResourceID + " " + p.Name
		fmt.Fprintln(&page, p.ResourceID, p.Name, p.Type)
	}
	for _, a := range c.world.Alarms() {
		if strings.HasPrefix(a.Name, "TargetTracking-") {
			continue
		}
		var actions []string
		for _, action := range a.AlarmActions {
			if names[action] != "" {
				action = names[action]
			}
			actions = append(actions, action)
		}
		fmt.Fprintln(&page, a.Name, a.Metric, a.Threshold, a.ActionsEnabled, actions)
	}
	return page.String()
}

// must fails the test when the model refuses what the test sets up.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
