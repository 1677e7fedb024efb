package advise

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// TargetValue is the backlog for each instance of a variant at which a request takes seven tenths of the latency that is
// acceptable, but not so low that instances that are full with an empty queue are scaled out. It is not known where the
// endpoint's configuration leaves the concurrency to SageMaker.
func TargetValue(e *fleet.Endpoint, v *fleet.Variant, latency time.Duration, at time.Time) (value float64, ok bool) {
	c, known := e.Concurrency()
	service, ok := v.Work.ServiceTime(at)
	if !known || !ok || latency <= 0 {
		return 0, false
	}
	return max(latencyFirst.share*float64(c)*latency.Seconds()/service.Seconds(), autoscaling.FullTarget(c)), true
}
