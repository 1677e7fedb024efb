package web

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// filter is what of the fleet is shown, in which order, and how often the page asks again; the zero filter is all of it,
// the worst first, once.
type filter struct {
	Text      string // part of the endpoint's name, in any case
	Attention bool   // only what needs attention
	Sort      string // a key of orders; empty for the worst first
	Refresh   int    // seconds; 0 for never
}

// The bounds of Refresh: nothing new is read more often than that, and a longer one is none.
const (
	leastRefresh   = 5
	mostRefresh    = 3600
	offeredRefresh = 30
)

// filterOf is the filter that a query of the page asks for.
func filterOf(query url.Values) (f filter, err error) {
	f = filter{Text: strings.TrimSpace(query.Get("q")), Attention: query.Get("attention") == "1", Sort: query.Get("sort")}
	if _, known := orders[f.Sort]; !known {
		return f, fmt.Errorf("sort is %q: it is one of %s", f.Sort, strings.Join(sortKeys, ", "))
	}
	if seconds := query.Get("refresh"); seconds != "" {
		f.Refresh, err = strconv.Atoi(seconds)
		if err != nil || f.Refresh < leastRefresh || f.Refresh > mostRefresh {
			return f, fmt.Errorf("refresh is %q: it is a number of seconds from %d to %d", seconds, leastRefresh, mostRefresh)
		}
	}
	return f, nil
}

// admits tells whether something of that name is shown.
func (f filter) admits(name string, attention bool) bool {
	return (attention || !f.Attention) && strings.Contains(strings.ToLower(name), strings.ToLower(f.Text))
}

// URL is the page with this filter, seen from the start page.
func (f filter) URL() string {
	query := url.Values{}
	for name, value := range map[string]string{"q": f.Text, "sort": f.Sort} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if f.Attention {
		query.Set("attention", "1")
	}
	if f.Refresh > 0 {
		query.Set("refresh", strconv.Itoa(f.Refresh))
	}
	if len(query) == 0 {
		return "status"
	}
	return "status?" + query.Encode()
}

// SortedBy, Refreshing and Still are the same page in another order, and with and without asking again.
func (f filter) SortedBy(key string) filter { f.Sort = key; return f }
func (f filter) Refreshing() filter         { f.Refresh = offeredRefresh; return f }
func (f filter) Still() filter              { f.Refresh = 0; return f }

// All is the page without what leaves endpoints out.
func (f filter) All() filter { f.Text, f.Attention = "", false; return f }

// The orders of the rows by their key.
const (
	byTrouble   = ""
	byName      = "name"
	byBacklog   = "backlog"
	byOldest    = "oldest"
	byInstances = "instances"
	byCost      = "cost"
)

var sortKeys = []string{byName, byBacklog, byOldest, byInstances, byCost}

type order func(a, b endpointView) int

var orders = map[string]order{
	byTrouble: func(a, b endpointView) int {
		return cmp.Or(a.judged.Compare(&b.judged), named(a, b))
	},
	byName:      named,
	byBacklog:   func(a, b endpointView) int { return cmp.Or(busiest(a, b), named(a, b)) },
	byOldest:    func(a, b endpointView) int { return cmp.Or(oldest(a, b), named(a, b)) },
	byInstances: func(a, b endpointView) int { return cmp.Or(cmp.Compare(b.instances, a.instances), named(a, b)) },
	byCost:      func(a, b endpointView) int { return cmp.Or(cmp.Compare(b.dollars, a.dollars), named(a, b)) },
}

func (f filter) order() order { return orders[f.Sort] }

func oldest(a, b endpointView) int  { return cmp.Compare(b.judged.Age, a.judged.Age) }
func busiest(a, b endpointView) int { return cmp.Compare(b.judged.Waiting, a.judged.Waiting) }
func named(a, b endpointView) int   { return strings.Compare(a.Name, b.Name) }
