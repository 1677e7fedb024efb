package check

var noFailurePath = &Check{
	Name: "no_failure_path", Severities: []Severity{Info}, run: runNoFailurePath, Stage: StageWork,
}

func runNoFailurePath(s *Subject) verdict {
	if s.Endpoint.Async.S3FailurePath != "" {
		return pass(Info)
	}
	return fail(Info, "The configuration %q of endpoint %q has no S3FailurePath, so the answers of failed requests are lost, "+
		"and clients wait for an object that never comes.", s.Endpoint.ConfigName, s.Endpoint.Name).
		advise("Make a new endpoint configuration with one.")
}
