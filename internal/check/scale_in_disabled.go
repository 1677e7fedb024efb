package check

var scaleInDisabled = &Check{
	Name: "scale_in_disabled", Severities: []Severity{Warning}, Needs: scaling, run: runScaleInDisabled,
}

func runScaleInDisabled(s *Subject) verdict {
	switch tracking := s.tracking(); {
	case s.Variant.Target == nil || tracking == nil:
		return verdict{}
	case tracking.Tracking.DisableScaleIn:
		return fail(Warning, "The tracking policy %q of variant %q has scale-in disabled, so what a queue has started (now %s) is paid for "+
			"until somebody stops it. Put the policy again with DisableScaleIn false; reconcile leaves it as it is.",
			tracking.Name, s.Variant.Name, s.instances())
	}
	return pass(Warning)
}
