package alerting

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
	prom "github.com/prometheus/prometheus/storage"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// ruleFile writes a file of rules with one group.
func ruleFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.yaml")
	write(t, file, "groups:\n  - name: one\n    rules:\n"+text)
	return file
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func parsed(t *testing.T, text string) *url.URL {
	t.Helper()
	at, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// newAlerting watches an exporter by a file of rules.
func newAlerting(t *testing.T, change func(*Options)) *Alerting {
	t.Helper()
	o := Options{
		Exporter: parsed(t, "http://127.0.0.1:1/prefix"), TelemetryPath: "/metrics", StoragePath: t.TempDir(),
		Alertmanagers: []*url.URL{parsed(t, "http://127.0.0.1:1")}, TargetLabels: []Label{{"job", "async"}}, Interval: 100 * time.Millisecond, Memory: 256 << 20,
		Registry: prometheus.NewRegistry(), Logger: slog.New(slog.DiscardHandler),
	}
	change(&o)
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	tell := a.tellAlertmanagers
	a.tellAlertmanagers = func(ctx context.Context, expr string, alerts ...*rules.Alert) {
		copies := make([]*rules.Alert, len(alerts))
		for i, alert := range alerts {
			one := *alert
			if !one.ResolvedAt.IsZero() {
				one.Annotations = labels.NewBuilder(one.Annotations).Set(ended, "yes").Labels()
			}
			copies[i] = &one
		}
		tell(ctx, expr, copies...)
	}
	return a
}

// ended is an annotation that resolved alerts have in these tests: on a machine with much to do, one that fires may come after
// the time until which it was good.
const ended = "ended"

// run runs it until the test ends, or until what it returns is called.
func run(t *testing.T, a *Alerting) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("running: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// message is an alert as an Alertmanager gets it.
type message struct {
	path                string
	Labels, Annotations map[string]string
	GeneratorURL        string
	StartsAt, EndsAt    time.Time
}

// alertmanager takes messages, or refuses them.
func alertmanager(t *testing.T, status int) (*url.URL, chan message) {
	t.Helper()
	got := make(chan message, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil { // the alerting was stopped while it sent
			return
		}
		var list []message
		if err := json.Unmarshal(body, &list); err != nil {
			t.Error(err)
		}
		for _, one := range list {
			one.path = r.URL.Path
			got <- one
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return parsed(t, server.URL+"/team"), got
}

const exposed = `sagemaker_async_backlog_requests{account_id="1",region="r",endpoint_name="e"} 5
sagemaker_async_cpu_utilization_ratio{account_id="1",region="r",endpoint_name="e",variant_name="v"} 0.5
` + end

// end is how the exporter's page ends.
const end = paging.PageEnd + " 1\n"

func exporter(t *testing.T) *url.URL {
	t.Helper()
	pages := http.NewServeMux()
	pages.HandleFunc("/prefix/metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, exposed)
	})
	pages.HandleFunc("/prefix/explain", says(oneReason))
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	return parsed(t, server.URL+"/prefix")
}

const backlog = `      - alert: Backlog
        expr: max without (instance) (sagemaker_async_backlog_requests) > 0
        labels: {severity: critical}
        annotations: {summary: '{{ $value }} wait at {{ $labels.endpoint_name }} of {{ $externalLabels.cluster }}'}
      - alert: Busy
        expr: max without (instance) (sagemaker_async_backlog_requests) > 0
        for: 1h
      - record: recorded
        expr: sagemaker_async_backlog_requests * 2
`

func TestAlerting_tellsWhatFiresWithItsReason(t *testing.T) {
	at, got := alertmanager(t, http.StatusOK)
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = exporter(t), []*url.URL{at}, []string{ruleFile(t, backlog)}
		o.TargetLabels, o.ExternalLabels = append(o.TargetLabels, Label{"namespace", "ml"}), []Label{{"cluster", "eu"}}
	})
	if err := a.Ready(); err == nil || !strings.Contains(err.Error(), "was not scraped: it was not asked yet") {
		t.Errorf("before anything is asked, ready is %v", err)
	}
	stop := run(t, a)
	first := <-got
	if first.path != "/team/api/v2/alerts" || first.GeneratorURL != "" {
		t.Errorf("it is told at %s, with a link to %q", first.path, first.GeneratorURL)
	}
	for name, want := range map[string]string{
		"alertname": "Backlog", "account_id": "1", "region": "r", "endpoint_name": "e", "job": "async", "namespace": "ml", "cluster": "eu", "severity": "critical",
	} {
		if first.Labels[name] != want {
			t.Errorf("label %s is %q, want %q", name, first.Labels[name], want)
		}
	}
	if len(first.Labels) != 8 {
		t.Errorf("labels: %v", first.Labels)
	}
	for name, want := range map[string]string{"summary": "5 wait at e of eu", "explanation": "why", "aws_message": "no capacity"} {
		if first.Annotations[name] != want {
			t.Errorf("annotation %s is %q, want %q", name, first.Annotations[name], want)
		}
	}
	second := <-got // it is told again while it fires
	if second.Labels["alertname"] != "Backlog" || !second.StartsAt.Equal(first.StartsAt) || !second.EndsAt.After(first.EndsAt) {
		t.Errorf("told again: %+v", second)
	}
	s, err := a.State(time.Now())
	for a.Ready() != nil || !s.Exporter.Up { // one scrape may take too long
		<-got
		s, err = a.State(time.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	if !s.Exporter.Up || s.Exporter.Error != "" || s.Exporter.LastScrape.IsZero() || s.Rules.LastEvaluation.IsZero() || s.Rules.Alerting != 2 || s.Rules.Recording != 1 {
		t.Errorf("state: %+v", s)
	}
	if len(s.Alerts) != 2 || s.Alerts[0].State != paging.Firing || s.Alerts[1].State != paging.Pending || s.Alerts[1].Labels["alertname"] != "Busy" ||
		s.Alerts[0].Labels["cluster"] != "eu" || s.Alerts[0].Annotations["explanation"] != "why" || s.Alerts[0].FiredAt.IsZero() {
		t.Errorf("alerts: %+v", s.Alerts)
	}
	if len(s.Alertmanagers) != 1 || s.Alertmanagers[0].URL != at.String()+"/api/v2/alerts" || s.Alertmanagers[0].Sent == 0 || s.Alertmanagers[0].Failed+s.Dropped != 0 || s.Alertmanagers[0].Error != "" {
		t.Errorf("Alertmanagers: %+v", s.Alertmanagers)
	}
	querier, err := a.storage.db.Querier(0, time.Now().Add(time.Hour).UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	names, _, err := querier.LabelValues(t.Context(), "__name__", &prom.LabelHints{})
	if err != nil {
		t.Fatal(err)
	}
	if err := querier.Close(); err != nil {
		t.Fatal(err)
	}
	if kept := strings.Join(names, " "); !strings.Contains(kept, "sagemaker_async_backlog_requests") || strings.Contains(kept, "cpu") {
		t.Errorf("kept: %s", kept)
	}
	stop()
}

func TestAlerting_countsWhatAnAlertmanagerDoesNotTake(t *testing.T) {
	at, got := alertmanager(t, http.StatusInternalServerError)
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = exporter(t), []*url.URL{at}, []string{ruleFile(t, backlog)}
	})
	run(t, a)
	<-got
	<-got // what was refused is counted by now
	s, err := a.State(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	// It goes on while it is read, and the counters are read one after the other.
	if to := s.Alertmanagers[0]; to.Sent == 0 || to.Failed != to.Sent || to.Error != "500 Internal Server Error" || s.Dropped == 0 {
		t.Errorf("%+v, %d dropped", to, s.Dropped)
	}
}

func TestAlerting_tellsThatTheExporterIsGone(t *testing.T) {
	at, got := alertmanager(t, http.StatusOK)
	a := newAlerting(t, func(o *Options) {
		o.Alertmanagers, o.Rules = []*url.URL{at}, []string{ruleFile(t, "      - {alert: Down, expr: up == 0}\n")}
	})
	run(t, a)
	if first := <-got; first.Labels["alertname"] != "Down" || first.Labels["instance"] != "127.0.0.1:1" || first.Labels["job"] != "async" {
		t.Errorf("told %+v", first)
	}
	if err := a.Ready(); err == nil || !strings.Contains(err.Error(), "http://127.0.0.1:1/prefix was not scraped: ") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("ready: %v", err)
	}
}

// One Alertmanager that hangs holds up neither the others nor the end.
func TestAlerting_waitsForNoAlertmanagerThatHangs(t *testing.T) {
	held := make(chan struct{}, 1000)
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		held <- struct{}{}
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(hanging.Close)
	at, got := alertmanager(t, http.StatusOK)
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = exporter(t), []*url.URL{parsed(t, hanging.URL), at}, []string{ruleFile(t, backlog)}
	})
	stop := run(t, a)
	<-held
	for range 3 {
		<-got
	}
	if s, err := a.State(time.Now()); err != nil || s.Dropped != 0 || len(s.Alertmanagers) != 2 {
		t.Errorf("what one was told is not lost: %+v, %v", s, err)
	}
	began := time.Now()
	a.stopSending() // as after the time in which the rest may still be sent
	stop()
	if took := time.Since(began); took > drain {
		t.Errorf("it takes %s to end", took)
	}
}

