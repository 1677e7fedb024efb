package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Match are the objects of a variant that do the work of the documented ones, whatever they are called. Real accounts
// hold objects made by Terraform, CDK, the console and copied snippets.
type Match struct {
	Tracking *fleet.Policy // target tracking on the backlog; nil when there is none
	Wake     *fleet.Policy // the step policy that wakes; nil when there is none
	Alarm    *fleet.Alarm  // the alarm that triggers it, or should; nil when there is none
}

// Find matches the objects of a variant by their meaning. What a name decides is decided by the wanted names.
func Find(endpoint *fleet.Endpoint, variant *fleet.Variant, wanted *Wanted) Match {
	var m Match
	m.Tracking = findTracking(endpoint.Name, variant, wanted.Tracking.Name)
	m.Wake = findWake(endpoint.Name, variant, wanted.Wake.Name)
	m.Alarm = findAlarm(endpoint.Name, variant, m.Wake, wanted.Alarm.Name(endpoint.Name, variant.Name))
	return m
}

// findTracking finds target tracking on the backlog. One on the very metric is best: AWS refuses to make a second one of
// it by mending another.
func findTracking(endpoint string, variant *fleet.Variant, name string) (found *fleet.Policy) {
	rank := func(p *fleet.Policy) int {
		switch {
		case TracksExactly(p, endpoint):
			return 3
		case p.Name == name:
			return 2
		}
		return 1
	}
	for i := range variant.Policies {
		p := &variant.Policies[i]
		tracks := TracksBacklog(p) || p.Name == name && TracksNothing(p)
		if tracks && (found == nil || rank(p) > rank(found)) {
			found = p
		}
	}
	return found
}

// TracksBacklog tells whether the policy is target tracking on the backlog, with whatever dimensions and statistic, or
// by metric math over it.
func TracksBacklog(p *fleet.Policy) bool {
	return p.Tracking != nil && (p.Tracking.Metric != nil && p.Tracking.Metric.Name == fleet.BacklogPerInstance.String() ||
		TracksByMath(p))
}

// TracksByMath tells whether the policy is target tracking by metric math over the backlog: AWS's own advice for
// instance pools, and not ours to rewrite.
func TracksByMath(p *fleet.Policy) bool {
	return p.Tracking != nil && slices.ContainsFunc(p.Tracking.Math, func(query fleet.MathQuery) bool {
		return query.Metric != nil &&
			(query.Metric.Name == fleet.BacklogPerInstance.String() || query.Metric.Name == fleet.Backlog.String())
	})
}

// TracksExactly tells whether the policy tracks the documented metric: the backlog per instance of the whole endpoint.
func TracksExactly(p *fleet.Policy, endpoint string) bool {
	documented := fleet.BacklogPerInstance.Query(endpoint)
	return p.Tracking != nil && p.Tracking.Metric != nil && p.Tracking.Metric.Equal(documented.Metric) &&
		cmp.Or(p.Tracking.Statistic, documented.Statistic) == documented.Statistic
}

// unpublished are the metrics that asynchronous endpoints do not have, under SageMaker's namespace, and the predefined
// types that stand for them: a policy on one of them never acts.
var unpublished = []string{"ConcurrentRequestsPerModel", "Invocations", "InvocationsPerInstance", "OverheadLatency"}

// TracksNothing tells whether the policy tracks a metric that asynchronous endpoints never publish.
func TracksNothing(p *fleet.Policy) bool {
	switch t := p.Tracking; {
	case t == nil:
		return false
	case t.Predefined != "":
		return strings.HasPrefix(t.Predefined, "SageMaker")
	case t.Metric != nil:
		return t.Metric.Namespace == fleet.Namespace && slices.Contains(unpublished, t.Metric.Name)
	}
	return false
}

