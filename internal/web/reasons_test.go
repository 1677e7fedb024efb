package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/triage"
)

// elsewhere is the fleet in two regions, the later one first; in the other an endpoint is of the kind that SageMaker has given up.
func elsewhere() *report.Set {
	there := sick()
	there.Snapshot.Scope.Region = "eu-west-1"
	e := &there.Snapshot.Endpoints[0]
	e.Name, e.Status, e.FailureReason = "given-up", "Failed", "The image <b>x</b>\ncannot be pulled."
	return &report.Set{Reports: []report.Report{sick(), there}}
}

func TestReasons_areTheSentencesOfExplain(t *testing.T) {
	s := newSite(t)
	s.set = elsewhere()
	first, second := explain.Of(&s.set.Reports[1], "given-up", at).Conclusion, explain.Of(&s.set.Reports[0], "transcribe", at).Conclusion
	given, transcribe := first.Sentence, second.Sentence
	if given == "" || transcribe == "" || first.Page == "" || second.Page == "" {
		t.Fatal("there is nothing to say")
	}
	const words = "The image <b>x</b> cannot be pulled."
	text := "111122223333/eu-west-1/given-up: " + given + "\n  AWS says: " + words + "\n" +
		"111122223333/us-east-1/transcribe: " + transcribe + "\n"
	all := []paging.Reason{
		{AccountID: "111122223333", Region: "eu-west-1", EndpointName: "given-up", Explanation: given, Page: first.Page, AWSMessage: words},
		{AccountID: "111122223333", Region: "us-east-1", EndpointName: "transcribe", Explanation: transcribe, Page: second.Page},
	}
	for path, want := range map[string]string{
		"/explain": text, "/explain?format=text": text, "/explain?endpoint=transcribe": strings.SplitAfter(text, "\n")[2],
	} {
		got := s.get(path)
		if got.Code != 200 || got.Body.String() != want || got.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: got %d %v\n%s\nwant\n%s", path, got.Code, got.Header(), got.Body, want)
		}
	}
	for path, want := range map[string][]paging.Reason{
		"/explain?format=json": all, "/explain?format=json&endpoint=given-up": all[:1], "/explain?format=json&endpoint=nobody": {},
	} {
		got := s.get(path)
		var list []paging.Reason
		if err := json.Unmarshal(got.Body.Bytes(), &list); err != nil || list == nil || len(list) != len(want) {
			t.Errorf("%s: %v\n%s", path, err, got.Body)
			continue
		}
		for i := range want {
			if list[i] != want[i] {
				t.Errorf("%s: got %+v, want %+v", path, list[i], want[i])
			}
		}
		if got.Code != 200 || got.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %v", path, got.Code, got.Header())
		}
	}
}

func TestReasons_sayWhatTheyCannotAnswer(t *testing.T) {
	s := newSite(t)
	s.want("GET", "/explain", 503, "no explanation yet: no scope has been observed")
	s.want("GET", "/explain?format=json", 503, "no explanation yet")
	s.set = &report.Set{Reports: []report.Report{{}}}
	s.want("GET", "/explain", 200, "No asynchronous endpoint is observed.\n")
	s.want("GET", "/explain?format=json", 200, "[]\n")
	s.set = elsewhere()
	s.want("GET", "/explain?endpoint=scribe", 404, "scribe: no asynchronous endpoint of that name is observed; there are transcribe\n")
	s.want("GET", "/explain?endpoint=%0a", 404, `"\n": no asynchronous endpoint`)
	s.want("GET", "/explain?format=xml", 400, `unknown format "xml"`)
	s.want("GET", "/explain?endpoint=%", 400, "reading the query")
	s.want("POST", "/explain", 405, "")
	s.want("GET", "/explain/", 404, "")
}

// Two lines an endpoint at most, whatever its name is and whatever AWS says.
func TestReasons_areOnTheirLines(t *testing.T) {
	s := newSite(t)
	s.set = elsewhere()
	e := &s.set.Reports[1].Snapshot.Endpoints[0]
	e.Name, e.FailureReason = "a\nb", "c\nd\u2028\x1b[2Je"
	page := s.get("/explain").Body.String()
	if strings.Count(page, "\n") != 3 || strings.ContainsAny(page, "\x1b\u2028") || !strings.Contains(page, `eu-west-1/a\nb": `) {
		t.Errorf("%q", page)
	}
	s.set.Reports[0].Snapshot.Scope = fleet.Scope{Region: "us-east-1"}
	if page := s.get("/explain?endpoint=transcribe").Body.String(); !strings.HasPrefix(page, "-/us-east-1/transcribe: ") {
		t.Errorf("without an account: %q", page)
	}
}

// A browser is shown what the page of each endpoint shows, those that need attention first; who names a format gets that.
func TestReasons_areAPageForPeople(t *testing.T) {
	s := newSite(t)
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	s.set = elsewhere()
	page := s.get("/explain", "Accept", browser)
	if page.Header().Get("Content-Type") != "text/html; charset=utf-8" || page.Header().Get("Vary") != "Accept" {
		t.Errorf("it is %v", page.Header())
	}
	for _, part := range []string{
		`<a href="status/111122223333/us-east-1/transcribe"><bdi>transcribe</bdi></a>`, `<span class="badge critical">stuck<span class="hidden">, critical</span></span></h2>`, `<ol class="boxes"`, "AWS says: <bdi>The image &lt;b&gt;x&lt;/b&gt;",
		`href="status/111122223333/eu-west-1/given-up#link-1"`, `<a href="explain?format=text">As text</a>`,
	} {
		if !strings.Contains(page.Body.String(), part) {
			t.Errorf("%q is not there: %s", part, page.Body)
		}
	}
	one := s.get("/explain?endpoint=transcribe", "Accept", browser).Body.String()
	if strings.Contains(one, "given-up") || !strings.Contains(one, `href="explain?format=text&amp;endpoint=transcribe"`) {
		t.Errorf("of one endpoint there is %s", one)
	}
	if got := s.get("/explain?endpoint=nobody", "Accept", browser); got.Code != 404 {
		t.Errorf("of nobody there is %d", got.Code)
	}
	for _, path := range []string{"/explain?format=text", "/explain?format=json"} {
		if got := s.get(path, "Accept", browser); strings.Contains(got.Header().Get("Content-Type"), "html") {
			t.Errorf("%s is %v", path, got.Header())
		}
	}
}

// The page has the order of /status and list: the older requests come before the more.
func TestReasons_areInTheOrderOfTheList(t *testing.T) {
	s := newSite(t)
	s.set = elsewhere()
	for i, waits := range []struct{ requests, seconds float64 }{{3, 7200}, {900, 600}} { // transcribe, given-up
		queue := &s.set.Reports[i].Snapshot.Endpoints[0].Queue
		queue[fleet.Backlog] = fleet.Reading{At: at, Value: waits.requests, Expires: at.Add(time.Hour)}
		queue[fleet.OldestAge] = fleet.Reading{At: at, Value: waits.seconds, Expires: at.Add(time.Hour)}
	}
	page, last := s.get("/explain", "Accept", "text/html").Body.String(), -1
	list := triage.ListOf(s.set.Reports, at)
	if list.Rows[0].Name != "transcribe" {
		t.Fatalf("the list begins with %s", list.Rows[0].Name)
	}
	for i := range list.Rows {
		found := strings.Index(page, "<bdi>"+list.Rows[i].Name+"</bdi>")
		if found <= last {
			t.Errorf("%s is at %d, after %d", list.Rows[i].Name, found, last)
		}
		last = found
	}
}
