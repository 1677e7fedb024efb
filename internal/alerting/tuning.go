package alerting

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/rulefmt"
)

// Tuning is how an installation wants the rules to differ from their files.
type Tuning struct {
	Disabled   []string          // the alerts that are left out, by name
	Severities map[string]string // the label severity of alerts, by name
	Runbooks   string            // the base of the runbooks in place of DocsBase; empty: as the rules have it
	Grafana    string            // where Grafana is: what a dashboard_url that is only a path is put behind; empty: the path alone
}

// DocsBase is what the runbooks of the bundled rules are below.
const DocsBase = "https://github.com/sagemaker-async/exporter/blob/main/docs/"

// The labels and annotations that are tuned.
const (
	severityLabel       = "severity"
	runbookAnnotation   = "runbook_url"
	dashboardAnnotation = "dashboard_url"
)

// apply changes rules that were read. Which alerts it has found is noted in seen.
func (t Tuning) apply(groups *rulefmt.RuleGroups, seen map[string]bool) {
	for i := range groups.Groups {
		group := &groups.Groups[i]
		group.Rules = slices.DeleteFunc(group.Rules, func(rule rulefmt.Rule) bool {
			seen[rule.Alert] = true
			return rule.Alert != "" && slices.Contains(t.Disabled, rule.Alert)
		})
		for j := range group.Rules {
			t.applyTo(&group.Rules[j])
		}
	}
}

func (t Tuning) applyTo(rule *rulefmt.Rule) {
	if severity := t.Severities[rule.Alert]; rule.Alert != "" && severity != "" {
		rule.Labels = maps.Clone(rule.Labels)
		if rule.Labels == nil {
			rule.Labels = map[string]string{}
		}
		rule.Labels[severityLabel] = severity
	}
	if page := rule.Annotations[runbookAnnotation]; page != "" {
		rule.Annotations[runbookAnnotation] = t.runbook(page)
	}
	if path := rule.Annotations[dashboardAnnotation]; strings.HasPrefix(path, "/d/") && t.Grafana != "" {
		rule.Annotations[dashboardAnnotation] = strings.TrimSuffix(t.Grafana, "/") + path
	}
}

// runbook is where a page of the documentation is.
func (t Tuning) runbook(page string) string {
	if path, ours := strings.CutPrefix(page, DocsBase); ours && t.Runbooks != "" {
		return strings.TrimSuffix(t.Runbooks, "/") + "/" + path
	}
	return page
}

// unknown is an error if an alert is named that no rule has: a name that is misspelt would tune nothing.
func (t Tuning) unknown(seen map[string]bool) error {
	for _, name := range t.Disabled {
		if !seen[name] {
			return fmt.Errorf("--alerting.disable: the rules have no alert %q", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Severities)) {
		if !seen[name] {
			return fmt.Errorf("--alerting.severity: the rules have no alert %q", name)
		}
	}
	return nil
}
