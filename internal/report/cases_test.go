package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/check"
)

// Each shape of a real account is judged as its verdict says.
func TestBuild_judgesTheShapesOfRealAccounts(t *testing.T) {
	rules := Rules{
		RecreateAfter: 15 * time.Minute,
		Objective:     func(string) (latency, ttl time.Duration) { return 30 * time.Minute, 6 * time.Hour },
	}
	for _, c := range cases.All() {
		_, variant := c.Of()
		r := Build(c.Snapshot, rules, NewPast())
		e := r.Endpoint(cases.Endpoint)
		v := &e.Variants[slices.IndexFunc(e.Variants, func(v Variant) bool { return v.Name == variant.Name })]
		left := map[string]string{}
		for names, severity := range c.Failed {
			left[names] = severity
		}
		for _, finding := range v.Findings {
			if !finding.Failed {
				continue
			}
			name := finding.Check.Name
			said := name + " " + string(finding.Severity) + ": " + finding.Sentence
			if slices.Contains(c.Never, name) {
				t.Errorf("%s: must not fail: %s", c.Name, said)
			}
			expected := false
			for names, severity := range left {
				if slices.Contains(strings.Split(names, "|"), name) {
					expected = true
					if severity != string(finding.Severity) {
						t.Errorf("%s: want %s: %s", c.Name, severity, said)
					}
					delete(left, names)
				}
			}
			if most, may := c.May[name]; may && !worse(string(finding.Severity), most) {
				expected = true
			}
			if !expected && finding.Severity != check.Info {
				t.Errorf("%s: unexpected: %s", c.Name, said)
			}
		}
		for names, severity := range left {
			t.Errorf("%s: %s does not fail (%s)", c.Name, names, severity)
		}
	}
}

// worse tells whether the first severity is worse than the second.
func worse(a, b string) bool {
	order := []string{string(check.Info), string(check.Warning), string(check.Critical)}
	return slices.Index(order, a) > slices.Index(order, b)
}
