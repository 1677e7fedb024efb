package alerting

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
)

// asker is the reasons of an exporter that a test plays, at a time that it sets.
type asker struct {
	*reasons
	requests atomic.Int32
	at       time.Time
}

func newAsker(t *testing.T, answer http.HandlerFunc) *asker {
	t.Helper()
	a := &asker{at: time.Unix(1_800_000_000, 0)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.requests.Add(1)
		if r.URL.Path != "/prefix/explain" || r.URL.Query().Get("format") != "json" {
			t.Errorf("it asks for %s", r.URL)
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL + "/prefix/")
	if err != nil {
		t.Fatal(err)
	}
	a.reasons, err = newReasons(Options{
		Exporter: at, Interval: time.Minute, Registry: prometheus.NewRegistry(), Logger: slog.New(slog.DiscardHandler),
	}, commonconfig.DefaultHTTPClientConfig)
	if err != nil {
		t.Fatal(err)
	}
	a.now = func() time.Time { return a.at }
	return a
}

// tell tells of alerts, and is their annotations as they are told.
func (a *asker) tell(ctx context.Context, alerts ...*rules.Alert) (told []labels.Labels) {
	a.before(func(_ context.Context, _ string, alerts ...*rules.Alert) {
		for _, alert := range alerts {
			told = append(told, alert.Annotations)
		}
	})(ctx, "up", alerts...)
	return told
}

func alertAbout(endpoint string) *rules.Alert {
	return &rules.Alert{
		Labels:      labels.FromStrings("alertname", "A", "account_id", "1", "region", "r", "endpoint_name", endpoint),
		Annotations: labels.FromStrings("summary", "s"),
	}
}

const oneReason = `[{"account_id":"1","region":"r","endpoint_name":"e","explanation":"why","aws_message":"no capacity","new_key":1}]`

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func TestReasons_areAddedToWhatIsTold(t *testing.T) {
	a := newAsker(t, says(oneReason))
	about, other, general, resolved := alertAbout("e"), alertAbout("other"), alertAbout(""), alertAbout("e")
	resolved.ResolvedAt = a.at
	told := a.tell(t.Context(), about, other, general, resolved)
	plain := labels.FromStrings("summary", "s")
	for i, want := range []labels.Labels{labels.FromStrings("summary", "s", "explanation", "why", "aws_message", "no capacity"), plain, plain, plain} {
		if !labels.Equal(told[i], want) {
			t.Errorf("%d: told %v, want %v", i, told[i], want)
		}
	}
	if !labels.Equal(about.Annotations, plain) {
		t.Errorf("the alert that Prometheus holds has %v now", about.Annotations)
	}
}

func TestReasons_areAskedForOnceInAnInterval(t *testing.T) {
	a := newAsker(t, says(oneReason))
	none, resolved := alertAbout(""), alertAbout("e")
	resolved.ResolvedAt = a.at
	a.tell(t.Context(), none, resolved)
	a.tell(t.Context())
	for step, want := range []int32{1, 1, 2} {
		a.tell(t.Context(), alertAbout("e"), alertAbout("e"))
		if got := a.requests.Load(); got != want {
			t.Errorf("step %d: %d requests, want %d", step, got, want)
		}
		a.at = a.at.Add(30 * time.Second)
	}
}

func TestReasons_thatCannotBeHadStopNoAlert(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"an error":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"not JSON":    says("<html>"),
		"no list":     says(`{"account_id":"1"}`),
		"no answer":   func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"half of one": says(oneReason[:40]),
		"of nothing":  says("[{}]"),
		"null":        says("null"),
		"a flood":     says("[" + strings.Repeat(`{"endpoint_name":"e"},`, mostReasons) + `{"endpoint_name":"e"}]`),
		"too long":    says(`[{"x":"` + strings.Repeat("x", longestReasons)),
		"too deep":    says(`[{"x":` + strings.Repeat("[", 50_000)),
	} {
		t.Run(name, func(t *testing.T) {
			a := newAsker(t, answer)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // sooner than the bound, and late enough for a request on a busy machine
			defer cancel()
			told := a.tell(ctx, alertAbout("e"))
			if len(told) != 1 || !labels.Equal(told[0], labels.FromStrings("summary", "s")) {
				t.Errorf("told %v", told)
			}
			if told := a.tell(ctx, alertAbout("e")); len(told) != 1 || a.requests.Load() != 1 {
				t.Errorf("told %v, after %d requests: each alert waits", told, a.requests.Load())
			}
			if got := testutil.ToFloat64(a.failures); got != 1 {
				t.Errorf("%v failures are counted", got)
			}
		})
	}
}

// What is read of a hostile answer is in no proportion to its length.
func TestReadReasons_costsLittle(t *testing.T) {
	for name, text := range map[string]string{
		"empty reasons": "[" + strings.Repeat("{},", longestReasons/3),
		"long reasons":  "[" + strings.Repeat(`{"endpoint_name":"e","explanation":"`+strings.Repeat("x", 1<<20)+`"},`, 7),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := readReasons(strings.NewReader(text)); err == nil {
			t.Errorf("%s: it was read", name)
		}
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 128<<20 {
			t.Errorf("%s: it took %d MiB in all", name, took>>20)
		}
	}
}
