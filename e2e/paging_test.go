//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/alerts"
	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

const (
	// pagingSpeed is that of the tests that tell no story to its end.
	pagingSpeed = 120
	// pagingBegins is how much of the demo's story is over when it is looked at first: nothing is wrong yet.
	pagingBegins = 15 * time.Minute
	// mendedAt is when the causes are mended, by the story. RequestsExpired would come an hour and more later.
	mendedAt = 5*time.Hour + 20*time.Minute
)

// scenario is what an endpoint of the demo raises until its cause is mended, without the prefix of the names. Checks and
// other labels that tell two alerts of one name apart stand behind the name.
type scenario struct {
	endpoint string
	pages    []string
	silenced []string // pages of which nobody is told, because a cause is
	tickets  []string
	lasting  bool     // nothing here mends it
	perhaps  []string // once it is mended: it sleeps and wakes then, and how slowly it wakes depends on chance
}

// Not here, but in promtool's tests, because they take a day or more: SageMakerAsyncNeverAtZero (align-new, and embed if it
// were idle) and SageMakerAsyncStepsWithheld. SageMakerAsyncRequestsExpired takes more than six hours of waiting.
var scenarios = []scenario{
	{endpoint: "transcribe-live"}, // scales
	{endpoint: "ocr-nightly"},     // sleeps
	{endpoint: "whisper-batch"},   // wakes each 45 minutes, and rests for longer than its batches wait
	{endpoint: "moderate"},        // has two variants
	{
		endpoint: "summarize", // has a wake alarm without data
		pages:    []string{"WakeAlarmBroken"},
		silenced: []string{"BacklogWithoutCapacity", "LatencyObjectiveMissed", "RequestsNearExpiry", "CheckFailing wake_alarm_wrong_metric"},
		tickets:  []string{"PolicyDrift"},
		perhaps:  []string{"WakeCooldownShort", "Flapping"}, // a request each ten minutes
	},
	{
		endpoint: "diffusion", // has more work than its maximum can do
		pages:    []string{"AtMaxNotDraining"},
		silenced: []string{"LatencyObjectiveMissed"},
		lasting:  true,
	},
	{
		endpoint: "embed", // tracks what has no data, and keeps up for now
		tickets: []string{
			"CheckFailing cannot_scale_to_zero", "CheckFailing tracking_wrong_metric",
			"PolicyDrift", "TrackingAlarmWithoutData",
		},
		perhaps: []string{"WakeCooldownShort"},
	},
	{
		endpoint: "translate-paused", // is suspended
		pages:    []string{"SuspendedWithBacklog"},
		silenced: []string{"BacklogWithoutCapacity", "LatencyObjectiveMissed", "RequestsNearExpiry", "ScalingSuspended"},
		perhaps:  []string{"WakeCooldownShort", "Flapping"}, // a request each five minutes
	},
	{
		endpoint: "llm-capacity", // gets no instance, and is Updating for as long as it waits for one
		pages:    []string{"CapacityMissing"},
		silenced: []string{"BacklogWithoutCapacity", "LatencyObjectiveMissed", "RequestsNearExpiry", "EndpointNotInService"},
	},
	{
		endpoint: "tts-redeployed", // lost its target, so it cannot grow, and falls behind in the end
		pages:    []string{"LatencyObjectiveMissed"},
		tickets:  []string{"CheckFailing target_not_registered", "PolicyDrift"},
		perhaps:  []string{"WakeCooldownShort"},
	},
	{
		endpoint: "caption-pools", // runs on its second choice
		tickets:  []string{"FallbackPool ml.g6.2xlarge"},
		lasting:  true,
	},
	{
		endpoint: "upscale-quota", // may have one instance, and needs more
		pages:    []string{"ScaleOutRefused quota"},
		silenced: []string{"LatencyObjectiveMissed"},
		perhaps:  []string{"WakeCooldownShort"},
	},
	{
		endpoint: "align-new", // has no scaling, and idles for less than two hours at a time
		tickets:  []string{"CheckFailing target_not_registered", "PolicyDrift"},
		perhaps:  []string{"WakeCooldownShort"},
	},
}

// selected are the endpoints that reconcile may mend: those that it can.
const selected = "--reconcile.endpoints=summarize|embed|tts-redeployed|align-new"

// raised is an alert of an endpoint, as scenarios call it.
type raised struct{ endpoint, alert string }

