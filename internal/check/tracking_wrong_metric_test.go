package check

import (
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestTrackingWrongMetric(t *testing.T) {
	with := func(change func(*fleet.Tracking)) []func(*fixture) { return changes(tracked(change)) }
	metric := func(name string) []func(*fixture) {
		return with(func(p *fleet.Tracking) { p.Metric.Name, p.Metric.Dimensions = name, fleet.VariantDimensions("e", "v") })
	}
	table(t, "tracking_wrong_metric",
		row{"documented", nil, Critical, false, nil},
		row{"the maximum", with(func(p *fleet.Tracking) { p.Statistic = "Maximum" }), Critical, false, nil},
		row{"by metric math", changes(byMath), Critical, false, nil},
		row{"metric math without the dimension", changes(byMath, tracked(func(p *fleet.Tracking) { p.Math[1].Metric.Dimensions = nil })), Critical, true, []string{"metric math"}},
		row{"no dimension", with(func(p *fleet.Tracking) { p.Metric.Dimensions = nil }), Critical, true, []string{"no dimension", "2 instances"}},
		row{"a variant too", with(func(p *fleet.Tracking) { p.Metric.Dimensions = fleet.VariantDimensions("e", "v") }), Critical, true, []string{`"VariantName" = "v"`}},
		row{"another endpoint", with(func(p *fleet.Tracking) { p.Metric.Dimensions[0].Value = "f" }), Critical, true, []string{`"f"`}},
		row{"Invocations", metric("Invocations"), Critical, true, []string{`"Invocations"`}},
		row{"InvocationsPerInstance", metric("InvocationsPerInstance"), Critical, true, nil},
		row{"OverheadLatency", metric("OverheadLatency"), Critical, true, nil},
		row{"ConcurrentRequestsPerModel", metric("ConcurrentRequestsPerModel"), Critical, true, nil},
		row{
			"a predefined type", with(func(p *fleet.Tracking) { p.Metric, p.Predefined = nil, "SageMakerVariantInvocationsPerInstance" }), Critical, true,
			[]string{`"SageMakerVariantInvocationsPerInstance"`},
		},
		row{"a metric that is published", metric("ModelLatency"), Critical, false, nil},
		row{"mended by reconcile", changes(selected, tracked(func(p *fleet.Tracking) { p.Metric.Dimensions = nil })), Critical, true, []string{"Run apply"}},
		row{"no tracking", changes(without("tracking")), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
		row{"at zero", changes(tracked(func(p *fleet.Tracking) { p.Metric.Dimensions = nil }), instancesRun(0)), Critical, true, []string{"instances that are idle"}},
	)
}

// A second policy that never acts is told of beside a good one.
func TestTrackingWrongMetric_looksAtEveryPolicy(t *testing.T) {
	f := healthy(func(f *fixture) {
		f.variant.Policies = append(f.variant.Policies, fleet.Policy{
			Name: "z", Type: fleet.TargetTracking, Tracking: &fleet.Tracking{Predefined: "SageMakerVariantInvocationsPerInstance"},
		})
	})
	if finding := f.find("tracking_wrong_metric"); !finding.Failed || !strings.Contains(finding.Sentence, "Delete it") {
		t.Errorf("%+v", finding)
	}
	if f.find("no_tracking_policy").Failed {
		t.Errorf("%q", f.failing())
	}
}
