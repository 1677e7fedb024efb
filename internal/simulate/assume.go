package simulate

import (
	"fmt"
	"strings"

	"github.com/sagemaker-async/exporter/internal/sim"
)

// Assumption is a reading of what AWS leaves open that somebody may switch to.
type Assumption struct {
	Name  string
	Means string // as a sentence
	Else  string // what is assumed without it, as a sentence
	of    func(*sim.Assumptions) *bool
}

// Assumptions are all that can be switched, in their order.
func Assumptions() []Assumption {
	return []Assumption{
		{
			"tracking-wakes", "The backlog per instance is published at zero as if one instance ran, and tracking reckons with one: it wakes too.",
			"It is not published at zero, and a tracking policy at zero stays at zero: only the wake policy wakes.",
			func(a *sim.Assumptions) *bool { return &a.TrackingWakes },
		},
		{
			"removed-finish", "An instance that is removed finishes the requests that it has begun.",
			"An instance that is removed gives its requests back to the front of the queue, where they begin anew.",
			func(a *sim.Assumptions) *bool { return &a.RemovedFinish },
		},
		{
			"slow-metrics", "Every datapoint of CloudWatch becomes visible three minutes after its minute.",
			"A datapoint becomes visible one to three minutes after its minute.",
			func(a *sim.Assumptions) *bool { return &a.SlowMetrics },
		},
		{
			"bill-ready", "An instance costs from the moment at which it serves.",
			"An instance costs from the moment at which it is asked for.",
			func(a *sim.Assumptions) *bool { return &a.BillReady },
		},
	}
}

// Assume switches the assumptions of these names.
func Assume(names []string) (a sim.Assumptions, err error) {
	known := Assumptions()
	for _, name := range names {
		found := false
		var all []string
		for _, one := range known {
			all = append(all, one.Name)
			if one.Name == name {
				*one.of(&a), found = true, true
			}
		}
		if !found {
			return a, fmt.Errorf("%q is not an assumption: write one of %s", name, strings.Join(all, ", "))
		}
	}
	return a, nil
}

// Assumed are the names of those that are switched.
func Assumed(a sim.Assumptions) (names []string) {
	for _, one := range Assumptions() {
		if *one.of(&a) {
			names = append(names, one.Name)
		}
	}
	return names
}
