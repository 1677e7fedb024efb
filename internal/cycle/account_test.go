package cycle

import (
	"context"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/reconcile"
	"github.com/sagemaker-async/exporter/internal/report"
)

// account is an account that is observed and written to.
type account struct{ *awstest.Account }

func newAccount(t *testing.T, endpoints ...string) *account {
	t.Helper()
	return &account{awstest.New(t, endpoints...)}
}

func (a *account) writing() reconcile.AWS {
	return reconcile.AWS{Endpoints: a, Scaling: a, Alarms: a, Mutes: observe.NewMuteRules(a, 0), Writer: a}
}

// scope is the account as the configuration names it.
func (a *account) scope(writes bool) Scope {
	return Scope{Key: "here", Name: "here", Connect: func(context.Context) (Connection, error) {
		reached := Connection{
			Scope: a.Scope(), AWS: observe.AWS{Endpoints: a, Tags: a, Metrics: a, Scaling: a, Alarms: a, Mutes: a, Activities: a},
		}
		if writes {
			reached.Writing = a.writing()
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
	c.Once(ctx, OncePatience)
	r := board.Set().Reports[0]
	once := reconcile.Once{
		AWS: a.writing(), Clock: NewClock(1), Rules: o.Rules, Selects: o.Observe.Selects,
		Tell: func(plan.Outcome) {},
	}
	_, r.Plan, _ = once.Apply(ctx, &r)
	return r
}
