package behavior

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// fleetOf are so many endpoints of the documented shape with AWS's own alarms, every tenth with a ladder of steps.
func fleetOf(n int) []*shape {
	shapes := make([]*shape, n)
	for i := range shapes {
		s := target(0, 10, documented)
		if i%10 == 0 {
			all(step("burst", change, between(0, 20, 2), from(20, 5)), alarm("burst-alarm", bs, ">=", 10, 3, triggers("burst")))(s)
		}
		for p := range s.variant.Policies {
			policy := &s.variant.Policies[p]
			for side, a := range autoscaling.TrackingAlarms(policy, func() string { return "id" }) {
				a.Name = fmt.Sprint(a.Name, side)
				s.variant.Alarms = append(s.variant.Alarms, fleet.WiredAlarm{Alarm: a})
			}
		}
		s.variant.Name = fmt.Sprint("v", i)
		shapes[i] = s
	}
	return shapes
}
