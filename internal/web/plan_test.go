package web

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

func TestPlan_isWhatTheCommandPrints(t *testing.T) {
	s := newSite(t)
	there := sick()
	there.Plan.Scope.Region, there.Snapshot.Scope.Region = "eu-west-1", "eu-west-1"
	s.set = &report.Set{Reports: []report.Report{sick(), there}}
	const polled = "2026-03-02T11:00:00Z" // the oldest of what both plans rest on
	older, _ := time.Parse(time.RFC3339, polled)
	for i, r := range s.set.Reports {
		var read []fleet.Source
		for j, name := range []fleet.SourceName{fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceQueue} {
			read = append(read, fleet.Source{Name: name, LastSuccess: older.Add(time.Duration(i+2-j) * time.Minute), Expires: at.Add(time.Hour)})
		}
		s.set.Reports[i].Snapshot = r.Snapshot
		s.set.Reports[i].Snapshot.Sources = read
	}
	plans := []plan.Plan{s.set.Reports[0].Plan, s.set.Reports[1].Plan}
	var text, tools bytes.Buffer
	if err := plan.Text(&text, plans); err != nil {
		t.Fatal(err)
	}
	if err := plan.JSON(&tools, plans); err != nil {
		t.Fatal(err)
	}
	if text.Len() < 200 || !json.Valid(tools.Bytes()) {
		t.Fatalf("the plan is %q", &text)
	}
	for path, want := range map[string]struct{ contentType, body string }{
		"/plan":             {"text/plain; charset=utf-8", text.String()},
		"/plan?format=":     {"text/plain; charset=utf-8", text.String()},
		"/plan?format=text": {"text/plain; charset=utf-8", text.String()},
		"/plan?format=json": {"application/json", tools.String()},
	} {
		answer := s.get(path)
		header := answer.Header()
		if answer.Code != 200 || answer.Body.String() != want.body || header.Get("Content-Type") != want.contentType ||
			header.Get("Cache-Control") != "no-store" || header.Get("X-Content-Type-Options") != "nosniff" ||
			header.Get(PlanFrom) != "poll; at="+polled {
			t.Errorf("%s: got %d %v\n%s\nwant\n%s", path, answer.Code, header, answer.Body, want.body)
		}
		s.want("HEAD", path, 200, "")
	}
}

func TestPlan_ofAnEndpointSaysFromWhichPollItIs(t *testing.T) {
	s := newSite(t)
	r := sick()
	path := "/" + pathOf(r.Snapshot.Scope, r.Endpoints[0].Name)
	const words = "By the poll of 11:59 UTC. Reconcile reads the endpoint again before it writes."
	s.set = &report.Set{Reports: []report.Report{r}}
	known := s.get(path).Body.String()
	for i := range r.Snapshot.Sources {
		r.Snapshot.Sources[i].LastSuccess = time.Time{}
	}
	s.set = &report.Set{Reports: []report.Report{r}}
	if unknown := s.get(path).Body.String(); strings.Contains(unknown, "By the poll of") || !strings.Contains(known, words) {
		t.Errorf("got\n%s\nand without a poll\n%s", known, unknown)
	}
}

func TestPlan_saysWhatItCannotAnswer(t *testing.T) {
	s := newSite(t)
	s.want("GET", "/plan", 503, "no plan yet: no scope has been observed")
	s.want("GET", "/plan?format=json", 503, "no plan yet: no scope has been observed")
	s.set = &report.Set{Reports: []report.Report{{}}}
	s.want("GET", "/plan", 200, "No changes. No policy selects a variant.\n")
	s.want("GET", "/plan?format=xml", 400, `unknown format "xml": write ?format=json for JSON, or leave it out for text`)
	s.want("GET", "/plan?format=%0a", 400, `unknown format "\n"`)
	s.want("GET", "/plan?format=json;x", 400, "reading the query")
	s.want("POST", "/plan", 405, "")
	s.want("GET", "/plan/", 404, "")
	if cached := s.get("/plan?format=xml").Header().Get("Cache-Control"); cached != "no-store" {
		t.Errorf("a wrong question is kept: %q", cached)
	}
}

// A plan in which nothing is selected says what could be.
func TestPlan_saysWhatCouldBeSelected(t *testing.T) {
	s := newSite(t)
	s.set = bare(t, 2, "nothing")
	const want = "No changes. No policy selects a variant.\nNo endpoint is selected. 2 could be changed: endpoint-0000, endpoint-0001. Preview: sagemaker-async-exporter plan endpoint-0001\n" // at which more waits
	if got := s.get("/plan").Body.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := s.get("/plan?format=json").Body.Bytes(); !json.Valid(got) {
		t.Errorf("for tools it is %s", got)
	}
}
