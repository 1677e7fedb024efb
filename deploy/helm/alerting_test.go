//go:build chart_e2e

package helm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The container of the alerting runs with what the chart gives it: it scrapes its exporter, evaluates the rules of a
// ConfigMap, and tells an Alertmanager that asks for a password, which is in a Secret.
func TestAlerting_tellsAnAlertmanagerWithoutAPrometheus(t *testing.T) {
	const namespace = "alerting-runs"
	told := make(chan map[string]string, 1)
	alertmanager := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var alerts []struct{ Labels map[string]string }
		user, password, _ := r.BasicAuth()
		if err := json.NewDecoder(r.Body).Decode(&alerts); err != nil || len(alerts) != 1 || r.URL.Path != "/prefix/api/v2/alerts" || user+password != "speechsecret" {
			t.Errorf("%s by %q: %v: %v", r.URL.Path, user, alerts, err)
			return
		}
		select {
		case told <- alerts[0].Labels:
		default: // it is told again while it fires
		}
	}))
	t.Cleanup(alertmanager.Close)

	r := prepare(t, namespace, "--set", "demo=true,alerting.enabled=true,alerting.alertmanagers={"+alertmanager.URL+"/prefix},"+
		"alerting.externalLabels.cluster=speech,alerting.exporterLabels.job=watcher,alerting.interval=1s,"+
		"alerting.existingRules=rules,alerting.existingSecret=clients,alerting.alertmanagerKey=alertmanager.yml")
	here.ensure(t, object{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"namespace": namespace, "name": "rules"},
		"data": object{"rules.yml": `groups: [{name: g, rules: [{alert: Watched, expr: sagemaker_async_up == 1, labels: {severity: info}}]}]`},
	})
	here.ensure(t, object{
		"apiVersion": "v1", "kind": "Secret", "metadata": object{"namespace": namespace, "name": "clients"},
		"stringData": object{"alertmanager.yml": "basic_auth: {username: speech, password: secret}"},
	})
	r.install(t)
	deployment := r.deployment(t)
	exporter := runPod(t, deployment)
	alerting := runContainer(t, deployment, 1, exporter.address)
	select {
	case labels := <-told:
		delete(labels, "instance") // Kubernetes' own address of the exporter is not here
		got, err := json.Marshal(labels)
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"account_id":"111122223333","alertname":"Watched","cluster":"speech","job":"watcher","region":"us-east-1","severity":"info"}`; string(got) != want {
			t.Errorf("the Alertmanager is told\n%s, want\n%s", got, want)
		}
	case <-alerting.done:
		t.Fatalf("the alerting has ended: %v\n%s", alerting.err, alerting.said())
	case <-time.After(patience):
		t.Fatalf("the Alertmanager is told nothing; the alerting says\n%s", alerting.said())
	}
	if err := alerting.behind(here.get(t, of(r.sent(t), "Service")[0]), "10120"); err != nil {
		t.Error(err)
	}
	eventually(t, "seen on its page", patience, func() error {
		if page, err := alerting.get("/alerts"); err != nil || !strings.Contains(page, "Watched") {
			return fmt.Errorf("%s: %w", page, err)
		}
		return nil
	})
}