func raisedBy(labels map[string]string) raised {
	name := strings.TrimPrefix(labels["alertname"], "SageMakerAsync")
	for _, detail := range []string{"check", "reason", "activity", "source", "instance_type"} {
		if value := labels[detail]; value != "" {
			name += " " + value
		}
	}
	return raised{labels["endpoint_name"], name}
}

// receivers are the alerts of the scenarios, each with the receiver that is told of it, or silenced.
func receivers(of func(scenario) bool) map[raised]string {
	all := map[raised]string{}
	for _, s := range scenarios {
		if !of(s) {
			continue
		}
		for does, names := range map[string][]string{pages: s.pages, silenced: s.silenced, tickets: s.tickets} {
			for _, name := range names {
				all[raised{s.endpoint, name}] = does
			}
		}
	}
	return all
}

// evaluator evaluates the rules and tells Alertmanager.
type evaluator interface {
	firing() map[raised]bool               // the alerts that fire now
	fired(since time.Time) map[raised]bool // those that have fired since
	lag() time.Duration                    // the longest time between two scrapes
}

// paging is who watches exporters by the example's configurations, hurried, and an Alertmanager that is told.
type paging struct {
	evaluator
	*alertmanager
	t         *testing.T
	pace      float64 // of the clock
	began     time.Time
	found     []string                     // what is wrong
	told      map[raised]map[string]string // the last status that each receiver was told
	explained map[raised]map[string]string // the annotations with which they were told first that it fires
}

// watch runs a Prometheus and an Alertmanager.
func watch(t *testing.T, speed float64, exporters ...*exporter) *paging {
	t.Helper()
	a := newAlertmanager(t)
	return hear(t, speed, byPrometheus{hurriedPrometheus(t, speed, a, exporters...)}, a)
}

// hear runs the Alertmanager: nobody listens before the evaluator has found its exporters.
func hear(t *testing.T, speed float64, by evaluator, a *alertmanager) *paging {
	t.Helper()
	p := &paging{t: t, pace: speed, evaluator: by, alertmanager: a, began: time.Now(), told: map[raised]map[string]string{}, explained: map[raised]map[string]string{}}
	a.run(hurriedAlertmanager(t, speed, a))
	return p
}

// hurriedAlertmanager is the example's configuration, with the webhook as the place of each receiver.
func hurriedAlertmanager(t *testing.T, speed float64, a *alertmanager) string {
	t.Helper()
	return replace(t, hurry(exampleConfig(t), speed), map[string]string{"http://127.0.0.1:5001": a.pager.server.URL})
}

// hurriedRules is a file with the rules.
func hurriedRules(t *testing.T, speed float64) string {
	t.Helper()
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	must(t, os.WriteFile(rules, []byte(hurry(string(alerts.Rules), speed)), 0o600))
	return rules
}

// hurriedPrometheus runs one with the example's configuration. It takes five seconds to find its targets, of which
// SageMakerAsyncExporterDown tells on a fast clock.
func hurriedPrometheus(t *testing.T, speed float64, a *alertmanager, exporters ...*exporter) *prometheus {
	t.Helper()
	var addresses []string
	for _, e := range exporters {
		addresses = append(addresses, fmt.Sprintf("%q", strings.TrimPrefix(e.url, "http://")))
	}
	p := runPrometheus(t, replace(t, composed(t), map[string]string{
		"../../alerts/sagemaker-async.yaml": hurriedRules(t, speed), `"alertmanager:9093"`: fmt.Sprintf("%q", strings.TrimPrefix(a.url, "http://")),
		`"exporter:10119"`: strings.Join(addresses, ", "), "scrape_interval: 30s": "scrape_interval: " + scrapeEach(speed),
		"evaluation_interval: 30s": "evaluation_interval: " + scrapeEach(speed),
	}), "--rules.alert.resend-delay=2s")
	eventually(t, "scraping", soon, func() error {
		if up := p.query(`up == 1`); len(up) < len(exporters) {
			return fmt.Errorf("%v", up)
		}
		if firing := p.query(`ALERTS{alertname="SageMakerAsyncExporterDown"}`); len(firing) > 0 {
			return fmt.Errorf("%v", firing)
		}
		return nil
	})
	return p
}

// byPrometheus is a Prometheus that evaluates the rules.
type byPrometheus struct{ *prometheus }

// alerts are those that an expression of ALERTS finds.
func (p byPrometheus) alerts(expression string) map[raised]bool {
	p.Helper()
	found := map[raised]bool{}
	for series := range p.query(expression) {
		var labels map[string]string
		must(p.T, json.Unmarshal([]byte(series), &labels))
		found[raisedBy(labels)] = true
	}
	return found
}

