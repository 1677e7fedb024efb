package check

var targetNotRegistered = &Check{
	Name: "target_not_registered", Severities: []Severity{Critical, Info}, Needs: scaling, run: runTargetNotRegistered,
}

// runTargetNotRegistered takes it as critical where scaling is wanted: a policy says so, or there was some. Many an
// endpoint has a fixed number of instances on purpose.
func runTargetNotRegistered(s *Subject) verdict {
	severity := Info
	if s.selected() || s.TargetSeen {
		severity = Critical
	}
	if s.Variant.Target != nil {
		return pass(severity)
	}
	what := "has no scalable target"
	if s.TargetSeen {
		what = "has lost its scalable target, and its scaling policies with it"
	}
	cost := "it neither grows with its queue nor stops paying when it is idle"
	if s.Variant.Current != nil && *s.Variant.Current == 0 {
		cost = "whatever is queued waits until it expires"
	}
	return fail(severity, "Variant %q %s, so it stays at %s: %s. %s.", s.Variant.Name, what, s.instances(), cost,
		s.mend("Register it and put its policies"))
}
