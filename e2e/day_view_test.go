//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// view is what stands in the world at one moment, looked at without the product's eyes.
type view struct {
	at         time.Time
	targets    map[string]fleet.Target   // by resource id
	policies   map[string][]fleet.Policy // by resource id
	alarms     map[string][]fleet.Alarm  // by endpoint
	desired    map[string]int            // by resource id
	activities []fleet.Activity
}

func look(w *sim.World) view {
	v := view{w.Now(), map[string]fleet.Target{}, map[string][]fleet.Policy{}, map[string][]fleet.Alarm{}, map[string]int{}, w.ScalingActivities()}
	for _, target := range w.ScalableTargets() {
		v.targets[target.ResourceID] = target
	}
	for _, p := range w.ScalingPolicies() {
		v.policies[p.ResourceID] = append(v.policies[p.ResourceID], p)
	}
	for _, alarm := range w.Alarms() {
		if endpoint, ok := alarm.Metric.Dimension("EndpointName"); ok && alarm.Metric.Name == "HasBacklogWithoutCapacity" {
			v.alarms[endpoint] = append(v.alarms[endpoint], alarm)
		}
	}
	for _, summary := range w.Endpoints() {
		if described, err := w.DescribeEndpoint(summary.Name); err == nil {
			for _, variant := range described.Variants {
				v.desired[fleet.ResourceID(summary.Name, variant.Name)] = max(*variant.Desired, *variant.Current)
			}
		}
	}
	return v
}

// The parts of a variant's scaling that can drift.
const (
	partTarget   = "target"
	partTracking = "tracking"
	partWake     = "wake"
)

// wrong lists what is not as the policies of this test want it, by part. Without a target there is nothing else.
func (v view) wrong(m member, variant string) map[string]string {
	resource, found := fleet.ResourceID(m.name, variant), map[string]string{}
	target, ok := v.targets[resource]
	switch {
	case !ok:
		return map[string]string{partTarget: "missing"}
	case target.MinCapacity != 0:
		found[partTarget] = fmt.Sprintf("minimum %d", target.MinCapacity)
	case m.role == capped && target.MaxCapacity != cappedAt:
		found[partTarget] = fmt.Sprintf("maximum %d", target.MaxCapacity)
	}
	if !slices.ContainsFunc(v.policies[resource], func(p fleet.Policy) bool { return tracksBacklog(p, m.name) }) {
		found[partTracking] = "none that works"
	}
	if !slices.ContainsFunc(v.policies[resource], func(p fleet.Policy) bool {
		return wakes(p) && slices.ContainsFunc(v.alarms[m.name], func(a fleet.Alarm) bool { return rings(a, m.name, p.ARN) })
	}) {
		found[partWake] = "no policy that an alarm triggers"
	}
	return found
}

func tracksBacklog(p fleet.Policy, endpoint string) bool {
	return p.Tracking != nil && p.Tracking.Metric != nil && p.Tracking.Metric.Name == "ApproximateBacklogSizePerInstance" &&
		slices.Equal(p.Tracking.Metric.Dimensions, []fleet.Dimension{{Name: "EndpointName", Value: endpoint}})
}

func wakes(p fleet.Policy) bool {
	return p.Step != nil && p.Step.AdjustmentType == "ChangeInCapacity" && len(p.Step.Adjustments) == 1 &&
		p.Step.Adjustments[0].Adjustment > 0 && *p.Step.Adjustments[0].Lower == 0 && p.Step.Adjustments[0].Upper == nil
}

func rings(a fleet.Alarm, endpoint, action string) bool {
	means := a.Comparison == "GreaterThanOrEqualToThreshold" && a.Threshold == 1 || a.Comparison == "GreaterThanThreshold" && a.Threshold == 0
	return means && a.ActionsEnabled && slices.Contains(a.AlarmActions, action) && a.Period == time.Minute &&
		(a.Statistic == "Average" || a.Statistic == "Maximum") &&
		slices.Equal(a.Metric.Dimensions, []fleet.Dimension{{Name: "EndpointName", Value: endpoint}})
}

// updating tells whether the instances of the endpoint were changed since that time, as its activities say.
func (v view) updating(m member, since time.Time) bool {
	return slices.ContainsFunc(v.activities, func(a fleet.Activity) bool {
		endpoint, _, _ := fleet.SplitResourceID(a.ResourceID)
		return endpoint == m.name && (a.InProgress() || a.End.After(since))
	})
}
