package check

import "testing"

func TestTargetNotRegistered(t *testing.T) {
	seen := func(f *fixture) { f.seen = true }
	table(t, "target_not_registered",
		row{"registered", nil, Info, false, nil},
		row{"registered, selected", changes(selected), Critical, false, nil},
		row{"never registered", changes(unregistered), Info, true, []string{`"v"`, "2 instances", "select the endpoint"}},
		row{"selected", changes(unregistered, selected), Critical, true, []string{"--reconcile"}},
		row{"seen before", changes(unregistered, seen), Critical, true, []string{"lost"}},
		row{"at zero", changes(unregistered, instancesRun(0)), Info, true, []string{"expires"}},
	)
}
