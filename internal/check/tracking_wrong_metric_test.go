package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

func TestTrackingWrongMetric(t *testing.T) {
	with := func(change func(*fleet.Tracking)) []func(*fixture) { return changes(tracked(change), onlyAssumed) }
	named := func(name string) []func(*fixture) {
		return with(func(p *fleet.Tracking) {
			p.Metric = &fleet.Metric{Namespace: fleet.Namespace, Name: name, Dimensions: fleet.VariantDimensions("e", "v")}
		})
	}
	dead := func(f *fixture) {
		f.variant.Policies = append(f.variant.Policies, fleet.Policy{
			Name: "dead", ARN: "dead", Type: fleet.TargetTracking, Tracking: &fleet.Tracking{TargetValue: 1, Predefined: "SageMakerVariantInvocationsPerInstance"},
		})
	}
	table(t, "tracking_wrong_metric",
		row{"documented", nil, Critical, false, nil},
		row{"no dimension", with(func(p *fleet.Tracking) { p.Metric.Dimensions = nil }), Critical, true, []string{"under no dimension", `"EndpointName" = "e"`}},
		row{"a variant too", with(func(p *fleet.Tracking) { p.Metric.Dimensions = fleet.VariantDimensions("e", "v") }), Critical, true, []string{`"VariantName"`}},
		row{"Invocations", named("Invocations"), Critical, true, []string{`"Invocations"`}},
		row{"CPU where AWS publishes none", named("CPUUtilization"), Critical, true, []string{`"CPUUtilization" in "AWS/SageMaker"`}},
		row{"a misspelt name", named("ApproximateBacklogSizePerInstanc"), Critical, true, nil},
		row{"another endpoint", with(func(p *fleet.Tracking) { m := fleet.BacklogPerInstance.Query("e-prod").Metric; p.Metric = &m }), Critical, true, []string{`tracks another endpoint, "e-prod"`, "does not follow the queue"}},
		row{"a misspelt namespace", with(func(p *fleet.Tracking) { p.Metric.Namespace = "AWS/Sagemaker" }), Critical, true, []string{`"AWS/Sagemaker"`}},
		row{"a unit", with(func(p *fleet.Tracking) { p.Unit = "Seconds" }), Critical, true, []string{`"Seconds"`}},
		row{"beside one that works", changes(dead), Warning, true, []string{`"dead"`, "holds up the others"}},
		row{"selected", append(with(func(p *fleet.Tracking) { p.Metric.Dimensions = nil }), planned(plan.TrackingPolicy)), Critical, true, []string{"run plan and then apply"}},
		row{"host load", with(func(p *fleet.Tracking) { p.Metric = hostLoad() }), Critical, false, nil},
		row{"a team's own metric", with(func(p *fleet.Tracking) { p.Metric.Namespace = "Team" }), Critical, false, nil},
		row{"metric math over it", changes(byMath), Critical, false, nil},
		row{"no tracking", changes(without("tracking")), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
