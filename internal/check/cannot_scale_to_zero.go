package check

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var cannotScaleToZero = &Check{
	Name: "cannot_scale_to_zero", Severities: []Severity{Warning, Info}, Needs: targets, run: runCannotScaleToZero,
	Stage: StageTarget, Holds: In, Remedy: []plan.Kind{plan.MinCapacity},
}

// runCannotScaleToZero compares with what the policy of the variant enforces; that is then a warning. Where no policy
// says anything of the minimum, or it says to keep it, somebody may pay for it on purpose: it is compared with the
// documented value, and failing is information.
func runCannotScaleToZero(s *Subject) verdict {
	if s.Variant.Target == nil {
		return verdict{}
	}
	severity, most := Info, policy.MinCapacity
	if s.selected() && s.Wanted.MinCapacity.Enforced {
		severity, most = Warning, s.Wanted.MinCapacity.Value
	}
	least := s.Variant.Target.MinCapacity
	if night := s.Behavior.Scheduled; night != nil && night.Sleeps {
		least = 0 // a scheduled action lowers it
	}
	if least <= most {
		return pass(severity)
	}
	advice := fmt.Sprintf("Lower the minimum to %d", most)
	if w := &s.Behavior.Wakes; most == 0 && (w.Verdict != behavior.Yes || w.From > 1) {
		advice = "Nothing is known to wake it from 0: put a wake policy with its alarm first, then lower the minimum to 0"
	}
	if s.selected() && severity == Info {
		advice += ", or write minCapacity in the policy that selects it"
	}
	return fail(severity, "The scalable target of variant %q has a minimum of %d, where %d would do: %s too many to pay for around "+
		"the clock when it is idle.", s.Variant.Name, least, most, instances(least-most)).advise("%s.", advice)
}
