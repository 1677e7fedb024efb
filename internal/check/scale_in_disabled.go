package check

import (
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

var scaleInDisabled = &Check{
	Name: "scale_in_disabled", Severities: []Severity{Warning}, Needs: wiring, run: runScaleInDisabled,
	Stage: StagePolicy, Holds: In,
}

// runScaleInDisabled passes where something else scales in.
func runScaleInDisabled(s *Subject) verdict {
	var held, any *fleet.Policy
	for i := range s.Variant.Policies {
		if p := &s.Variant.Policies[i]; p.Tracking != nil {
			any = p
			if p.Tracking.DisableScaleIn && held == nil {
				held = p
			}
		}
	}
	switch {
	case !s.scaled() || any == nil:
		return verdict{}
	case held == nil || s.Behavior.ScalesIn.Verdict == behavior.Yes || s.Variant.Target.Suspended.ScaleIn:
		return pass(Warning)
	case s.Behavior.ScalesIn.Verdict == behavior.NotJudged:
		return verdict{}
	}
	return fail(Warning, "The tracking policy %q of variant %q has scale-in disabled and nothing else scales in, so instances that a queue has "+
		"started (now %s) are paid for until somebody stops them.", held.Name, s.Variant.Name, s.instances()).
		advise("Put the policy again with DisableScaleIn false; reconcile leaves it as it is.")
}
