package behavior

import (
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Beyond tells whether a value is on the side of an alarm's threshold on which it goes into ALARM; known is false where nobody
// can tell.
func Beyond(alarm *fleet.Alarm, value float64) (beyond, known bool) {
	if math.IsNaN(value) {
		return false, false
	}
	return autoscaling.Breaches(alarm, autoscaling.Exactly(value))
}

// Cooldown is how long a policy waits after an activity in a direction; a step policy has one for both.
func Cooldown(p *fleet.Policy, scaleOut bool) time.Duration { return autoscaling.Cooldown(p, scaleOut) }

// Tracks tells whether a tracking policy asks for more or for fewer instances than run, at a value of its metric.
func Tracks(p *fleet.Policy, value float64, running int) (more, fewer bool) {
	asked := autoscaling.Tracks(p, value, autoscaling.Instances{Desired: running, Running: running})
	return !asked.None && asked.Least > running, !asked.None && asked.Most < running
}
