package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Place is an endpoint, as an argument of a command names it.
type Place struct {
	Account, Region string // empty: any
	Endpoint        string
}

// Parse reads an argument: a name, or account/region/name.
func Parse(argument string) (Place, error) {
	switch parts := strings.Split(argument, "/"); {
	case len(parts) == 1 && argument != "":
		return Place{Endpoint: argument}, nil
	case len(parts) == 3 && !slices.Contains(parts, ""):
		return Place{parts[0], parts[1], parts[2]}, nil
	}
	return Place{}, fmt.Errorf("%s is no endpoint: write its name, or account/region/name", cmp.Or(plan.Quoted(argument), `""`))
}

// in tells whether the endpoint may be in the scope.
func (p Place) in(scope fleet.Scope) bool {
	return (p.Account == "" || p.Account == scope.AccountID) && (p.Region == "" || p.Region == scope.Region)
}

// Find finds the report of the one scope in which the endpoint is observed. If that is none or several, the error names
// the candidates.
func (p Place) Find(reports []report.Report) (*report.Report, error) {
	var found []*report.Report
	for i := range reports {
		if r := &reports[i]; p.in(r.Snapshot.Scope) && r.Endpoint(p.Endpoint) != nil {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return nil, &NotFoundError{p, Candidates(reports, p.Endpoint)}
	case 1:
		return found[0], nil
	}
	places := make([]string, len(found))
	for i, r := range found {
		places[i] = full(r.Snapshot.Scope, p.Endpoint)
	}
	return nil, fmt.Errorf("%s is observed in %d places: write one of %s", plan.Quoted(p.Endpoint), len(found), strings.Join(places, ", "))
}

// NotFoundError says that no endpoint of that name is observed.
type NotFoundError struct {
	Place      Place
	Candidates []string // what could be meant
}

func (e *NotFoundError) Error() string {
	asked := plan.Quoted(e.Place.Endpoint)
	if e.Place.Account != "" {
		asked = plan.Quoted(e.Place.Account + "/" + e.Place.Region + "/" + e.Place.Endpoint)
	}
	if len(e.Candidates) == 0 {
		return asked + ": no asynchronous endpoint of that name is observed, nor any other"
	}
	return asked + ": no asynchronous endpoint of that name is observed; there are " + strings.Join(e.Candidates, ", ")
}

// most candidates that an error names.
const most = 20

// Candidates are the endpoints that a name could mean: those whose names are alike, else all; at most twenty, and how many
// more there are. A name that is observed in several places is written in full.
func Candidates(reports []report.Report, name string) []string {
	var all, alike []string
	times := map[string]int{}
	for i := range reports {
		for _, e := range reports[i].Endpoints {
			times[e.Name]++
		}
	}
	for i := range reports {
		for _, e := range reports[i].Endpoints {
			written := plan.Quoted(e.Name)
			if times[e.Name] > 1 || e.Name == name {
				written = full(reports[i].Snapshot.Scope, e.Name)
			}
			all = append(all, written)
			if a, b := strings.ToLower(e.Name), strings.ToLower(name); strings.Contains(a, b) || strings.Contains(b, a) || near(a, b) {
				alike = append(alike, written)
			}
		}
	}
	if len(alike) > 0 {
		all = alike
	}
	slices.Sort(all)
	if len(all) > most {
		all = append(all[:most:most], fmt.Sprintf("and %d more", len(all)-most))
	}
	return all
}

// near tells whether the beginning of a name could have been misspelt as the other: letters that were left out, added or
// changed, one in three at most.
func near(name, other string) bool {
	a, b := []rune(name), []rune(other)
	row := make([]int, len(a)+1) // the distance of what was read of other to each beginning of name
	for i := range row {
		row[i] = i
	}
	for j := range b {
		before := row[0]
		row[0] = j + 1
		for i := range a {
			changed := before
			if a[i] != b[j] {
				changed++
			}
			before, row[i+1] = row[i+1], min(changed, row[i+1]+1, row[i]+1)
		}
	}
	return len(b) > 2 && slices.Min(row) <= len(b)/3
}

func full(scope fleet.Scope, endpoint string) string {
	return plan.Quoted(scope.AccountID + "/" + scope.Region + "/" + endpoint)
}