func (p byPrometheus) firing() map[raised]bool { return p.alerts(`ALERTS{alertstate="firing"}`) }

func (p byPrometheus) fired(since time.Time) map[raised]bool {
	return p.alerts(fmt.Sprintf(`last_over_time(ALERTS{alertstate="firing"}[%dms])`, time.Since(since).Milliseconds()))
}

// listen takes in what the receivers have been told.
func (p *paging) listen() {
	for len(p.pager.got) > 0 {
		message := <-p.pager.got
		for _, alert := range message.Alerts {
			about := raisedBy(alert.Labels)
			if p.told[about] == nil {
				p.told[about] = map[string]string{}
			}
			p.told[about]["sagemaker-async-"+strings.TrimPrefix(message.path, "/")] = alert.Status
			if alert.Status == "firing" && p.explained[about] == nil {
				p.explained[about] = alert.Annotations
			}
		}
	}
}

// receiver is who was told of an alert.
func (p *paging) receiver(about raised) string {
	if to := slices.Sorted(maps.Keys(p.told[about])); len(to) > 0 {
		return strings.Join(to, " ")
	}
	return silenced
}

// differ says which alerts are in one set only.
func differ(got map[raised]bool, want map[raised]string) (differences []string) {
	for about := range got {
		if want[about] == "" {
			differences = append(differences, fmt.Sprintf("unexpected: %v", about))
		}
	}
	for about := range want {
		if !got[about] {
			differences = append(differences, fmt.Sprintf("missing: %v", about))
		}
	}
	slices.Sort(differences)
	return differences
}

