//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	values "github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// alerting is a running command that sends the alerts of an exporter.
type alerting struct {
	*exporter
	mu   sync.Mutex
	seen map[raised]time.Time // when an alert was last seen firing

	scraped, evaluated time.Time     // last
	longest            time.Duration // between two of either
}

// startAlerting runs the command on an exporter and waits until it is ready.
func startAlerting(t *testing.T, a *alertmanager, e *exporter, args ...string) *alerting {
	t.Helper()
	c := beginAlerting(t, a, e, args...)
	c.eventually("ready", soon, func() error { _, err := c.get("/-/ready"); return err })
	return c
}

// beginAlerting runs it, and looks at it every tenth of a second: it has no history to ask for.
func beginAlerting(t *testing.T, a *alertmanager, e *exporter, args ...string) *alerting {
	t.Helper()
	c := &alerting{seen: map[raised]time.Time{}}
	c.exporter = beginProgram(t, []string{alertingBinary}, []string{"SAGEMAKER_ASYNC_ALERTING_ALERTING_INTERVAL=400ms"},
		append([]string{"--exporter.url=" + e.url, "--alertmanager.url=" + a.url}, args...)...)
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for ticks := time.NewTicker(100 * time.Millisecond); ; {
			select {
			case <-ended:
				return
			case at := <-ticks.C:
				if s, err := c.state(); err == nil {
					c.saw(s, at)
				}
			}
		}
	}()
	t.Cleanup(func() { close(ended); <-done })
	return c
}

func (c *alerting) saw(s values.State, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for last, now := range map[*time.Time]time.Time{&c.scraped: s.Exporter.LastScrape, &c.evaluated: s.Rules.LastEvaluation} {
		if !last.IsZero() {
			c.longest = max(c.longest, now.Sub(*last))
		}
		*last = now
	}
	for _, alert := range s.Alerts {
		if alert.State == values.Firing {
			c.seen[raisedBy(alert.Labels)] = at
		}
	}
}

func (c *alerting) state() (s values.State, err error) {
	page, err := c.get(values.StatePath + "?format=json")
	if err == nil {
		err = json.Unmarshal([]byte(page), &s)
	}
	return s, err
}

func (c *alerting) firing() map[raised]bool {
	c.Helper()
	s, err := c.state()
	if err != nil {
		c.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[raised]bool{}
	for _, alert := range s.Alerts {
		if about := raisedBy(alert.Labels); alert.State == values.Firing {
			found[about], c.seen[about] = true, time.Now() // what fires now has fired
		}
	}
	return found
}

func (c *alerting) fired(since time.Time) map[raised]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[raised]bool{}
	for about, at := range c.seen {
		if at.After(since) {
			found[about] = true
		}
	}
	return found
}

// watches waits until it scrapes and does not take that for something new: on a fast clock, the time until the first scrape
// is long enough for SageMakerAsyncExporterDown.
func (c *alerting) watches() {
	c.Helper()
	c.eventually("watching", soon, func() error {
		s, err := c.state()
		for _, alert := range s.Alerts {
			if raisedBy(alert.Labels) == down {
				return errors.New("the exporter is still taken for gone")
			}
		}
		return err
	})
}

// The same story as with a Prometheus, and none: the same alerts, and in each the reason. Then the exporter is killed.
func TestAlerting_eachScenarioRaisesWhatItShouldWithoutAPrometheus(t *testing.T) {
	t.Parallel()
	atSomePace(t, func(t *testing.T, pace float64) {
		aws, story := stage(t, pace)
		e, a := start(t, nil, joining(aws, selected)...), newAlertmanager(t)
		c := startAlerting(t, a, e, "--alerting.rules="+hurriedRules(t, pace), "--alerting.interval="+scrapeEach(pace))
		c.watches()
		p := hear(t, pace, c, a)
		p.throughTheStory(aws, story)
		for about := range everything() {
			annotations, told := p.explained[about]
			if told && about.endpoint != "" && annotations["explanation"] == "" {
				p.wrong("%v is told without its reason: %v", about, annotations)
			}
		}
		if quota := p.explained[raised{"upscale-quota", "ScaleOutRefused quota"}]["aws_message"]; !strings.Contains(quota, "limit") {
			p.wrong("of the quota AWS says %q", quota)
		}
		p.judge()
		e.kill()
		p.tellsThatNobodyWatches()
	})
}

