//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/alerts"
)

const exampleAlertmanager = "../deploy/alertmanager/"

// alertmanager runs the example configuration.
type alertmanager struct {
	*testing.T
	url   string
	pager *webhook
}

// webhook receives what Alertmanager sends.
type webhook struct {
	server *httptest.Server
	got    chan sent
}

// sent is one message: the path says which receiver it is from.
type sent struct {
	path        string
	GroupLabels map[string]string
	Text        string // of Slack's message
	Alerts      []struct {
		Status              string
		Labels, Annotations map[string]string
	}
	Attachments []struct{ Title, Text string } // of Slack's message
}

// names are the alerts of the message.
func (s sent) names() (names []string) {
	for _, alert := range s.Alerts {
		names = append(names, alert.Labels["alertname"])
	}
	slices.Sort(names)
	return names
}

func startWebhook(t *testing.T) *webhook {
	t.Helper()
	hook := &webhook{got: make(chan sent, 1000)}
	hook.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		message := sent{path: r.URL.Path}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &message)
		}
		if err != nil {
			t.Errorf("reading a message: %v", err)
		}
		hook.got <- message
		fmt.Fprint(w, "ok")
	}))
	t.Cleanup(hook.server.Close)
	return hook
}

// until receives messages until the one that is asked for has come, and returns all of them.
func (h *webhook) until(t *testing.T, last func(sent) bool) (all []sent) {
	t.Helper()
	for deadline := time.After(soon); ; {
		select {
		case message := <-h.got:
			all = append(all, message)
			if last(message) {
				return all
			}
		case <-deadline:
			t.Fatalf("the message did not come; these did: %+v", all)
		}
	}
}

// startAlertmanager runs the example configuration with a webhook in the place of the placeholders, and with a second in
// the place of its waiting times.
func startAlertmanager(t *testing.T) *alertmanager {
	t.Helper()
	a := newAlertmanager(t)
	a.run(replace(t, exampleConfig(t), map[string]string{
		"http://127.0.0.1:5001": a.pager.server.URL, "group_wait: 30s": "group_wait: 1s",
		"group_interval: 5m": "group_interval: 1s", "group_interval: 1m": "group_interval: 1s",
	}))
	return a
}

// newAlertmanager chooses the addresses of one that does not run yet.
func newAlertmanager(t *testing.T) *alertmanager {
	t.Helper()
	return &alertmanager{T: t, url: "http://" + freeAddress(t), pager: startWebhook(t)}
}

func exampleConfig(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(exampleAlertmanager + "alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// replace fails where there is nothing to replace: the example has changed then.
func replace(t *testing.T, text string, by map[string]string) string {
	t.Helper()
	for from, to := range by {
		if !strings.Contains(text, from) {
			t.Fatalf("the example has no %q", from)
		}
		text = strings.ReplaceAll(text, from, to)
	}
	return text
}

// write puts a configuration beside the templates that it names.
func write(t *testing.T, config string) (file string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(exampleAlertmanager)); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// run runs it with a configuration until the test ends, or until what it returns is called. It remembers nothing of the
// last time.
func (a *alertmanager) run(config string) (stop func()) {
	a.Helper()
	program, err := exec.LookPath("prometheus-alertmanager") // Debian's name
	if err != nil {
		program = "alertmanager"
	}
	return serving(a.T, a.url, program, "--config.file="+write(a.T, config), "--storage.path="+a.TempDir(),
		"--web.listen-address="+strings.TrimPrefix(a.url, "http://"), "--cluster.listen-address=")
}

// rule is an alert of the rules, as far as Alertmanager sees it.
type rule struct {
	Alert  string
	Labels map[string]string
}

// alertRules are the alerts of the rules by name.
func alertRules(t *testing.T) map[string]rule {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal(alerts.Rules, &file); err != nil {
		t.Fatal(err)
	}
	found := map[string]rule{}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if rule.Alert != "" {
				found[rule.Alert] = rule
			}
		}
	}
	return found
}

