package web

import (
	"html/template"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// page is what /status shows.
type page struct {
	At        string
	Filter    filter
	Filtered  bool // something may be left out
	Endpoints int  // how many there are
	Shown     int  // how many of them are shown
	Attention int  // how many of them need attention
	Unknown   int  // of how many of them nothing is known any more
	Cost      bill // of all of them
	Scopes    []scopeView
	Alerting  *alertingView // nil where nobody is to be asked
}

// scopeView is one account in one region.
type scopeView struct {
	Account, Region string
	Up              bool
	Sources         []sourceView
	Reconcile       string // whether plans are carried out
	NoPlan          string // why there is no plan yet; empty when there is one
	Empty           string // why no endpoint is shown; empty when some are
	Endpoints       []endpointView
	Orphans         []findingView
}

// sourceView is how one kind of question to AWS goes.
type sourceView struct {
	Name  fleet.SourceName
	Age   string // of the newest answer
	Err   string // why the newest attempt failed
	Stale bool   // what it said last is too old to be shown
}

// endpointView is one endpoint: a row for each of its variants, and below them what is wrong and what would be done.
type endpointView struct {
	Name                           string
	Page                           string // the path of its own page; empty there
	Attention                      bool
	Status                         fact
	Failure                        string // AWS's own words
	Why                            string // why requests wait for too long; empty when none does, or a check says it
	Backlog, PerInstance, OfTarget fact
	Oldest, Drain                  fact
	Variants                       []variantView // one at least
	Criticals, Warnings, Infos     []findingView
	Steps                          []stepView
	Withheld                       []withheldView
}

// Below tells whether there is more to say than the rows do.
func (e *endpointView) Below() bool {
	return e.Failure != "" || e.Why != "" || len(e.Criticals)+len(e.Warnings)+len(e.Infos)+len(e.Steps)+len(e.Withheld) > 0
}

// Span is how many rows the cells of the endpoint reach over; 0 for one.
func (e *endpointView) Span() int {
	if len(e.Variants) == 1 {
		return 0
	}
	return len(e.Variants)
}

// variantView is the row of one variant.
type variantView struct {
	Name                                          string // empty for the only one
	Running, Wanted, Min, Max, Cost, Policy, Plan fact
	Critical, Warning, Info                       int  // failing checks
	Checks                                        fact // what is to be said beside their numbers
}

// findingView is a failing check.
type findingView struct {
	Of       string // the variant, where there are several; the endpoint of what is left behind
	Link     template.HTML
	Runbook  template.HTML // empty where there is none
	Sentence string
}

// stepView is a step of the plan.
type stepView struct {
	Of, Title, Effect string
	Changes           string // one in a line
}

// withheldView is a step that is withheld.
type withheldView struct {
	Of, Title, Detail string
	Reason            plan.Reason
}
