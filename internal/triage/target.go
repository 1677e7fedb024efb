package triage

import (
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Target is the backlog per instance at which the tracking policies aim, the highest of them; ok is false where none tracks it.
func Target(e *report.Endpoint) (target float64, ok bool) {
	for i := range e.Variants {
		for _, p := range e.Variants[i].Policies {
			if t := p.Tracking; t != nil && t.Metric != nil && t.Metric.Name == fleet.BacklogPerInstance.String() {
				target = max(target, t.TargetValue)
			}
		}
	}
	return target, target > 0
}