// firing is an alert as Prometheus would send it: its labels with those of its rule.
type firing struct {
	name   string
	labels string // name=value, by spaces
}

func (f firing) of(rules map[string]rule) map[string]string {
	labels := map[string]string{"alertname": f.name}
	maps.Copy(labels, rules[f.name].Labels)
	for field := range strings.FieldsSeq(f.labels) {
		name, value, _ := strings.Cut(field, "=")
		labels[name] = value
	}
	return labels
}

// post tells Alertmanager that alerts fire.
func (a *alertmanager) post(alerts ...firing) {
	a.Helper()
	a.tell(alerts, time.Time{})
}

// resolve tells Alertmanager that alerts fire no more.
func (a *alertmanager) resolve(alerts ...firing) {
	a.Helper()
	a.tell(alerts, time.Now())
}

func (a *alertmanager) tell(alerts []firing, endsAt time.Time) {
	a.Helper()
	rules := alertRules(a.T)
	type alert struct {
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
		EndsAt      time.Time         `json:"endsAt,omitzero"`
	}
	var body []alert
	for _, f := range alerts {
		if _, known := rules[f.name]; !known && strings.HasPrefix(f.name, "SageMakerAsync") {
			a.Fatalf("there is no alert %s", f.name)
		}
		body = append(body, alert{Labels: f.of(rules), EndsAt: endsAt, Annotations: map[string]string{
			"summary": "what is wrong", "description": "the figures", "runbook_url": "https://example.org/runbook",
			"dashboard_url": "/d/sagemaker-async-endpoint?var-endpoint=e1",
		}})
	}
	text, err := json.Marshal(body)
	if err != nil {
		a.Fatal(err)
	}
	response, err := client.Post(a.url+"/api/v2/alerts", "application/json", bytes.NewReader(text))
	if err != nil {
		a.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(response.Body)
		a.Fatalf("posting alerts: %s: %s", response.Status, answer)
	}
}

// where is where an alert is, as firing has it, and its severity where that is not the one of its rule.
func where(labels map[string]string, rules map[string]rule) string {
	var fields []string
	for _, name := range []string{"account_id", "region", "endpoint_name", "source"} {
		if value := labels[name]; value != "" {
			fields = append(fields, name+"="+value)
		}
	}
	if severity := labels["severity"]; severity != rules[labels["alertname"]].Labels["severity"] {
		fields = append(fields, "severity="+severity)
	}
	return strings.Join(fields, " ")
}

// eventually waits until Alertmanager does with its alerts what it should.
func (a *alertmanager) eventually(want map[firing]string) {
	a.Helper()
	eventually(a.T, "doing as it should", soon, func() error {
		if got := a.state(); !maps.Equal(got, want) {
			return fmt.Errorf("Alertmanager does\n%v, want\n%v", got, want)
		}
		return nil
	})
}

// state is what Alertmanager does with each alert: the receivers, or "silenced".
func (a *alertmanager) state() map[firing]string {
	a.Helper()
	response, err := client.Get(a.url + "/api/v2/alerts")
	if err != nil {
		a.Fatal(err)
	}
	defer response.Body.Close()
	var answer []struct {
		Labels    map[string]string
		Receivers []struct{ Name string }
		Status    struct{ InhibitedBy []string }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		a.Fatal(err)
	}
	found, rules := map[firing]string{}, alertRules(a.T)
	for _, alert := range answer {
		var receivers []string
		for _, receiver := range alert.Receivers {
			receivers = append(receivers, receiver.Name)
		}
		does := strings.Join(receivers, " ")
		if len(alert.Status.InhibitedBy) > 0 {
			does = "silenced"
		}
		found[firing{alert.Labels["alertname"], where(alert.Labels, rules)}] = does
	}
	return found
}

const (
	pages    = "sagemaker-async-pages"
	tickets  = "sagemaker-async-tickets"
	silenced = "silenced"

	here      = "account_id=111122223333 region=us-east-1"
	there     = "account_id=111122223333 region=eu-west-1"
	elsewhere = "account_id=444455556666 region=us-east-1"
	e1        = " endpoint_name=e1"
	e2        = " endpoint_name=e2"
)

