package collector

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

const (
	fromChecks = "the checks"
	fromPlan   = "the plan"
)

var policyMetrics = []Metric{
	{
		Name: "check_failed", Type: Gauge, Level: Variant, Labels: []string{"check", "severity"}, Needs: fromEndpoints,
		Help: "1 if the check fails, 0 if it passes; absent while it does not apply, is muted, or what it looks at is not known (docs/checks.md).", From: fromChecks,
		variant: func(v *report.Variant, put put) {
			for i := range v.Findings {
				put.finding(&v.Findings[i])
			}
		},
		orphan: func(f *check.OrphanFinding, put put) { put.finding(&f.Finding) },
	},
	{
		Name: "policy_selected", Type: Gauge, Level: Variant, Needs: fromEndpoints,
		Help: "1 if a policy selects the variant, 0 if none does; absent while tags that are not known decide.", From: fromFile,
		variant: func(v *report.Variant, put put) {
			if !v.Unknown {
				put.flag(v.Selected)
			}
		},
	},
	{
		Name: "plan_steps", Type: Gauge, Level: Variant, Labels: []string{"action"}, Needs: fromAlarms,
		Help: "Steps that would bring a selected variant to its policy.", From: fromPlan,
		variant: func(v *report.Variant, put put) {
			if v.Selected {
				put.value(float64(v.Creates), string(plan.Create))
				put.value(float64(v.Updates), string(plan.Update))
			}
		},
	},
	{
		Name: "plan_steps_withheld", Type: Gauge, Level: Variant, Labels: []string{"reason"}, Needs: fromEndpoints,
		Help: "Steps of the plan that are withheld, by the reason; a reason that withholds nothing is absent (docs/policy.md).", From: fromPlan,
		variant: func(v *report.Variant, put put) {
			for _, held := range v.Withheld {
				put.value(float64(held.Steps), string(held.Reason))
			}
		},
	},
	{
		Name: "policy_matches", Type: Gauge, Level: Scope, Labels: []string{"policy"}, Needs: fromEndpoints,
		Help: "Variants that a policy selects, by the policy's position and pattern; 0 is a pattern that matches nothing; absent while tags that are not known decide.", From: fromFile,
		scope: func(r report.Report, _ time.Time, put put) {
			for _, match := range r.Matches {
				if match.Unknown == 0 {
					put.value(float64(match.Variants), match.Policy)
				}
			}
		},
	},
	{
		Name: "reconcile_enabled", Type: Gauge, Level: Scope,
		Help: "1 if plans are carried out, 0 if they are only shown (--reconcile).", From: fromFile,
		scope: func(r report.Report, _ time.Time, put put) { put.flag(r.Reconcile.Enabled) },
	},
	{
		Name: "reconcile_leader", Type: Gauge, Level: Scope,
		Help: "1 if this process is the one that carries plans out, 0 if it only shows them or waits for the Lease (--reconcile.lease).", From: fromFile,
		scope: func(r report.Report, _ time.Time, put put) { put.flag(r.Reconcile.Leader) },
	},
	{
		Name: "reconcile_steps_total", Type: Counter, Level: Variant, Labels: []string{"kind", "outcome"}, Needs: fromEndpoints,
		Help: "Steps of the plan that were carried out since the process started, by kind and how they ended (RegisterScalableTarget, PutScalingPolicy, PutMetricAlarm).", From: fromPlan,
		variant: func(v *report.Variant, put put) {
			if v.Ended == nil {
				return
			}
			for _, kind := range plan.Kinds() {
				ended := v.Ended[kind]
				put.value(float64(ended.Applied), string(kind), "applied")
				put.value(float64(ended.Failed), string(kind), "failed")
			}
		},
	},
	{
		Name: "reconcile_last_success_timestamp_seconds", Type: Gauge, Level: Scope,
		Help: "When a round of reconcile last ended in which no step failed, in Unix seconds; absent before the first.", From: fromPlan,
		scope: func(r report.Report, _ time.Time, put put) { put.when(r.Reconcile.LastSuccess) },
	},
}

// finding sends what a check found while what it looked at may still be shown.
func (p put) finding(f *check.Finding) {
	if fresh(p.snapshot, f.Check.Needs, p.at) {
		p.flag(f.Failed, f.Check.Name, string(f.Severity))
	}
}
