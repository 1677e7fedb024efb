package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/picture"
	"github.com/sagemaker-async/exporter/internal/simulate"
)

// simulateOptions are the argument and the flags of simulate.
type simulateOptions struct {
	endpoint     string // empty: offline
	trace        string // a CSV file
	pattern      string
	rate         float64 // of the pattern, requests a second
	days         int     // of the pattern or of history; 0: its default
	latency      time.Duration
	percentile   float64
	service      time.Duration
	shape        string
	concurrency  int
	provision    time.Duration
	instanceType string
	even         bool
	assume       []string
	space        simulate.Space
	search       bool
	seeds        int
	seed         uint64
	picture      string
}

const (
	patternDays    = 7
	patternService = 30 * time.Second
	mostSeeds      = 100
)

// declare declares the command.
func (o *simulateOptions) declare(app *kingpin.Application, json *bool) {
	c := app.Command(commandSimulate, "Replay requests through a model of the endpoint with the present policy and with others, and compare waits and costs. With --trace or --pattern and without an endpoint it asks nobody. Exit status: 0, 1 error or nothing found by --search.")
	c.Arg("endpoint", "The endpoint whose policy is the present one, and whose history is replayed: its name, or account/region/name where a name is ambiguous. Default: the documented policy.").
		StringVar(&o.endpoint)
	c.Flag("trace", "Replay the requests of a CSV file instead of history; its columns are in docs/simulation.md.").PlaceHolder("FILE").StringVar(&o.trace)
	c.Flag("pattern", "Replay a made-up pattern instead of history: constant, daily or bursts.").PlaceHolder("NAME").EnumVar(&o.pattern, simulate.Patterns()...)
	c.Flag("rate", "Requests a second of the pattern, in the mean.").Default("0.1").Float64Var(&o.rate)
	c.Flag("days", fmt.Sprintf("Days of the pattern, default %d, or of history, %d at most and by default.", patternDays, advise.MostDays)).
		PlaceHolder("N").IntVar(&o.days)
	c.Flag("latency", "The objective: how long requests may take from arrival to answer. Default: the endpoint's objective (objectives.latency).").
		PlaceHolder("DURATION").DurationVar(&o.latency)
	c.Flag("percentile", "How many of a hundred requests have to keep the objective.").Default("95").Float64Var(&o.percentile)
	c.Flag("service-time", fmt.Sprintf("Mean time of a request on an instance, where the trace does not say it. Default: that of history; %s for a pattern.", patternService)).
		PlaceHolder("DURATION").DurationVar(&o.service)
	c.Flag("service-shape", "How these times are spread: half-fixed (half of the mean, exponential above), exponential or constant.").
		Default(string(simulate.HalfFixed)).EnumVar(&o.shape, shapes()...)
	c.Flag("concurrency", "Requests that an instance works on at the same time. Default: the endpoint's, else 1.").PlaceHolder("N").IntVar(&o.concurrency)
	c.Flag("provision-time", "Mean time until a new instance serves. Default: what the trace or history has seen, else 5m.").
		PlaceHolder("DURATION").DurationVar(&o.provision)
	c.Flag("instance-type", "Instance type, for the price. Default: the endpoint's; without a price hours alone are told.").PlaceHolder("TYPE").StringVar(&o.instanceType)
	c.Flag("even", "Requests come evenly within each minute instead of at random.").BoolVar(&o.even)
	c.Flag("assume", "Another reading of what AWS leaves open, see docs/simulation.md; repeatable: "+assumptionNames()+".").PlaceHolder("NAME").StringsVar(&o.assume)
	c.Flag("min-capacity", "Candidates: MinCapacity; repeatable, and so are the following. All combinations are compared.").PlaceHolder("N").IntsVar(&o.space.Min)
	c.Flag("max-capacity", "Candidates: MaxCapacity. With --search a single one bounds the search.").PlaceHolder("N").IntsVar(&o.space.Max)
	c.Flag("target-value", "Candidates: TargetValue.").PlaceHolder("VALUE").Float64ListVar(&o.space.TargetValues)
	c.Flag("scale-in-cooldown", "Candidates: ScaleInCooldown.").PlaceHolder("DURATION").DurationListVar(&o.space.In)
	c.Flag("scale-out-cooldown", "Candidates: ScaleOutCooldown.").PlaceHolder("DURATION").DurationListVar(&o.space.Out)
	c.Flag("wake-cooldown", "Candidates: Cooldown of the wake policy.").PlaceHolder("DURATION").DurationListVar(&o.space.WakeCooldown)
	c.Flag("search", "Search for the cheapest policy that keeps the objective, around what the requests need; flags of candidates fix their values.").BoolVar(&o.search)
	c.Flag("seeds", "How many seeds each result rests on.").Default("10").IntVar(&o.seeds)
	c.Flag("seed", "The first seed; the same seed gives the same result.").Default("1").Uint64Var(&o.seed)
	c.Flag("json", "Print JSON for tools.").BoolVar(json)
	c.Flag("picture", "Draw queue, instances and waits over time, of the present policy and the best other, into a file that ends in .svg or .png.").PlaceHolder("FILE").StringVar(&o.picture)
}

