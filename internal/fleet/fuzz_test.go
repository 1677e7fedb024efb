package fleet

import (
	"slices"
	"strings"
	"testing"
)

// What AWS says in words is not written down anywhere: whatever it says, what is read from it is one of what is known.
func FuzzActivity(f *testing.F) {
	for _, seed := range []string{
		"", "Setting desired instance count to 3.", "Setting desired instance count to 99999999999999999999999999.", "insufficient capacity", "The service limit is 1",
		"endpoint/a/variant/b", "endpoint//variant/", "endpoint/a/variant/b/c", "\xff\n\u202e", strings.Repeat("9", 64<<10),
	} {
		f.Add(seed, "Failed")
	}
	f.Fuzz(func(t *testing.T, text, status string) {
		a := Activity{Description: text, Details: text, StatusMessage: text, Cause: text, Status: status, ResourceID: text}
		if n, ok := a.Desired(); n < 0 || !ok && n != 0 {
			t.Errorf("%d instances are desired", n)
		}
		a.ScaledOut(&Activity{Description: text})
		Earlier([]Activity{a})
		if reason := a.FailureReason(); reason != "" && !slices.Contains(FailureReasons, reason) || (reason != "") != (status == "Failed") {
			t.Errorf("%q fails for %q", status, reason)
		}
		endpoint, variant, ok := SplitResourceID(text)
		if again := ResourceID(endpoint, variant); ok && again != text || !ok && endpoint+variant != "" {
			t.Errorf("%q is %q", text, again)
		}
	})
}
