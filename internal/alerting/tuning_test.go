package alerting

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/sagemaker-async/exporter/alerts"
)

func tuned(t *testing.T, tuning Tuning) (map[string]rulefmt.Rule, ruleSet) {
	t.Helper()
	set, err := readRules(nil, alerts.Rules, tuning, parser.NewParser(parser.Options{}), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]rulefmt.Rule{}
	for _, group := range set.files[bundledName].Groups {
		for _, rule := range group.Rules {
			found[rule.Alert] = rule
		}
	}
	return found, set
}

func TestTuning_changesWhatItNamesAndNothingElse(t *testing.T) {
	const flapping, lost, idle = "SageMakerAsyncFlapping", "SageMakerAsyncRequestsExpired", "SageMakerAsyncRunningIdle"
	before, all := tuned(t, Tuning{})
	after, fewer := tuned(t, Tuning{
		Disabled: []string{flapping}, Severities: map[string]string{lost: "warning"},
		Runbooks: "https://wiki.example.org/async/", Grafana: "https://grafana.example.org/",
	})
	if _, there := after[flapping]; there || len(after) != len(before)-1 || fewer.alerting != all.alerting-1 {
		t.Errorf("%d rules are left of %d, %s among them: %t", len(after), len(before), flapping, there)
	}
	if before[lost].Labels["severity"] != "critical" || after[lost].Labels["severity"] != "warning" || after[idle].Labels["severity"] != "warning" {
		t.Errorf("the severities are %q and %q", after[lost].Labels, after[idle].Labels)
	}
	if got, want := after[idle].Annotations["runbook_url"], "https://wiki.example.org/async/runbooks/SageMakerAsyncRunningIdle.md"; got != want {
		t.Errorf("the runbook is %s, want %s", got, want)
	}
	if got := after[idle].Annotations["dashboard_url"]; !strings.HasPrefix(got, "https://grafana.example.org/d/sagemaker-async-endpoint?") {
		t.Errorf("the dashboard is %s", got)
	}
	if after[idle].Expr != before[idle].Expr || after[idle].Annotations["summary"] != before[idle].Annotations["summary"] {
		t.Error("an expression or a summary was changed")
	}
}

func TestTuning_refusesAnAlertThatIsNotThere(t *testing.T) {
	for want, tuning := range map[string]Tuning{
		`--alerting.disable: the rules have no alert "Flapping"`: {Disabled: []string{"Flapping"}},
		`--alerting.severity: the rules have no alert "Idle"`:    {Severities: map[string]string{"Idle": "warning"}},
	} {
		_, err := readRules(nil, alerts.Rules, tuning, parser.NewParser(parser.Options{}), slog.New(slog.NewTextHandler(io.Discard, nil)))
		if err == nil || err.Error() != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}
