package web

// column is one column of the tables of endpoints.
type column struct {
	Head, Long string // Long is what is read to those who cannot see; empty where Head says it
	Sort       string // the key by which a click on the head sorts; empty for none
	Class      string // of its cells
	Variants   bool   // each variant has its own cell; else the endpoint has one
	Optional   bool   // left out where no row has anything to say
	of         func(*endpointView, *variantView) fact
}

// columns are those beside the endpoint's name and its state.
var columns = []column{
	{Head: "Last 3 h", Long: "Backlog and instances of the last 3 hours", Class: "drawn", Optional: true, of: func(e *endpointView, _ *variantView) fact { return fact{Picture: e.Picture} }},
	{Head: "Backlog", Sort: byBacklog, Class: "n", of: func(e *endpointView, _ *variantView) fact { return e.Backlog }},
	{Head: "Oldest", Long: "Age of the oldest request", Sort: byOldest, Class: "n", of: func(e *endpointView, _ *variantView) fact { return e.Oldest }},
	{Head: "Of target", Long: "Backlog per instance, in multiples of the tracking target", Class: "n", Optional: true, of: func(e *endpointView, _ *variantView) fact { return e.OfTarget }},
	{Head: "Drains in", Long: "Time to drain if nothing more comes", Class: "n", Optional: true, of: func(e *endpointView, _ *variantView) fact { return e.Drain }},
	{Head: "Running", Long: "Instances running", Sort: byInstances, Class: "n", Variants: true, of: func(_ *endpointView, v *variantView) fact { return v.Running }},
	{Head: "Desired", Long: "Instances desired", Class: "n", Variants: true, of: func(_ *endpointView, v *variantView) fact { return v.Desired }},
	{Head: "Min", Long: "Fewest instances", Class: "n", Variants: true, Optional: true, of: func(_ *endpointView, v *variantView) fact { return v.Min }},
	{Head: "Max", Long: "Most instances", Class: "n", Variants: true, Optional: true, of: func(_ *endpointView, v *variantView) fact { return v.Max }},
	{Head: "$/hour", Long: "Dollars an hour", Sort: byCost, Class: "n", Variants: true, Optional: true, of: func(_ *endpointView, v *variantView) fact { return v.Cost }},
	{Head: "Policy", Variants: true, Optional: true, of: func(_ *endpointView, v *variantView) fact { return v.Policy }},
	{Head: "Plan", Variants: true, Optional: true, of: func(_ *endpointView, v *variantView) fact { return v.Plan }},
}

// columnsOf are the columns in which some row of the scopes has something to say.
func columnsOf(scopes []scopeView) (shown []column) {
	for _, c := range columns {
		if !c.Optional || c.used(scopes) {
			shown = append(shown, c)
		}
	}
	return shown
}

func (c column) used(scopes []scopeView) bool {
	for i := range scopes {
		for j := range scopes[i].Endpoints {
			e := &scopes[i].Endpoints[j]
			for k := range e.Variants {
				if shown := c.of(e, &e.Variants[k]); shown.Text != "" || shown.Picture != "" {
					return true
				}
			}
		}
	}
	return false
}

// heading is the head of a column.
type heading struct {
	Head, Long, Class string
	URL               string // of the page in the order of this column; empty where it does not sort
	Sorted            bool   // the rows are in this order
}

// headings are the heads of a table, those of the endpoint's name and its state too; links tells whether they sort.
func headings(shown []column, f filter, links bool) []heading {
	heads := []heading{{Head: "Endpoint", URL: f.SortedBy(byName).URL(), Sorted: f.Sort == byName}, {Head: "State", URL: f.SortedBy(byTrouble).URL(), Sorted: f.Sort == byTrouble}}
	for i := range shown {
		c := &shown[i]
		h := heading{Head: c.Head, Long: c.Long, Class: c.Class}
		if c.Sort != "" {
			h.URL, h.Sorted = f.SortedBy(c.Sort).URL(), f.Sort == c.Sort
		}
		heads = append(heads, h)
	}
	if !links {
		for i := range heads {
			heads[i].URL, heads[i].Sorted = "", false
		}
	}
	return heads
}

// row is one variant of an endpoint.
type row struct {
	Name  string // of the variant; empty for the only one
	First bool   // it has the cells of the endpoint, too
	Cells []cell
}

// cell is one cell of a row.
type cell struct {
	fact
	Head, Class string
	Span        int // rows that it reaches over; 0 for one
}

// fill makes the rows of an endpoint.
func (e *endpointView) fill(shown []column) {
	for i := range e.Variants {
		v := &e.Variants[i]
		r := row{Name: v.Name, First: i == 0, Cells: make([]cell, 0, len(shown))}
		for j := range shown {
			c := &shown[j]
			if !c.Variants && i > 0 {
				continue
			}
			filled := cell{fact: c.of(e, v), Head: c.Head, Class: c.Class}
			if !c.Variants {
				filled.Span = e.Span()
			}
			r.Cells = append(r.Cells, filled)
		}
		e.Rows = append(e.Rows, r)
	}
}
