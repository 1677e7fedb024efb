package house

import (
	"regexp"
	"testing"
)

// go install PACKAGE@VERSION refuses a module that replaces or excludes another.
func TestModule_canBeInstalledByItsVersion(t *testing.T) {
	if found := regexp.MustCompile(`(?m)^(?:replace|exclude)\b.*`).FindString(read(t, "go.mod")); found != "" {
		t.Errorf("go.mod has %q: go install would refuse it", found)
	}
}
