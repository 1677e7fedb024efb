package fleet

import "time"

// leastRequests is how many requests have to have ended in the last hours for their mean to tell something.
const leastRequests = 30

// ServiceTime is how long a variant worked on a request on average in the last hours, 24 at most; ok is false while too few
// requests ended in them. Series, pages and explanations show this one.
func (w *Work) ServiceTime(at time.Time) (mean time.Duration, ok bool) {
	if w == nil || !w.Took.Fresh(at) || !w.Waited.Fresh(at) || min(w.Took.Samples, w.Waited.Samples) < leastRequests {
		return 0, false
	}
	micros := float64(w.Took.Sum)/float64(w.Took.Samples) - float64(w.Waited.Sum)/float64(w.Waited.Samples)
	return Seconds(micros / 1e6), micros > 0
}

// Concurrency is how many requests an instance works on at the same time; ok is false where the endpoint's configuration
// leaves that to SageMaker.
func (e *Endpoint) Concurrency() (n int, ok bool) {
	if c := e.Async.MaxConcurrentInvocationsPerInstance; c != nil {
		n = *c
	}
	return n, n > 0
}

// DrainTime is how long the instances that run now, of all variants, work on what waits or is in service, if nothing else
// comes: by the mean service time, or where that is not known by what they did in the newest settled minutes. It is not known
// while no instance runs.
func (e *Endpoint) DrainTime(at time.Time) (takes time.Duration, ok bool) {
	backlog := e.Queue[Backlog]
	if running, known := e.Instances(); !backlog.Fresh(at) || !known || running <= 0 {
		return 0, false
	}
	pace, ok := e.capacity(at)
	if !ok {
		pace, ok = e.Pace(at)
	}
	if !ok || !(pace > 0) {
		return 0, false
	}
	return Seconds(backlog.Value / pace), true
}

// capacity is how many requests in a second the instances that run can work off.
func (e *Endpoint) capacity(at time.Time) (perSecond float64, ok bool) {
	c, ok := e.Concurrency()
	if !ok {
		return 0, false
	}
	for i := range e.Variants {
		v := &e.Variants[i]
		if v.Current == nil || *v.Current <= 0 {
			continue
		}
		service, ok := v.Work.ServiceTime(at)
		if !ok {
			return 0, false
		}
		perSecond += float64(c**v.Current) / service.Seconds()
	}
	return perSecond, perSecond > 0
}
