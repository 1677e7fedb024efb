package check

import "testing"

func TestSingleInstanceType(t *testing.T) {
	types := func(names ...string) []func(*fixture) {
		return changes(func(f *fixture) { f.variant.Types = names })
	}
	table(t, "single_instance_type",
		row{"two", nil, Info, false, nil},
		row{"one", types("ml.g5.xlarge"), Info, true, []string{`"ml.g5.xlarge"`}},
		row{"one, twice", types("ml.g5.xlarge", "ml.g5.xlarge"), Info, true, nil},
		row{"not known", types(), absent, false, nil},
	)
}
