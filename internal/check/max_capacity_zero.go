package check

var maxCapacityZero = &Check{
	Name: "max_capacity_zero", Severities: []Severity{Critical, Warning}, Needs: scaling, run: runMaxCapacityZero,
	Stage: StageTarget, Holds: Wake | Out, Alert: "SageMakerAsyncWakePolicyMissing",
}

func runMaxCapacityZero(s *Subject) verdict {
	switch {
	case !s.scaled():
		return verdict{}
	case s.Variant.Target.MaxCapacity > 0:
		return pass(Warning)
	}
	severity := Warning
	if s.queued() > 0 {
		severity = Critical
	}
	advice := "Raise MaxCapacity"
	if s.selected() {
		advice += ", or write maxCapacity in the policy that selects it"
	}
	return fail(severity, "The scalable target of variant %q has a maximum of 0, so no instance starts and queued requests wait until they expire.",
		s.Variant.Name).advise("%s.", advice)
}
