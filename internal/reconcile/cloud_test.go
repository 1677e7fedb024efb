package reconcile

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// cloud is an account with one endpoint, e.
type cloud struct{ *awstest.Account }

// newCloud has one endpoint with these variants, of which each runs so many instances, and no scaling.
func newCloud(t *testing.T, instances int, variants ...string) *cloud {
	t.Helper()
	world := sim.New(fleet.Scope{AccountID: "111122223333", Region: awstest.Region}, time.Now(), 1)
	awstest.Add(t, world, "e", instances, variants...)
	return &cloud{awstest.Of(t, world)}
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
	before := c.Before
	c.Before = nil
	defer func() { c.Before = before }()
	var known fleet.Snapshot
	c.Do(func(w *sim.World) { known = fleet.Snapshot{Scope: w.Scope(), Alarms: w.Alarms()} })
	round := Round{
		AWS: c.aws(), Clock: clock{}, Name: "e", Policies: policies, Selects: func(string, map[string]string) bool { return true },
		Polled: &report.Report{Snapshot: known},
	}
	snapshot, err := round.read(context.Background())
	if err != nil {
		panic(err)
	}
	built := report.Build(snapshot, report.Rules{Policies: policies}, report.NewPast())
	return &built
}

func (c *cloud) aws() AWS {
	return AWS{Endpoints: c, Scaling: c, Alarms: c, Mutes: observe.NewMuteRules(c, 0), Writer: c}
}

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

// since are the requests since there were n.
func (c *cloud) since(n int) []string { return c.Requests()[n:] }

// moment is when somebody acts, and what was polled before.
type moment struct {
	done   bool
	wrote  int // steps that were carried out by then
	polled *report.Report
}

// undisturbed are the calls of a round that nobody disturbs.
func (c *cloud) undisturbed(t *testing.T, policies policy.Policies) []string {
	t.Helper()
	polled := c.polled(policies)
	n := len(c.Requests())
	if result := c.round(t.Context(), func(r *Round) { r.Polled, r.Policies = polled, policies }); !result.Converged() {
		t.Fatalf("undisturbed: %+v, written %s", result, c.Kinds())
	}
	return c.since(n)
}

// at lets something happen before that call of the next round, once.
func (c *cloud) at(point int, policies policy.Policies, act func()) *moment {
	m := &moment{polled: c.polled(policies)}
	first := len(c.Requests())
	c.Before = func(_ string, n int) {
		if n == first+point {
			m.done, m.wrote = true, len(c.Steps())
			act()
		}
	}
	return m
}

// killed begins a round that is killed after so many calls: nothing comes through any more. Then the account is well again.
func (c *cloud) killed(t *testing.T, after int, policies policy.Policies) {
	t.Helper()
	ctx, die := context.WithCancel(t.Context())
	defer die()
	death := c.at(after, policies, func() {
		die()
		c.AWS.SetFault("*", awssim.Fault{Code: "ServiceUnavailable"})
	})
	c.round(ctx, func(r *Round) { r.Polled, r.Policies = death.polled, policies })
	c.Before = nil
	c.Allow("*")
}

// again is a round with what the one before remembers; nil is none. It returns the round, for the next one.
func (c *cloud) again(ctx context.Context, before *Round, policies policy.Policies) (now *Round, result Result) {
	result = c.round(ctx, func(r *Round) {
		r.Policies = policies
		if now = r; before != nil {
			r.History = before.History
		}
	})
	return now, result
}

// read reads something of the world.
func read[T any](c *cloud, list func(*sim.World) T) (found T) {
	c.Do(func(w *sim.World) { found = list(w) })
	return found
}

func (c *cloud) target() fleet.Target { return read(c, (*sim.World).ScalableTargets)[0] }

// policy is the policy of that name; an empty one if there is none.
func (c *cloud) policy(name string) fleet.Policy {
	for _, p := range read(c, (*sim.World).ScalingPolicies) {
		if p.Name == name {
			return p
		}
	}
	return fleet.Policy{}
}

// alarm is the alarm that is no target tracking's; nil if there is none.
func (c *cloud) alarm() *fleet.Alarm {
	for _, a := range read(c, (*sim.World).Alarms) {
		if !strings.HasPrefix(a.Name, "TargetTracking-") {
			return &a
		}
	}
	return nil
}

// wakes tells whether the variant has an alarm that triggers a living policy which adds instances.
func (c *cloud) wakes(variant string) bool {
	alarms := read(c, (*sim.World).Alarms)
	for _, p := range read(c, (*sim.World).ScalingPolicies) {
		if p.ResourceID == fleet.ResourceID("e", variant) && p.ScalesOut() && slices.ContainsFunc(alarms, func(a fleet.Alarm) bool {
			return a.Metric.Name == fleet.WithoutCapacity.String() && a.ActionsEnabled && slices.Contains(a.AlarmActions, p.ARN)
		}) {
			return true
		}
	}
	return false
}

// harmed says which variant was put to sleep that nothing wakes; it is empty when none was.
func (c *cloud) harmed() string {
	for _, t := range read(c, (*sim.World).ScalableTargets) {
		_, variant, _ := fleet.SplitResourceID(t.ResourceID)
		if t.MinCapacity == 0 && !c.wakes(variant) {
			return variant
		}
	}
	return ""
}
