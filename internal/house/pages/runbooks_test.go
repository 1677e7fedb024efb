package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/alerts"
)

const runbooks = "docs/runbooks/"

// rule is an alert, or a recorded series, as far as pages speak of it.
type rule struct {
	Alert, Record string
	Labels        struct{ Severity, Layer string }
}

func rules(t *testing.T) (all []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal(alerts.Rules, &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	if len(all) < 30 {
		t.Fatalf("only %d rules were found", len(all))
	}
	return all
}

func TestRunbooks_thereIsOneForEachAlertAndNoOther(t *testing.T) {
	want := []string{"README.md"}
	for _, rule := range rules(t) {
		if rule.Alert != "" {
			want = append(want, rule.Alert+".md")
		}
	}
	slices.Sort(want)
	files, err := os.ReadDir(filepath.Join(root, runbooks))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range files {
		got = append(got, file.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s has\n%q, want\n%q", runbooks, got, want)
	}
}

func TestRunbooks_haveTheSamePartsAndTellWhatTheAlertDoes(t *testing.T) {
	parts := []string{"## Meaning", "## Impact", "## Diagnosis", "## Mitigation", "## Prevention"}
	for _, rule := range rules(t) {
		if rule.Alert == "" {
			continue
		}
		page := read(t, runbooks+rule.Alert+".md")
		head := "# " + rule.Alert + "\n\nSeverity: **" + rule.Labels.Severity + "**, "
		if !strings.HasPrefix(page, head) {
			t.Errorf("the runbook of %s does not begin with %q", rule.Alert, head)
		}
		if got := regexp.MustCompile("(?m)^## .*$").FindAllString(page, -1); !slices.Equal(got, parts) {
			t.Errorf("the runbook of %s has the parts %q, want %q", rule.Alert, got, parts)
		}
		if got, want := strings.Contains(page, "it silences the symptoms"), rule.Labels.Layer == "cause"; got != want {
			t.Errorf("the runbook of %s says that it is a cause: %t, want %t", rule.Alert, got, want)
		}
		if got, want := strings.Contains(page, "names a cause silences it"), rule.Labels.Layer == "symptom"; got != want {
			t.Errorf("the runbook of %s says that it is a symptom: %t, want %t", rule.Alert, got, want)
		}
		for _, language := range []string{"promql", "sh aws"} {
			fenced(t, runbooks+rule.Alert+".md", language)
		}
	}
}

func TestRunbooks_indexHasTheAlertsBySeverity(t *testing.T) {
	pages, tickets, found := strings.Cut(read(t, runbooks+"README.md"), "\n## Tickets\n")
	if !found {
		t.Fatal("the index has no tickets")
	}
	for severity, text := range map[string]string{"critical": pages, "warning": tickets} {
		var got, want []string
		for _, row := range regexp.MustCompile(`(?m)^\| \[(\w+)\]\((\w+)\.md\) \| \S`).FindAllStringSubmatch(text, -1) {
			if got = append(got, row[1]); row[1] != row[2] {
				t.Errorf("the index calls the page %s %s", row[2], row[1])
			}
		}
		for _, rule := range rules(t) {
			if rule.Alert != "" && rule.Labels.Severity == severity {
				want = append(want, rule.Alert)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the index has as %s\n%q, want\n%q", severity, got, want)
		}
	}
}
