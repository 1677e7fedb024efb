package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/report"
)

// asked is an alerting command that says the same each time.
type asked struct {
	state paging.State
	err   error
	times int
}

func (a *asked) State(context.Context) (paging.State, error) {
	a.times++
	return a.state, a.err
}

// withAlerting is the page of a path with an alerting command, or without one.
func withAlerting(t *testing.T, path string, a Alerting) string {
	t.Helper()
	handler, err := New(Options{
		TelemetryPath: "/metrics", Metrics: http.NotFoundHandler(), Now: func() time.Time { return at }, Alerting: a,
		Published: func() *report.Set { return &report.Set{Reports: []report.Report{full()}} },
	})
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	if answer.Code != 200 && path != "/metrics" {
		t.Fatalf("%s: %d", path, answer.Code)
	}
	return answer.Body.String()
}

// section is the part of the page about alerting.
func section(t *testing.T, page string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, "\n"+`<section aria-labelledby="alerting">`)
	part, _, ended := strings.Cut(rest, "</section>")
	if !found || !ended {
		t.Fatalf("there is no section:\n%s", page)
	}
	return "\n" + `<section aria-labelledby="alerting">` + part + "</section>"
}

func fires(severity, name, endpoint string) paging.Alert {
	return paging.Alert{
		State: paging.Firing, ActiveAt: at.Add(-time.Hour), FiredAt: at.Add(-50 * time.Minute),
		Labels:      map[string]string{"alertname": name, "severity": severity, "account_id": "1", "region": "r", "endpoint_name": endpoint},
		Annotations: map[string]string{"runbook_url": "https://docs/" + name, "explanation": "Nothing wakes it.", "aws_message": "No."},
	}
}

func paged() paging.State {
	s := paging.State{
		At: at, Exporter: paging.Exporter{Up: true, LastScrape: at.Add(-10 * time.Second)},
		Rules:         paging.Rules{Alerting: 20, LastEvaluation: at},
		Alertmanagers: []paging.Alertmanager{{URL: "http://a:9093", Sent: 7}},
		Alerts:        []paging.Alert{fires("critical", "Missing", "ocr"), fires("critical", "Missing", "transcribe"), fires("warning", "Slow", "ocr")},
	}
	pending := fires("critical", "Later", "ocr")
	pending.State = paging.Pending
	s.Alerts = append(s.Alerts, pending)
	return s
}

func TestAlerting_isASectionOfTheStatus(t *testing.T) {
	page := section(t, withAlerting(t, "/status", &asked{state: paged()}))
	for _, part := range []string{
		"<bdi>critical</bdi></span> <strong>2</strong> firing, 1 pending.", "<bdi>warning</bdi></span> <strong>1</strong> firing, 0 pending.",
		`<a href="https://docs/Missing" rel="noreferrer"><bdi>Missing</bdi></a> <bdi class="of">1/r/ocr</bdi> since 11:10 UTC: <bdi>Nothing wakes it. AWS says: No.</bdi>`,
		"<bdi>http://a:9093</bdi></b> 7 sent, 0 failed", "0 dropped. 20 alerting rules, 0 failing ones. This exporter was scraped 10 s ago.",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("it does not say %s:\n%s", part, page)
		}
	}
	for _, part := range []string{"Slow", "Later", `"bad"`} {
		if strings.Contains(page, part) {
			t.Errorf("it says %s:\n%s", part, page)
		}
	}
}

func TestAlerting_leavesTheRestOfThePageAsItIs(t *testing.T) {
	without := withAlerting(t, "/status", nil)
	with := withAlerting(t, "/status", &asked{state: paged()})
	if rest := strings.Replace(with, section(t, with), "", 1); rest != without || strings.Contains(without, "lerting") {
		t.Errorf("got\n%s\nwant\n%s", rest, without)
	}
}

