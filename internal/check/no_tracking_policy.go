package check

var noTrackingPolicy = &Check{
	Name: "no_tracking_policy", Severities: []Severity{Critical}, Needs: scaling, run: runNoTrackingPolicy,
}

func runNoTrackingPolicy(s *Subject) verdict {
	switch {
	case s.Variant.Target == nil:
		return verdict{}
	case s.tracking() == nil:
		return fail(Critical, "Of the scaling policies of variant %q (%d) none tracks the backlog, so it stays at %s: a long queue adds "+
			"none, and idle instances are paid for. %s.", s.Variant.Name, len(s.Variant.Policies), s.instances(),
			s.mend("Put target tracking on ApproximateBacklogSizePerInstance"))
	}
	return pass(Critical)
}
