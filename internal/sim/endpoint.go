package sim

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// EndpointSpec describes an endpoint to add to a world.
type EndpointSpec struct {
	Name      string
	Config    fleet.EndpointConfig // decides the kind of endpoint
	Instances int                  // of each variant at the beginning
	Tags      map[string]string
	Work      Work
	Provision time.Duration                       // mean time until an instance serves; 0 is five minutes
	Rate      func(elapsed time.Duration) float64 // requests a second, by the time since the world began; nil: none
	Requests  []Request                           // a trace, sorted by time, instead of a rate
	Starts    []time.Duration                     // times until an instance serves, one of which each start takes; empty: as Provision says
}

// endpoint is an endpoint with its queue and instances.
type endpoint struct {
	spec     EndpointSpec
	config   fleet.EndpointConfig
	created  time.Time
	modified time.Time
	deployed time.Time // when an update under way ends; zero without one
	variants []*variant
	station  *station
	rand     *rand.Rand
	arrivals []Request     // to come, sorted
	mark     time.Duration // the next moment at which the queue is measured
	ran      time.Duration
	minute   queueMinute
	costs    costs
	series   endpointSeries
}

// variant is a production variant with its instances.
type variant struct {
	config  fleet.VariantConfig
	desired int
	running []string // instance types, oldest first
	coming  []coming // sorted by time
	settled time.Time
}

// coming is an instance that starts up.
type coming struct {
	ready        time.Duration
	instanceType string
}

// measureEach is how often the queue is measured: six samples to a datapoint of a minute.
const measureEach = 10 * time.Second

const (
	defaultProvision   = 5 * time.Minute
	defaultTTL         = 6 * time.Hour
	defaultConcurrency = 4 // what SageMaker chooses is not documented
)

// AddEndpoint adds an endpoint that is in service at once.
func (w *World) AddEndpoint(spec EndpointSpec) error {
	if w.endpoints[spec.Name] != nil {
		return invalid("Cannot create already existing endpoint \"" + w.endpointARN(spec.Name) + "\".")
	}
	if rate, told := spec.Rate, w.told; rate != nil && told > 0 {
		spec.Rate = func(elapsed time.Duration) float64 { return rate(elapsed - told) }
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(spec.Name)) // a hash never fails
	e := &endpoint{
		spec: spec, config: spec.Config, created: w.now, modified: w.now, ran: w.elapsed(), mark: w.elapsed(),
		rand: rand.New(rand.NewPCG(hash.Sum64(), w.rand.Uint64())),
	}
	for _, config := range spec.Config.Variants {
		v := &variant{config: config, desired: spec.Instances, settled: w.now}
		e.variants = append(e.variants, v)
	}
	e.station = e.newStation()
	e.arrivals = slices.Clip(spec.Requests)
	e.costs.startsPaid = !w.assumes.BillReady
	e.station.finishes = w.assumes.RemovedFinish
	w.endpoints[spec.Name] = e
	w.order = append(w.order, spec.Name)
	for _, v := range e.variants {
		for range spec.Instances {
			if instanceType, ok := w.offer(v); ok {
				v.running = append(v.running, instanceType)
			}
		}
	}
	e.resize(w.elapsed())
	return nil
}

// RemoveEndpoint deletes an endpoint. Its metrics stay, and so do its scalable targets and alarms.
func (w *World) RemoveEndpoint(name string) error {
	if w.endpoints[name] == nil {
		return w.noEndpoint(name)
	}
	delete(w.endpoints, name)
	w.order = slices.DeleteFunc(w.order, func(other string) bool { return other == name })
	return nil
}

// Invoke puts requests into the queue of an endpoint now.
func (w *World) Invoke(name string, requests int) error {
	e := w.endpoints[name]
	if e == nil {
		return w.noEndpoint(name)
	}
	for range requests {
		e.station.arrive(Request{At: w.elapsed()})
	}
	return nil
}

func (e *endpoint) newStation() *station {
	s := &station{
		spec: e.spec.Work, ttl: e.spec.Work.TTL, slots: make([]int, len(e.variants)), size: make([]int, len(e.variants)),
		done: make([]minuteWork, len(e.variants)), chance: e.rand.Float64,
		draw: func(mean time.Duration) time.Duration { return time.Duration(e.rand.ExpFloat64() * float64(mean)) },
	}
	if s.ttl == 0 {
		s.ttl = defaultTTL
	}
	return s
}

// concurrency is how many requests one instance serves at the same time.
func (e *endpoint) concurrency() int {
	if async := e.config.Async; async != nil && async.MaxConcurrentInvocationsPerInstance != nil {
		return *async.MaxConcurrentInvocationsPerInstance
	}
	return defaultConcurrency
}

// resize gives the station the slots of the instances that run.
func (e *endpoint) resize(at time.Duration) {
	e.costs.from(at, e)
	for i, v := range e.variants {
		e.station.resize(i, len(v.running)*e.concurrency(), at)
	}
}

func (e *endpoint) running() (n int) {
	for _, v := range e.variants {
		n += len(v.running)
	}
	return n
}

// run brings the endpoint to the world's present and measures its queue on the way.
func (e *endpoint) run(w *World) {
	to := w.elapsed()
	if e.config.Async == nil {
		e.ran = to
		return
	}
	for e.mark < to {
		e.step(w, e.mark)
		e.minute.measure(e, e.mark, w.assumes.TrackingWakes)
		e.arrive(e.mark)
		e.mark += measureEach
	}
	e.step(w, to)
}

// step carries out arrivals, ends of services and starts of instances until the given moment, in order.
func (e *endpoint) step(w *World, to time.Duration) {
	for {
		next, what := to, 0
		if len(e.arrivals) > 0 && e.arrivals[0].At <= next {
			next, what = e.arrivals[0].At, 1
		}
		for _, v := range e.variants {
			if len(v.coming) > 0 && v.coming[0].ready <= next {
				next, what = v.coming[0].ready, 2
			}
		}
		e.station.run(next)
		e.ran = next
		switch what {
		case 0:
			return
		case 1:
			e.station.arrive(e.arrivals[0])
			e.arrivals = e.arrivals[1:]
		case 2:
			e.started(w, next)
		}
	}
}

// arrive draws the requests of the time until the next measurement.
func (e *endpoint) arrive(from time.Duration) {
	if e.spec.Rate == nil || len(e.spec.Requests) > 0 {
		return
	}
	rate := e.spec.Rate(from)
	if rate <= 0 {
		return
	}
	// Gaps are exponential, so the number is Poisson's.
	for at := from; ; {
		at += time.Duration(e.rand.ExpFloat64() / rate * float64(time.Second))
		if at >= from+measureEach || at < from {
			return
		}
		e.arrivals = append(e.arrivals, Request{At: at})
	}
}

// queueMinute is what was measured of the queue in the running minute.
type queueMinute struct {
	backlog, perInstance, age, without autoscaling.Sample
}

func (m *queueMinute) measure(e *endpoint, at time.Duration, atZero bool) {
	backlog, instances := float64(e.station.backlog()), e.running()
	m.backlog.Add(backlog)
	without := 0.0
	switch {
	case instances > 0:
		m.perInstance.Add(backlog / float64(instances))
	case backlog > 0:
		without = 1
	}
	if instances == 0 && atZero {
		m.perInstance.Add(backlog)
	}
	if backlog > 0 {
		m.age.Add(math.Floor(e.station.oldest(at).Seconds()))
	}
	m.without.Add(without)
}