// findWake finds the step policy that is triggered by an alarm on a metric which is published while nothing runs, else
// the one of that name. A policy that scales in is not it, whatever triggers it.
func findWake(endpoint string, variant *fleet.Variant, name string) (found *fleet.Policy) {
	triggered := map[string]bool{}
	for i := range variant.Alarms {
		if alarm := &variant.Alarms[i]; onQueue(&alarm.Alarm) && concerns(&alarm.Alarm, endpoint) {
			triggered[alarm.Policy] = true
		}
	}
	rank := func(p *fleet.Policy) (rank int) {
		if triggered[p.Name] {
			rank += 2
		}
		if p.Name == name {
			rank++
		}
		return rank
	}
	for i := range variant.Policies {
		p := &variant.Policies[i]
		if p.ScalesOut() && rank(p) > 0 && (found == nil || rank(p) > rank(found)) {
			found = p
		}
	}
	return found
}

// onQueue tells whether the alarm goes into ALARM on much of a metric that is published while no instance runs.
func onQueue(alarm *fleet.Alarm) bool {
	on := alarm.Metric.Name == fleet.WithoutCapacity.String() || alarm.Metric.Name == fleet.Backlog.String()
	return on && strings.HasPrefix(alarm.Comparison, "GreaterThan")
}

// concerns tells whether the alarm watches the endpoint, or watches none and scales no other.
func concerns(alarm *fleet.Alarm, endpoint string) bool {
	if of, ok := alarm.Metric.Dimension("EndpointName"); ok {
		return of == endpoint
	}
	return !slices.ContainsFunc(alarm.AlarmActions, func(action string) bool {
		of, _, _ := fleet.SplitResourceID(fleet.ScaledResource(action))
		return fleet.IsScalingAction(action) && of != endpoint
	})
}

// findAlarm finds the alarm that triggers the wake policy on the wake metric; else one on that metric which triggers
// nothing that lives; else the one of that name, if it is about waking this endpoint.
func findAlarm(endpoint string, variant *fleet.Variant, wake *fleet.Policy, name string) *fleet.Alarm {
	resource := fleet.ResourceID(endpoint, variant.Name)
	documented := fleet.WithoutCapacity.Query(endpoint).Metric
	rank := func(alarm *fleet.WiredAlarm) int {
		onMetric := alarm.Metric.Name == documented.Name
		triggers := wake != nil && alarm.Policy == wake.Name
		rank := 0
		switch {
		case !concerns(&alarm.Alarm, endpoint):
			return 0
		case onMetric && triggers:
			rank = 30
		case onMetric && alarm.Policy == "" && abandoned(&alarm.Alarm, resource):
			rank = 20
		case alarm.Name == name && (triggers || onQueue(&alarm.Alarm) && alarm.Policy == ""):
			rank = 10
		default:
			return 0
		}
		if alarm.Metric.Equal(documented) {
			rank += 2
		}
		if alarm.Name == name {
			rank++
		}
		return rank
	}
	var found *fleet.WiredAlarm
	for i := range variant.Alarms {
		alarm := &variant.Alarms[i]
		if r := rank(alarm); r > 0 && (found == nil || r > rank(found)) {
			found = alarm
		}
	}
	if found == nil {
		return nil
	}
	return &found.Alarm
}

// abandoned tells whether an alarm that triggers no living policy may be the wake alarm of the resource: it points at a
// policy of it that is gone, or has no scaling action at all.
func abandoned(alarm *fleet.Alarm, resource string) bool {
	scales := false
	for _, action := range alarm.AlarmActions {
		if fleet.IsScalingAction(action) {
			scales = true
			if fleet.ScaledResource(action) == resource {
				return true
			}
		}
	}
	return !scales
}

// WakesEndpoint tells whether the alarm is about waking the endpoint, whatever it triggers.
func WakesEndpoint(alarm *fleet.Alarm, endpoint string) bool {
	of, _ := alarm.Metric.Dimension("EndpointName")
	return of == endpoint && alarm.Metric.Name == fleet.WithoutCapacity.String()
}
