package web

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/alerts"
	"github.com/sagemaker-async/exporter/internal/check"
)

// A check links to a runbook if an alert of its own comes for it.
func TestRunbooks_areThoseOfTheAlertsOfTheChecks(t *testing.T) {
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(alerts.Rules, &file); err != nil {
		t.Fatal(err)
	}
	exprs := map[string]string{}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			exprs[rule.Alert] = rule.Expr
		}
	}
	for name, alert := range alertOf {
		if !slices.Contains(check.Names(), name) {
			t.Errorf("there is no check %s", name)
		}
		// The last three look at the state itself; the alert of failing checks leaves them out.
		itself := strings.Contains(exprs["SageMakerAsyncCheckFailing"], name)
		if !itself && !regexp.MustCompile(`\b`+name+`\b`).MatchString(exprs[alert]) {
			t.Errorf("the alert %s of %s does not come for it: %q", alert, name, exprs[alert])
		}
		if exprs[alert] == "" {
			t.Errorf("there is no alert %s", alert)
		}
		if _, err := os.Stat("../../docs/runbooks/" + alert + ".md"); err != nil {
			t.Error(err)
		}
	}
	_, left, _ := strings.Cut(exprs["SageMakerAsyncCheckFailing"], `check!~"`)
	left, _, _ = strings.Cut(left, `"`)
	for name := range strings.SplitSeq(left, "|") {
		if alertOf[name] == "" {
			t.Errorf("the check %q has an alert of its own and no runbook here", name)
		}
	}
}

func TestStatus_linksAWarningToItsRunbookAndAnInfoToNone(t *testing.T) {
	for severity, want := range map[check.Severity]bool{check.Critical: true, check.Warning: true, check.Info: false} {
		r := full()
		r.Variants[0].Findings = []check.Finding{failing("wake_alarm_wrong_metric", severity, "Wrong.")}
		l := newLook(&r, at)
		shown, _ := l.endpoint(&r.Snapshot.Endpoints[0], r.Variants)
		for _, found := range slices.Concat(shown.Criticals, shown.Warnings, shown.Infos) {
			if (found.Runbook != "") != want {
				t.Errorf("%s: the runbook is %q", severity, found.Runbook)
			}
		}
	}
}