func TestAlertmanager_routesAndSilences(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]map[firing]string{
		"a cause silences the symptoms of its endpoint alone": {
			{"SageMakerAsyncWakeAlarmBroken", here + e1}:             pages,
			{"SageMakerAsyncBacklogWithoutCapacity", here + e1}:      silenced,
			{"SageMakerAsyncLatencyObjectiveMissed", here + e1}:      silenced,
			{"SageMakerAsyncRequestsExpired", here + e1}:             pages, // what is lost is no symptom
			{"SageMakerAsyncRunningIdle", here + e1}:                 tickets,
			{"SageMakerAsyncBacklogWithoutCapacity", here + e2}:      pages,
			{"SageMakerAsyncBacklogWithoutCapacity", there + e1}:     pages,
			{"SageMakerAsyncBacklogWithoutCapacity", elsewhere + e1}: pages,
		},
		"a symptom silences nothing": {
			{"SageMakerAsyncBacklogWithoutCapacity", here + e1}: pages,
			{"SageMakerAsyncRequestsNearExpiry", here + e1}:     pages,
		},
		"a cause that was made a ticket silences no page": {
			{"SageMakerAsyncCapacityMissing", here + e1 + " severity=warning"}:          tickets,
			{"SageMakerAsyncBacklogWithoutCapacity", here + e1}:                         pages,
			{"SageMakerAsyncLatencyObjectiveMissed", here + e1 + " severity=warning"}:   silenced,
			{"SageMakerAsyncSourceStale", there + " source=metrics severity=warning"}:   tickets,
			{"SageMakerAsyncRequestsExpired", there + e1}:                               pages,
			{"SageMakerAsyncFlapping", there + e1}:                                      silenced,
			{"SageMakerAsyncMostInvocationsFail", elsewhere + e1 + " severity=warning"}: tickets,
			{"SageMakerAsyncInvocationsFailing", elsewhere + e1}:                        silenced,
			{"SageMakerAsyncMostInvocationsFail", elsewhere + e2 + " severity=warning"}: tickets,
			{"SageMakerAsyncInvocationsFailing", elsewhere + e2 + " severity=critical"}: pages,
		},
		"causes do not silence each other": {
			{"SageMakerAsyncCapacityMissing", here + e1}:  pages,
			{"SageMakerAsyncScaleOutRefused", here + e1}:  pages,
			{"SageMakerAsyncPolicyDrift", here + e1}:      tickets,
			{"SageMakerAsyncScaleOutRefused", here + e2}:  pages,
			{"SageMakerAsyncCapacityMissing", there + e2}: pages,
		},
		"a cause silences the tickets that are about the same": {
			{"SageMakerAsyncSuspendedWithBacklog", here + e1}:    pages,
			{"SageMakerAsyncScalingSuspended", here + e1}:        silenced,
			{"SageMakerAsyncCheckFailing", here + e1}:            silenced,
			{"SageMakerAsyncEndpointNotInService", here + e1}:    silenced,
			{"SageMakerAsyncAtMaxNotDraining", here + e2}:        pages,
			{"SageMakerAsyncLatencyObjectiveMissed", here + e2}:  silenced,
			{"SageMakerAsyncCheckFailing", there + e1}:           tickets,
			{"SageMakerAsyncLatencyObjectiveMissed", there + e1}: pages,
		},
		"most is more than some": {
			{"SageMakerAsyncMostInvocationsFail", here + e1}: pages,
			{"SageMakerAsyncInvocationsFailing", here + e1}:  silenced,
			{"SageMakerAsyncInvocationsFailing", here + e2}:  tickets,
		},
		"a stale source silences the endpoints of its account and region alone": {
			{"SageMakerAsyncSourceStale", here + " source=metrics"}: pages,
			{"SageMakerAsyncSourceDown", here + " source=metrics"}:  tickets,
			{"SageMakerAsyncReconcileStalled", here}:                tickets,
			{"SageMakerAsyncWakeAlarmBroken", here + e1}:            silenced,
			{"SageMakerAsyncBacklogWithoutCapacity", here + e1}:     silenced,
			{"SageMakerAsyncRequestsExpired", here + e2}:            silenced,
			{"SageMakerAsyncFlapping", here + e2}:                   silenced,
			{"SageMakerAsyncRequestsExpired", there + e1}:           pages,
			{"SageMakerAsyncFlapping", elsewhere + e1}:              tickets,
			{"SomebodyElses", here + e1}:                            tickets,
		},
		"the other source that matters silences as well": {
			{"SageMakerAsyncSourceStale", there + " source=endpoints"}: pages,
			{"SageMakerAsyncRequestsExpired", there + e1}:              silenced,
			{"SageMakerAsyncRequestsExpired", here + e1}:               pages,
		},
		"a source that is down but not stale silences nothing": {
			{"SageMakerAsyncSourceDown", here + " source=endpoints"}: tickets,
			{"SageMakerAsyncSourceDown", here + " source=metrics"}:   tickets,
			{"SageMakerAsyncRequestsExpired", here + e1}:             pages,
			{"SageMakerAsyncFlapping", here + e1}:                    tickets,
		},
		"an exporter that is down silences nothing": {
			{"SageMakerAsyncExporterDown", ""}:                   pages,
			{"SageMakerAsyncBillAboveBudget", ""}:                tickets,
			{"SageMakerAsyncWakeAlarmBroken", here + e1}:         pages,
			{"SageMakerAsyncBacklogWithoutCapacity", there + e2}: pages,
			{"SageMakerAsyncFlapping", elsewhere + e1}:           tickets,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := startAlertmanager(t)
			a.post(slices.Collect(maps.Keys(want))...)
			a.eventually(want)
			told, loud, rules := map[firing]string{}, maps.Clone(want), alertRules(t)
			maps.DeleteFunc(loud, func(_ firing, does string) bool { return does == silenced })
			listen := func(s sent) bool {
				for _, alert := range s.Alerts {
					told[firing{alert.Labels["alertname"], where(alert.Labels, rules)}] = "sagemaker-async-" + strings.TrimPrefix(s.path, "/")
				}
				return len(told) >= len(loud)
			}
			a.pager.until(t, listen)
			// Nobody has been told of it yet: when its message has come, those of the silenced ones would have.
			last := firing{"SageMakerAsyncPolicySelectsNothing", "account_id=000000000000"}
			loud[last] = tickets
			a.post(last)
			a.pager.until(t, func(s sent) bool { return listen(s) && told[last] != "" })
			if !maps.Equal(told, loud) {
				t.Errorf("Alertmanager told\n%v, want\n%v", told, loud)
			}
			all := maps.Clone(want)
			all[last] = tickets
			a.eventually(all)
		})
	}
}

