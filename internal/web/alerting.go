package web

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// Alerting tells what the alerting command knows now, soon: a page waits for it.
type Alerting interface {
	State(ctx context.Context) (paging.State, error)
}

// alertingView is what /status shows of the alerting command.
type alertingView struct {
	Unreachable   string // why nothing is known of it; empty when something is
	Counts        []countView
	Critical      []criticalView
	More          int // critical alerts that fire and are not shown
	Alertmanagers []paging.Alertmanager
	Scrape, Rules string
	Dropped       uint64
	Troubles      []string // what keeps an alert from somebody
}

// countView is how many alerts there are of a severity.
type countView struct {
	Severity, Class string
	Firing, Pending int
}

// criticalView is a critical alert that fires.
type criticalView struct {
	Name, Runbook, About, Since, Sentence string
}

// mostCritical is how many critical alerts are shown: the page is about endpoints, and the command alerts shows all.
const mostCritical = 5

// alertView is an alert that fires, in the row of its endpoint.
type alertView struct {
	criticalView

	Severity, Class string
}

// classOf is the class of the badge of a severity, which may be any text.
func classOf(severity string) string {
	switch severity {
	case string(check.Critical), string(check.Warning):
		return severity
	}
	return string(check.Info)
}

// placeOf names an endpoint among those of all scopes.
func placeOf(account, region, endpoint string) string { return account + "/" + region + "/" + endpoint }

// rows are the endpoints that are shown, by their place.
func (p *page) rows() map[string]*endpointView {
	rows := map[string]*endpointView{}
	for i := range p.Scopes {
		s := &p.Scopes[i]
		for j := range s.Endpoints {
			rows[placeOf(s.Account, s.Region, s.Endpoints[j].Name)] = &s.Endpoints[j]
		}
	}
	return rows
}

// alertingOf is what is shown of a state, or of why there is none. What fires for an endpoint that has a row is added to it, and
// does not stand in the list as well.
func alertingOf(s *paging.State, err error, rows map[string]*endpointView) *alertingView {
	if err != nil {
		return &alertingView{Unreachable: plan.Printable(err.Error())}
	}
	v := &alertingView{
		Counts: counts(s.Alerts), Alertmanagers: s.Alertmanagers, Dropped: s.Dropped, Troubles: s.Troubles(),
		Scrape: "This exporter has not been scraped yet.",
		Rules:  fleet.Plural(s.Rules.Alerting, "alerting rule") + ", " + fleet.Plural(len(s.Rules.Failing), "failing one") + ".",
	}
	if last := s.Exporter.LastScrape; s.Exporter.Up && !last.IsZero() {
		v.Scrape = "This exporter was scraped " + fleet.Lapse(s.At.Sub(last)) + " ago."
	} else if !last.IsZero() {
		v.Scrape = "The scrape of this exporter fails."
	}
	for i := range s.Alerts {
		a := &s.Alerts[i]
		shown := criticalView{a.Name(), a.Runbook(), a.About(), fleet.Minute(a.Since(), s.At), a.Sentence()}
		row := rows[placeOf(a.Labels["account_id"], a.Labels["region"], a.Labels["endpoint_name"])]
		switch {
		case a.State != paging.Firing:
		case row != nil:
			row.Alerts = append(row.Alerts, alertView{shown, a.Severity(), classOf(a.Severity())})
		case a.Severity() != paging.Critical:
		case len(v.Critical) == mostCritical:
			v.More++
		default:
			v.Critical = append(v.Critical, shown)
		}
	}
	return v
}

// counts are the numbers of alerts, the worst severity first. Severities of rules that are not the bundled ones come last.
func counts(alerts []paging.Alert) []countView {
	known := []check.Severity{check.Critical, check.Warning, check.Info}
	of := map[string]*countView{}
	for _, severity := range known {
		of[string(severity)] = &countView{Severity: string(severity), Class: string(severity)}
	}
	for i := range alerts {
		a := &alerts[i]
		count := of[a.Severity()]
		if count == nil {
			count = &countView{Severity: a.Severity(), Class: string(check.Info)}
			of[a.Severity()] = count
		}
		if a.State == paging.Firing {
			count.Firing++
		} else {
			count.Pending++
		}
	}
	var sorted []countView
	for _, severity := range known {
		sorted = append(sorted, *of[string(severity)])
		delete(of, string(severity))
	}
	for _, severity := range slices.Sorted(maps.Keys(of)) {
		count := *of[severity]
		if strings.TrimSpace(severity) == "" {
			count.Severity = "no severity"
		}
		sorted = append(sorted, count)
	}
	return sorted
}
