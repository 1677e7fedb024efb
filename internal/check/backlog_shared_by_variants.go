package check

var backlogSharedByVariants = &Check{
	Name: "backlog_shared_by_variants", Severities: []Severity{Info}, run: runBacklogSharedByVariants, Stage: StagePolicy,
}

func runBacklogSharedByVariants(s *Subject) verdict {
	if variants := len(s.Endpoint.Variants); variants > 1 {
		return fail(Info, "The %d variants of the endpoint share one queue, and variant %q scales and wakes on all of it like the others: one "+
			"request can start %d instances.", variants, s.Variant.Name, variants).
			advise("An endpoint of its own for each variant gives each its own queue.")
	}
	return pass(Info)
}
