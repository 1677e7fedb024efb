package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

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
