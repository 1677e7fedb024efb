package plan

import (
	"cmp"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

func trackingFields(t *fleet.Tracking) []named {
	metric, dimensions, statistic := metricName(t.Metric), dimensionList(t.Metric), t.Statistic
	switch {
	case t.Predefined != "":
		metric = t.Predefined
	case t.Metric == nil:
		metric = "metric math"
	}
	return []named{
		{"metric", metric},
		{"dimensions", dimensions},
		{"statistic", statistic},
		{"unit", optional(t.Unit)},
		{"target_value", t.TargetValue},
		{"scale_in_cooldown", fleet.Cooldown(t.ScaleInCooldown)},
		{"scale_out_cooldown", fleet.Cooldown(t.ScaleOutCooldown)},
	}
}

// optional is a text that most objects leave out.
func optional(text string) Value {
	if text == "" {
		return nil
	}
	return text
}

func metricName(m *fleet.Metric) string {
	if m == nil {
		return ""
	}
	return strings.TrimPrefix(m.Namespace+" "+m.Name, " ")
}

func dimensionList(m *fleet.Metric) []string {
	list := []string{}
	if m != nil {
		for _, dimension := range m.Dimensions {
			list = append(list, dimension.String())
		}
	}
	return list
}

// tracking compares the target-tracking policy.
func (d *differ) tracking(s *policy.Subject, missing obstacle) {
	wanted := s.Wanted.Tracking
	if s.Match.Tracking == nil {
		draft, documented := d.draft(s, TrackingPolicy, wanted.Name), policy.Tracking(s.Endpoint.Name, s.Variant.Name)
		documented.Name = wanted.Name
		documented.Tracking.TargetValue = wanted.TargetValue.Value
		documented.Tracking.ScaleInCooldown = &wanted.ScaleInCooldown.Value
		documented.Tracking.ScaleOutCooldown = &wanted.ScaleOutCooldown.Value
		if good := d.history.variant(s.Resource).good.tracking; good.known {
			restore(documented.Tracking, wanted, good)
		}
		draft.step.Policy = &documented
		draft.create(trackingFields(documented.Tracking), d.policyObstacle(s, TrackingPolicy, missing, s.Match.TrackingTaken))
		return
	}
	draft := d.draft(s, TrackingPolicy, s.Match.Tracking.Name)
	draft.step.Expects = Object{Policy: s.Match.Tracking}
	after, tracking := *s.Match.Tracking, *s.Match.Tracking.Tracking
	if !policy.TracksByMath(s.Match.Tracking) && !policy.TracksExactly(s.Match.Tracking, s.Endpoint.Name) &&
		draft.free("metric", "dimensions", "statistic") {
		if !policy.TracksBacklog(s.Match.Tracking) { // the target of another metric is no tuned value of this one
			tracking.TargetValue = wanted.TargetValue.Value
		}
		documented := policy.Tracking(s.Endpoint.Name, s.Variant.Name)
		tracking.Predefined, tracking.ResourceLabel, tracking.Math, tracking.Unit = "", "", nil, ""
		tracking.Metric, tracking.Statistic = documented.Tracking.Metric, documented.Tracking.Statistic
	}
	enforce(draft, "target_value", &tracking.TargetValue, wanted.TargetValue)
	enforceCooldown(draft, "scale_in_cooldown", &tracking.ScaleInCooldown, wanted.ScaleInCooldown)
	enforceCooldown(draft, "scale_out_cooldown", &tracking.ScaleOutCooldown, wanted.ScaleOutCooldown)
	after.Tracking = &tracking
	draft.step.Policy = &after
	draft.update(d.policyObstacle(s, TrackingPolicy, missing, nil), func() (before, now []named) {
		return trackingFields(s.Match.Tracking.Tracking), trackingFields(&tracking)
	})
}

// restore gives a policy that is made again the values that the lost one had, but for those that the entry sets.
func restore(t *fleet.Tracking, wanted policy.WantedTracking, good trackingValues) {
	if !wanted.TargetValue.Enforced {
		t.TargetValue = good.target
	}
	if !wanted.ScaleInCooldown.Enforced {
		t.ScaleInCooldown = &good.in
	}
	if !wanted.ScaleOutCooldown.Enforced {
		t.ScaleOutCooldown = &good.out
	}
}

// tracks is the target tracking on the backlog of a variant; nil when there is none.
func tracks(endpoint string, variant *fleet.Variant) (found *fleet.Tracking) {
	for i := range variant.Policies {
		switch p := &variant.Policies[i]; {
		case policy.TracksExactly(p, endpoint):
			return p.Tracking
		case found == nil && policy.TracksBacklog(p):
			found = p.Tracking
		}
	}
	return found
}

// policyObstacle finds what withholds a scaling policy: the target that it needs may not be written either, or its name
// belongs to a policy that means something else.
func (d *differ) policyObstacle(s *policy.Subject, kind Kind, missing obstacle, taken *fleet.Policy) obstacle {
	switch {
	case missing.reason != "":
		return obstacle{missing.reason, cmp.Or(missing.detail, "it needs the scalable target")}
	case taken != nil:
		return obstacle{NameTaken, "a policy of that name does something else (" + string(taken.Type) + ")"}
	}
	return d.obstacle(s, kind)
}
