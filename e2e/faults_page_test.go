//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awsapi"
)

// compare holds what was seen against the long table, row by row: those that were not run are not looked at. With -update
// it writes the rows that were run.
func (f faultTable) compare(t *testing.T) {
	t.Helper()
	written := readFaults(t)
	for section, cells := range f {
		for fault, got := range cells {
			if want := written[section][fault]; !*update && rowOf(fault, got) != rowOf(fault, want) {
				t.Errorf("%s, %s: %s has\n%sseen was\n%sread the difference, then run make faults", section, fault, faultsGolden, rowOf(fault, want), rowOf(fault, got))
			}
			written.put(section, fault, got)
		}
	}
	if *update {
		must(t, os.WriteFile(faultsGolden, []byte(written.text()), 0o644))
		return
	}
	if text, err := os.ReadFile(faultsGolden); err != nil || !t.Failed() && string(text) != written.text() {
		t.Errorf("%s has rows that it should not have, or lacks some: run make faults: %v", faultsGolden, err)
	}
}

func rowOf(fault string, s seen) string {
	return fmt.Sprintf("| %s | %s | %s |\n", fault, s.what, s.says)
}

// text is the table, a section for each operation.
func (f faultTable) text() string {
	var out strings.Builder
	for i, operation := range awsapi.Operations() {
		name := nameOf(operation)
		if i > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "### %s\n\n| fault | seen | the log says |\n|---|---|---|\n", name)
		for _, w := range ways {
			cell := f[name][w.name]
			if reason := w.cannot(faulties[name]); reason != "" {
				cell = seen{what: "cannot be: " + reason}
			}
			out.WriteString(rowOf(w.name, cell))
		}
	}
	fmt.Fprintf(&out, "\n### %s\n\n| fault | seen | the log says |\n|---|---|---|\n", ownClock)
	for _, c := range wrongClocks {
		out.WriteString(rowOf(c.name, f[ownClock][c.name]))
	}
	return out.String()
}
