package savings

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/simulate"
)

var update = flag.Bool("update", false, "write docs/advice.md")

// truth is an endpoint of which everything is known.
type truth struct {
	name, load  string
	concurrency int
	service     time.Duration
	latency     time.Duration
	max         int                 // of the policy under which its history came to be
	rate        func(m int) float64 // requests a minute, by the minute
	slow        func(m int) bool    // minutes whose requests take eight times as long; nil: none
	later       float64             // how many times as much comes in the fresh traffic; 0: as much
}

const trueDays = 2

func wave(m int) float64 { return 1 - math.Cos(2*math.Pi*float64(m%1440)/1440) }

var truths = []truth{
	{name: "steady", load: "12 requests a minute", concurrency: 2, service: 20 * time.Second, latency: 10 * time.Minute, max: 5, rate: func(int) float64 { return 12 }},
	{name: "diurnal", load: "a wave over the day, nothing at night", concurrency: 2, service: 20 * time.Second, latency: 20 * time.Minute, max: 8, rate: func(m int) float64 { return 9 * wave(m) }},
	{name: "office", load: "from 8 to 18 o'clock", concurrency: 1, service: 30 * time.Second, latency: 20 * time.Minute, max: 8, rate: func(m int) float64 {
		if h := m % 1440 / 60; h >= 8 && h < 18 {
			return 5
		}
		return 0
	}},
	{name: "bursty", load: "ten minutes of each two hours", concurrency: 2, service: 30 * time.Second, latency: 30 * time.Minute, max: 6, rate: func(m int) float64 {
		if m%120 < 10 {
			return 20
		}
		return 0
	}},
	{name: "batch", load: "400 requests at once, each night", concurrency: 2, service: 60 * time.Second, latency: 4 * time.Hour, max: 5, rate: func(m int) float64 {
		if m%1440 >= 120 && m%1440 < 124 {
			return 100
		}
		return 0
	}},
	{name: "trickle", load: "a request in 20 minutes", concurrency: 1, service: 60 * time.Second, latency: 30 * time.Minute, max: 2, rate: func(int) float64 { return .05 }},
	{
		name: "long tails", load: "requests of some minutes take eight times as long", concurrency: 2, service: 15 * time.Second, latency: 15 * time.Minute, max: 6,
		rate: func(int) float64 { return 6 }, slow: func(m int) bool { return m%17 == 0 },
	},
	{name: "long requests", load: "each takes eight minutes", concurrency: 1, service: 8 * time.Minute, latency: time.Hour, max: 8, rate: func(int) float64 { return .3 }},
	{name: "irregular", load: "bursts at any time", concurrency: 2, service: 20 * time.Second, latency: 25 * time.Minute, max: 6, rate: func(m int) float64 {
		if h := m / 15 * 2654435761 % 97; h < 9 {
			return 15
		}
		return 0
	}},
	{
		name: "growing", load: "steady, and half as much again afterwards", concurrency: 2, service: 20 * time.Second, latency: 10 * time.Minute, max: 5,
		rate: func(int) float64 { return 12 }, later: 1.5,
	},
}

// trace is the traffic of the truth.
func (x truth) trace(times float64) simulate.Trace {
	t := simulate.Trace{Drawn: true, Service: x.service, Shape: simulate.HalfFixed, Minutes: make([]simulate.Minute, trueDays*1440)}
	for m := range t.Minutes {
		t.Minutes[m].Arrivals = x.rate(m) * times
		if x.slow != nil && x.slow(m) {
			t.Minutes[m].Service = 8 * x.service
		}
	}
	return t
}

// observed is the truth as its history shows it, under a minimum of 1 and the documented values.
func (x truth) observed(t *testing.T) Subject {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w := sim.New(fleet.Scope{AccountID: "1", Region: "r"}, began, 3)
	check(w.AddEndpoint(sim.EndpointSpec{
		Name: "e", Instances: 1, Requests: x.trace(1).Requests(1),
		Config: fleet.EndpointConfig{
			Name: "c", Variants: []fleet.VariantConfig{{Name: "v", InstanceType: "ml.g5.xlarge"}},
			Async: &fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: &x.concurrency},
		},
	}))
	present := sim.DocumentedScaling()
	present.Min, present.Max = 1, x.max
	_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: fleet.ResourceID("e", "v"), Min: &present.Min, Max: &present.Max})
	check(err)
	_, err = w.PutScalingPolicy(policy.Tracking("e", "v"))
	check(err)
	w.Advance(began.Add(trueDays * 24 * time.Hour))
	h := advise.History{Endpoint: "e", Variants: []string{"v"}, Concurrency: x.concurrency}
	h.From, h.To = advise.Span(w.Now(), began, trueDays)
	h.Activities = h.Own(w.ScalingActivities())
	var series []fleet.Series
	for _, q := range advise.Queries("e", h.Variants) {
		series = append(series, fleet.Series{Points: w.Datapoints(q.Metric, q.Statistic, q.Period, h.From, h.To), Complete: true})
	}
	h, err = h.Learn(series, func(m fleet.Metric, _ time.Time) (time.Duration, error) {
		unit, _ := fleet.UnitOfTime(w.Unit(m))
		return unit, nil
	})
	check(err)
	return Subject{
		Advice: advise.Advice{History: h, Wish: advise.Wish{Latency: x.latency, Variants: 1, Price: 1}}, Present: present, Instances: 1,
		Running: []advise.Running{{Variant: "v", Now: 1, Price: 1}},
	}
}

