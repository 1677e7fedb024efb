package alerting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	prom "github.com/prometheus/prometheus/storage"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// fullStorage takes nothing while the flag is set.
type fullStorage struct {
	prom.AppendableV2
	full *atomic.Bool
}

func (f fullStorage) AppenderV2(ctx context.Context) prom.AppenderV2 {
	return fullAppender{f.AppendableV2.AppenderV2(ctx), f.full}
}

type fullAppender struct {
	prom.AppenderV2
	full *atomic.Bool
}

func (f fullAppender) Commit() error {
	if f.full.Load() {
		return errors.Join(errors.New("write to WAL: no space left on device"), f.Rollback())
	}
	return f.AppenderV2.Commit()
}

// moody is an exporter with a backlog, or without one, or that fails, or with a page that begins with a space.
func moody(t *testing.T, backlog *atomic.Value) *url.URL {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := backlog.Load().(string)
		if text == "" || r.URL.Path != "/metrics" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		page, given := strings.CutPrefix(text, " ")
		if !given {
			page = `sagemaker_async_backlog_requests{account_id="1",region="r",endpoint_name="e"} ` + text + "\n" + end
		}
		if strings.HasPrefix(page, "# OpenMetrics\n") {
			w.Header().Set("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
			_, page, _ = strings.Cut(page, "\n")
		}
		_, _ = io.WriteString(w, page)
		w.(http.Flusher).Flush() // so it is sent without its length
	}))
	t.Cleanup(server.Close)
	return parsed(t, server.URL)
}

// resolved tells whether a message ends its alert.
func (m *message) resolved() bool { return m.Annotations[ended] != "" }

// until reads messages until one is as wanted. None before it may end the alert Backlog.
func until(t *testing.T, got chan message, what string, wanted func(message) bool) message {
	t.Helper()
	for {
		select {
		case one := <-got:
			if wanted(one) {
				return one
			}
			if one.resolved() && one.Labels["alertname"] == "Backlog" {
				t.Fatalf("waiting for %s: %v ended", what, one.Labels)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s does not come", what)
		}
	}
}

// lookBack is how far the rules of recentBacklog look back. The page is scraped every tenth of a second; on a machine with much to
// do some seconds pass without a scrape, and then the rules would be right to find nothing.
const lookBack = 12 * time.Second

var recentBacklog = fmt.Sprintf(`      - alert: Backlog
        expr: max without (instance) (last_over_time(sagemaker_async_backlog_requests[%[1]s])) > 0
        labels: {severity: critical, of: '{{ $labels.endpoint_name }}'}
      - {alert: Gone, expr: 'absent_over_time(sagemaker_async_backlog_requests[%[1]s])'}
      - {alert: Down, expr: up == 0}
`, lookBack)

// stays reads messages for that long, in which the alert Backlog fires and does not end.
func stays(t *testing.T, got chan message, what string, long time.Duration) {
	t.Helper()
	for began := time.Now(); time.Since(began) < long; {
		until(t, got, what, called("Backlog", false))
	}
}

func called(name string, resolved bool) func(message) bool {
	return func(m message) bool { return m.Labels["alertname"] == name && m.resolved() == resolved }
}

func TestSight_nothingEndsWhileThePageIsUnreadable(t *testing.T) {
	t.Parallel()
	at, got := alertmanager(t, http.StatusOK)
	var backlog atomic.Value
	backlog.Store("5")
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = moody(t, &backlog), []*url.URL{at}, []string{ruleFile(t, recentBacklog)}
	})
	run(t, a)
	first := until(t, got, "the alert", called("Backlog", false))
	backlog.Store("")
	until(t, got, "the alert about the page", called("Down", false))
	until(t, got, "the alert about its series", called("Gone", false)) // by now the rule finds nothing any more
	for range 10 {
		again := until(t, got, "the alert again", called("Backlog", false))
		if !again.StartsAt.Equal(first.StartsAt) || again.Labels["of"] != "e" || len(again.Labels) != len(first.Labels) {
			t.Fatalf("it is another one: %+v, not %+v", again, first)
		}
	}
	backlog.Store("5")
	until(t, got, "the end of the alert about the page", called("Down", true))
	until(t, got, "the end of that about its series", called("Gone", true))
	stays(t, got, "the alert still", 2*lookBack) // longer than it could not see
	backlog.Store("0")
	until(t, got, "its end", called("Backlog", true))
}

