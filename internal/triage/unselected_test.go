package triage_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/triage"
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
		said := triage.Unselected([]report.Report{r}, c.Snapshot.At)
		selected := report.Build(c.Snapshot, report.Rules{Policies: policy.Policies{policy.ByName(all)}}, report.NewPast())
		if len(selected.Plan.Steps) > 0 {
			changed++
			if want := "No endpoint is selected. 1 could be changed: " + cases.Endpoint + ". Preview: sagemaker-async-exporter plan " + cases.Endpoint; !strings.HasPrefix(said, want) {
				t.Errorf("%s: got %q, want %q", c.Name, said, want)
			}
		} else if same++; strings.Contains(said, "could be changed") {
			t.Errorf("%s: got %q, but nothing would be", c.Name, said)
		}
		if said := triage.Unselected([]report.Report{r, selected}, c.Snapshot.At); said != "" && len(selected.Plan.Selected) > 0 {
			t.Errorf("%s: beside one that is selected it says %q", c.Name, said)
		}
	}
	if changed < 5 || same < 5 {
		t.Errorf("%d cases would be changed, %d not", changed, same)
	}
	if said := triage.Unselected(nil, time.Time{}); said != "" {
		t.Errorf("of nothing it says %q", said)
	}
}

// The preview is of the endpoint that the list has first, in whichever order they are observed.
func TestUnselected_previewsTheWorst(t *testing.T) {
	changed := 0
	for _, c := range cases.All() {
		r := report.Build(c.Snapshot, report.Rules{}, report.NewPast())
		if triage.Unselected([]report.Report{r}, c.Snapshot.At) == "" {
			continue
		}
		changed++
		other := c.Snapshot
		other.Scope.Region, other.Endpoints = "eu-central-1", slices.Clone(other.Endpoints)
		for i := range other.Endpoints {
			other.Endpoints[i].Name = "aa-" + other.Endpoints[i].Name
		}
		both := []report.Report{report.Build(other, report.Rules{}, report.NewPast()), r}
		for range both {
			slices.Reverse(both)
			first, said := triage.ListOf(both, c.Snapshot.At).Rows[0], triage.Unselected(both, c.Snapshot.At)
			if want := "Preview: sagemaker-async-exporter plan " + first.Name; !strings.HasSuffix(said, want) {
				t.Errorf("%s: got %q, want %q", c.Name, said, want)
			}
		}
	}
	if changed < 5 {
		t.Errorf("%d cases would be changed", changed)
	}
}
