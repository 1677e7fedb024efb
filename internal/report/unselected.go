package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// mostNamed is how many endpoints a sentence names.
const mostNamed = 10

// Unselected says where no policy selects any endpoint what could be changed, and the command that previews it for the one at
// which the most requests wait. It is empty where one is selected, where that is not known, and where nothing would be changed.
func (s Set) Unselected() string {
	var names []string
	preview, worst := "", -1.0
	for i := range s.Reports {
		r := &s.Reports[i]
		if len(r.Plan.Selected) > 0 || r.Plan.Unknown != "" || !r.Plan.Empty() {
			return ""
		}
		for j := range r.Endpoints {
			e := &r.Endpoints[j]
			if slices.ContainsFunc(e.Variants, func(v Variant) bool { return v.Unknown }) {
				return ""
			}
			if len(r.ifSelected(e.Endpoint).Steps) == 0 {
				continue
			}
			names = append(names, plan.Quoted(e.Name))
			if waiting := e.waiting(r.Snapshot.At); waiting > worst {
				preview, worst = r.Started.Command("plan", r.Snapshot.Scope, e.Name), waiting
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	of := strings.Join(names[:min(len(names), mostNamed)], ", ")
	if more := len(names) - mostNamed; more > 0 {
		of += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("No endpoint is selected. %d could be changed: %s. Preview: %s", len(names), of, preview)
}

// waiting is how many requests wait, as far as that is known.
func (e *Endpoint) waiting(at time.Time) float64 {
	if backlog := e.Queue[fleet.Backlog]; backlog.Fresh(at) {
		return backlog.Value
	}
	return 0
}

// ifSelected is the plan that there would be for an endpoint if a command named it.
func (r *Report) ifSelected(e *fleet.Endpoint) plan.Plan {
	if policy.OptedOut(e.Tags) {
		return plan.Plan{}
	}
	wanted := policy.ByName(nil).Wanted
	subjects := make([]policy.Subject, len(e.Variants))
	for i := range e.Variants {
		v := &e.Variants[i]
		subjects[i] = policy.Subject{
			Endpoint: e, Variant: v, Resource: fleet.ResourceID(e.Name, v.Name), Wanted: &wanted, Selection: policy.Selection{Wanted: &wanted},
		}
	}
	return plan.Diff(subjects, &r.Snapshot, plan.Rules{}, plan.History{})
}