func TestAlertmanager_tellsAllThatIsWrongWithAnEndpointAtOnce(t *testing.T) {
	t.Parallel()
	a := startAlertmanager(t)
	a.post(
		firing{"SageMakerAsyncWakeAlarmBroken", here + e1},
		firing{"SageMakerAsyncBacklogWithoutCapacity", here + e1},
		firing{"SageMakerAsyncRequestsExpired", here + e1},
		firing{"SageMakerAsyncRequestsExpired", here + e2},
	)
	messages := map[string][]string{}
	a.pager.until(t, func(s sent) bool {
		messages[s.GroupLabels["endpoint_name"]] = s.names()
		return len(messages) == 2
	})
	if got, want := messages["e1"], []string{"SageMakerAsyncRequestsExpired", "SageMakerAsyncWakeAlarmBroken"}; !slices.Equal(got, want) {
		t.Errorf("the message about e1 is about %v, want %v", got, want)
	}
	if got, want := messages["e2"], []string{"SageMakerAsyncRequestsExpired"}; !slices.Equal(got, want) {
		t.Errorf("the message about e2 is about %v, want %v", got, want)
	}
}

// The series vanish with the source, and with them the alert. That says nothing of the endpoint.
func TestAlertmanager_pageStaysOpenWhenNobodyKnowsAnyMore(t *testing.T) {
	t.Parallel()
	a := startAlertmanager(t)
	about := func(name, status string) func(sent) bool {
		return func(s sent) bool { return slices.Contains(s.names(), name) && s.Alerts[0].Status == status }
	}
	lost := firing{"SageMakerAsyncRequestsExpired", here + e1}
	a.post(lost, firing{"SageMakerAsyncRequestsExpired", here + e2})
	a.pager.until(t, func(s sent) bool { return s.GroupLabels["endpoint_name"] == "e1" })
	a.post(firing{"SageMakerAsyncSourceStale", here + " source=endpoints"})
	a.pager.until(t, about("SageMakerAsyncSourceStale", "firing"))
	a.resolve(lost)
	// Nobody has been told of it yet: when it is closed, the page would have been.
	last := firing{"SageMakerAsyncFlapping", there + e1}
	a.post(last)
	messages := a.pager.until(t, about(last.name, "firing"))
	a.resolve(last)
	for _, message := range append(messages, a.pager.until(t, about(last.name, "resolved"))...) {
		if message.GroupLabels["region"] == "us-east-1" && message.GroupLabels["endpoint_name"] != "" && message.Alerts[0].Status == "resolved" {
			t.Errorf("a page was closed while its source was stale: %+v", message)
		}
	}
}

