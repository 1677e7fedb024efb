package report

import (
	"cmp"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// WakeAlarms are for each endpoint the alarms through which one of its variants wakes, with the states in which they do, sorted.
func (r *Report) WakeAlarms() map[string][]fleet.Trigger {
	alarms := map[string][]fleet.Trigger{}
	for _, endpoint := range r.Endpoints {
		var found []fleet.Trigger
		for _, variant := range endpoint.Variants {
			if variant.Behavior == nil {
				continue
			}
			for _, wire := range variant.Behavior.Paths {
				if wire.WakesFrom > 0 && wire.Alarm != "" {
					found = append(found, fleet.Trigger{Alarm: wire.Alarm, State: wire.Adding.State})
				}
			}
		}
		if found != nil {
			slices.SortFunc(found, func(a, b fleet.Trigger) int {
				return cmp.Or(cmp.Compare(a.Alarm, b.Alarm), cmp.Compare(a.State, b.State))
			})
			alarms[endpoint.Name] = slices.Compact(found)
		}
	}
	return alarms
}
