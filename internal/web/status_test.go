package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

func TestStatus_showsTheFleet(t *testing.T) {
	s := newSite(t)
	s.want("GET", "/status", 200, "No scope has been observed yet.")
	s.set = &report.Set{Reports: []report.Report{sick()}}
	for _, part := range []string{
		"111122223333 us-east-1", `<span class="badge up">up</span>`, "<b>alarms</b> 30 s ago", "<bdi>transcribe</bdi>", `<span class="badge critical">stuck<span class="hidden">, critical</span></span>`,
		`<strong class="bad">1 of 1</strong> endpoint needs you:`, "2 h 2 min", "<summary>1 critical check, 1 warning, 1 step, 1 step withheld, 1 worth knowing", "Nothing wakes it.",
		`<a href="https://github.com/sagemaker-async/exporter/blob/main/docs/checks.md#no_wake_policy" rel="noreferrer">no_wake_policy</a>`,
		"create wake policy wake", "<b>effect: 0 -&gt; 2 instances</b>", "<pre>adjustment: 1\nname: a</pre>",
		"<b>withheld</b> <bdi>scalable target</bdi>: suspended (<bdi>scale-out</bdi>)", "Left of endpoints that are gone",
	} {
		s.want("GET", "/status", 200, part)
	}
	s.want("HEAD", "/status", 200, "")
	s.want("POST", "/status", 405, "")
	s.want("GET", "/status/", 301, "")
	s.want("GET", "/status?sort=colour", 400, "it is one of name, backlog")
	s.want("GET", "/status?refresh=1", 400, "from 5 to 3600")
	for query, seconds := range map[string]string{"": "", "?q=trans": "", "?q=trans&refresh=30": "30"} {
		recorder := httptest.NewRecorder()
		s.handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/status"+query, nil))
		if got := recorder.Header().Get("Refresh"); got != seconds {
			t.Errorf("/status%s asks again after %q seconds, want %q", query, got, seconds)
		}
	}
	s.want("GET", "/status?q=trans&refresh=30", 200, `<a href="status?q=trans&amp;refresh=30&amp;sort=backlog">Backlog</a>`)
	s.want("GET", "/status?q=trans&sort=oldest&refresh=30", 200, `<a href="status?q=trans&amp;sort=oldest">Stop refreshing</a>`)
	s.want("GET", "/status?q=%zz", 400, "reading the query")
}

// While the first view goes on nobody is told that all is well, or what all of it costs.
func TestStatus_saysThatTheFirstViewIsNotWhole(t *testing.T) {
	s := newSite(t)
	first := sick()
	concludes(&first, 0)
	first.Plan, first.Snapshot.Endpoints[0].Queue = plan.Plan{}, fleet.Queue{}
	for i := range first.Snapshot.Sources {
		if source := &first.Snapshot.Sources[i]; source.Name == fleet.SourceEndpoints {
			source.LastSuccess, source.Progress = time.Time{}, fleet.Progress{Done: 1, Of: 1200}
		}
	}
	s.set = &report.Set{Reports: []report.Report{first}}
	for _, part := range []string{"The first view is not whole yet: described 1 of 1,200 endpoints.", "cost <strong>at least $", "None of the endpoints described so far needs you."} {
		s.want("GET", "/status", 200, part)
	}
}

func TestStatus_filtersByAForm(t *testing.T) {
	s := newSite(t)
	well := sick()
	well.Snapshot.Endpoints[0].Name, well.Plan, well.Orphans = "ocr", plan.Plan{}, nil
	concludes(&well, 0)
	well.Snapshot.Endpoints[0].Queue = fleet.Queue{}
	s.set = &report.Set{Reports: []report.Report{sick(), well}}
	for path, want := range map[string]struct{ transcribe, ocr bool }{
		"/status": {true, true}, "/status?q=OC": {false, true}, "/status?q=+oc+": {false, true}, "/status?q=": {true, true}, "/status?attention=1": {true, false},
		"/status?attention=0": {true, true}, "/status?q=ocr&attention=1": {false, false},
	} {
		page := s.get(path).Body.String()
		if got := strings.Contains(page, "<bdi>transcribe</bdi></a></th>"); got != want.transcribe {
			t.Errorf("%s shows transcribe: %t", path, got)
		}
		if got := strings.Contains(page, "<bdi>ocr</bdi></a></th>"); got != want.ocr {
			t.Errorf("%s shows ocr: %t", path, got)
		}
	}
	s.want("GET", "/status?q=a%22b", 200, `name="q" value="a&#34;b"`)
	s.want("GET", "/status?attention=1", 200, `name="attention" value="1" checked`)
	s.want("GET", "/status?attention=1", 200, "<strong>1</strong> shown")
	s.want("GET", "/status?q=zzz", 200, "No endpoint matches the filter.")
}

