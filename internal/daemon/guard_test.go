package daemon

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/exporter-toolkit/web"
)

func TestGuarded_aPageMaySayOtherwiseForItself(t *testing.T) {
	landing, err := LandingPage(web.LandingConfig{Name: "a command", Profiling: "false"})
	if err != nil {
		t.Fatal(err)
	}
	pages := http.NewServeMux()
	pages.Handle("/{$}", landing)
	pages.HandleFunc("/line", func(w http.ResponseWriter, _ *http.Request) { Line(w, http.StatusTeapot, "said") })
	get := func(path string) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		Guarded(pages).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		return answer
	}
	front := get("/")
	style := inlineStyle.FindStringSubmatch(front.Body.String())
	if style == nil {
		t.Fatal("the landing page has no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	if policy := front.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';") {
		t.Errorf("the policy of the landing page is %q", policy)
	}
	line := get("/line")
	if line.Code != http.StatusTeapot || line.Body.String() != "said\n" || line.Header().Get("Content-Length") != "5" {
		t.Errorf("got %d %q %v", line.Code, line.Body, line.Header())
	}
	if policy := line.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'self';") {
		t.Errorf("the policy of a page is %q", policy)
	}
	if unknown := get("/nowhere"); unknown.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("an error is not guarded: %v", unknown.Header())
	}
}
