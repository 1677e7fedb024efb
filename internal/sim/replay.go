package sim

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Scaling says by values how the variant of a replayed endpoint is scaled.
type Scaling struct {
	Min, Max     int
	TargetValue  float64
	In, Out      time.Duration // cooldowns of tracking
	WakeCooldown time.Duration
	WakeAdds     int  // instances that a wake adds, or brings it to
	WakeExact    bool // a wake brings it to so many, instead of adding them
	WakePeriods  int  // minutes that must say that requests wait at zero
	WakeOf       int  // of so many minutes; 0: of just as many
	NoWake       bool // nothing wakes it
	NoTracking   bool // nothing follows the backlog
	NoScaleIn    bool // tracking adds instances and removes none
}

// DocumentedScaling are the documented values.
func DocumentedScaling() Scaling {
	return Scaling{
		Min: policy.MinCapacity, Max: policy.MaxCapacity, TargetValue: policy.TargetValue, In: policy.Cooldown, Out: policy.Cooldown,
		WakeCooldown: policy.Cooldown, WakeAdds: policy.WakeAdjustment, WakePeriods: policy.WakeEvaluationPeriods,
	}
}

// Replay is one endpoint with one variant that serves a trace by itself.
type Replay struct {
	Requests    []Request // sorted; none of them is changed
	Length      time.Duration
	Concurrency int
	Work        Work            // what is drawn for requests that bring no time of their own, and the time to live
	Provision   time.Duration   // as in EndpointSpec
	Starts      []time.Duration // as in EndpointSpec
	Instances   int             // at the beginning; brought into the bounds
	Scaling     Scaling
	Start       time.Time               // when the trace begins, for scheduled actions; zero: some midnight UTC
	Scheduled   []fleet.ScheduledAction // of the variant, whatever their resource is
	Assumptions Assumptions
	Seed        uint64
	Drain       bool          // go on without new requests until each has its answer or has expired
	Timeline    bool          // keep the minutes of the trace
	Limit       time.Duration // a longer wait is late; 0: none is
	MostLate    int           // it ends early once more requests are late; 0: it does not
}

// Minute is how a replay stood at the end of a minute.
type Minute struct {
	Backlog, Instances, Desired int
	Worst                       time.Duration // the longest wait that ended in it, or that still goes on
}

// Outcome is what came of a replay, with all that it took until its end. A wait is the time from a request's arrival until
// its answer is there. Requests that are left at the end count with the time that they have waited so far.
type Outcome struct {
	Requests, Completed, Expired, Left int
	Late                               int  // whose wait is longer than the limit, the expired too
	GaveUp                             bool // it ended early, and nothing but Late is worth anything
	Behind                             int  // requests waiting or in service when the trace ended

	Lasted time.Duration // the length of the trace, and the time to drain it

	Waits       Waits         // of the completed and the left
	MeanWait    time.Duration // over all, the expired too
	MeanQueued  time.Duration // until the service began, of the completed
	MeanBacklog float64       // over time, in service included, measured by itself: Little's law holds it against MeanWait
	Paid        time.Duration // instance time that is paid for
	Served      time.Duration // instance time that could serve
	Wakes       int           // times at which it left zero while requests waited
	Starts      int           // instances that were started
	Peak        int           // most instances that served
	Minutes     []Minute
}

// Run replays. The same replay has the same outcome.
func (r Replay) Run() (Outcome, error) {
	const name, instanceType = "endpoint", "ml.any"
	start := r.Start
	if start.IsZero() {
		start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	w := New(fleet.Scope{}, start, r.Seed)
	w.lean = true
	w.Assume(r.Assumptions)
	s := r.Scaling
	if err := w.AddEndpoint(EndpointSpec{
		Name: name, Config: async(name, instanceType, r.Concurrency), Instances: min(max(r.Instances, s.Min), s.Max),
		Work: r.Work, Provision: r.Provision, Starts: r.Starts, Requests: r.Requests,
	}); err != nil {
		return Outcome{}, err
	}
	if err := w.scaleBy(name, s); err != nil {
		return Outcome{}, err
	}
	for _, action := range r.Scheduled {
		action.ResourceID = fleet.ResourceID(name, allTraffic)
		if err := w.PutScheduledAction(action); err != nil {
			return Outcome{}, err
		}
	}
	e := w.endpoints[name]
	t := &tally{limit: r.Limit}
	e.station.tally = t
	var o Outcome
	for end := time.Duration(0); end < r.Length || r.Drain && e.station.backlog() > 0 && end < r.Length+e.station.ttl; {
		if end < r.Length {
			end = min(end+time.Minute, r.Length)
		} else {
			end += time.Minute
		}
		w.Advance(start.Add(end))
		o.Lasted = end
		if end == r.Length {
			o.Behind = e.station.backlog()
		}
		if r.MostLate > 0 && t.late > r.MostLate {
			return Outcome{Late: t.late, GaveUp: true}, nil
		}
		if r.Timeline && end <= r.Length {
			v := e.variants[0]
			o.Minutes = append(o.Minutes, Minute{
				Backlog: e.station.backlog(), Instances: len(v.running), Desired: v.desired, Worst: max(t.worst, e.station.oldest(end)),
			})
			t.worst = 0
		}
	}
	e.costs.from(o.Lasted, e)
	t.change(o.Lasted, 0)
	o.Completed, o.Expired, o.Left = t.finished, t.expired, e.station.backlog()
	o.Requests = o.Completed + o.Expired + o.Left
	o.MeanQueued = mean(t.queued, t.finished)
	for _, left := range e.station.waiting.waiting() {
		t.left(o.Lasted - left.At)
	}
	for _, left := range e.station.serving {
		t.left(o.Lasted - left.At)
	}
	o.Waits, o.MeanWait, o.Late = t.waits, mean(t.inside, o.Requests), t.late
	o.MeanBacklog = t.area / o.Lasted.Seconds()
	o.Paid, o.Served, o.Wakes, o.Starts, o.Peak = e.costs.paidFor, e.costs.served, e.costs.wakes, e.costs.started, e.costs.widest
	return o, nil
}

func mean(seconds float64, n int) time.Duration {
	if n == 0 {
		return 0
	}
	return time.Duration(seconds / float64(n) * float64(time.Second))
}

// scaleBy gives the only variant of an endpoint the documented objects with these values.
func (w *World) scaleBy(name string, s Scaling) error {
	return w.document(name, allTraffic, scaling{
		min: s.Min, max: s.Max, noWake: s.NoWake, noTracking: s.NoTracking,
		tracking: func(p *fleet.Policy) {
			p.Tracking.TargetValue, p.Tracking.ScaleInCooldown, p.Tracking.ScaleOutCooldown = s.TargetValue, &s.In, &s.Out
			p.Tracking.DisableScaleIn = s.NoScaleIn
		},
		step: func(p *fleet.Policy) {
			p.Step.Cooldown, p.Step.Adjustments[0].Adjustment = &s.WakeCooldown, s.WakeAdds
			if s.WakeExact {
				p.Step.AdjustmentType = policy.ExactCapacity
			}
		},
		wake: func(a *fleet.Alarm) {
			a.EvaluationPeriods, a.DatapointsToAlarm = max(s.WakePeriods, s.WakeOf), s.WakePeriods
		},
	})
}
