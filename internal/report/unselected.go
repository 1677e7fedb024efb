package report

import (
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// IfSelected is the plan that there would be for an endpoint of the report if a command named it: of its variants that no policy
// selects. An endpoint that is tagged to be left alone has none.
func (r *Report) IfSelected(e *Endpoint) plan.Plan {
	if policy.OptedOut(e.Tags) {
		return plan.Plan{}
	}
	wanted, subjects := policy.ByName(nil).Wanted, []policy.Subject(nil)
	for i := range e.Variants {
		if v := &e.Variants[i]; !v.Selected {
			subjects = append(subjects, policy.Subject{
				Endpoint: e.Endpoint, Variant: v.Variant, Resource: fleet.ResourceID(e.Name, v.Name), Wanted: &wanted,
				Selection: policy.Selection{Wanted: &wanted},
			})
		}
	}
	return plan.Diff(subjects, &r.Snapshot, plan.Rules{}, plan.History{})
}
