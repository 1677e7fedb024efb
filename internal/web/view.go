package web

import (
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// filter is what of the fleet is to be shown; the zero filter is all.
type filter struct {
	Text      string // part of the endpoint's name, in any case
	Attention bool   // only what needs attention
}

// admits tells whether something of that name is shown.
func (f filter) admits(name string, attention bool) bool {
	return (attention || !f.Attention) && strings.Contains(strings.ToLower(name), strings.ToLower(f.Text))
}

// view is what /status shows of a set at a moment. Each fact is shown as long as its source may be believed, and else
// says why not.
func view(set report.Set, at time.Time, f filter) page {
	p := page{At: moment(at), Filter: f, Filtered: f != filter{}}
	for i := range set.Reports {
		p.Scopes = append(p.Scopes, p.scope(&set.Reports[i], at))
	}
	return p
}

// scope is one report, counted in.
func (p *page) scope(r *report.Report, at time.Time) scopeView {
	l := newLook(r, at)
	s := l.scope()
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		shown, told := l.endpoint(e)
		p.Endpoints++
		if !told {
			p.Unknown++
		}
		if shown.Attention {
			p.Attention++
		}
		for j := range e.Variants {
			if told {
				p.Cost.add(r.Prices, e.Variants[j].Variant)
			}
		}
		if p.Filter.admits(e.Name, shown.Attention) {
			p.Shown++
			s.Endpoints = append(s.Endpoints, shown)
		}
	}
	s.Orphans = l.orphans(p.Filter)
	switch {
	case len(s.Endpoints) > 0:
	case len(r.Endpoints) > 0:
		s.Empty = "No endpoint matches the filter."
	default:
		s.Empty = "No asynchronous endpoint is observed here."
		if l.noEndpoint != "" {
			s.Empty = "The endpoints are not known: " + l.noEndpoint + "."
		}
	}
	return s
}

// scope is what is said of an account in a region, without its endpoints.
func (l *look) scope() scopeView {
	s := scopeView{
		Account: l.Snapshot.Scope.AccountID, Region: l.Snapshot.Scope.Region, Up: l.Snapshot.Whole(l.at), NoPlan: l.Plan.Unknown,
		Reconcile: reconciling(l.Reconcile, l.at),
	}
	for _, source := range l.Snapshot.Shown() {
		s.Sources = append(s.Sources, sourceOf(source, l.at))
	}
	return s
}

// polledPlan says what the steps on the pages are.
const polledPlan = "The steps are of the last poll; reconcile reads each endpoint again before it writes."

func reconciling(r report.Reconcile, at time.Time) string {
	switch {
	case !r.Enabled:
		return "Plans are shown, not carried out: reconcile is off."
	case !r.Leader:
		return "Reconcile is on, and another process carries plans out: this one waits for the Lease."
	case r.LastSuccess.IsZero():
		return "Reconcile is on; no round has ended without a failure yet. " + polledPlan
	}
	return "Reconcile is on; a round last ended without a failure " + fleet.Lapse(at.Sub(r.LastSuccess)) + " ago. " + polledPlan
}

func sourceOf(source fleet.Source, at time.Time) sourceView {
	s := sourceView{Name: source.Name, Err: source.Err, Age: "not read yet"}
	if !source.LastSuccess.IsZero() {
		s.Age, s.Stale = fleet.Lapse(at.Sub(source.LastSuccess))+" ago", !source.Fresh(at)
	}
	return s
}
