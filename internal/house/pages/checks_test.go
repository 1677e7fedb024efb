package pages

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/check"
)

var severityWord = regexp.MustCompile(`\b(?:critical|warning|info)\b`)

// writes is how the part about reconcile begins where it fixes what the check found.
var writes = regexp.MustCompile(`^(?:creates|puts|gives|adds|writes the minimum) `)

// Every check has its section, in the order of the catalogue, with the severities that it can have, what to do, and the runbook of its alert.
func TestChecks_haveTheirSections(t *testing.T) {
	sections := strings.Split("\n"+read(t, "docs/checks.md"), "\n## ")[1:]
	var got []string
	for _, section := range sections {
		name, _, _ := strings.Cut(section, "\n")
		got = append(got, name)
	}
	if want := check.Names(); !slices.Equal(got, want) {
		t.Fatalf("docs/checks.md has the sections\n%q, want\n%q", got, want)
	}
	for i, c := range check.All() {
		_, line, _ := strings.Cut(sections[i], "**Severity:** ")
		line, _, _ = strings.Cut(line, ".")
		var documented []check.Severity
		for _, word := range severityWord.FindAllString(line, -1) {
			documented = append(documented, check.Severity(word))
		}
		if !slices.Equal(documented, c.Severities) {
			t.Errorf("%s is documented with the severities %q and has %q", c.Name, documented, c.Severities)
		}
		_, does, _ := strings.Cut(sections[i], "**Reconcile** ")
		if writes.MatchString(does) != (len(c.Remedy) > 0) {
			t.Errorf("the section of %s says that reconcile %.40q, and its remedy is %q", c.Name, does, c.Remedy)
		}
		if page := c.Runbook(); page != "" && !strings.Contains(sections[i], "("+page+")") {
			t.Errorf("the section of %s does not link to %s", c.Name, page)
		}
		for _, part := range []string{"**What to do:**", "**Reconcile** "} {
			if !strings.Contains(sections[i], part) {
				t.Errorf("the section of %s does not have %s", c.Name, part)
			}
		}
	}
}