// What AWS and the owners of endpoints say is text, wherever it stands.
func TestStatus_escapesWhatIsNotTrusted(t *testing.T) {
	const evil = `"><script>alert('1')</script>&`
	name := strings.ReplaceAll(evil, "/", "") // with a slash it would be no resource's
	at := sick().Snapshot.At
	r := sick()
	r.Snapshot.Scope = fleet.Scope{AccountID: evil, Region: evil}
	r.Snapshot.Sources = append(r.Snapshot.Sources, fleet.Source{Name: fleet.SourceTags, LastAttempt: at, Err: evil}) // in a dash's title too
	r.Plan.Unknown = evil
	e := &r.Snapshot.Endpoints[0]
	e.Name, e.Status, e.FailureReason = name, evil, evil
	e.Variants = []fleet.Variant{{Name: name}, {Name: name + "2"}}
	concludes(&r, 0, *first(&r), report.Variant{Selected: true, Findings: []check.Finding{failing("no_failure_path", check.Info, evil)}})
	first(&r).Findings[0].Sentence = evil
	resource := fleet.ResourceID(name, name)
	r.Plan.Steps[0].ResourceID, r.Plan.Withheld[0].ResourceID = resource, resource
	r.Plan.Steps[0].Name, r.Plan.Steps[0].Effect, r.Plan.Steps[0].Changes[0].After = evil, evil, evil
	r.Plan.Withheld[0].Name, r.Plan.Withheld[0].Detail = evil, evil
	r.Orphans[0].Endpoint, r.Orphans[0].Sentence = evil, evil
	s := newSite(t)
	stale := r
	stale.Snapshot.Sources = []fleet.Source{{Name: fleet.SourceEndpoints, LastAttempt: at, Err: evil}}
	s.set = &report.Set{Reports: []report.Report{r, stale}}
	page := s.get("/status?q=" + strings.ReplaceAll(`"><script>`, ">", "%3E")).Body.String()
	for _, spoiled := range []string{"<script", "</script", "'1'"} {
		if i := strings.Index(page, spoiled); i >= 0 {
			t.Errorf("%q stands on the page: %q", spoiled, page[max(i-80, 0):i+20])
		}
	}
	const escaped = `&#34;&gt;&lt;script&gt;`
	for part, what := range map[string]string{
		`value="` + escaped + `"`: "the filter", "<bdi>" + escaped: "a name", "AWS says: <bdi>" + escaped: "a failure",
		`<h2 id="scope-0">` + escaped: "an account", "No plan yet: " + escaped: "a plan", ": <bdi>" + escaped: "an error",
		`title="endpoints: ` + escaped: "why something is not known", "wake policy &#34;\\&#34;&gt;&lt;script&gt;": "a policy",
		"</a> <bdi class=\"of\">" + escaped: "a variant", "<b>effect: " + escaped: "an effect",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("%s is not there as text: %q", what, part)
		}
	}
}

func TestStatus_loadsNothingFromElsewhere(t *testing.T) {
	s := newSite(t)
	s.set = &report.Set{Reports: []report.Report{sick()}}
	answer := s.get("/status")
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	page := answer.Body.String()
	for _, tag := range []string{"<script", "<img", "<style", "style=", "onclick", "@import", "url("} {
		if strings.Contains(page+string(stylesheet), tag) {
			t.Errorf("the page has %s", tag)
		}
	}
	if n := strings.Count(page, "<link"); n != 1 || !strings.Contains(page, `<link rel="stylesheet" href="status.css">`) {
		t.Errorf("the page has %d links to what it loads", n)
	}
}

func TestStyle_isKeptUntilItChanges(t *testing.T) {
	s := newSite(t)
	first := s.get("/status.css")
	tag := first.Header().Get("ETag")
	if first.Code != 200 || first.Header().Get("Content-Type") != "text/css; charset=utf-8" || first.Header().Get("Cache-Control") != "no-cache" ||
		len(tag) < 8 || first.Body.Len() < 1000 {
		t.Fatalf("got %d %v", first.Code, first.Header())
	}
	for sent, want := range map[string]int{tag: 304, `"another"`: 200} {
		if again := s.get("/status.css", "If-None-Match", sent); again.Code != want || want == 304 && again.Body.Len() > 0 {
			t.Errorf("%s is answered with %d and %d bytes", sent, again.Code, again.Body.Len())
		}
	}
	s.want("HEAD", "/status.css", 200, "")
}

// get asks for a page, with headers by name and value.
func (s *site) get(path string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, request)
	return recorder
}
