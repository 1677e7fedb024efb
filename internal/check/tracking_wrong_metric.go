package check

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

var trackingWrongMetric = &Check{
	Name: "tracking_wrong_metric", Severities: []Severity{Critical, Warning}, Needs: wiring, run: runTrackingWrongMetric,
	Stage: StagePolicy, Holds: Out | In, Remedy: []plan.Kind{plan.TrackingPolicy},
}

// runTrackingWrongMetric looks at every tracking policy, not only at the one that does the documented work.
func runTrackingWrongMetric(s *Subject) verdict {
	if !s.scaled() {
		return verdict{}
	}
	found := false
	for i := range s.Behavior.Policies {
		p := s.policy(s.Behavior.Policies[i].Name)
		if p == nil || p.Tracking == nil {
			continue
		}
		found = true
		if of := s.Behavior.Policies[i]; of.Unpublished == "" && of.Elsewhere == "" {
			continue
		}
		severity, cost := Warning, "AWS scales in only when all tracking policies would, so it holds up the others"
		if s.Behavior.ScalesOut.Level == behavior.Never && !s.Variant.Target.Suspended.ScaleOut {
			severity, cost = Critical, "it adds no instance for a queue and removes none"
		}
		acts := s.Behavior.Policies[i].Acts != 0 // FILL gives it a value
		switch {
		case acts && severity == Critical:
			cost = "it adds no instance for a queue and asks for fewer all the time"
		case acts:
			cost = "it asks for another number of instances whatever is queued"
		}
		advice := "Let it track ApproximateBacklogSizePerInstance with the dimension EndpointName alone."
		switch {
		case severity == Warning && behavior.Follow(s.Endpoint.Name, p) == behavior.NotBacklog:
			advice = fmt.Sprintf("Delete the policy %q: the others do its work.", p.Name)
		case p.Tracking.Unit != "" && behavior.Follow(s.Endpoint.Name, p) == behavior.Exactly:
			advice = "Put it again without its unit."
		}
		never := "never acts"
		if s.Behavior.Policies[i].Elsewhere != "" || acts {
			never = "does not follow the queue"
		}
		return fail(severity, "The policy %q of variant %q %s, because %s: %s.", p.Name, s.Variant.Name, never, s.untracked(p), cost).
			advise("%s", advice)
	}
	if !found {
		return verdict{}
	}
	return pass(Critical)
}

// published tells whether AWS publishes a metric, in whatever unit.
func published(metric *fleet.Metric) bool {
	_, ok, _ := autoscaling.Published(*metric)
	return ok
}

// untracked says in words why what a policy tracks has no value.
func (s *Subject) untracked(p *fleet.Policy) string {
	other := s.Behavior.Policy(p.Name).Elsewhere
	switch t := p.Tracking; {
	case other != "":
		return fmt.Sprintf("it tracks another endpoint, %q", other)
	case t.Predefined != "":
		return fmt.Sprintf("asynchronous endpoints do not publish %s", t.Predefined)
	case t.Metric != nil && published(t.Metric):
		return fmt.Sprintf("%s has no data in the unit %q", t.Metric.Name, t.Unit)
	case t.Metric != nil:
		return noData(t.Metric, s.Endpoint.Name)
	}
	return "its metric math rests on " + s.Behavior.Policy(p.Name).Unpublished + ", which has no data"
}
