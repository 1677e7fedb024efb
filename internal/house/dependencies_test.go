package house

import (
	"regexp"
	"slices"
	"testing"
)

// Who adds a dependency says why, and who removes one removes its reason.
func TestDependencies_haveEachAReason(t *testing.T) {
	required := firstOf(regexp.MustCompile(`(?m)^(?:require )?\s*([\w.-]+\.[\w./-]+) v\S+$`), read(t, "go.mod"))
	if len(required) < 10 {
		t.Fatalf("go.mod requires %q: too few", required)
	}
	justified := firstOf(regexp.MustCompile("(?m)^\\| `([^`]+\\.[^`]+)` \\| \\S.*\\|$"), read(t, "CONTRIBUTING.md"))
	for _, module := range required {
		if !slices.Contains(justified, module) {
			t.Errorf("CONTRIBUTING does not say what %s is for", module)
		}
	}
	for i, module := range justified {
		if !slices.Contains(required, module) {
			t.Errorf("CONTRIBUTING has a reason for %s, which go.mod does not require directly", module)
		}
		if slices.Contains(justified[:i], module) {
			t.Errorf("CONTRIBUTING has two reasons for %s", module)
		}
	}
}

// firstOf are the texts that the first group of a pattern finds.
func firstOf(pattern *regexp.Regexp, text string) (found []string) {
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}