func TestAlerting_saysWhatIsWrongThere(t *testing.T) {
	s := paged()
	s.Exporter.Up, s.Exporter.Error, s.Dropped = false, "connection refused", 3
	s.Alertmanagers[0].Failed, s.Alertmanagers[0].Error = 2, "503 <busy>"
	s.Rules.Failing = []paging.Failing{{Rule: "Slow", Error: "many matches"}}
	page := section(t, withAlerting(t, "/status", &asked{state: s}))
	for _, part := range []string{
		`<li class="bad"><b><bdi>http://a:9093</bdi></b> 7 sent, 2 failed`, "does not take alerts (503 &lt;busy&gt;): 2 of 7 since the start", "3 dropped. 20 alerting rules, 1 failing one. The scrape of this exporter fails.",
		`<p class="bad"><bdi>Rule Slow cannot be evaluated (many matches).</bdi></p>`, "(connection refused)",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("it does not say %s:\n%s", part, page)
		}
	}
	page = section(t, withAlerting(t, "/status", &asked{err: errors.New("nothing <listens>")}))
	if !strings.Contains(page, `<p class="bad">Not reachable: <bdi>nothing &lt;listens&gt;</bdi></p>`) || strings.Contains(page, "firing") {
		t.Error(page)
	}
}

func TestAlerting_isAskedByTheStatusAlone(t *testing.T) {
	a := &asked{state: paged()}
	for _, path := range []string{"/", "/metrics", "/plan", "/explain", "/status/111122223333/us-east-1/transcribe", "/-/healthy"} {
		withAlerting(t, path, a)
	}
	if a.times != 0 {
		t.Errorf("it was asked %d times", a.times)
	}
	if withAlerting(t, "/status", a); a.times != 1 {
		t.Errorf("the status has asked %d times", a.times)
	}
}

func TestAlerting_isBoundedAndHarmless(t *testing.T) {
	const evil = `"><script>alert('1')</script>&`
	plain, spoken := paged(), paged()
	for range 30 {
		plain.Alerts = append(plain.Alerts, fires("critical", "x", "x"))
		a := fires("critical", evil, evil)
		a.Annotations = map[string]string{"explanation": evil, "runbook_url": "https://" + evil, "aws_message": evil}
		spoken.Alerts = append(spoken.Alerts, a)
	}
	plain.Alerts, spoken.Alerts = append(plain.Alerts, fires("x", "x", "x")), append(spoken.Alerts, fires(evil, evil, evil))
	spoken.Alertmanagers[0].URL = evil
	page, calm := withAlerting(t, "/status", &asked{state: spoken}), withAlerting(t, "/status", &asked{state: plain})
	harmless(t, "/status", page, calm)
	if !strings.Contains(page, "<li>and 27 more</li>") {
		t.Error("it does not say how many more fire")
	}
	a := fires("critical", "x", "x")
	a.Annotations["runbook_url"] = "javascript:alert(1)"
	plain.Alerts = []paging.Alert{a}
	if page := withAlerting(t, "/status", &asked{state: plain}); strings.Contains(page, "javascript") {
		t.Error("a script is a runbook")
	}
}

// An alert stands in the row of its endpoint, and then not in the list above as well.
func TestAlerting_standsInTheRowOfItsEndpoint(t *testing.T) {
	state := paged()
	for i := range state.Alerts {
		if a := &state.Alerts[i]; a.Labels["endpoint_name"] == "transcribe" {
			a.Labels["account_id"], a.Labels["region"] = "111122223333", "us-east-1"
		}
	}
	page := withAlerting(t, "/status", &asked{state: state})
	const row = `<span class="badge critical"><bdi>critical</bdi></span> <a href="https://docs/Missing" rel="noreferrer"><bdi>Missing</bdi></a> fires since 11:10 UTC`
	if n := strings.Count(page, row); n != 1 {
		t.Errorf("it stands %d times in a row:\n%s", n, page)
	}
	if part := section(t, page); strings.Contains(part, "transcribe") || !strings.Contains(part, "1/r/ocr") || !strings.Contains(part, "<strong>2</strong> firing") {
		t.Errorf("the list is\n%s", part)
	}
	if part := section(t, withAlerting(t, "/status?q=none", &asked{state: state})); !strings.Contains(part, "transcribe") {
		t.Errorf("an alert of which no row is shown is not in the list:\n%s", part)
	}
}
