package paging

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/terminal"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// well is a state in which alerts reach somebody, and there are none.
func well() State {
	return State{
		At: noon, Exporter: Exporter{URL: "http://127.0.0.1:10119", Up: true, LastScrape: noon},
		Rules:         Rules{Alerting: 20, Recording: 1, LastEvaluation: noon.Add(-30 * time.Second)},
		Alertmanagers: []Alertmanager{{URL: "http://127.0.0.1:9093", Sent: 4}},
	}
}

func labels(pairs ...string) map[string]string {
	all := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

// A reason of hundreds of characters is broken at words, in a pipe and on a narrow terminal.
func TestWriteText_hasNoLongLine(t *testing.T) {
	s := well()
	s.Alerts = []Alert{{
		State: Firing, ActiveAt: noon, Labels: labels("alertname", "SageMakerAsyncBacklogWithoutCapacity", "severity", Critical, "endpoint_name", "summarize"),
		Annotations: labels("explanation", strings.Repeat("It does not wake. ", 50)),
	}}
	for width, out := range map[int]func(io.Writer) io.Writer{
		widest: func(out io.Writer) io.Writer { return out },
		60: func(out io.Writer) io.Writer {
			return &terminal.Screen{Out: out, Colour: true, Size: func() (int, int) { return 60, 24 }}
		},
	} {
		var got strings.Builder
		if err := s.WriteText(out(&got)); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(got.String()) {
			if n := terminal.Columns(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d columns of %d: %q", n, width, line)
			}
		}
		if painted := strings.Contains(got.String(), "\x1b[1;31mcritical\x1b[m"); painted != (width == 60) {
			t.Errorf("painted: %t\n%q", painted, got.String())
		}
	}
}

func TestWriteText_isATableAndWhatIsWrong(t *testing.T) {
	quiet, busy := well(), well()
	busy.Alerts = []Alert{
		{
			State: Firing, ActiveAt: noon.Add(-time.Hour), FiredAt: noon.Add(-50 * time.Minute),
			Labels:      labels("alertname", "Refused", "severity", Critical, "account_id", "1", "region", "us-east-1", "endpoint_name", "ocr", "variant_name", "v", "job", "x y"),
			Annotations: labels("explanation", "It does not wake.", "aws_message", "The limit\nis 2.", "summary", "S."),
		},
		{
			State: Pending, ActiveAt: noon.Add(-26 * time.Hour), Labels: labels("alertname", "Down"), Annotations: labels("summary", "It is \x1b[2Jdown."),
		},
	}
	busy.Exporter.Up, busy.Exporter.Error = false, "connection refused"
	busy.Alertmanagers[0].Failed, busy.Alertmanagers[0].Error = 3, "500"
	for name, test := range map[string]struct {
		state State
		want  string
	}{
		"quiet": {quiet, "0 alerts firing, 0 pending, as of 2026-03-02 12:00:00 UTC.\n"},
		"busy": {busy, `1 alert firing, 1 pending, as of 2026-03-02 12:00:00 UTC.

STATE    SEVERITY  SINCE                 ALERT
firing   critical  11:10 UTC             Refused
  1/us-east-1/ocr/v job=x y
  It does not wake. AWS says: The limit is 2.
pending  -         2026-03-01 10:00 UTC  Down
  It is  [2Jdown.

The exporter at http://127.0.0.1:10119 cannot be scraped (connection refused): what fires rests on
  what was known before.
Alertmanager http://127.0.0.1:9093 does not take alerts (500): 3 of 4 since the start; what still
  fires is sent again.
`},
	} {
		var got strings.Builder
		if err := test.state.WriteText(&got); err != nil || squeezed(got.String()) != squeezed(test.want) {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got.String(), test.want)
		}
	}
}

// squeezed is a text in which the width of columns does not matter.
func squeezed(text string) string {
	for strings.Contains(text, "   ") {
		text = strings.ReplaceAll(text, "   ", "  ")
	}
	return text
}

