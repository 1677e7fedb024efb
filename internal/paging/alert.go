package paging

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/plan"
)

// Critical is the severity of an alert for which somebody is woken.
const Critical = "critical"

// The annotations with which the alerting command passes on a Reason.
const (
	ExplanationAnnotation = "explanation"
	AWSMessageAnnotation  = "aws_message"
)

// Name is the name of the alert.
func (a *Alert) Name() string { return a.Labels["alertname"] }

// Severity is how bad it is; empty when its rule does not say.
func (a *Alert) Severity() string { return a.Labels["severity"] }

// Since is since when the alert is in its state.
func (a *Alert) Since() time.Time {
	if a.State == Firing && !a.FiredAt.IsZero() {
		return a.FiredAt
	}
	return a.ActiveAt
}

// Runbook is the address of the page that says what to do; empty when there is none on the web.
func (a *Alert) Runbook() string {
	if page := a.Annotations["runbook_url"]; strings.HasPrefix(page, "https://") || strings.HasPrefix(page, "http://") {
		return page
	}
	return ""
}

// About is what the alert is about: account/region/endpoint, and /variant where it has one; then its other labels, sorted.
func (a *Alert) About() string {
	said := []string{"alertname", "severity"}
	var about []string
	if name := a.Labels["endpoint_name"]; name != "" {
		place := []string{cmp.Or(a.Labels["account_id"], "-"), a.Labels["region"], name}
		if variant := a.Labels["variant_name"]; variant != "" {
			place = append(place, variant)
		}
		about = append(about, plan.Quoted(strings.Join(place, "/")))
		said = append(said, "account_id", "region", "endpoint_name", "variant_name")
	}
	for _, label := range slices.Sorted(maps.Keys(a.Labels)) {
		if !slices.Contains(said, label) {
			about = append(about, plan.Printable(label)+"="+plan.Quoted(a.Labels[label]))
		}
	}
	return strings.Join(about, " ")
}

// Sentence is why it is so, on one line: the explanation of its endpoint with AWS's own words, else the summary of its rule.
func (a *Alert) Sentence() string {
	sentence := cmp.Or(a.Annotations[ExplanationAnnotation], a.Annotations["summary"])
	if words := a.Annotations[AWSMessageAnnotation]; words != "" {
		sentence += " AWS says: " + words
	}
	return strings.TrimSpace(plan.Printable(sentence))
}

// Fires tells whether an alert of that severity fires.
func (s *State) Fires(severity string) bool {
	return slices.ContainsFunc(s.Alerts, func(a Alert) bool { return a.State == Firing && a.Severity() == severity })
}
