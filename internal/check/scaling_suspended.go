package check

import "strings"

var scalingSuspended = &Check{
	Name: "scaling_suspended", Severities: []Severity{Critical, Warning}, Needs: targets, run: runScalingSuspended,
	Stage: StagePolicy, Alert: "SageMakerAsyncScalingSuspended",
}

// runScalingSuspended is one finding, as bad as the worst of what is suspended.
func runScalingSuspended(s *Subject) verdict {
	if !s.scaled() {
		return verdict{}
	}
	var costs []string
	var held Scaling
	suspended, severity := s.Variant.Target.Suspended, Warning
	if suspended.ScaleOut {
		costs = append(costs, "a queue gets no more instances")
		held |= Wake | Out
		if s.starved() {
			severity = Critical
		}
	}
	if suspended.ScaleIn {
		costs = append(costs, "idle instances are paid for")
		held |= In
	}
	if suspended.Scheduled {
		costs = append(costs, "scheduled actions do nothing")
	}
	if costs == nil {
		return pass(Warning)
	}
	v := fail(severity, "The scaling of variant %q is suspended at %s (%s): %s.", s.Variant.Name, s.instances(),
		strings.Join(suspended.Kinds(), ", "), strings.Join(costs, ", ")).
		advise("Resume it on the scalable target when the work there is done. Reconcile writes nothing to it until then.")
	v.held = held
	return v
}
