package report_test

import (
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Where nothing is selected it is said what could be, with the command that previews it; that sentence agrees with what the
// plan is once a policy selects it.
func TestUnselected_namesWhatAPlanWouldChange(t *testing.T) {
	all, err := config.ParsePattern(".*")
	if err != nil {
		t.Fatal(err)
	}
	changed, same := 0, 0
	for _, c := range cases.All() {
		r := report.Build(c.Snapshot, report.Rules{}, report.NewPast())
		said := report.Set{Reports: []report.Report{r}}.Unselected()
		selected := report.Build(c.Snapshot, report.Rules{Policies: policy.Policies{policy.ByName(all)}}, report.NewPast())
		if len(selected.Plan.Steps) > 0 {
			changed++
			if want := "No endpoint is selected. 1 could be changed: " + cases.Endpoint + ". Preview: sagemaker-async-exporter plan " + cases.Endpoint; !strings.HasPrefix(said, want) {
				t.Errorf("%s: got %q, want %q", c.Name, said, want)
			}
		} else if same++; strings.Contains(said, "could be changed") {
			t.Errorf("%s: got %q, but nothing would be", c.Name, said)
		}
		if said := (report.Set{Reports: []report.Report{r, selected}}).Unselected(); said != "" && len(selected.Plan.Selected) > 0 {
			t.Errorf("%s: beside one that is selected it says %q", c.Name, said)
		}
	}
	if changed < 5 || same < 5 {
		t.Errorf("%d cases would be changed, %d not", changed, same)
	}
	if said := (report.Set{}).Unselected(); said != "" {
		t.Errorf("of nothing it says %q", said)
	}
}
