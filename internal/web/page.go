package web

import (
	"cmp"
	"html/template"
	"strconv"
	"strings"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/triage"
)

// page is what /status shows.
type page struct {
	triage.Count

	At        string
	Filter    filter
	Filtered  bool           // something may be left out
	Endpoints int            // how many there are
	Shown     int            // how many of them are shown
	Progress  string         // how far the first view has come; empty when it is whole
	Cost      bill           // of all of them
	Worst     []endpointView // the first of those that need attention, the worst first
	Headings  []heading      // of the tables
	Width     int            // how many they are
	Scopes    []scopeView
	Alerting  *alertingView // nil where nobody is to be asked
}

// Brief tells whether the page leaves to those of the endpoints what is folded: with hundreds of rows nobody unfolds it here, and
// it is most of the page.
func (p page) Brief() bool { return p.Shown > mostFolded }

// mostFolded is how many rows have their checks and steps below them.
const mostFolded = 100

// MoreWorst is how many more need attention than are named.
func (p page) MoreWorst() int { return p.Attention - len(p.Worst) }

// scopeView is one account in one region.
type scopeView struct {
	Account, Region string
	Badge, Class    string // whether the newest observation is whole and fresh, and how that is shown
	Sources         []sourceView
	Reconcile       string // whether plans are carried out
	NoPlan          string // why there is no plan yet; empty when there is one
	NoChecks        string // why some checks are not known; empty when all are
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
	Picture                        template.HTML // of the last hours, for its row; empty where nothing is known
	State                          doing
	Status                         fact
	Failure                        string // AWS's own words
	Conclusion                     string // what is wrong, in a sentence; empty where nothing needs attention
	Action                         string // the command that previews the fix; empty where that takes more than a command
	Advice                         string // what to do where no command does it; empty where one does or the conclusion says it
	Guide                          string // the page that says what to do; empty where there is none
	Backlog, PerInstance, OfTarget fact
	Oldest, Drain                  fact
	Variants                       []variantView // one at least
	Rows                           []row         // of the table, one for each of them
	Criticals, Warnings, Infos     []findingView
	Alerts                         []alertView // that fire for it
	Steps                          []stepView
	Withheld                       []withheldView

	judged    triage.Case
	instances int
	dollars   float64
}

// Details sums up what is wrong, worth knowing and planned; empty when nothing is.
func (e *endpointView) Details() string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{len(e.Criticals), "critical check"}, {len(e.Warnings), "warning"}, {len(e.Steps), "step"}} {
		if part.n > 0 {
			parts = append(parts, fleet.Plural(part.n, part.what))
		}
	}
	if n := len(e.Withheld); n > 0 {
		parts = append(parts, fleet.Plural(n, "step")+" withheld")
	}
	if n := len(e.Infos); n > 0 {
		parts = append(parts, strconv.Itoa(n)+" worth knowing")
	}
	return strings.Join(parts, ", ")
}

// Span is how many rows the cells of the endpoint reach over; 0 for one.
func (e *endpointView) Span() int {
	if len(e.Variants) == 1 {
		return 0
	}
	return len(e.Variants)
}

// doing is what an endpoint does, as a badge.
type doing struct {
	Text     string         // in a word
	Class    string         // how bad it is, as a colour
	Severity check.Severity // the same for those who do not see it; empty where nothing is wrong
}

func doingOf(c *triage.Case) doing {
	return doing{c.Word(), cmp.Or(string(c.Severity()), "plain"), c.Severity()}
}

// variantView is the row of one variant.
type variantView struct {
	Name                                           string // empty for the only one
	Running, Desired, Min, Max, Cost, Policy, Plan fact

	dollars float64 // an hour
}

// findingView is a failing check.
type findingView struct {
	Of       string // the variant, where there are several; the endpoint of what is left behind
	Link     template.HTML
	Runbook  template.HTML // empty where there is none
	Sentence string

	check *check.Check
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
