package explain

import (
	"os"
	"path/filepath"
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
	for _, c := range check.All() {
		name, alert := c.Name, c.Alert
		if alert == "" {
			continue
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
		if c := check.Of(name); c == nil || c.Runbook() == "" {
			t.Errorf("the check %q has an alert of its own and no runbook here", name)
		}
	}
}

// Every check is shown at one link, or it would be lost.
func TestChecks_areShownAtALink(t *testing.T) {
	for _, c := range check.All() {
		if !slices.Contains(Names(), Name(c.Stage)) {
			t.Errorf("%s is shown at %q", c.Name, c.Stage)
		}
	}
}

// The runbooks that links name are there.
func TestLinks_nameAlertsThatHaveARunbook(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, alert := range regexp.MustCompile(`"(SageMakerAsync\w+)"`).FindAllStringSubmatch(string(text), -1) {
			named[alert[1]] = true
		}
	}
	for alert := range named {
		if _, err := os.Stat("../../docs/runbooks/" + alert + ".md"); err != nil {
			t.Error(err)
		}
	}
	if len(named) < 10 {
		t.Errorf("only %d alerts were found", len(named))
	}
}
