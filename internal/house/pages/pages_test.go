package pages

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/collector"
	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/iam"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// root is the top of the repository.
const root = "../../.."

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced are the code blocks of a language in a page, without their indentation in a list.
func fenced(t *testing.T, page, language string) (blocks []string) {
	t.Helper()
	for _, found := range regexp.MustCompile("(?ms)^( *)```"+language+"\n(.*?\n) *```$").FindAllStringSubmatch(read(t, page), -1) {
		blocks = append(blocks, regexp.MustCompile("(?m)^"+found[1]).ReplaceAllString(found[2], ""))
	}
	if len(blocks) == 0 {
		t.Fatalf("%s has no block of %s", page, language)
	}
	return blocks
}

func TestPages_configurationFilesAreGood(t *testing.T) {
	for _, page := range []string{"README.md", "docs/checks.md", "docs/policy.md"} {
		for _, block := range fenced(t, page, "yaml") {
			name := filepath.Join(t.TempDir(), filepath.Base(page)+".yaml")
			if err := os.WriteFile(name, []byte(block), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Load(name); err != nil {
				t.Errorf("%v\n%s", err, block)
			}
		}
	}
}

// list is one value or several, as IAM writes them.
type list []string

func (l *list) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*l = list{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(l))
}

// allowed are the actions of the IAM policies in README, in their order: what reads, and what writes.
func allowed(t *testing.T) (actions [][]string) {
	t.Helper()
	for _, block := range fenced(t, "README.md", "json") {
		var document struct {
			Statement []struct{ Action list }
		}
		if err := json.Unmarshal([]byte(block), &document); err != nil {
			t.Fatal(err)
		}
		var of []string
		for _, statement := range document.Statement {
			of = append(of, statement.Action...)
		}
		slices.Sort(of)
		actions = append(actions, of)
	}
	if len(actions) != 2 {
		t.Fatalf("README.md has %d IAM policies, want the one that reads and the one that writes", len(actions))
	}
	return actions
}

// needed are the actions of the permissions that are needed to reconcile alone, or of the others.
func needed(reconcile bool) (actions []string) {
	for _, permission := range iam.Permissions() {
		if permission.Reconcile() == reconcile && permission.Action != "sts:AssumeRole" { // that one is on the roles, not on everything
			actions = append(actions, permission.Action)
		}
	}
	return actions
}

func TestReadme_permissionsAreTheLeast(t *testing.T) {
	for i, got := range allowed(t) {
		if want := needed(i == 1); !slices.Equal(got, want) {
			t.Errorf("README.md asks for\n%q\nneeded are\n%q", got, want)
		}
	}
}

var reasonRow = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ")

// Every reason for withholding a step has its row, with what to do.
func TestPolicy_hasEveryReasonForWithholding(t *testing.T) {
	_, section, _ := strings.Cut(read(t, "docs/policy.md"), "\n## Why a step is withheld, and what to do\n")
	section, _, _ = strings.Cut(section, "\n#")
	var got []plan.Reason
	for _, row := range reasonRow.FindAllStringSubmatch(section, -1) {
		got = append(got, plan.Reason(row[1]))
	}
	if want := plan.Reasons(); !slices.Equal(got, want) {
		t.Errorf("docs/policy.md has the reasons\n%q, want\n%q", got, want)
	}
}

var metricName = regexp.MustCompile(`\bsagemaker_async_\w+`)

func TestPages_nameMetricsThatExist(t *testing.T) {
	known := []string{"sagemaker_async_exporter_build_info"} // client_golang's
	for _, metric := range collector.Table() {
		known = append(known, metric.FullName())
	}
	for _, page := range []string{
		"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/checks.md", "docs/cost.md", "docs/iam.md", "docs/policy.md",
	} {
		for _, name := range metricName.FindAllString(read(t, page), -1) {
			if !slices.Contains(known, name) {
				t.Errorf("%s speaks of %s, which does not exist", page, name)
			}
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)

func TestPages_linkToFilesThatExist(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/runbooks/*.md", "deploy/*/*.md"} {
		more, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		if len(more) == 0 {
			t.Errorf("no page is called %s", pattern)
		}
		pages = append(pages, more...)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllSubmatch(text, -1) {
			if bytes.Contains(match[1], []byte("://")) {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), string(match[1]))); err != nil {
				t.Errorf("%s links to %s: %v", filepath.Base(page), match[1], err)
			}
		}
	}
}
