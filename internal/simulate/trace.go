package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sagemaker-async/exporter/internal/sim"
)

// Trace is the requests of a span of time, by the minute, and how long they take.
type Trace struct {
	Source  string // for people
	Minutes []Minute
	Drawn   bool // the minutes are means, of which each seed draws its own numbers
	Even    bool // requests come evenly within a minute instead of at random
	Service time.Duration
	Shape   Shape
	Starts  []time.Duration // provisioning times that were seen; empty: unknown
}

// Minute is what came in one minute.
type Minute struct {
	Arrivals float64
	Service  time.Duration // mean time of its requests on an instance; 0: that of the trace
}

// Shape is how the times of requests on an instance are spread around their mean.
type Shape string

// The shapes.
const (
	HalfFixed   Shape = "half-fixed"  // at least half of the mean, exponential above
	Exponential Shape = "exponential" // what the closed forms of queues take
	Constant    Shape = "constant"    // each takes the mean
)

// Shapes are all shapes, the usual one first.
func Shapes() []Shape { return []Shape{HalfFixed, Exponential, Constant} }

// MostRequests bounds a trace: each request is replayed with every policy.
const MostRequests = 20_000_000

// Length is the span of the trace.
func (t Trace) Length() time.Duration { return time.Duration(len(t.Minutes)) * time.Minute }

// Arrivals is the number of requests, or its mean.
func (t Trace) Arrivals() (n float64) {
	for _, m := range t.Minutes {
		n += m.Arrivals
	}
	return n
}

// MeanService is the mean time on an instance over all requests.
func (t Trace) MeanService() time.Duration {
	var n, seconds float64
	for _, m := range t.Minutes {
		n += m.Arrivals
		seconds += m.Arrivals * t.service(m).Seconds()
	}
	if n == 0 {
		return t.Service
	}
	return time.Duration(seconds / n * float64(time.Second))
}

// Peak is the mean number of instances that would be busy with what came in the busiest span of so many minutes.
func (t Trace) Peak(minutes, concurrency int) (busy float64) {
	load := 0.0
	at := func(i int) float64 { return t.Minutes[i].Arrivals * t.service(t.Minutes[i]).Minutes() }
	for i := range t.Minutes {
		load += at(i)
		if i >= minutes {
			load -= at(i - minutes)
		}
		busy = max(busy, load/float64(min(minutes, len(t.Minutes))))
	}
	return busy / float64(concurrency)
}

func (t Trace) service(m Minute) time.Duration {
	if m.Service > 0 {
		return m.Service
	}
	return t.Service
}

// problem is what is wrong with a trace, whoever made it.
func (t Trace) problem() error {
	switch n := t.Arrivals(); {
	case len(t.Minutes) == 0:
		return fmt.Errorf("%s has no minutes", t.Source)
	case n == 0:
		return fmt.Errorf("%s has no requests: there is nothing to simulate", t.Source)
	case n > MostRequests:
		return fmt.Errorf("%s has %.0f requests, and %d are the most that can be simulated: take fewer days", t.Source, n, MostRequests)
	}
	for i, m := range t.Minutes {
		if m.Arrivals > 0 && t.service(m) <= 0 {
			return fmt.Errorf("%s does not say how long the requests of minute %d take: give a mean by --service-time", t.Source, i)
		}
	}
	return nil
}

// Requests are the single requests of the trace. A seed moves them within their minutes and draws how long they take; it
// is the same for each policy, so that policies are compared on the same work.
func (t Trace) Requests(seed uint64) []sim.Request {
	draw := rand.New(rand.NewPCG(seed, 0x7ace))
	requests := make([]sim.Request, 0, int(t.Arrivals()*1.01)+100)
	for i, m := range t.Minutes {
		begin, n := time.Duration(i)*time.Minute, len(requests)
		requests = t.spread(requests, begin, m.Arrivals, draw)
		mean := float64(t.service(m))
		for ; n < len(requests); n++ {
			took := mean
			switch t.Shape {
			case Exponential:
				took = draw.ExpFloat64() * mean
			case HalfFixed:
				took = mean/2 + draw.ExpFloat64()*mean/2
			}
			requests[n].Took = max(time.Duration(took), 1)
		}
	}
	return requests
}

// spread adds the requests of a minute, in order. Those of a Poisson process of which the number is known lie at random:
// exponential gaps that are stretched to fill the minute are just that.
func (t Trace) spread(requests []sim.Request, begin time.Duration, arrivals float64, draw *rand.Rand) []sim.Request {
	add := func(share float64) {
		requests = append(requests, sim.Request{At: begin + time.Duration(share*float64(time.Minute))})
	}
	n := int(arrivals)
	switch {
	case arrivals <= 0:
	case t.Drawn && !t.Even:
		for at := draw.ExpFloat64() / arrivals; at < 1; at += draw.ExpFloat64() / arrivals {
			add(at)
		}
	case t.Even:
		if draw.Float64() < arrivals-float64(n) { // a mean need not be whole
			n++
		}
		for i := range n {
			add((float64(i) + .5) / float64(n))
		}
	default:
		gaps, all := make([]float64, n), draw.ExpFloat64()
		for i := range gaps {
			gaps[i] = draw.ExpFloat64()
			all += gaps[i]
		}
		at := 0.0
		for _, gap := range gaps {
			at += gap / all
			add(min(at, 1-1e-9))
		}
	}
	return requests
}
