package explain

import (
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// text is what Text writes to a terminal of 80 columns with colours, or into a pipe.
func text(t *testing.T, e Explanation, screen bool) string {
	t.Helper()
	var out strings.Builder
	var err error
	if screen {
		err = e.Text(&terminal.Screen{Out: &out, Colour: true, Size: func() (int, int) { return 80, 24 }}, false)
	} else {
		err = e.Text(&out, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestText_fitsATerminalAndPaintsVerdicts(t *testing.T) {
	s := asleep(3)
	s.oldest(40)
	explained := s.explain()
	got := text(t, explained, true)
	for line := range strings.Lines(got) {
		if n := terminal.Columns(strings.TrimSuffix(line, "\n")); n > 80 && !strings.Contains(line, "https://") && !strings.Contains(line, "sagemaker-async-exporter ") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	for _, want := range []string{"\x1b[1;31mneeds attention: \x1b[m", "queue \x1b[1;31mx\x1b[m  metric ", "  queue            \x1b[1;31mbroken\x1b[m   "} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%q", want, got)
		}
	}
	if piped := text(t, explained, false); strings.Contains(piped, "\x1b") {
		t.Errorf("a pipe gets %q", piped)
	}
}

// A conclusion in parts says the same as the sentence that tools read.
func TestText_hasEveryPartOfTheConclusion(t *testing.T) {
	for name, c := range map[string]Conclusion{
		"commands": {
			Attention: true, Situation: "3 wait", Cause: "e does not wake: 3 wait. The alarm has no data.", Preview: "P e", Command: "A e",
			Sentence: "e does not wake: 3 wait. The alarm has no data. Preview the fix by P e, then apply it by A e (update it).",
		},
		"advice":  {Attention: true, Situation: "3 wait", Cause: "e lags behind: 3 wait for long.", Sentence: "e lags behind: 3 wait for long. Do it. See U."},
		"unknown": {Attention: true, Cause: "It is not known.", Sentence: "It is not known.", Page: "U"},
	} {
		want := map[string]string{
			"commands": "needs attention: e does not wake: 3 wait.\ncause: The alarm has no data.\naction: Preview the fix, then apply it (update it).\n    P e\n    A e\nAWS says: no.\n",
			"advice":   "needs attention: e lags behind: 3 wait for long.\naction: Do it. See U.\nAWS says: no.\n",
			"unknown":  "needs attention: It is not known.\naction: See U.\nAWS says: no.\n",
		}[name]
		if got := text(t, Explanation{Endpoint: "e", At: noon, Conclusion: c, AWSSays: "no."}, false); !strings.Contains(got, "\n\n"+want+"\n") {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// What has to be fixed is said without --verbose, though it breaks no link; what is only worth knowing is not.
func TestText_tellsOfChecksThatFail(t *testing.T) {
	finding := func(severity check.Severity, sentence string) check.Finding {
		return check.Finding{Check: check.All()[0], Severity: severity, Failed: true, Sentence: sentence}
	}
	got := text(t, Explanation{At: noon, Links: []Link{{Name: Alarm, Verdict: OK, Sentence: "It waits.", Findings: []check.Finding{
		finding(check.Warning, "It is late."), finding(check.Info, "It is long."), finding(check.Critical, "It waits."),
	}}}}, false)
	if !strings.Contains(got, "warning check "+check.All()[0].Name+": It is late.\n") || strings.Contains(got, "long") || strings.Count(got, "It waits.") != 1 {
		t.Errorf("%s", got)
	}
}

func TestQueue_callsAnObjectiveThatNobodySetTheDefault(t *testing.T) {
	s := asleep(3)
	s.oldest(40)
	s.rules.SetsLatency = func(string) bool { return false }
	explained := s.explain()
	if want := "longer than the default objective of 30 min; set objectives: to have another."; !strings.HasSuffix(explained.Links[0].Sentence, want) {
		t.Errorf("%s", explained.Links[0].Sentence)
	}
}
