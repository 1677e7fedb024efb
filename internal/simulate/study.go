package simulate

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// Study is a trace with everything about the endpoint that serves it but its scaling.
type Study struct {
	Trace       Trace
	Concurrency int
	Instances   int           // at the beginning
	Provision   time.Duration // mean time until an instance serves, where the trace has seen none; 0 is five minutes
	TTL         time.Duration // 0 is six hours
	Price       float64       // dollars an instance-hour; 0: not known
	Objective   Objective
	Documented  bool // no endpoint has a present policy: the first is the documented one
	Assumptions sim.Assumptions
	Start       time.Time // of the trace, for scheduled actions
	Seed        uint64    // the first; a study of n seeds takes this one and those that follow it
}

// Objective is what a policy has to keep: this share of the requests is answered within the latency. One that expires is
// not.
type Objective struct {
	Latency   time.Duration
	Share     float64
	Defaulted bool // nobody has set the latency
}

// mostLate is how many of so many requests may be late.
//
// A tenth of a hundred is ten, though 1 - 0.9 is a little less than a tenth.
func (o Objective) mostLate(requests int) int { return int((1-o.Share)*float64(requests) + 1e-6) }

// Job is one replay of a study: a policy and a seed.
type Job struct {
	Scaling   sim.Scaling
	Scheduled []fleet.ScheduledAction // beside it
	Seed      uint64
	Timeline  bool // keep the minutes
	Hasty     bool // nothing is wanted of a policy that misses the objective
}

// Result is what came of one replay.
type Result struct {
	Job
	Meets                bool
	GaveUp               bool // it missed the objective and ended early; the rest is empty
	Requests             int
	Completed            int
	Expired              int
	Left                 int // waiting or in service when the trace ends; they are served then, or expire
	Late                 int // longer than the objective's latency, the expired too
	P50, P95, P99, Worst Wait
	Mean                 time.Duration
	Wakes, Starts, Peak  int
	Hours                float64 // instance-hours that are paid for
	Minutes              []sim.Minute
}

// Wait is the time from a request's arrival until its answer is there; never, where the request expires.
type Wait struct {
	Time  time.Duration
	Never bool
}

// Run replays. The requests are those of the job's seed, from Trace.Requests: they are the same for each policy.
func (s Study) Run(job Job, requests []sim.Request) (Result, error) {
	replay := sim.Replay{
		Requests: requests, Length: s.Trace.Length(), Concurrency: s.Concurrency, Work: sim.Work{TTL: s.TTL},
		Provision: s.Provision, Starts: s.Trace.Starts, Instances: s.Instances, Scaling: job.Scaling, Start: s.Start, Scheduled: job.Scheduled,
		Assumptions: s.Assumptions, Seed: job.Seed, Drain: true, Timeline: job.Timeline, Limit: s.Objective.Latency,
	}
	most := s.Objective.mostLate(len(requests))
	if job.Hasty {
		replay.MostLate = most
	}
	o, err := replay.Run()
	if err != nil {
		return Result{}, err
	}
	r := Result{Job: job, GaveUp: o.GaveUp, Requests: len(requests), Late: o.Late, Meets: !o.GaveUp && o.Late <= most}
	if o.GaveUp {
		return r, nil
	}
	quantile := func(share float64) Wait {
		wait, ok := o.Waits.Quantile(share, o.Expired)
		return Wait{wait, !ok && o.Requests > 0}
	}
	r.Completed, r.Expired, r.Left = o.Completed, o.Expired, o.Behind
	r.P50, r.P95, r.P99 = quantile(.5), quantile(.95), quantile(.99)
	r.Worst = Wait{o.Waits.Worst(), o.Expired > 0}
	r.Mean, r.Wakes, r.Starts, r.Peak, r.Minutes = o.MeanWait, o.Wakes, o.Starts, o.Peak, o.Minutes
	r.Hours = o.Paid.Hours()
	return r, nil
}

// Runner carries jobs out, in whatever order, and returns their results in that of the jobs.
type Runner func(jobs []Job) ([]Result, error)

// seeds are the jobs of one policy over so many seeds.
func (s Study) seeds(scaling sim.Scaling, from, to int) (jobs []Job) {
	for i := from; i < to; i++ {
		jobs = append(jobs, Job{Scaling: scaling, Seed: s.Seed + uint64(i)})
	}
	return jobs
}
