package daemon

import "testing"

func TestModuleVersion_isThatOfATag(t *testing.T) {
	for text, want := range map[string]string{"(devel)": "", "": "", "v1.2.3": "1.2.3", "v0.0.0-20261201160000-0123456789ab": "0.0.0-20261201160000-0123456789ab"} {
		if got := moduleVersion(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
