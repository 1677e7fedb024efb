package check

var noFailurePath = &Check{
	Name: "no_failure_path", Severities: []Severity{Info}, run: runNoFailurePath,
}

func runNoFailurePath(s *Subject) verdict {
	if s.Endpoint.Async.S3FailurePath != "" {
		return pass(Info)
	}
	return fail(Info, "The configuration %q of endpoint %q has no S3FailurePath, so what the model answers to a request that fails is lost, "+
		"and clients wait for an object that never comes. A new endpoint configuration with one mends it.",
		s.Endpoint.ConfigName, s.Endpoint.Name)
}
