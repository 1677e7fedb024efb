package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestNoTrackingPolicy(t *testing.T) {
	invocations := tracked(func(p *fleet.Tracking) { p.Metric, p.Predefined = nil, "SageMakerVariantInvocationsPerInstance" })
	table(t, "no_tracking_policy",
		row{"documented", nil, Critical, false, nil},
		row{"under another name", changes(func(f *fixture) { f.tracking.Name = "mine" }), Critical, false, nil},
		row{"by metric math", changes(byMath), Critical, false, nil},
		row{"none", changes(without("tracking")), Critical, true, []string{"(1) none", "2 instances"}},
		row{"on another metric", changes(invocations), Critical, true, []string{"(2) none"}},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}

// byMath makes the policy track the backlog by metric math.
func byMath(f *fixture) {
	metric := fleet.Backlog.Query("e").Metric
	f.tracking.Tracking.Metric, f.tracking.Tracking.Math = nil, []fleet.MathQuery{{ID: "e", Expression: "m / 2"}, {ID: "m", Metric: &metric}}
}
