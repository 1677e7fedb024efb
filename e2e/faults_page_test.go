//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awsapi"
)

const (
	faultsPage = "../docs/faults.md"
	// faultsBegin is where in the page begins what the test saw.
	faultsBegin = "<!-- Seen by go test -tags e2e ./e2e -run TestFaults -update. -->\n"
)

// compare holds the page against what was seen, or writes it.
func (f *faultTable) compare(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(faultsPage)
	must(t, err)
	introduction, written, ok := strings.Cut(string(text), faultsBegin)
	if !ok {
		t.Fatalf("%s has no line %q", faultsPage, faultsBegin)
	}
	got := f.text()
	if *update {
		must(t, os.WriteFile(faultsPage, []byte(introduction+faultsBegin+got), 0o644))
		return
	}
	if got != written {
		t.Errorf("%s says something else; read the difference, then run this test with -update:\n%s", faultsPage, got)
	}
}

// text is the table, a section for each operation.
func (f *faultTable) text() string {
	var out strings.Builder
	for _, operation := range awsapi.Operations() {
		name := nameOf(operation)
		fmt.Fprintf(&out, "\n### %s\n\n| fault | seen | the log says |\n|---|---|---|\n", name)
		for _, w := range ways {
			cell, says := f.cells[name][w.name], ""
			if reason := w.cannot(faulties[name]); reason != "" {
				cell.what = "cannot be: " + reason
			} else if says = cell.says; says != "" {
				says = "`" + strings.ReplaceAll(says, "|", "\\|") + "`"
			}
			fmt.Fprintf(&out, "| %s | %s | %s |\n", w.name, cell.what, says)
		}
	}
	fmt.Fprintf(&out, "\n### %s\n\n| it is | seen |\n|---|---|\n", ownClock)
	for _, c := range wrongClocks {
		fmt.Fprintf(&out, "| %s | %s |\n", c.name, f.cells[ownClock][c.name].what)
	}
	return out.String()
}
