package triage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// List is the fleet as of one moment.
type List struct {
	At       time.Time
	Rows     []Row    // the worst first
	Left     []string // failing checks on what is left of endpoints that are gone, a sentence each
	Unread   []string // why the endpoints of a scope are not known, a sentence each
	Progress string   // how far the first view has come; empty when it is whole
	Brief    bool     // for people: the rows alone, without what stands below them
}

// Row is one endpoint of the list.
type Row struct {
	Scope            fleet.Scope
	Name             string
	Case             Case
	Backlog          *float64       // requests queued or in service; nil while that is not known
	Oldest           *time.Duration // the age of the oldest of them; nil while that is not known
	Running, Desired *int           // instances over all variants; nil while that is not known
}

// ListOf lists the endpoints of all scopes.
func ListOf(reports []report.Report, at time.Time) List {
	list := List{At: at.UTC()}
	for i := range reports {
		v := Of(&reports[i], at)
		if v.NoEndpoint != "" {
			list.Unread = append(list.Unread, "The endpoints of "+strings.TrimSpace(v.Snapshot.Scope.AccountID+" "+v.Snapshot.Scope.Region)+" are not known: "+v.NoEndpoint+".")
		}
		list.Progress = cmp.Or(list.Progress, v.FirstView())
		for j := range v.Endpoints {
			list.Rows = append(list.Rows, v.row(&v.Endpoints[j]))
		}
		for j := range v.Orphans {
			if o := &v.Orphans[j]; v.NoEndpoint == "" && v.Fails(&o.Finding) && o.Severity != check.Info {
				list.Left = append(list.Left, o.Sentence)
			}
		}
	}
	list.sort()
	return list
}

// sort orders the rows, the worst first.
func (l *List) sort() {
	slices.SortStableFunc(l.Rows, func(a, b Row) int {
		return cmp.Or(a.Case.Compare(&b.Case), strings.Compare(a.Name, b.Name), strings.Compare(a.Scope.AccountID, b.Scope.AccountID), strings.Compare(a.Scope.Region, b.Scope.Region))
	})
}

func (v *View) row(e *report.Endpoint) Row {
	row := Row{Scope: v.Snapshot.Scope, Name: e.Name, Case: v.Case(e)}
	if v.Unseen(e) != "" {
		return row
	}
	if backlog := e.Queue[fleet.Backlog]; v.NoQueue == "" && Hidden(backlog, v.At) == "" {
		row.Backlog = &backlog.Value
	}
	if oldest := e.Queue[fleet.OldestAge]; v.NoQueue == "" && Hidden(oldest, v.At) == "" {
		age, _ := e.Waited(v.At)
		row.Oldest = &age
	}
	running, desired := 0, 0
	for i := range e.Variants {
		of := &e.Variants[i]
		if of.Current == nil || of.Desired == nil {
			return row
		}
		running, desired = running+*of.Current, desired+*of.Desired
	}
	if len(e.Variants) > 0 {
		row.Running, row.Desired = &running, &desired
	}
	return row
}

// Count is how many endpoints need somebody, and of how many of the others the state is not known.
type Count struct{ Attention, Unknown int }

// Add counts an endpoint.
func (n *Count) Add(c *Case) {
	switch {
	case c.Attention():
		n.Attention++
	case c.State == explain.NotKnown:
		n.Unknown++
	}
}

// Count counts the endpoints of the list.
func (l *List) Count() (n Count) {
	for i := range l.Rows {
		n.Add(&l.Rows[i].Case)
	}
	return n
}

// Healthy tells whether nothing needs somebody, and the state of every endpoint is known.
func (l *List) Healthy() bool { return l.Count() == Count{} && len(l.Left)+len(l.Unread) == 0 }