// cheapest searches a grid for the policy that keeps the objective in just this traffic with the fewest hours; false where none does.
func cheapest(t *testing.T, s simulate.Study, requests []sim.Request) (hours float64, found bool) {
	t.Helper()
	c := float64(s.Concurrency)
	space := simulate.Space{Min: []int{0, 1, 2}, Max: []int{1, 2, 3, 4, 6, 8, 12}, TargetValues: []float64{c, 3 * c, 10 * c, 40 * c}}
	for _, scaling := range space.Candidates(sim.DocumentedScaling()) {
		r, err := s.Run(simulate.Job{Scaling: scaling, Seed: s.Seed, Hasty: true}, requests)
		if err != nil {
			t.Fatal(err)
		}
		if r.Meets && (!found || r.Hours < hours) {
			hours, found = r.Hours, true
		}
	}
	return hours, found
}

// TestPage_saysHowGoodTheAdviceIs holds docs/advice.md against what is computed: for each truth a history is observed, advice is
// taken from it, and tried on fresh traffic, beside the cheapest policy for just that traffic.
func TestPage_saysHowGoodTheAdviceIs(t *testing.T) {
	if testing.Short() {
		t.Skip("make check-generated and make test-long run it")
	}
	var table strings.Builder
	table.WriteString("| endpoint | load | answered in time now | fleet | latency-first | cost-first | cheapest, instance-hours |\n|---|---|---|---|---|---|---|\n")
	met := map[string]int{}
	for _, x := range truths {
		s := x.observed(t)
		row := judged(t, s)
		fresh := x.trace(cmp.Or(x.later, 1))
		study := simulate.Study{Trace: fresh, Concurrency: x.concurrency, Instances: 1, Objective: simulate.Objective{Latency: x.latency, Share: Share}, Seed: 77}
		requests := fresh.Requests(study.Seed)
		best, found := cheapest(t, study, requests)
		tried := func(name string, scaling sim.Scaling) string {
			r, err := study.Run(simulate.Job{Scaling: scaling, Seed: study.Seed}, requests)
			if err != nil {
				t.Fatal(err)
			}
			share := 1 - float64(r.Late)/float64(r.Requests)
			if share >= Share {
				met[name]++
			}
			if !found {
				return fmt.Sprintf("%s, %.0f h", percent(share), r.Hours)
			}
			return fmt.Sprintf("%s, x%.2f", percent(share), r.Hours/best)
		}
		cells := []string{x.name, x.load, tried("now", s.Present)}
		chosen := s.Present
		if row.Best != nil {
			chosen = row.Best.Policy
		}
		cells = append(cells, tried("fleet", chosen))
		for _, name := range advise.Choices() {
			said := "refused"
			for _, a := range row.Alternatives {
				if a.Name == name {
					said = tried(name, a.Policy)
				}
			}
			cells = append(cells, said)
		}
		cells = append(cells, map[bool]string{true: fmt.Sprintf("%.1f", best), false: "none keeps it"}[found])
		table.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	fmt.Fprintf(&table, "| **keep the objective** | of %d | %d | %d | %d | %d | |\n", len(truths), met["now"], met["fleet"], met[advise.Choices()[0]], met[advise.Choices()[1]])
	hold(t, table.String())
}

// hold puts the table between its marks on the page, or holds the page against it.
func hold(t *testing.T, table string) {
	t.Helper()
	const page, begins, ends = "../../docs/advice.md", "<!-- Ratios: written by make generate. -->\n", "<!-- End of ratios. -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), begins)
	_, after, ended := strings.Cut(rest, ends)
	if !begun || !ended {
		t.Fatalf("%s has no place for the ratios", page)
	}
	want := before + begins + table + ends + after
	switch {
	case *update:
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	case want != string(text):
		t.Errorf("the ratios of %s are not what is computed: run make generate", page)
	}
}
