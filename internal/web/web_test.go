package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

var at = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// site serves the pages of an exporter that shows a set which the test may change.
type site struct {
	*testing.T
	set     *report.Set
	broken  error // why reloading fails
	reloads int
	handler http.Handler
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{T: t, set: &report.Set{}}
	handler, err := New(Options{
		TelemetryPath: "/metrics",
		Metrics:       http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "up 1\n") }),
		Published:     func() *report.Set { return s.set },
		Now:           func() time.Time { return at },
		Reload:        func() error { s.reloads++; return s.broken },
		Version:       "1.2.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.handler = handler
	return s
}

func (s *site) want(method, path string, status int, part string) {
	s.Helper()
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, httptest.NewRequest(method, path, nil))
	if recorder.Code != status || !strings.Contains(recorder.Body.String(), part) {
		s.Errorf("%s %s: got %d %q, want %d with %q", method, path, recorder.Code, recorder.Body, status, part)
	}
}

func TestPages_answerAsPromised(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/metrics", "/status", "/plan", "/explain", "/-/ready", "/-/healthy"} {
		s.want("GET", "/", 200, `href="`+path+`"`)
	}
	s.want("HEAD", "/", 200, "")
	s.want("GET", "/metrics", 200, "up 1")
	s.want("GET", "/-/healthy", 200, "healthy")
	s.want("GET", "/nowhere", 404, "")
	s.want("GET", "/debug/pprof/", 404, "")
}

func TestReady_saysWhyNot(t *testing.T) {
	s := newSite(t)
	s.want("GET", "/-/ready", 503, "not ready: no scope has been observed yet")
	s.set = &report.Set{Reports: []report.Report{report.Build(fleet.Snapshot{Sources: []fleet.Source{
		{Name: fleet.SourceEndpoints, LastAttempt: at, LastSuccess: at, Expires: at.Add(time.Minute)},
	}}, report.Rules{}, report.NewPast())}}
	s.want("GET", "/-/ready", 200, "ready")
}

func TestReload_isAPostThatSaysWhyItFailed(t *testing.T) {
	s := newSite(t)
	s.want("GET", "/-/reload", 405, "")
	if s.reloads != 0 {
		t.Error("a GET has reloaded")
	}
	s.want("POST", "/-/reload", 200, "reloaded")
	s.broken = errors.New("config.yml:3: unknown key")
	s.want("POST", "/-/reload", 500, "config.yml:3: unknown key")
}