// A page that is not the exporter's whole page says nothing: neither that what fires has ended, nor that it is new.
func TestSight_nothingEndsWhileThePageIsCut(t *testing.T) {
	t.Parallel()
	at, got := alertmanager(t, http.StatusOK)
	var backlog atomic.Value
	backlog.Store("5")
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers = moody(t, &backlog), []*url.URL{at}
		o.Rules = []string{ruleFile(t, recentBacklog+"      - {alert: Partial, expr: 'up == 1 unless ignoring (account_id, region, endpoint_name) sagemaker_async_backlog_requests'}\n")}
	})
	run(t, a)
	first := until(t, got, "the alert", called("Backlog", false))
	const series = `sagemaker_async_backlog_requests{account_id="1",region="r",endpoint_name="e"} 0` + "\n"
	for name, page := range map[string]string{
		"empty": "", "a line without anything": "\n", "a comment": "# nothing\n", "up alone": "up 1\n", "up and a comment": "up 1\n# EOF\n",
		"cut between two lines": series, "cut in a line": series + paging.PageEnd, "cut before a value": series + paging.PageEnd + " ",
		"another page": "go_goroutines 5\nscrape_samples_scraped 7\n", "OpenMetrics without its end": "# OpenMetrics\n" + series + end,
		"OpenMetrics of another": "# OpenMetrics\n# EOF\n",
	} {
		backlog.Store(" " + page)
		until(t, got, "the alert about the page: "+name, called("Down", false))
		long := time.Duration(0)
		if name == "cut between two lines" {
			long = lookBack + time.Second
		}
		for began, times := time.Now(), 0; times < 3 || time.Since(began) < long; times++ {
			again := until(t, got, "the alert again: "+name, called("Backlog", false))
			if !again.StartsAt.Equal(first.StartsAt) {
				t.Fatalf("%s: it is another one: %+v, not %+v", name, again, first)
			}
		}
		if err := a.Ready(); err == nil || !strings.Contains(err.Error(), "was not scraped: ") {
			t.Errorf("%s: ready: %v", name, err)
		}
		if err := a.Healthy(); err != nil {
			t.Errorf("%s: healthy: %v", name, err)
		}
		backlog.Store("5")
		until(t, got, "the end of the alert about the page: "+name, func(m message) bool {
			if m.Labels["alertname"] == "Partial" {
				t.Errorf("%s: part of a page was believed: %+v", name, m)
			}
			return called("Down", true)(m)
		})
	}
	for a.Ready() != nil {
		until(t, got, "the alert until it is ready", called("Backlog", false))
	}
	backlog.Store("0")
	until(t, got, "its end", called("Backlog", true))
}

func TestSight_nothingEndsWhileTheStorageTakesNothing(t *testing.T) {
	t.Parallel()
	at, got := alertmanager(t, http.StatusOK)
	var backlog atomic.Value
	backlog.Store("5")
	var disk atomic.Bool
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = moody(t, &backlog), []*url.URL{at}, []string{ruleFile(t, recentBacklog)}
		o.storing = func(to prom.AppendableV2) prom.AppendableV2 { return fullStorage{to, &disk} }
	})
	run(t, a)
	until(t, got, "the alert", called("Backlog", false))
	for range 3 {
		until(t, got, "it again", called("Backlog", false))
	}
	for errors.Join(a.Ready(), a.Healthy()) != nil {
		until(t, got, "the alert until it is ready", called("Backlog", false))
	}
	disk.Store(true)
	self := until(t, got, "the alert about itself", called(StorageAlert, false))
	if self.Labels["severity"] != "critical" || self.Labels["job"] != "async" || !strings.Contains(self.Annotations["description"], "no space left on device") {
		t.Errorf("it says %+v", self)
	}
	if err := a.Ready(); err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("ready: %v", err)
	}
	for a.Healthy() == nil {
		until(t, got, "the alert while the storage fails", func(m message) bool {
			if m.Labels["alertname"] == "Gone" && m.StartsAt.After(self.StartsAt) {
				t.Errorf("everything is absent, which nobody can know: %+v", m)
			}
			return called("Backlog", false)(m)
		})
	}
	for range 10 {
		until(t, got, "the alert", called("Backlog", false))
	}
	s, err := a.State(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Alerts) < 2 || s.Alerts[0].State != paging.Firing || s.Storage.Error == "" || !strings.Contains(strings.Join(s.Troubles(), " "), "Series cannot be stored (write to WAL: no space left on device") {
		t.Errorf("state: %+v", s)
	}
	disk.Store(false)
	until(t, got, "the end of the alert about itself", called(StorageAlert, true))
	for errors.Join(a.Ready(), a.Healthy()) != nil {
		until(t, got, "the alert until it is well", called("Backlog", false))
	}
	for range 5 {
		until(t, got, "the alert still", called("Backlog", false))
	}
	backlog.Store("0")
	until(t, got, "its end", called("Backlog", true))
}

