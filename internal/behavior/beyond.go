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

// CoolsUntil is until when a policy holds still in a direction, by the newest scale-out and the newest scale-in of its variant, which may
// be nil; zero where it does not.
func CoolsUntil(p *fleet.Policy, scaleOut bool, out, in *fleet.Activity) time.Time {
	done := func(a *fleet.Activity) autoscaling.Done {
		if a == nil {
			return autoscaling.Done{}
		}
		return autoscaling.Done{Start: a.Start, End: a.End}
	}
	return autoscaling.CoolsUntil(p, scaleOut, done(out), done(in))
}

// Tracks tells whether a tracking policy asks for more or for fewer instances than run, at a value of its metric.
func Tracks(p *fleet.Policy, value float64, running int) (more, fewer bool) {
	asked := autoscaling.Tracks(p, value, autoscaling.Instances{Desired: running, Running: running})
	return !asked.None && asked.Least > running, !asked.None && asked.Most < running
}