// A Prometheus and the alerting command send the same alerts: Alertmanager has each once.
func TestAlerting_besideAPrometheusEachPageIsOne(t *testing.T) {
	t.Parallel()
	pace := paces[0] // that of a story: both have to keep up with it
	aws, story := stage(t, pace)
	e, a := start(t, nil, joining(aws, selected)...), newAlertmanager(t)
	p := hurriedPrometheus(t, pace, a, e)
	c := startAlerting(t, a, e, "--alerting.rules="+hurriedRules(t, pace), "--alerting.interval="+scrapeEach(pace))
	c.watches()
	hear(t, pace, c, a)
	time.Sleep(time.Duration(float64(story.Add(2*time.Hour).Sub(clockOf(aws))) / pace)) // by then most of it fires
	// They do not evaluate at the same moment: an alert that one of them fires now, the other one has fired at some time.
	began := time.Now().Add(-time.Hour)
	eventually(t, "both fire the same, and Alertmanager has each once", soon, func() error {
		byOne, byOther := byPrometheus{p}.firing(), c.firing()
		everByOne, everByOther := byPrometheus{p}.fired(began), c.fired(began)
		for about := range byOne {
			if !everByOther[about] {
				return fmt.Errorf("Prometheus alone fires %v", about)
			}
		}
		for about := range byOther {
			if !everByOne[about] {
				return fmt.Errorf("the command alone fires %v", about)
			}
		}
		if len(byOther) < 10 {
			return fmt.Errorf("%d fire", len(byOther))
		}
		var all []struct{ Labels map[string]string }
		must(t, getJSON(a.url+"/api/v2/alerts", &all))
		once := map[raised]bool{}
		for _, alert := range all {
			if about := raisedBy(alert.Labels); once[about] {
				t.Fatalf("Alertmanager has %v twice: %v", about, all)
			}
			once[raisedBy(alert.Labels)] = true
		}
		if len(once) < 10 {
			return fmt.Errorf("it has %d of %d", len(once), len(byOther))
		}
		return nil
	})
	s, err := c.state()
	must(t, err)
	if s.Alertmanagers[0].Sent < 10 {
		t.Errorf("the command has sent %+v", s.Alertmanagers)
	}
	own, err := (&exporter{TB: t, url: p.url}).get("/metrics")
	must(t, err)
	if sent := value(own, "prometheus_notifications_sent_total{"); sent < 10 {
		t.Errorf("Prometheus has sent %v", sent)
	}
}

func getJSON(url string, to any) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(to)
}

// soonRules are rules that fire while the exporter is there, after a while, and once it is gone.
func soonRules(t *testing.T, after time.Duration) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.yaml")
	must(t, os.WriteFile(file, []byte(fmt.Sprintf(`groups:
  - name: soon
    rules:
      - {alert: Here, expr: 'max without (instance) (up) == 1', for: %s, labels: {severity: critical}}
      - {alert: Gone, expr: 'max without (instance) (up) == 0', labels: {severity: critical}}
`, after)), 0o600))
	return file
}

// hears waits until the receivers are told of an alert.
func hears(t *testing.T, a *alertmanager, name, status string) {
	t.Helper()
	a.pager.until(t, func(s sent) bool {
		for _, alert := range s.Alerts {
			if alert.Labels["alertname"] == name && alert.Status == status {
				return true
			}
		}
		return false
	})
}