// uncommented is the example with the receivers that it has as comments.
func uncommented(t *testing.T) string {
	t.Helper()
	routes, receivers, found := strings.Cut(exampleConfig(t), "\nreceivers:\n")
	if !found {
		t.Fatal("the example has no receivers")
	}
	receivers = regexp.MustCompile(`(?m)^    # (  |[a-z]+_configs:$)`).ReplaceAllString(receivers, "    $1")
	for _, kind := range []string{"pagerduty", "slack", "email"} {
		if !strings.Contains(receivers, "\n    "+kind+"_configs:\n") {
			t.Errorf("the example has no receiver for %s", kind)
		}
	}
	return routes + "\nreceivers:\n" + receivers
}

func TestAlertmanager_receiversInTheCommentsAreGood(t *testing.T) {
	out, err := exec.Command("amtool", "check-config", write(t, uncommented(t))).CombinedOutput()
	if err != nil {
		t.Errorf("amtool: %v\n%s", err, out)
	}
}

func TestAlertmanager_messagesLinkToTheRunbookAndTheDashboard(t *testing.T) {
	t.Parallel()
	a := newAlertmanager(t)
	routes, _, _ := strings.Cut(uncommented(t), "\n    # E-mail instead.")
	a.run(replace(t, routes, map[string]string{
		"http://127.0.0.1:5001": a.pager.server.URL, "group_wait: 30s": "group_wait: 1s",
		"api_url_file: /etc/alertmanager/slack-url":         "api_url: " + a.pager.server.URL + "/slack",
		"routing_key_file: /etc/alertmanager/pagerduty-key": "routing_key: key",
	}))
	a.post(firing{"SageMakerAsyncFlapping", here + e1})
	message := slices.MaxFunc(a.pager.until(t, func(s sent) bool { return s.path == "/slack" }), func(x, y sent) int {
		return len(x.Attachments) - len(y.Attachments)
	})
	if len(message.Attachments) == 0 {
		t.Fatalf("Slack got %+v", message)
	}
	got := message.Attachments[0]
	if want := "[firing] e1: what is wrong"; got.Title != want {
		t.Errorf("the title is %q, want %q", got.Title, want)
	}
	for _, want := range []string{"the figures", "https://example.org/runbook", "http://localhost:3000/d/sagemaker-async-endpoint?var-endpoint=e1"} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("the text has no %q:\n%s", want, got.Text)
		}
	}
}
