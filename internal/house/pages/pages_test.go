package pages

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

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
