package behavior

import (
	"math"

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
