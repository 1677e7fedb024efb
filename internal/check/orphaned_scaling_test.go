package check

import (
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestOrphans_areOneFindingForEachVariant(t *testing.T) {
	findings := Orphans(
		fleet.Orphan{Endpoint: "a", Alarm: "loose"},
		fleet.Orphan{Endpoint: "a", Variant: "v", Target: true},
		fleet.Orphan{Endpoint: "a", Variant: "v", Alarm: "one"},
		fleet.Orphan{Endpoint: "a", Variant: "v", Alarm: "two\n"},
		fleet.Orphan{Endpoint: "b", Variant: "v", Target: true},
	)
	want := []struct {
		endpoint, variant string
		says              []string
	}{
		{"a", "", []string{`"loose"`, "delete the alarm"}},
		{"a", "v", []string{`variant "v"`, `"one"`, `"two\n"`, "deregister the target and delete the alarm;"}},
		{"b", "v", []string{`"b"`, "deregister the target;"}},
	}
	if len(findings) != len(want) {
		t.Fatalf("%+v", findings)
	}
	for i, finding := range findings {
		if finding.Endpoint != want[i].endpoint || finding.Variant != want[i].variant || !finding.Failed ||
			finding.Severity != Warning || finding.Check.Name != "orphaned_scaling" {
			t.Errorf("%+v", finding)
		}
		proper(t, finding.Endpoint, finding.Finding)
		for _, part := range want[i].says {
			if !strings.Contains(finding.Sentence, part) {
				t.Errorf("%q is not said: %s", part, finding.Sentence)
			}
		}
	}
	if Orphans() != nil {
		t.Error("there is something where nothing is left")
	}
}
