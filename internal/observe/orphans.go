package observe

import (
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// orphan is what was left of an endpoint when the endpoints were last listed.
type orphan struct {
	fleet.Orphan
	target fleet.Target // of an orphan that is one
}

// orphaned finds the targets and wake alarms of endpoints that are not listed, of whatever kind. They must have been
// known before the list was asked for: an endpoint that was made since is on none yet.
func orphaned(targets []fleet.Target, alarms []fleet.Alarm, listed []fleet.EndpointSummary) (found []orphan) {
	names := make(map[string]bool, len(listed))
	for _, summary := range listed {
		names[summary.Name] = true
	}
	for _, target := range targets {
		if endpoint, variant, ok := fleet.SplitResourceID(target.ResourceID); ok && !names[endpoint] {
			found = append(found, orphan{fleet.Orphan{Endpoint: endpoint, Variant: variant, Target: true}, target})
		}
	}
	for i := range alarms {
		alarm := &alarms[i]
		if alarm.Metric.Namespace != fleet.Namespace || alarm.Metric.Name != fleet.WithoutCapacity.String() {
			continue
		}
		if endpoint, ok := alarm.Metric.Dimension("EndpointName"); ok && !names[endpoint] {
			left := fleet.Orphan{Endpoint: endpoint, Variant: variantOf(alarm, endpoint), Alarm: alarm.Name}
			found = append(found, orphan{Orphan: left})
		}
	}
	slices.SortFunc(found, func(a, b orphan) int { return a.Compare(b.Orphan) })
	return found
}

// variantOf is the variant of the endpoint that the alarm is for, as far as its actions or its dimensions tell.
func variantOf(alarm *fleet.Alarm, endpoint string) string {
	for _, action := range alarm.Actions() {
		if of, variant, ok := fleet.SplitResourceID(fleet.ScaledResource(action)); ok && of == endpoint {
			return variant
		}
	}
	variant, _ := alarm.Metric.Dimension("VariantName")
	return variant
}

// orphansLeft are the orphans of the last list that still stand as far as is known, of endpoints that are selected by
// name: other names are somebody else's. A target that was registered anew says that the endpoint is back.
func (o *Observer) orphansLeft() (left []fleet.Orphan) {
	for _, orphan := range o.orphans {
		stands := o.options.selectsName(orphan.Endpoint)
		if orphan.Target {
			now := o.join().Target(orphan.target.ResourceID)
			stands = stands && now != nil && now.Created.Equal(orphan.target.Created)
		} else {
			stands = stands && slices.ContainsFunc(o.alarms, func(a fleet.Alarm) bool {
				endpoint, _ := a.Metric.Dimension("EndpointName") // somebody may have put it again for another one
				return a.Name == orphan.Alarm && endpoint == orphan.Endpoint
			})
		}
		if stands {
			left = append(left, orphan.Orphan)
		}
	}
	return left
}
