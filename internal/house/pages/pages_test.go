package pages

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awsapi"
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

// called are the actions of the operations that write, or of the others.
func called(writes bool) (actions []string) {
	for _, operation := range awsapi.Operations() {
		if operation.Action != "" && operation.Writes == writes && operation.Action != "sts:AssumeRole" { // that one is on the roles, not on everything
			actions = append(actions, operation.Action)
		}
	}
	slices.Sort(actions)
	return actions
}

func TestReadme_permissionsAreThoseOfTheCallsThatRead(t *testing.T) {
	if got, want := allowed(t)[0], called(false); !slices.Equal(got, want) {
		t.Errorf("README.md asks for\n%q\nthe exporter calls\n%q", got, want)
	}
}

// neverCalled are the actions that AWS checks or uses on behalf of whoever writes scaling policies.
var neverCalled = []string{"cloudwatch:DeleteAlarms", "iam:CreateServiceLinkedRole", "sagemaker:UpdateEndpointWeightsAndCapacities"}

func TestReadme_permissionsToWriteAreThoseOfTheCallsThatWrite(t *testing.T) {
	want := append(called(true), neverCalled...)
	slices.Sort(want)
	if got := allowed(t)[1]; !slices.Equal(got, want) {
		t.Errorf("README.md asks for\n%q\nreconcile needs\n%q", got, want)
	}
	for _, operation := range awsapi.Operations() {
		if slices.Contains(neverCalled, operation.Action) {
			t.Errorf("README.md says that %s is never called", operation.Action)
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
