package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// offer is the instance type that AWS would give the variant now: its own, or that of the first pool which is not
// short; ok is false when there is none.
func (w *World) offer(v *variant) (instanceType string, ok bool) {
	pools := slices.Clone(v.config.Pools)
	if len(pools) == 0 {
		pools = []fleet.PoolConfig{{InstanceType: v.config.InstanceType}}
	}
	slices.SortStableFunc(pools, func(a, b fleet.PoolConfig) int { return cmp.Compare(a.Priority, b.Priority) })
	for _, pool := range pools {
		if !w.shortages[pool.InstanceType] {
			return pool.InstanceType, true
		}
	}
	return "", false
}

// want sets the number of instances of a variant and begins to follow it.
func (e *endpoint) want(w *World, v *variant, instances int) {
	if v.desired == instances {
		return
	}
	if v.desired == 0 && e.station.backlog() > 0 { // nobody waits for one that a schedule starts
		e.costs.wakes++
	}
	v.desired = instances
	e.modified = w.now
	e.follow(w, v)
	if len(v.running) == v.desired {
		v.settled = w.now
	}
}

// follow starts or stops instances until the variant has what it wants, as far as AWS has them.
func (e *endpoint) follow(w *World, v *variant) {
	defer e.costs.from(w.elapsed(), e)
	for len(v.running)+len(v.coming) < v.desired {
		instanceType, ok := w.offer(v)
		if !ok {
			break // it is tried again each minute
		}
		ready := w.elapsed() + e.provision()
		v.coming = append(v.coming, coming{ready.Truncate(time.Second), instanceType})
		e.costs.started++
		slices.SortFunc(v.coming, func(a, b coming) int { return cmp.Compare(a.ready, b.ready) })
	}
	for len(v.running)+len(v.coming) > v.desired && len(v.coming) > 0 {
		v.coming = v.coming[:len(v.coming)-1]
	}
	if len(v.running) > v.desired {
		v.running = v.running[:v.desired]
		e.resize(w.elapsed())
	}
}

// provision draws the time until an instance serves.
func (e *endpoint) provision() time.Duration {
	if len(e.spec.Starts) > 0 {
		return e.spec.Starts[e.rand.IntN(len(e.spec.Starts))]
	}
	mean := cmp.Or(e.spec.Provision, defaultProvision)
	return mean*7/10 + time.Duration(e.rand.ExpFloat64()*float64(mean)*.3)
}

// started takes the instances into service whose time has come.
func (e *endpoint) started(w *World, at time.Duration) {
	for _, v := range e.variants {
		for len(v.coming) > 0 && v.coming[0].ready <= at {
			v.running = append(v.running, v.coming[0].instanceType)
			v.coming = v.coming[1:]
			if len(v.running) == v.desired {
				v.settled, e.modified = w.epoch.Add(at), w.epoch.Add(at)
			}
		}
	}
	e.resize(at)
}

// updating tells whether the endpoint is changed by a deployment.
func (e *endpoint) updating(at time.Time) bool { return at.Before(e.deployed) }

// status is what SageMaker says of the endpoint.
func (e *endpoint) status(at time.Time) string {
	if e.updating(at) {
		return fleet.Updating
	}
	for _, v := range e.variants {
		if len(v.running) != v.desired {
			return fleet.Updating
		}
	}
	return fleet.InService
}
