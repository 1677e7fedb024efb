package advise

import (
	"fmt"
	"math"
	"time"
)

// Estimate is a number that was found in history, with what it rests on.
type Estimate struct {
	Value   float64 // seconds, requests or requests a second, as its owner says
	Error   float64 // the standard error of the value; 0 where it was given or is a count
	Spread  float64 // the standard deviation between the single samples
	Samples int     // 0 where the value was given and not found
	How     string  // how it was made, for people
}

// Estimates are what a history says of an endpoint.
type Estimates struct {
	Service      Estimate // seconds that a request is worked on
	Concurrency  Estimate // requests that an instance works on at the same time
	Throughput   Estimate // requests a second that a busy instance ends
	Arrivals     Arrivals
	Provisioning Durations // of successful scale-outs
	Wakes        Durations // from the first minute with a queue at zero instances to the first instance
	Idle         time.Duration
	Observed     time.Duration // from the first minute of which something is known to the last
}

// The least that an estimate may rest on.
const (
	leastRequests = 30 // ends of requests, for the service time
	leastMinutes  = 10 // minutes in which they ended
	leastBusy     = 30 // busy minutes, for the concurrency
)

// ThinError says that a history holds too little to say something of.
type ThinError struct{ What, Rule, Flag string }

func (e *ThinError) Error() string {
	return fmt.Sprintf("history is too thin to tell the %s: %s; measure it on one instance and give it by %s", e.What, e.Rule, e.Flag)
}

// Given is what somebody has measured, as AWS asks, by a benchmark of one instance. Zero is not measured.
type Given struct {
	Service     time.Duration
	Concurrency int
}

// Look estimates what it can. It fails with a ThinError where the service time or the concurrency cannot be told and were
// not given.
func Look(h History, given Given) (Estimates, error) {
	e := Estimates{Arrivals: h.arrivals(), Provisioning: h.provisioning(), Wakes: h.wakes(), Idle: h.idle()}
	if len(h.Minutes) > 0 {
		e.Observed = h.To.Sub(h.Minutes[0].At)
	}
	var err error
	if e.Service, err = h.service(given.Service); err != nil {
		return e, err
	}
	busy := h.busy(time.Duration(e.Service.Value * float64(time.Second)))
	if e.Concurrency, err = h.concurrency(given.Concurrency, busy, e.Service); err != nil {
		return e, err
	}
	e.Throughput = busy.throughput(e.Service)
	if busy.minutes < leastBusy {
		e.Throughput = Estimate{Value: e.Concurrency.Value / e.Service.Value, How: "concurrency / service time"}
	}
	return e, nil
}

// service is the mean time that a request is worked on: what it took in all without its time in the queue. The ends of a
// minute are timed by both metrics; of a minute in which they differ one is not yet there.
func (h History) service(given time.Duration) (Estimate, error) {
	if given > 0 {
		return Estimate{Value: given.Seconds(), How: "given by --service-time"}, nil
	}
	type sample struct {
		mean  float64
		count int
	}
	var samples []sample
	requests, sum := 0, 0.0
	for _, m := range h.Minutes {
		if m.Total.Count == 0 || m.Total.Count != m.Waited.Count {
			continue
		}
		took := (m.Total.Sum - m.Waited.Sum).Seconds()
		samples = append(samples, sample{took / float64(m.Total.Count), m.Total.Count})
		requests, sum = requests+m.Total.Count, sum+took
	}
	thin := func(rule string) error { return &ThinError{"service time", rule, "--service-time"} }
	switch {
	case requests < leastRequests:
		return Estimate{}, thin(fmt.Sprintf("%d requests ended, and %d are needed", requests, leastRequests))
	case len(samples) < leastMinutes:
		return Estimate{}, thin(fmt.Sprintf("requests ended in %d minutes, and %d are needed", len(samples), leastMinutes))
	case sum <= 0:
		return Estimate{}, thin("CloudWatch says that requests took no longer than they waited, so one of its units is wrong")
	}
	mean, squares := sum/float64(requests), 0.0
	for _, s := range samples {
		squares += float64(s.count) * (s.mean - mean) * (s.mean - mean)
	}
	spread := math.Sqrt(squares / float64(len(samples)-1)) // a mean of k requests varies by a k-th of what one does
	return Estimate{
		Value: mean, Spread: spread, Error: spread / math.Sqrt(float64(requests)), Samples: requests,
		How: fmt.Sprintf("TotalProcessingTime without TimeInBacklog, over the %d requests that ended in %d minutes", requests, len(samples)),
	}, nil
}
