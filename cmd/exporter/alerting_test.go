package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// alertingSite answers as the alerting command does below /critical and /warning, and as others do elsewhere.
func alertingSite() http.Handler {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	state := paging.State{
		At: noon, Exporter: paging.Exporter{URL: "http://127.0.0.1:10119", Error: "connection refused"},
		Rules:         paging.Rules{Alerting: 20, LastEvaluation: noon},
		Alertmanagers: []paging.Alertmanager{{URL: "http://127.0.0.1:9093"}},
		Alerts: []paging.Alert{
			{
				State: paging.Firing, ActiveAt: noon.Add(-time.Hour), FiredAt: noon.Add(-50 * time.Minute),
				Labels:      map[string]string{"alertname": "Gone", "severity": "critical", "account_id": "111122223333", "region": "us-east-1", "endpoint_name": "ocr"},
				Annotations: map[string]string{"explanation": "It does not wake.", "aws_message": "No image."},
			},
			{
				State: paging.Pending, ActiveAt: noon.Add(-5 * time.Minute),
				Labels:      map[string]string{"alertname": "Slow", "severity": "warning", "account_id": "111122223333", "region": "us-east-1", "endpoint_name": "ocr", "variant_name": "v1"},
				Annotations: map[string]string{"summary": "It is slow."},
			},
		},
	}
	warning := state
	slow := state.Alerts[0]
	slow.Labels, slow.Annotations = map[string]string{"alertname": "Slow", "severity": "warning"}, map[string]string{"summary": "It is slow."}
	warning.Alerts = []paging.Alert{slow}
	says := func(s paging.State) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("format") != "json" {
				http.Error(w, "text", http.StatusBadRequest)
				return
			}
			_ = json.NewEncoder(w).Encode(s)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /critical"+paging.StatePath, says(state))
	mux.Handle("GET /warning"+paging.StatePath, says(warning))
	mux.HandleFunc("GET /locked"+paging.StatePath, func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "jo" || password != "open sesame" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		says(state)(w, r)
	})
	mux.HandleFunc("GET /html"+paging.StatePath, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<!DOCTYPE html>")
	})
	mux.HandleFunc("GET /foreign"+paging.StatePath, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status":"success","data":{"alerts":[]}}`)
	})
	return mux
}

func TestServe_showsWhatTheAlertingCommandSays(t *testing.T) {
	site := httptest.NewServer(alertingSite())
	t.Cleanup(site.Close)
	p := launch(t, "--demo", "--alerting.url="+site.URL+"/critical")
	p.ready()
	for _, path := range []string{"/status", "/metrics"} {
		page, err := p.get(path)
		if err != nil {
			t.Fatal(err)
		}
		if shown := strings.Contains(page, "<bdi>Gone</bdi>") && strings.Contains(page, "It does not wake."); shown != (path == "/status") {
			t.Errorf("%s shows the alert: %t", path, shown)
		}
	}
}

func TestServe_showsThatTheAlertingCommandIsNotThere(t *testing.T) {
	site := httptest.NewServer(alertingSite())
	site.Close() // nobody listens there any more
	p := launch(t, "--demo", "--alerting.url="+site.URL)
	p.ready()
	if page, err := p.get("/status"); err != nil || !strings.Contains(page, "Not reachable: <bdi>nothing listens at "+site.URL) {
		t.Errorf("%v\n%s", err, page)
	}
}

func TestLately_asksOnceInFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		times, broken := 0, error(nil)
		l := newLately(func(ctx context.Context) (paging.State, error) {
			times++
			select {
			case <-ctx.Done():
				t.Error("the one who went away takes the answer with him")
			case <-time.After(2 * time.Second): // of the bubble's clock
			}
			return paging.State{Alertmanagers: make([]paging.Alertmanager, times)}, broken
		})
		want := func(ctx context.Context, asked int, err error) {
			if got, failed := l.State(ctx); len(got.Alertmanagers) != asked || !errors.Is(failed, err) {
				t.Errorf("the answer to question %d: %v, want %d: %v", len(got.Alertmanagers), failed, asked, err)
			}
		}
		began := time.Now()
		first, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		var page sync.WaitGroup
		page.Go(func() { want(first, 1, nil) })
		synctest.Wait()
		for range 10 { // while it is asked for
			page.Go(func() { want(t.Context(), 1, nil) })
		}
		page.Go(func() { want(first, 0, context.DeadlineExceeded) })
		page.Wait()
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("they waited for %s", took)
		}
		time.Sleep(3*time.Second - time.Millisecond)
		want(t.Context(), 1, nil)
		broken = errors.New("broken")
		time.Sleep(time.Millisecond)
		want(t.Context(), 2, broken)
		want(t.Context(), 2, broken)
	})
}

// A program that takes the question and never answers keeps a page for two seconds, not longer.
func TestAlerting_doesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &alerting{client: &http.Client{Transport: silent{}}, address: "http://127.0.0.1:1" + paging.StatePath}
		began := time.Now()
		_, err := a.State(t.Context())
		if want := fmt.Sprintf("%s has not answered within 2s", a.address); err == nil || err.Error() != want || time.Since(began) != askingTakes {
			t.Errorf("after %s: %v, want %s", time.Since(began), err, want)
		}
	})
}

// silent takes a request and says nothing until it is given up.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}
