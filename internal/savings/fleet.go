package savings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// Fleet is what was found of all endpoints.
type Fleet struct {
	Days      int   // of history that were asked for
	Requested int   // metrics that were requested of CloudWatch, as AWS bills them
	Rows      []Row // the largest saving first
}

// Cost says before anything is read what reading the histories requests, at most, and what it costs.
func Cost(days, endpoints, metrics int) string {
	return fmt.Sprintf("Reading %s of one-minute data of %s: %s of CloudWatch for $%.5f.", fleet.Plural(days, "day"), fleet.Plural(endpoints, "endpoint"),
		fleet.Plural(metrics, "metric"), float64(metrics)*fleet.DollarsPerMetric)
}

// Of orders the rows: the largest saving first, in dollars and then in instance-hours, then what is judged and saves nothing,
// by what it costs; then what cannot be judged or was not read.
func Of(days, requested int, rows []Row) Fleet {
	judged := func(r *Row) int {
		switch {
		case r.Err != nil:
			return 2
		case r.Alternatives == nil:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(judged(&a), judged(&b)), cmp.Compare(b.Saves()*b.Price, a.Saves()*a.Price), cmp.Compare(b.Saves(), a.Saves()),
			cmp.Compare(b.Usage.Dollars, a.Usage.Dollars), cmp.Compare(b.Usage.Hours, a.Usage.Hours), strings.Compare(a.Endpoint, b.Endpoint),
			strings.Compare(a.Scope.AccountID, b.Scope.AccountID), strings.Compare(a.Scope.Region, b.Scope.Region))
	})
	return Fleet{days, requested, rows}
}

// Read is the fleet without the endpoints that were not read.
func (f Fleet) Read() Fleet {
	f.Rows = slices.DeleteFunc(slices.Clone(f.Rows), func(r Row) bool { return r.Err != nil })
	return f
}

// Dollars are what the metrics cost.
func (f Fleet) Dollars() float64 { return float64(f.Requested) * fleet.DollarsPerMetric }

// sums are the dollars of the histories, and what the best policies save in a month: dollars, and the instance-hours of endpoints
// without a price.
func (f Fleet) sums() (cost, saves, saved float64, changes, unpriced int) {
	for i := range f.Rows {
		r := &f.Rows[i]
		if r.Err == nil && !r.Usage.Priced {
			unpriced++
		}
		cost += r.Usage.Dollars
		if r.Best != nil {
			changes++
			saves += r.Saves() * r.Price
			if r.Price == 0 {
				saved += r.Saves()
			}
		}
	}
	return cost, saves, saved, changes, unpriced
}

// Policies are the best policies as the section of the configuration file, with the reason for each. Of endpoints that stay as
// they are, or could not be judged, it says why in a comment.
func (f Fleet) Policies() string {
	entries, others := f.entries(func(fleet.Scope) bool { return true }), &strings.Builder{}
	twice := namesakes(f.Rows, (*Row).place)
	for i := range f.Rows {
		r := &f.Rows[i]
		switch places := twice[r.Endpoint]; {
		case r.Best == nil:
			fmt.Fprintf(others, "# %s: %s\n", plan.Printable(r.name()), plan.Printable(r.reason()))
		case places != nil:
			fmt.Fprintf(others, "# %s: %s\n", plan.Printable(r.name()), plan.Printable(ambiguous(r.Endpoint, places).Error()))
		}
	}
	if others.Len() > 0 {
		entries += "\n# Not changed:\n" + others.String()
	}
	return entries
}

// Reasons say of each endpoint in a line why its policy changes or does not.
func (f Fleet) Reasons() (lines []string) {
	for i := range f.Rows {
		lines = append(lines, f.Rows[i].name()+": "+f.Rows[i].reason())
	}
	return lines
}

// PoliciesOf are the best policies of one scope.
func (f Fleet) PoliciesOf(scope fleet.Scope) string {
	return f.entries(func(of fleet.Scope) bool { return of == scope })
}

// entries are the policies alone, but for those of endpoints with a namesake in another of the scopes.
func (f Fleet) entries(of func(fleet.Scope) bool) string {
	var page strings.Builder
	rows := slices.DeleteFunc(slices.Clone(f.Rows), func(r Row) bool { return !of(r.Scope) })
	twice := namesakes(rows, (*Row).place)
	for i := range rows {
		r := &rows[i]
		if r.Best == nil || twice[r.Endpoint] != nil {
			continue
		}
		if page.Len() == 0 {
			page.WriteString("policies:\n")
		}
		fmt.Fprintf(&page, "  # %s\n", plan.Printable(r.reason()))
		for _, note := range r.notes() {
			fmt.Fprintf(&page, "  # note: %s\n", plan.Printable(note))
		}
		page.WriteString(strings.TrimPrefix(r.Best.Choice.Entry(r.Endpoint), advise.Policies))
	}
	if page.Len() == 0 {
		return "policies: []\n"
	}
	return page.String()
}

// name is the endpoint with its scope.
func (r *Row) name() string { return scopeName(r.Scope) + "/" + r.Endpoint }

func (r *Row) place() (fleet.Scope, string) { return r.Scope, r.Endpoint }

// reason is one line on the row.
func (r *Row) reason() string {
	if r.Err != nil {
		return "Not read: " + r.Err.Error()
	}
	return r.Why
}
