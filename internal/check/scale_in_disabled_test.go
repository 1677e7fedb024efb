package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestScaleInDisabled(t *testing.T) {
	table(t, "scale_in_disabled",
		row{"enabled", nil, Warning, false, nil},
		row{
			"disabled", changes(tracked(func(p *fleet.Tracking) { p.DisableScaleIn = true })), Warning, true,
			[]string{`"AsyncBacklogTargetTracking"`, "2 instances", "DisableScaleIn"},
		},
		row{"no tracking", changes(without("tracking")), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
