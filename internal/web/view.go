package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// view is what /status shows of a set at a moment. Each fact is shown as long as its source may be believed, and else
// says why not.
func view(set report.Set, at time.Time, f filter) page {
	p := page{At: moment(at), Filter: f, Filtered: f.Text != "" || f.Attention}
	var troubled []endpointView
	for i := range set.Reports {
		p.Scopes = append(p.Scopes, p.scope(&set.Reports[i], at, &troubled))
	}
	if p.Progress != "" {
		p.Cost.unpriced = p.Progress
	}
	slices.SortStableFunc(troubled, orders[byTrouble])
	p.Worst = troubled[:min(len(troubled), mostWorst)]
	shown := columnsOf(p.Scopes)
	p.Headings = headings(shown, f, true)
	p.Width = len(p.Headings)
	for i := range p.Scopes {
		for j := range p.Scopes[i].Endpoints {
			p.Scopes[i].Endpoints[j].fill(shown)
		}
	}
	return p
}

// mostWorst is how many endpoints the first line of the page names.
const mostWorst = 8

// scope is one report, counted in.
func (p *page) scope(r *report.Report, at time.Time, troubled *[]endpointView) scopeView {
	l := newLook(r, at)
	s := l.scope()
	p.Progress = cmp.Or(p.Progress, r.FirstView())
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		shown, told := l.endpoint(e)
		p.Endpoints++
		p.Add(&shown.judged)
		if shown.Attention {
			*troubled = append(*troubled, shown)
		}
		for j := range e.Variants {
			if told {
				p.Cost.add(r.Prices, e.Variants[j].Variant)
			}
		}
		if p.Filter.admits(e.Name, shown.Attention) {
			p.Shown++
			if told {
				shown.Picture = l.small(e)
			}
			s.Endpoints = append(s.Endpoints, shown)
		}
	}
	slices.SortStableFunc(s.Endpoints, p.Filter.order())
	s.Orphans = l.orphans(p.Filter)
	switch {
	case len(s.Endpoints) > 0:
	case len(r.Endpoints) > 0:
		s.Empty = "No endpoint matches the filter."
	default:
		s.Empty = "No asynchronous endpoint is observed here."
		if l.NoEndpoint != "" {
			s.Empty = "The endpoints are not known: " + l.NoEndpoint + "."
		}
	}
	return s
}

// scope is what is said of an account in a region, without its endpoints.
func (l *look) scope() scopeView {
	s := scopeView{
		Account: l.Snapshot.Scope.AccountID, Region: l.Snapshot.Scope.Region, Badge: "down", Class: "down", NoPlan: l.Plan.Unknown, NoChecks: l.NoChecks,
		Reconcile: reconciling(l.Reconcile, l.At),
	}
	switch {
	case l.Snapshot.Whole(l.At):
		s.Badge, s.Class = "up", "up"
	case !l.Tried():
		s.Badge, s.Class = "first view", string(check.Info)
	}
	for _, source := range l.Snapshot.Shown() {
		s.Sources = append(s.Sources, sourceOf(source, l.At))
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
	if progress := source.Progress.String(); progress != "" {
		s.Age = progress
	}
	return s
}