func shapes() (names []string) {
	for _, shape := range simulate.Shapes() {
		names = append(names, string(shape))
	}
	return names
}

func assumptionNames() (names string) {
	for i, one := range simulate.Assumptions() {
		if i > 0 {
			names += ", "
		}
		names += one.Name
	}
	return names
}

// problem is what is wrong with them.
func (o simulateOptions) problem() error {
	switch {
	case o.trace != "" && o.pattern != "":
		return errors.New("--trace and --pattern: give one of them")
	case o.endpoint == "" && o.trace == "" && o.pattern == "":
		return errors.New("simulate: name an endpoint to replay its history, or give --trace or --pattern, for example --pattern=daily --rate=0.5")
	case o.trace != "" && o.days != 0:
		return errors.New("--days does not go with --trace: a file has the days that it has")
	case o.days < 0 || o.pattern != "" && o.days > 90:
		return fmt.Errorf("--days: %d is not between 1 and 90: write for example 7", o.days)
	case o.history() && o.days > advise.MostDays:
		return fmt.Errorf("--days: %d is above %d: CloudWatch keeps single minutes for that long", o.days, advise.MostDays)
	case o.latency < 0 || o.service < 0 || o.provision < 0:
		return errors.New("--latency, --service-time, --provision-time: a time below zero is none: write for example 30s")
	case !(o.percentile > 0 && o.percentile < 100):
		return fmt.Errorf("--percentile: %v is not between 0 and 100: write for example 95", o.percentile)
	case o.concurrency < 0 || o.concurrency > 1000:
		return fmt.Errorf("--concurrency: %d is not between 1 and 1000: write for example 4", o.concurrency)
	case o.seeds < 1 || o.seeds > mostSeeds:
		return fmt.Errorf("--seeds: %d is not between 1 and %d: write for example 10", o.seeds, mostSeeds)
	}
	if _, err := simulate.Assume(o.assume); err != nil {
		return fmt.Errorf("--assume: %w", err)
	}
	if o.picture != "" {
		if _, err := picture.Form(o.picture); err != nil {
			return fmt.Errorf("--picture: %w", err)
		}
	}
	return spaceProblem(o.space)
}

// spaceProblem is what AWS, or sense, refuses of the values of candidates.
func spaceProblem(s simulate.Space) error {
	for _, n := range s.Min {
		if n < 0 || n > 1000 {
			return fmt.Errorf("--min-capacity: %d is not between 0 and 1000", n)
		}
	}
	for _, n := range s.Max {
		if n < 1 || n > 1000 {
			return fmt.Errorf("--max-capacity: %d is not between 1 and 1000", n)
		}
	}
	for _, v := range s.TargetValues {
		if !(v > 0 && v < 1e6) {
			return fmt.Errorf("--target-value: %v is not a number of requests above 0", v)
		}
	}
	for flag, list := range map[string][]time.Duration{
		"--scale-in-cooldown": s.In, "--scale-out-cooldown": s.Out, "--wake-cooldown": s.WakeCooldown,
	} {
		for _, d := range list {
			if d < 0 || d > 24*time.Hour || d%time.Second != 0 {
				return fmt.Errorf("%s: %s is not a number of whole seconds up to a day", flag, d)
			}
		}
	}
	return nil
}

// history tells whether the endpoint's own history is replayed.
func (o simulateOptions) history() bool { return o.trace == "" && o.pattern == "" }
