package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// watched is what a test says there is.
type watched struct {
	state               paging.State
	err, ready, healthy error
}

func (w *watched) State(time.Time) (paging.State, error) { return w.state, w.err }

func (w *watched) Ready() error { return w.ready }

func (w *watched) Healthy() error { return w.healthy }

func TestPages_sayHowItIs(t *testing.T) {
	now := &watched{state: paging.State{At: time.Unix(1_800_000_000, 0), Alerts: []paging.Alert{{State: paging.Firing, Labels: map[string]string{"alertname": "Backlog", "severity": "critical"}}}}}
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "something", Help: "Something."}))
	handler, err := pages(now, registry)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path string) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(method, path, nil))
		return answer
	}
	check := func(path string, status int, contentType, part string) {
		t.Helper()
		got := ask(http.MethodGet, path)
		if got.Code != status || !strings.HasPrefix(got.Header().Get("Content-Type"), contentType) || !strings.Contains(got.Body.String(), part) {
			t.Errorf("%s: %d %q\n%s", path, got.Code, got.Header(), got.Body)
		}
		if got.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: it is not guarded", path)
		}
	}
	const text = "text/plain"
	check("/", 200, "text/html", `href="/alerts"`)
	check("/metrics", 200, text, "something 0\n")
	check("/alerts", 200, text, "1 alert firing, 0 pending")
	check("/alerts?format=json", 200, "application/json", `"alertname":"Backlog"`)
	check("/alerts?format=xml", 400, text, `unknown format "xml"`)
	check("/-/healthy", 200, text, "healthy\n")
	check("/-/ready", 200, text, "ready\n")
	check("/nowhere", 404, text, "")
	if _, err := paging.ReadState(ask(http.MethodGet, "/alerts?format=json").Body.Bytes()); err != nil {
		t.Errorf("the exporter could not read it: %v", err)
	}
	now.healthy = errors.New("series cannot be stored")
	check("/-/healthy", 503, text, "not healthy: series cannot be stored\n")
	now.healthy = nil
	now.ready, now.err = errors.New("it was not scraped"), errors.New("reading the counters: no")
	check("/-/ready", 503, text, "not ready: it was not scraped\n")
	check("/alerts", 500, text, "reading the counters: no\n")
	for _, path := range []string{"/", "/metrics", "/alerts", "/-/healthy", "/-/ready"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
			if got := ask(method, path); got.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, got.Code)
			}
		}
	}
}