func TestReload_ofABrokenFileLeavesTheOldInForce(t *testing.T) {
	file := ruleFile(t, backlog)
	a := newAlerting(t, func(o *Options) { o.Rules = []string{file} })
	run(t, a)
	names := func() (all []string) {
		for _, rule := range a.manager.Rules() {
			all = append(all, rule.Name())
		}
		return all
	}
	write(t, file, "groups:\n  - name: one\n    rules:\n      - {alert: New, expr: up ==}\n")
	err := a.Reload(time.Now())
	if err == nil || !strings.HasPrefix(err.Error(), file+":4:28: ") {
		t.Errorf("got %v", err)
	}
	if got := fmt.Sprint(names()); got != "[Backlog Busy recorded]" || testutil.ToFloat64(a.reloads.successful) != 0 {
		t.Errorf("rules: %s", got)
	}
	write(t, file, "groups:\n  - name: one\n    rules:\n      - {alert: New, expr: up == 0}\n")
	if err := a.Reload(time.Unix(1_800_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(names()); got != "[New]" || testutil.ToFloat64(a.reloads.successful) != 1 || testutil.ToFloat64(a.reloads.at) != 1_800_000_000 {
		t.Errorf("rules: %s", got)
	}
}

// A pending alert goes on where it was when the process ended: the time in which nobody looked is not counted, and nothing
// that was is forgotten.
func TestAlerting_pendingAlertSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	file := ruleFile(t, "      - {alert: Waiting, expr: queue > 0, for: 5m}\n")
	began := time.Now().Add(-30 * time.Minute).Truncate(time.Minute)
	open := func() (*Alerting, *rules.Group) {
		a := newAlerting(t, func(o *Options) { o.StoragePath, o.Rules = dir, []string{file} })
		return a, a.manager.RuleGroups()[0]
	}
	look := func(a *Alerting, group *rules.Group, after time.Duration) rules.AlertState {
		at := began.Add(after)
		appender := a.storage.db.Appender(t.Context())
		if _, err := appender.Append(0, labels.FromStrings("__name__", "queue"), at.UnixMilli(), 1); err != nil {
			t.Fatal(err)
		}
		if err := appender.Commit(); err != nil {
			t.Fatal(err)
		}
		group.Eval(t.Context(), at)
		return group.AlertingRules()[0].State()
	}
	a, group := open()
	group.RestoreForState(began)
	for after := time.Duration(0); after <= 3*time.Minute; after += 30 * time.Second {
		if got := look(a, group, after); got != rules.StatePending {
			t.Fatalf("after %s: %s", after, got)
		}
	}
	if err := a.storage.close(); err != nil {
		t.Fatal(err)
	}
	a, group = open()
	look(a, group, 4*time.Minute)
	group.RestoreForState(began.Add(4 * time.Minute))
	for _, step := range []struct {
		after time.Duration
		want  rules.AlertState
	}{{5 * time.Minute, rules.StatePending}, {5*time.Minute + 30*time.Second, rules.StatePending}, {6 * time.Minute, rules.StateFiring}} {
		if got := look(a, group, step.after); got != step.want {
			t.Errorf("after %s: %s, want %s", step.after, got, step.want)
		}
	}
	if err := a.storage.close(); err != nil {
		t.Error(err)
	}
}

func TestStorage_temporaryIsRemovedAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	a := newAlerting(t, func(o *Options) { o.StoragePath, o.Rules = "", []string{ruleFile(t, backlog)} })
	if left, err := os.ReadDir(dir); err != nil || len(left) == 0 {
		t.Errorf("%v, %v", left, err)
	}
	run(t, a)()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v are left, %v", left, err)
	}
}