// A process that is started again while it cannot see goes on with what fired, as the storage has it.
func TestSight_whatFiredIsHeldOverARestartWhileBlind(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]bool{"the storage takes nothing": true, "the page is cut": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, got := alertmanager(t, http.StatusOK)
			var backlog atomic.Value
			var disk atomic.Bool
			backlog.Store("5")
			exporter, path, file := moody(t, &backlog), t.TempDir(), ruleFile(t, recentBacklog)
			begin := func() *Alerting {
				return newAlerting(t, func(o *Options) {
					o.Exporter, o.Alertmanagers, o.Rules, o.StoragePath = exporter, []*url.URL{at}, []string{file}, path
					o.storing = func(to prom.AppendableV2) prom.AppendableV2 { return fullStorage{to, &disk} }
				})
			}
			stop := run(t, begin())
			first := until(t, got, "the alert", called("Backlog", false))
			for range 2 {
				until(t, got, "it again", called("Backlog", false))
			}
			stop()
			if disk.Store(full); !full {
				backlog.Store(" ")
			}
			a := begin()
			if found := a.earlier.alerts["Backlog"]; len(found) != 1 || found[0].labels.Get("of") != "e" {
				t.Fatalf("what fired is %v", a.earlier.alerts)
			}
			run(t, a)
			for began := time.Now(); time.Since(began) < lookBack+time.Second; {
				again := until(t, got, "the alert while blind", called("Backlog", false))
				if len(again.Labels) != len(first.Labels) || again.Labels["of"] != "e" {
					t.Fatalf("it is another one: %+v, not %+v", again, first)
				}
			}
			if a.Ready() == nil {
				t.Error("it is ready")
			}
			disk.Store(false)
			backlog.Store("5")
			for a.Ready() != nil {
				until(t, got, "the alert", called("Backlog", false))
			}
			stays(t, got, "the alert still", lookBack+time.Second)
			backlog.Store("0")
			until(t, got, "its end", called("Backlog", true))
		})
	}
}

// One that sees from its start goes by what it sees.
func TestSight_whatFiredIsNotHeldOverARestartThatSees(t *testing.T) {
	at, got := alertmanager(t, http.StatusOK)
	var backlog atomic.Value
	backlog.Store("5")
	exporter, path := moody(t, &backlog), t.TempDir()
	file := ruleFile(t, recentBacklog+"      - {alert: Seen, expr: up == 1}\n")
	begin := func() *Alerting {
		return newAlerting(t, func(o *Options) {
			o.Exporter, o.Alertmanagers, o.Rules, o.StoragePath = exporter, []*url.URL{at}, []string{file}, path
		})
	}
	stop := run(t, begin())
	for range 3 {
		until(t, got, "the alert", called("Backlog", false))
	}
	stop()
	for len(got) > 0 {
		<-got
	}
	a := begin()
	if len(a.earlier.alerts["Backlog"]) != 1 {
		t.Fatalf("what fired is %v", a.earlier.alerts)
	}
	run(t, a)
	for a.Ready() != nil {
		until(t, got, "an alert", called("Seen", false))
	}
	until(t, got, "an alert", called("Seen", false))
	if len(a.earlier.alerts) > 0 {
		t.Errorf("it goes by %v", a.earlier.alerts)
	}
}

func TestSight_holdsAsLongAsThereIsAGap(t *testing.T) {
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	var s sight
	if s.look(true, noon); s.holds(time.Hour, time.Minute, noon) {
		t.Error("it holds and was never blind")
	}
	s.look(false, noon)
	if !s.holds(0, time.Minute, noon) {
		t.Error("blind, it does not hold")
	}
	seen := noon.Add(20 * time.Minute)
	s.look(true, seen)
	for _, test := range []struct {
		reach, after time.Duration
		want         bool
	}{
		{0, 119 * time.Second, true},
		{0, 2 * time.Minute, false},
		{10 * time.Minute, 11 * time.Minute, true},
		{10 * time.Minute, 12 * time.Minute, false},
		{24 * time.Hour, 21 * time.Minute, true},
		{24 * time.Hour, 22 * time.Minute, false},
	} {
		if got := s.holds(test.reach, time.Minute, seen.Add(test.after)); got != test.want {
			t.Errorf("a rule that looks back %s, after %s: %t", test.reach, test.after, got)
		}
	}
}

func TestSight_gapsNearToEachOtherAreOne(t *testing.T) {
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	var s sight
	for minute, scraped := range []bool{true, false, false, false, false, false, true, false, true} {
		s.look(scraped, noon.Add(time.Duration(minute)*time.Minute))
	}
	seen := noon.Add(8 * time.Minute)
	if at := seen.Add(8 * time.Minute); !s.holds(10*time.Minute, time.Minute, at) || s.holds(10*time.Minute, time.Minute, at.Add(time.Minute)) {
		t.Errorf("it lasted %s, of 7 minutes in which it saw once", s.lasted)
	}
}

