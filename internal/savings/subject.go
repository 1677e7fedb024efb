package savings

import (
	"fmt"
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/simulate"
)

// Subject is an endpoint with its history and how it is scaled.
type Subject struct {
	Advice    advise.Advice // its scope, history, wish and what was given
	Running   []advise.Running
	Instances int           // of its only variant now
	TTL       time.Duration // of its requests
	Present   sim.Scaling
	Notes     []string // what of the present policy no replay can follow
	Unknown   error    // why there is no present policy to replay; nil: there is
}

// Share of the requests that have to be answered within the latency, as in simulate.
const Share = .95

// seeds is how many times each alternative is replayed, each time with other moments within the minutes. A long history says as
// much by itself.
func seeds(length time.Duration) uint64 {
	if length > 7*24*time.Hour {
		return 1
	}
	return 3
}

// Row is what was found of an endpoint.
type Row struct {
	Scope        fleet.Scope
	Endpoint     string
	Latency      time.Duration
	Defaulted    bool // nobody has set Latency
	From, To     time.Time
	Usage        advise.Usage
	Price        float64 // dollars an hour for one instance; 0 is not known
	Alternatives []Alternative
	Best         *Alternative // one of them; nil: the present policy stays
	Why          string       // a sentence
	Notes        []string     // sentences
	Err          error        // why it could not be read; then nothing else is known
}

// Alternative is a policy that was replayed.
type Alternative struct {
	Name   string
	Policy sim.Scaling
	Hours  float64 // instance-hours of a month of 30 days
	Met    float64 // share of the requests that were answered within the latency
	Cold   float64 // times at which it left zero while requests waited, in a month
	Choice advise.Choice
}

// The names of the alternatives; those of the choices are theirs.
const (
	Present     = "present"
	MinimumZero = "minimum of 0"
	Target      = "target value"
	Maximum     = "maximum"
	Cooldowns   = "cooldowns"
)

// month is what costs are told for.
const month = 30 * 24 * time.Hour

// Judge replays the present policy and others, until stopped says an error, which it returns. What cannot be judged is no error:
// the row says why.
func (s Subject) Judge(stopped func() error) (Row, error) {
	h, w := s.Advice.History, s.Advice.Wish
	row := s.Unjudged(s.Unknown)
	row.From, row.To, row.Usage, row.Notes = h.From, h.To, h.Usage(s.Running), s.Notes
	if s.Unknown != nil {
		return row, nil
	}
	estimates, err := advise.Look(h, s.Advice.Given)
	if err != nil {
		return s.thin(row, estimates, err), nil
	}
	choices, err := advise.Recommend(estimates, w)
	if err != nil {
		row.Why = sentence(err)
		return row, nil
	}
	trace, err := simulate.History(h, estimates)
	if err != nil {
		row.Why = sentence(err)
		return row, nil
	}
	study := simulate.Study{
		Trace: trace, Concurrency: max(1, int(math.Round(estimates.Concurrency.Value))), Instances: s.Instances, TTL: s.TTL,
		Objective: simulate.Objective{Latency: w.Latency, Share: Share}, Seed: 1,
	}
	if row.Alternatives, err = replayed(study, alternatives(s.Present, choices), stopped); err != nil {
		return row, err
	}
	row.choose()
	return row, nil
}

// Unjudged is the row of an endpoint that cannot be judged for a reason, which may be nil.
func (s Subject) Unjudged(why error) Row {
	w := s.Advice.Wish
	row := Row{Scope: s.Advice.Scope, Endpoint: s.Advice.History.Endpoint, Latency: w.Latency, Defaulted: w.Defaulted, Price: w.Price}
	if why != nil {
		row.Why = sentence(why)
	}
	return row
}