// stage is the demo some minutes after its beginning, and when its story began: diffusion has woken by then, and is not seen
// to wake, however fast the clock.
func stage(t *testing.T, pace float64) (aws *awssim.Server, story time.Time) {
	t.Helper()
	now := time.Now()
	shown := now.Truncate(time.Hour).Add(time.Hour) // a story tells the same each time if it begins at a whole hour
	story = shown.Add(-pagingBegins)
	world := sim.Demo(story)
	world.Advance(shown)
	aws, err := awssim.Start(awssim.Options{Clock: fleet.Clock{Machine: now, Shown: shown, Speed: pace}}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	time.Sleep(time.Duration(float64(story.Add(pagingBegins+20*time.Minute).Sub(clockOf(aws))) / pace))
	return aws, story
}

// throughTheStory waits until all has been raised, mends what can be, and waits until that has resolved.
func (p *paging) throughTheStory(aws *awssim.Server, story time.Time) {
	p.t.Helper()
	p.sleep(aws, story.Add(mendedAt))
	p.raise(everything())
	mended := time.Now()
	mend(p.t, aws)
	p.resolve()
	p.onlyExpected(mended, everything())
	p.judge()
}

// everything are the alerts of all scenarios.
func everything() map[raised]string { return receivers(func(scenario) bool { return true }) }

// down is the alert that nobody watches any more, and replicaDown that one of several does not.
var (
	down        = raised{"", "ExporterDown"}
	replicaDown = raised{"", "ExporterReplicaDown"}
)

// The demo from its beginning, watched by two replicas: each endpoint raises what it should and nothing else, the right
// receiver is told, and what is mended resolves. Then the replicas are killed, one after the other.
func TestPaging_eachScenarioRaisesWhatItShould(t *testing.T) {
	t.Parallel()
	atSomePace(t, func(t *testing.T, pace float64) {
		aws, story := stage(t, pace)
		first, second := start(t, nil, joining(aws, selected)...), start(t, nil, joining(aws, selected)...)
		p := watch(t, pace, first, second)
		p.throughTheStory(aws, story)

		before := p.firing()
		killed := time.Now()
		second.kill()
		p.sleep(aws, clockOf(aws).Add(25*time.Minute))
		expected := everything()
		expected[replicaDown] = tickets
		p.onlyExpected(killed, expected)
		if !p.firing()[replicaDown] {
			p.wrong("nobody is told that one replica of two is gone")
		}
		for about := range receivers(func(s scenario) bool { return s.lasting }) {
			if !before[about] || !p.firing()[about] {
				p.wrong("%v does not fire on, with one replica of two", about)
			}
		}
		p.judge()

		first.kill()
		p.tellsThatNobodyWatches()
	})
}

// tellsThatNobodyWatches waits for the page about the exporter that is gone; until it comes, no other page is closed.
func (p *paging) tellsThatNobodyWatches() {
	p.t.Helper()
	p.until("told that no exporter is left", func() error {
		p.listen()
		firing := p.firing()
		if !firing[down] {
			return errors.New("it does not fire")
		}
		if page := (raised{"diffusion", "AtMaxNotDraining"}); !firing[page] && p.told[down] == nil {
			p.wrong("%v resolved before anybody was told that nobody watches", page)
			p.judge()
		}
		if got := p.receiver(down); got != pages {
			return fmt.Errorf("it is told to %s", got)
		}
		return nil
	})
}

// raise waits until all fires and the right receiver was told of each, and makes sure that nothing else has fired and nobody
// was told of anything else. The story leaves an hour for it until requests expire, which would be one alert more.
func (p *paging) raise(want map[raised]string) {
	p.t.Helper()
	p.until("all raised", func() error {
		p.listen()
		if differences := differ(p.firing(), want); len(differences) > 0 {
			return errors.New(strings.Join(differences, "; "))
		}
		for about, does := range want {
			if got := p.receiver(about); got != does && does != silenced { // whoever is not told is looked at below
				return fmt.Errorf("%v is told to %s, want %s", about, got, does)
			}
		}
		return nil
	})
	fired := p.fired(p.began)
	for _, s := range scenarios {
		var does []string
		for about := range fired {
			if about.endpoint == s.endpoint {
				does = append(does, about.alert+" -> "+strings.ReplaceAll(p.receiver(about), "sagemaker-async-", ""))
			}
		}
		slices.Sort(does)
		p.t.Logf("%-17s %s", s.endpoint, strings.Join(does, ", "))
	}
	for _, difference := range differ(fired, want) {
		p.wrong("%s", difference)
	}
	for about, does := range want {
		if got := p.receiver(about); fired[about] && got != does {
			p.wrong("%v is told to %s, want %s", about, got, does)
		}
	}
	for about := range p.told {
		if want[about] == "" {
			p.wrong("somebody was told of %v", about)
		}
	}
	p.judge()
}

// mend does what the runbooks say, where there is something to do.
func mend(t *testing.T, aws *awssim.Server) {
	t.Helper()
	// A target that is registered may be scaled at once; then its endpoint is Updating, and its minimum is for another run.
	eventually(t, "apply leaves nothing to do", 2*time.Minute, func() error {
		if got := command(t, joining(aws, selected, "apply")...); got.status != 0 {
			return fmt.Errorf("it left with status %d\n%s%s", got.status, got.out, got.errors)
		}
		return nil
	})
	aws.Do(region, func(w *sim.World) {
		_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: fleet.ResourceID("translate-paused", "AllTraffic"), Suspended: &fleet.Suspension{}})
		must(t, err)
		w.SetShortage("ml.p4d.24xlarge", false)
		w.SetQuota("ml.g5.24xlarge", 8)
		// Nothing is ever deleted by reconcile: of the policy on a wrong metric the ticket tells until somebody does.
		must(t, w.DeleteScalingPolicy(fleet.ResourceID("embed", "AllTraffic"), "invocations-target-tracking"))
	})
}

// resolve makes sure that what was mended resolves, that those who were told of it are told of that, and that the rest
// goes on.
func (p *paging) resolve() {
	p.t.Helper()
	lasting := receivers(func(s scenario) bool { return s.lasting })
	p.until("firing only what is not fixed", func() error {
		firing := p.firing()
		for _, s := range scenarios {
			for _, name := range s.perhaps {
				delete(firing, raised{s.endpoint, name})
			}
		}
		if differences := differ(firing, lasting); len(differences) > 0 {
			return errors.New(strings.Join(differences, "; "))
		}
		p.listen()
		for about, does := range receivers(func(s scenario) bool { return !s.lasting }) {
			if status := p.told[about][does]; does != silenced && status != "resolved" {
				return fmt.Errorf("the last that %s were told of %v is %q", does, about, status)
			}
		}
		return nil
	})
}

// onlyExpected makes sure that nothing has fired since that time but what the scenarios say.
func (p *paging) onlyExpected(since time.Time, all map[raised]string) {
	p.t.Helper()
	want := maps.Clone(all)
	for _, s := range scenarios {
		for _, name := range s.perhaps {
			want[raised{s.endpoint, name}] = tickets
		}
	}
	for about := range p.fired(since) {
		if want[about] == "" {
			p.wrong("unexpected: %v", about)
		}
	}
}