func TestTroubles_areWhatKeepsAnAlertFromSomebody(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*State)
		want   string
	}{
		{"none", func(*State) {}, ""},
		{"alerts alone", func(s *State) { s.Alerts = []Alert{{State: Firing}} }, ""},
		{"alerts that wait a moment", func(s *State) { s.Queued = 1 }, ""},
		{"no scrape", func(s *State) { s.Exporter.Up = false }, "The exporter at http://127.0.0.1:10119 cannot be scraped: what fires rests on what was known before."},
		{"no rules", func(s *State) { s.Rules = Rules{} }, "There are no alerting rules: nothing will ever fire."},
		{"not evaluated", func(s *State) { s.Rules.LastEvaluation = time.Time{} }, "No rule has been evaluated yet."},
		{"evaluated long ago", func(s *State) { s.Rules.LastEvaluation = noon.Add(-6 * time.Minute) }, "The rules were last evaluated 6 min ago."},
		{"a bad rule", func(s *State) { s.Rules.Failing = []Failing{{"Refused", "many\nmatches"}} }, "Rule Refused cannot be evaluated (many matches)."},
		{"nobody to tell", func(s *State) { s.Alertmanagers = nil }, "No Alertmanager is known: nobody is told."},
		{"not taken once", func(s *State) { s.Dropped, s.Alertmanagers[0].Failed = 1, 1 }, ""},
		{
			"not taken", func(s *State) { s.Alertmanagers[0].Failed, s.Alertmanagers[0].Error = 1, "EOF" },
			"Alertmanager http://127.0.0.1:9093 does not take alerts (EOF): 1 of 4 since the start; what still fires is sent again.",
		},
	} {
		s := well()
		test.change(&s)
		if got := strings.Join(s.Troubles(), "\n"); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestFires_asksForFiringAlertsOfTheSeverity(t *testing.T) {
	s := well()
	s.Alerts = []Alert{{State: Pending, Labels: labels("severity", Critical)}, {State: Firing, Labels: labels("severity", "warning")}}
	if s.Fires(Critical) || !s.Fires("warning") || s.Fires("info") {
		t.Error("a pending alert fires, or a firing one does not")
	}
}

func TestRunbook_isAPageOnTheWeb(t *testing.T) {
	for page, want := range map[string]string{
		"": "", "https://a/b": "https://a/b", "http://a": "http://a", "javascript:alert(1)": "", "//a": "", "docs/x.md": "",
	} {
		if got := (&Alert{Annotations: labels("runbook_url", page)}).Runbook(); got != want {
			t.Errorf("%q: %q", page, got)
		}
	}
}

func TestReadState_readsWhatIsWritten(t *testing.T) {
	s := well()
	s.Alerts = []Alert{{State: Firing, Labels: labels("alertname", "Refused"), ActiveAt: noon, FiredAt: noon}}
	page, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadState(page)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(got); err != nil || string(again) != string(page) {
		t.Errorf("%v\n%s\nwant\n%s", err, again, page)
	}
	if _, err := ReadState([]byte(`{"at": "2026-03-02T12:00:00Z", "new": 1}`)); err != nil {
		t.Errorf("a field of a newer version: %v", err)
	}
}

func TestReadState_refusesWhatSomebodyElseSays(t *testing.T) {
	for page, want := range map[string]string{
		"":                                  "reading it as JSON: unexpected end of JSON input",
		"<html>":                            "reading it as JSON: invalid character '<'",
		"[]":                                "reading it as JSON: json: cannot unmarshal array",
		`{"status": "success"}`:             "it does not say of which moment it is",
		`{"at": "2026-03-02T12:00:00Z"} {}`: "reading it as JSON: invalid character '{'",
		`{"at": "2026-03-02T12:00:00Z", "alerts": [{"state": "inactive"}]}`:                                            `alert 1 has the name "" and the state "inactive"`,
		`{"at": "2026-03-02T12:00:00Z", "alerts": [{"state": "firing", "labels": {"severity":""}}]}`:                   `alert 1 has the name "" and the state "firing"`,
		`{"at": "2026-03-02T12:00:00Z", "alerts": [` + strings.Repeat("{},", mostItems) + `{}]}`:                       "reading it as JSON: more than 10000 items",
		`{"at": "2026-03-02T12:00:00Z", "alertmanagers": [` + strings.Repeat("{},", mostItems) + `{}]}`:                "reading it as JSON: more than 10000 items",
		`{"at": "2026-03-02T12:00:00Z", "rules": {"failing": [` + strings.Repeat("{},", mostItems) + `{}]}}`:           "reading it as JSON: more than 10000 items",
		`{"at": "2026-03-02T12:00:00Z", "alerts": [{"labels": {` + strings.Repeat(`"a":"",`, mostTexts) + `"a":""}}]}`: "reading it as JSON: more than 100 items",
		strings.Repeat(" ", LongestState+1): "it is longer than 16 MiB",
	} {
		if _, err := ReadState([]byte(page)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.300s: %v, want %s", page, err, want)
		}
	}
}
