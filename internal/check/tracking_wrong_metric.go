package check

import (
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var trackingWrongMetric = &Check{
	Name: "tracking_wrong_metric", Severities: []Severity{Critical}, Needs: scaling, run: runTrackingWrongMetric,
}

// runTrackingWrongMetric looks at every tracking policy, not only at the one that does the documented work.
func runTrackingWrongMetric(s *Subject) verdict {
	found := false
	for i := range s.Variant.Policies {
		p := &s.Variant.Policies[i]
		if s.Variant.Target == nil || p.Tracking == nil {
			continue
		}
		found = true
		if policy.TracksNothing(p) {
			return fail(Critical, "The policy %q of variant %q tracks %q, which asynchronous endpoints do not publish: its alarms never "+
				"get data, so it neither adds instances for a queue nor removes the %s. %s.", p.Name, s.Variant.Name,
				p.MetricNames()[0], s.idle(), s.mendTracking(p))
		}
		if metric := wrongBacklog(p.Tracking, s.Endpoint.Name); metric != nil {
			return fail(Critical, "The policy %q of variant %q tracks %s in %q under %s, where it has no data (it has just EndpointName = %q): "+
				"it neither adds instances for a queue nor removes the %s. %s.", p.Name, s.Variant.Name, metric.Name,
				metric.Namespace, dimensions(metric), s.Endpoint.Name, s.idle(), s.mendTracking(p))
		}
	}
	if !found {
		return verdict{}
	}
	return pass(Critical)
}

// mendTracking says in words what to do about a policy that never acts. Reconcile writes the one that does, or should do,
// the documented work; AWS scales in only when every tracking policy would, so another one has to go.
func (s *Subject) mendTracking(p *fleet.Policy) string {
	switch {
	case policy.TracksByMath(p):
		return "Give its queries that dimension alone; reconcile does not rewrite metric math"
	case s.Match.Tracking != nil && s.Match.Tracking.Name == p.Name:
		return s.mend("Track ApproximateBacklogSizePerInstance with EndpointName alone")
	}
	return "Delete it, for AWS scales in only when all policies would, and have another one track ApproximateBacklogSizePerInstance; " +
		"reconcile makes that one and deletes none"
}

// idle says in words what is paid for while nothing scales in.
func (s *Subject) idle() string {
	if !s.running() {
		return "instances that are idle"
	}
	return s.instances() + " when idle"
}

// wrongBacklog is a metric of the backlog that the policy tracks where AWS publishes none; nil when there is none.
func wrongBacklog(tracking *fleet.Tracking, endpoint string) *fleet.Metric {
	if wrongPlace(tracking.Metric, endpoint) {
		return tracking.Metric
	}
	for _, query := range tracking.Math {
		if wrongPlace(query.Metric, endpoint) {
			return query.Metric
		}
	}
	return nil
}

func wrongPlace(metric *fleet.Metric, endpoint string) bool {
	if metric == nil {
		return false
	}
	for _, backlog := range []fleet.QueueMetric{fleet.BacklogPerInstance, fleet.Backlog} {
		if metric.Name == backlog.String() {
			return !metric.Equal(backlog.Query(endpoint).Metric)
		}
	}
	return false
}
