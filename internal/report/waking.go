package report

import "slices"

// WakeAlarms are for each endpoint the names of the alarms through which one of its variants wakes, sorted.
func (r *Report) WakeAlarms() map[string][]string {
	names := map[string][]string{}
	for _, endpoint := range r.Endpoints {
		for _, variant := range endpoint.Variants {
			if variant.Behavior == nil {
				continue
			}
			for _, wire := range variant.Behavior.Paths {
				if wire.WakesFrom > 0 && wire.Alarm != "" {
					names[endpoint.Name] = append(names[endpoint.Name], wire.Alarm)
				}
			}
		}
		slices.Sort(names[endpoint.Name])
		if found := names[endpoint.Name]; found != nil {
			names[endpoint.Name] = slices.Compact(found)
		}
	}
	return names
}