// What Alertmanager misses while it is gone, or before it is there, it is told again; what it did not take is counted.
func TestAlerting_losesNothingWhenAlertmanagerIsGone(t *testing.T) {
	t.Parallel()
	e, a := start(t, nil, "--demo"), newAlertmanager(t)
	c := startAlerting(t, a, e, "--alerting.rules="+soonRules(t, 0))
	failed := func(more uint64) {
		t.Helper()
		c.eventually("failing", soon, func() error {
			s, err := c.state()
			if err == nil && (s.Alertmanagers[0].Failed <= more || s.Dropped <= more) {
				err = fmt.Errorf("%+v, %d dropped", s.Alertmanagers, s.Dropped)
			}
			return err
		})
	}
	failed(0)
	config := hurriedAlertmanager(t, pagingSpeed, a)
	stop := a.run(config)
	hears(t, a, "Here", "firing")
	stop()
	s, err := c.state()
	must(t, err)
	e.kill()
	failed(s.Alertmanagers[0].Failed)
	a.run(config)
	hears(t, a, "Gone", "firing")
}

// The process that waits is killed: the next one goes on waiting, and does not begin anew.
func TestAlerting_killedWhileAnAlertIsPendingFiresItOnTime(t *testing.T) {
	t.Parallel()
	const lasts, waited = 30 * time.Second, 12 * time.Second
	e, a := start(t, nil, "--demo"), newAlertmanager(t)
	a.run(hurriedAlertmanager(t, pagingSpeed, a))
	// It looks for what it waited for at its second evaluation: by then it must have scraped, on a busy machine too.
	args := []string{"--alerting.rules=" + soonRules(t, lasts), "--alerting.storage-path=" + t.TempDir(), "--alerting.interval=3s"}
	c := startAlerting(t, a, e, args...)
	var since time.Time
	c.eventually("pending for a while", soon, func() error {
		s, err := c.state()
		if err != nil {
			return err
		}
		if len(s.Alerts) == 0 || s.Alerts[0].State != values.Pending {
			return fmt.Errorf("%+v", s.Alerts)
		}
		since = s.Alerts[0].ActiveAt
		if pending := s.At.Sub(since); pending < waited {
			return fmt.Errorf("pending for %s", pending)
		}
		return nil
	})
	c.kill()
	restarted := time.Now()
	next := startAlerting(t, a, e, args...)
	hears(t, a, "Here", "firing")
	s, err := next.state()
	must(t, err)
	here := s.Alerts[0]
	t.Logf("it fires %s after it became true; its rule asks for %s", here.FiredAt.Sub(since), lasts)
	if here.FiredAt.Sub(since) < lasts || !here.ActiveAt.Before(restarted) {
		t.Errorf("true since %s, fired at %s, restarted at %s: it has begun anew", here.ActiveAt, here.FiredAt, restarted)
	}
}

// What the command takes for 500 endpoints, with the bundled rules as they are.
func TestAlerting_memoryAt500Endpoints(t *testing.T) {
	t.Parallel()
	const endpoints = 500
	now := time.Now()
	world := sim.Fleet(fleet.Scope{AccountID: "111122223333", Region: region}, now.Add(-time.Hour), endpoints, 1)
	world.Advance(now)
	aws, err := awssim.Start(awssim.Options{Clock: fleet.Clock{Machine: now, Shown: now, Speed: 20}}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	e := start(t, nil, joining(aws)...)
	e.eventually("whole", soon, func() error { return whole(e, endpoints) })
	a := newAlertmanager(t)
	a.run(hurriedAlertmanager(t, pagingSpeed, a))
	c := startAlerting(t, a, e, "--alerting.interval=5s") // a busy machine may need seconds for such a page
	highest := 0.0
	c.eventually("scraped three times", soon, func() error {
		page := c.metrics()
		highest = max(highest, value(page, "process_resident_memory_bytes "))
		if n := value(page, "prometheus_tsdb_head_samples_appended_total{type=\"float\"} "); n < 3*value(page, "prometheus_tsdb_head_series ") {
			return fmt.Errorf("%v samples", n)
		}
		return nil
	})
	page := c.metrics()
	t.Logf("500 endpoints: %.0f series, at most %.0f MiB resident", value(page, "prometheus_tsdb_head_series "), highest/(1<<20))
	if series := value(page, "prometheus_tsdb_head_series "); series < 10*endpoints || series > 100*endpoints {
		t.Errorf("%v series are kept", series)
	}
}