// thin is the row of an endpoint of which too little is known to replay it. Where nothing came at all no replay is needed: an
// endpoint without requests costs nothing at a minimum of 0.
func (s Subject) thin(row Row, e advise.Estimates, err error) Row {
	row.Why = sentence(err)
	if e.Arrivals.Rate.Samples > 0 || e.Observed < 24*time.Hour || s.Present.Min == 0 && !s.Present.NoTracking || s.Present.Max == 0 {
		return row
	}
	zero := zeroed(s.Present, advise.Choice{})
	row.Alternatives = []Alternative{
		{Name: Present, Policy: s.Present, Hours: float64(s.Present.Min) * month.Hours(), Met: 1},
		{Name: MinimumZero, Policy: zero, Met: 1, Choice: choiceOf(zero)},
	}
	row.Best = &row.Alternatives[1]
	row.Why = fmt.Sprintf("No request came in %s: at a minimum of 0 it would have cost nothing.", fleet.Lapse(e.Observed))
	return row
}

// alternatives are the present policy and what may be put in its place, each once.
func alternatives(present sim.Scaling, choices []advise.Choice) []Alternative {
	list := []Alternative{{Name: Present, Policy: present}}
	add := func(name string, policy sim.Scaling) {
		for _, known := range list {
			if known.Policy == policy {
				return
			}
		}
		list = append(list, Alternative{Name: name, Policy: policy, Choice: choiceOf(policy)})
	}
	for i, choice := range choices {
		base := tracked(present, choice)
		if i == 0 {
			add(MinimumZero, zeroed(present, choice))
			most := base
			most.Max = max(choice.MaxCapacity, base.Min)
			add(Maximum, most)
			slow := base
			slow.In, slow.Out, slow.WakeCooldown = choice.ScaleInCooldown, choice.ScaleOutCooldown, choice.WakeCooldown
			add(Cooldowns, slow)
		}
		target := base
		target.TargetValue = choice.TargetValue
		add(Target, target)
		add(choice.Name, scalingOf(choice))
	}
	return list
}

// tracked is the present policy with the tracking that a policy of the configuration file always has, and what wakes.
func tracked(present sim.Scaling, choice advise.Choice) sim.Scaling {
	if present.NoTracking {
		documented := sim.DocumentedScaling()
		present.TargetValue, present.In, present.Out = documented.TargetValue, documented.In, documented.Out
		if choice.TargetValue > 0 {
			present.TargetValue = choice.TargetValue
		}
	}
	present.NoTracking, present.NoWake, present.NoScaleIn = false, false, false
	present.Max = max(present.Max, 1)
	return present
}

func zeroed(present sim.Scaling, choice advise.Choice) sim.Scaling {
	zero := tracked(present, choice)
	zero.Min = 0
	return zero
}

// scalingOf are the values of a choice for a replay.
func scalingOf(c advise.Choice) sim.Scaling {
	s := sim.DocumentedScaling()
	s.Min, s.Max, s.TargetValue = c.MinCapacity, c.MaxCapacity, c.TargetValue
	s.In, s.Out, s.WakeCooldown = c.ScaleInCooldown, c.ScaleOutCooldown, c.WakeCooldown
	return s
}

// choiceOf are the values of a replay for a policy of the configuration file.
func choiceOf(s sim.Scaling) advise.Choice {
	return advise.Choice{
		MinCapacity: s.Min, MaxCapacity: s.Max, TargetValue: s.TargetValue,
		ScaleInCooldown: s.In, ScaleOutCooldown: s.Out, WakeCooldown: s.WakeCooldown,
	}
}

// replayed are the alternatives with what came of their replays.
func replayed(study simulate.Study, list []Alternative, stopped func() error) ([]Alternative, error) {
	seeds := seeds(study.Trace.Length())
	scale := month.Hours() / study.Trace.Length().Hours() / float64(seeds)
	for seed := range seeds {
		requests := study.Trace.Requests(study.Seed + seed)
		for i := range list {
			if err := stopped(); err != nil {
				return nil, err
			}
			r, err := study.Run(simulate.Job{Scaling: list[i].Policy, Seed: study.Seed + seed}, requests)
			if err != nil {
				return nil, fmt.Errorf("replaying: %w", err)
			}
			list[i].Hours += r.Hours * scale
			list[i].Cold += float64(r.Wakes) * scale
			list[i].Met += (1 - float64(r.Late)/float64(max(r.Requests, 1))) / float64(seeds)
		}
	}
	return list, nil
}
