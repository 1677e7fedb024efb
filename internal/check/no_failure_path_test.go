package check

import "testing"

func TestNoFailurePath(t *testing.T) {
	table(t, "no_failure_path",
		row{"set", nil, Info, false, nil},
		row{"not set", changes(func(f *fixture) { f.endpoint.Async.S3FailurePath = "" }), Info, true, []string{`"e-config"`, "S3FailurePath"}},
	)
}