func TestReachOf_isHowFarARuleLooksBack(t *testing.T) {
	for text, want := range map[string]struct {
		reach        time.Duration
		absence, own bool
	}{
		"a > 0": {0, false, false}, "rate(a[20m]) > on () max_over_time((b > 1)[1h:1m])": {time.Hour, false, false},
		"absent_over_time(a[10m])": {10 * time.Minute, true, false}, "up == 0": {0, false, true},
	} {
		expression, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		if reach, absence, own := reachOf(expression); reach != want.reach || absence != want.absence || own != want.own {
			t.Errorf("%s: %s %t %t", text, reach, absence, own)
		}
	}
}

func TestRules_aFileThatWouldTakeLongIsRefused(t *testing.T) {
	rule := func(expression string) string {
		return "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: '" + expression + "'\n"
	}
	often := func(interval string) string {
		return strings.Replace(rule("up"), "    rules:", "    interval: "+interval+"\n    rules:", 1)
	}
	var labels strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&labels, "          l%d: x\n", i)
	}
	a := newAlerting(t, func(o *Options) { o.Rules = []string{ruleFile(t, backlog)} })
	run(t, a)
	for name, test := range map[string]struct{ text, err string }{
		"parentheses":       {rule(strings.Repeat("(", 5_000) + "up" + strings.Repeat(")", 5_000)), ": A: its expression is nested deeper than 200 levels"},
		"signs":             {rule(strings.Repeat("-", 5_000) + "up"), ": A: its expression is nested deeper than 200 levels"},
		"a long one":        {rule(strings.Repeat("up + ", 12_000) + "up"), ":5: a text of 60002 bytes is too long: write 16384 at most"},
		"many labels":       {rule("up") + "        labels:\n" + labels.String(), ":7: more than 1000 keys in one mapping: write fewer"},
		"a second document": {rule("up") + "---\n" + rule("up == 0"), ":6: a second document begins: write one document"},
		"a label twice":     {rule("up") + "        labels: {" + strings.Repeat("team: a, ", 999) + "}\n", `:6: key "team" is there already, on line 6: leave one out`},
		"directives":        {strings.Repeat("%TAG !a! tag:a\n", 101), ":1: more than 100 %TAG directives: leave them out"},
		"a short interval":  {often("1ms"), `: group "g": its interval of 1ms is not between 100ms and 1d: write for example 5m`},
		"a long interval":   {often("100y"), `: group "g": its interval of 100y is not between 100ms and 1d: write for example 5m`},
		"a long offset":     {often("5m\n    query_offset: 100y"), `: group "g": its query_offset of 100y is more than 1d`},
		"UTF-16":            {"\xff\xfeg\x00", ": it is not UTF-8: save the file as UTF-8"},
	} {
		file := ruleFile(t, "")
		write(t, file, test.text)
		if _, err := readRules([]string{file}, nil, Tuning{}, a.promql, a.options.Logger); fmt.Sprint(err) != file+test.err {
			t.Errorf("%s: %.300s", name, fmt.Sprint(err))
		}
	}
}

func TestRules_aFileWithoutAnAlertIsRefused(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "no group": "groups: []\n", "recording": "groups: [{name: g, rules: [{record: r, expr: up}]}]\n"} {
		file := ruleFile(t, backlog)
		a := newAlerting(t, func(o *Options) { o.Rules = []string{file} })
		run(t, a)
		write(t, file, text)
		if err := a.Reload(time.Now()); err == nil || !strings.HasPrefix(err.Error(), file+": there is no alert in it") {
			t.Errorf("%s: reloaded, %v", name, err)
		}
		if len(a.manager.AlertingRules()) != 2 {
			t.Errorf("%s: the old rules are gone", name)
		}
		o := a.options
		if _, err := readRules([]string{file}, nil, Tuning{}, a.promql, o.Logger); err == nil {
			t.Errorf("%s: read at the start", name)
		}
	}
}

// room stands for a file system with none, which only an end-to-end test has.
func TestOpenOrSpare_withoutRoomTheRulesSeeAllTheSame(t *testing.T) {
	at, got := alertmanager(t, http.StatusOK)
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = exporter(t), []*url.URL{at}, []string{ruleFile(t, backlog)}
	})
	a.sight.spare(errors.New("no space left on device"), time.Now())
	run(t, a)
	until(t, got, "an alert", called("Backlog", false))
	self := until(t, got, "the alert about itself", called(StorageAlert, false))
	if !strings.Contains(self.Annotations["description"], "temporary directory") || !strings.Contains(self.Annotations["description"], "no space left") {
		t.Errorf("it says %+v", self.Annotations)
	}
	if err := a.Ready(); err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("ready: %v", err)
	}
	for a.Healthy() == nil {
		until(t, got, "an alert", called("Backlog", false))
	}
}
