package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/report"
)

func TestPages_allowBrowsersAsLittleAsTheyNeed(t *testing.T) {
	s := newSite(t)
	s.set = &report.Set{Reports: []report.Report{full()}}
	style := inlineStyle.FindStringSubmatch(s.get("/").Body.String())
	if style == nil || len(style[1]) < 100 {
		t.Fatal("the landing page has no style: nothing is allowed by its hash")
	}
	sum := sha256.Sum256([]byte(style[1]))
	landing := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	for path, want := range map[string]struct {
		status       int
		style, cache string
	}{
		"/":        {200, landing, "no-store"},
		"/metrics": {200, "'self'", "no-store"},
		"/plan":    {200, "'self'", "no-store"},
		"/status":  {200, "'self'", "no-store"},
		"/status/111122223333/us-east-1/transcribe": {200, "'self'", "no-store"},
		"/status/111122223333/us-east-1/nobody":     {404, "'self'", "no-store"},
		"/status.css":                               {200, "'self'", "no-cache"}, // it is asked for with its tag each time
		"/-/ready":                                  {200, "'self'", "no-store"},
		"/-/healthy":                                {200, "'self'", "no-store"},
		"/-/reload":                                 {405, "'self'", "no-store"},
		"/nowhere":                                  {404, "'self'", "no-store"},
		"/status?q=%":                               {400, "'self'", "no-store"},
	} {
		got := s.get(path)
		if got.Code != want.status {
			t.Errorf("%s: %d, want %d", path, got.Code, want.status)
		}
		for name, value := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src " + want.style + "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": want.cache,
		} {
			if got := got.Header().Get(name); got != value {
				t.Errorf("%s: %s: got %q, want %q", path, name, got, value)
			}
		}
	}
}

// A method that no page knows is refused, and of those that change something there is one.
func TestPages_takeNoOtherMethod(t *testing.T) {
	s := newSite(t)
	s.set = &report.Set{Reports: []report.Report{full()}}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect, "APPLY"} {
		for _, path := range []string{"/", "/metrics", PlanPath, StatusPath, StatusPath + "/111122223333/us-east-1/transcribe", StylePath, HealthyPath, ReadyPath, ReloadPath} {
			if method == http.MethodPost && path == ReloadPath {
				continue
			}
			recorder := httptest.NewRecorder()
			s.handler.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader("apply")))
			if recorder.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, recorder.Code)
			}
		}
	}
	if s.reloads > 0 {
		t.Errorf("%d reloads", s.reloads)
	}
}
