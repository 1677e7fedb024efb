package policy

import "testing"

func TestSelect_anEndpointIsLeftAloneUnlessItsTagConsents(t *testing.T) {
	policies := Policies{{Endpoints: prefix(""), Wanted: Documented()}}
	for value, want := range map[string]string{
		"": "selected", "on": "selected", "On": "selected", " TRUE ": "selected", "  ": "selected",
		"off": "out", "OFF": "out", "Off": "out", "off ": "out", "false": "out", "False": "out", "no": "out", "disabled": "out",
		"0": "unclear", "1": "unclear", "yes please": "unclear", "o\u200bn": "unclear", "оn": "unclear", // the last begins with a Cyrillic o
	} {
		for _, key := range []string{OptOutTag, "SageMaker-Async-Exporter/Reconcile"} {
			got, s := "selected", policies.Select("e", "v", map[string]string{key: value, "team": "off"})
			switch {
			case s.OptedOut:
				got = "out"
			case s.TagsUnknown != "":
				got = "unclear"
			}
			if got != want || OptedOut(map[string]string{key: value}) != (want != "selected") {
				t.Errorf("%s=%q is %s, want %s: %+v", key, value, got, want, s)
			}
		}
	}
	both := map[string]string{OptOutTag: "on", "SAGEMAKER-ASYNC-EXPORTER/RECONCILE": "off"}
	if s := policies.Select("e", "v", both); !s.OptedOut {
		t.Errorf("one of two tags says off: %+v", s)
	}
}
