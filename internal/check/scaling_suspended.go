package check

import "strings"

var scalingSuspended = &Check{
	Name: "scaling_suspended", Severities: []Severity{Critical, Warning}, Needs: scaling, run: runScalingSuspended,
}

// runScalingSuspended is one finding, as bad as the worst of what is suspended. Suspended scheduled scaling is as bad as
// suspended scale-in: it holds up whoever relies on it, and reconcile.
func runScalingSuspended(s *Subject) verdict {
	if s.Variant.Target == nil {
		return verdict{}
	}
	var what, costs []string
	suspended, severity := s.Variant.Target.Suspended, Warning
	if suspended.ScaleOut {
		severity, what, costs = Critical, append(what, "scale-out"), append(costs, "a queue gets no more instances")
	}
	if suspended.ScaleIn {
		what, costs = append(what, "scale-in"), append(costs, "idle instances are paid for")
	}
	if suspended.Scheduled {
		what, costs = append(what, "scheduled scaling"), append(costs, "scheduled actions do nothing")
	}
	if what == nil {
		return pass(Critical)
	}
	return fail(severity, "Suspended for variant %q at %s: %s; so %s, and reconcile writes nothing to it. Resume it on the scalable "+
		"target when the work there is done: reconcile never does.", s.Variant.Name, s.instances(), strings.Join(what, ", "),
		strings.Join(costs, ", "))
}
