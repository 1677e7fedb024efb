package advise

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// ServiceTime is how many seconds a variant worked on a request on average in the last hours, 24 at most; ok is false while
// too few requests ended in them.
func ServiceTime(w *fleet.Work, at time.Time) (seconds float64, ok bool) {
	if w == nil || !w.Took.Fresh(at) || !w.Waited.Fresh(at) || min(w.Took.Samples, w.Waited.Samples) < leastRequests {
		return 0, false
	}
	micros := float64(w.Took.Sum)/float64(w.Took.Samples) - float64(w.Waited.Sum)/float64(w.Waited.Samples)
	return micros / 1e6, micros > 0
}

// TargetValue is the backlog for each instance of a variant at which a request takes seven tenths of the latency that is
// acceptable, but not so low that instances that are full with an empty queue are scaled out. It is not known where the
// endpoint's configuration leaves the concurrency to SageMaker.
func TargetValue(e *fleet.Endpoint, v *fleet.Variant, latency time.Duration, at time.Time) (value float64, ok bool) {
	c, known := concurrencyOf(e)
	service, ok := ServiceTime(v.Work, at)
	if !known || !ok || latency <= 0 {
		return 0, false
	}
	return max(latencyFirst.share*float64(c)*latency.Seconds()/service, policy.FullTarget(c)), true
}

// Drain is how many seconds the instances that run now, of all variants, work on what waits or is in service, if nothing else
// comes. It is not known while no instance runs.
func Drain(e *fleet.Endpoint, at time.Time) (seconds float64, ok bool) {
	c, known := concurrencyOf(e)
	backlog := e.Queue[fleet.Backlog]
	if !known || !backlog.Fresh(at) {
		return 0, false
	}
	pace := 0.0
	for i := range e.Variants {
		v := &e.Variants[i]
		switch {
		case v.Current == nil:
			return 0, false
		case *v.Current <= 0:
			continue
		}
		service, ok := ServiceTime(v.Work, at)
		if !ok {
			return 0, false
		}
		pace += float64(c**v.Current) / service
	}
	return backlog.Value / pace, pace > 0
}

// concurrencyOf is how many requests an instance works on at the same time.
func concurrencyOf(e *fleet.Endpoint) (n int, ok bool) {
	if c := e.Async.MaxConcurrentInvocationsPerInstance; c != nil {
		n = *c
	}
	return n, n > 0
}
