package alerting

import "testing"

// A group that is evaluated each five minutes keeps nobody waiting that long.
func TestReadiness_waitsForGroupsWithoutAnIntervalOfTheirOwn(t *testing.T) {
	for _, test := range []struct {
		name      string
		set       ruleSet
		evaluated []string
		want      int
	}{
		{"nothing yet", ruleSet{groups: []string{"a", "b"}, slow: []string{"days"}}, nil, 2},
		{"one of two", ruleSet{groups: []string{"a", "b"}, slow: []string{"days"}}, []string{"a"}, 1},
		{"all but the slow one", ruleSet{groups: []string{"a", "b"}, slow: []string{"days"}}, []string{"a", "b"}, 0},
		{"there are slow ones only", ruleSet{slow: []string{"days"}}, nil, 1},
		{"and they were evaluated", ruleSet{slow: []string{"days"}}, []string{"days"}, 0},
	} {
		var r readiness
		r.expect(test.set)
		for _, group := range test.evaluated {
			r.evaluated(group)
		}
		if got := r.waits(); got != test.want {
			t.Errorf("%s: it waits for %d, want %d", test.name, got, test.want)
		}
	}
}
