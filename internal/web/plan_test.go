package web

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

func TestPlan_isWhatTheCommandPrints(t *testing.T) {
	s := newSite(t)
	there := sick()
	there.Plan.Scope.Region, there.Snapshot.Scope.Region = "eu-west-1", "eu-west-1"
	s.set = &report.Set{Reports: []report.Report{sick(), there}}
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
			header.Get("Cache-Control") != "no-store" || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %d %v\n%s\nwant\n%s", path, answer.Code, header, answer.Body, want.body)
		}
		s.want("HEAD", path, 200, "")
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
