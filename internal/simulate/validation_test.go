package simulate

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/sim"
)

var update = flag.Bool("update", false, "write docs/simulation.md")

// page is what this file writes figures into.
const page = "../../docs/simulation.md"

// write puts a table between its marks on the page, or holds the page against it.
func write(t *testing.T, name, table string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	begins, ends := "<!-- "+name+": written by make generate. -->\n", "<!-- End of "+strings.ToLower(name[:1])+name[1:]+". -->\n"
	before, rest, begun := strings.Cut(string(text), begins)
	_, after, ended := strings.Cut(rest, ends)
	if !begun || !ended {
		t.Fatalf("%s has no place for %q", page, name)
	}
	want := before + begins + table + ends + after
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Errorf("%s of %s is not what is computed: run make generate", name, page)
	}
}

// erlang is the mean wait in the queue of M/M/k, in mean service times, by Erlang's formula: a is the load in servers.
func erlang(k int, a float64) float64 {
	b := 1.0 // Erlang B, by its recursion
	for i := 1; i <= k; i++ {
		b = a * b / (float64(i) + a*b)
	}
	rho := a / float64(k)
	c := b / (1 - rho*(1-b))
	return c / (float64(k) - a)
}

// pollaczek is the mean wait of one server with any times, in mean service times, by the formula of Pollaczek and
// Khinchine: squares is the variance of the times in squares of their mean.
func pollaczek(rho, squares float64) float64 { return rho / (1 - rho) * (1 + squares) / 2 }

// notShort leaves out what make check-generated runs, where it is fast: it writes a figure of the documentation, and the race
// detector has nothing to see in it.
func notShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("make check-generated and make test-long run it")
	}
}

// TestClosedForms: with a fixed number of instances the model is a queue of which the mean wait is known.
func TestClosedForms(t *testing.T) {
	notShort(t)
	const days, seeds = 5, 5
	var table strings.Builder
	table.WriteString("| instances x concurrency | service times | load | requests | mean wait in the queue, in service times: closed form | simulated | difference |\n" +
		"|---|---|---|---|---|---|---|\n")
	for _, tt := range []struct {
		instances, concurrency int
		rho                    float64
		shape                  Shape
		squares                float64 // variance in squares of the mean
		requests               float64 // at high load a queue forgets slowly, and takes more of them
	}{
		{1, 1, .5, Exponential, 1, 3e5},
		{1, 1, .8, Exponential, 1, 2e6},
		{1, 4, .8, Exponential, 1, 2e6},
		{2, 2, .8, Exponential, 1, 2e6},
		{3, 1, .9, Exponential, 1, 3e6},
		{5, 4, .9, Exponential, 1, 3e6},
		{1, 1, .8, HalfFixed, .25, 2e6},
		{1, 1, .8, Constant, 0, 2e6},
	} {
		k := tt.instances * tt.concurrency
		a := tt.rho * float64(k)
		want := pollaczek(tt.rho, tt.squares)
		if tt.shape == Exponential {
			want = erlang(k, a)
		}
		perSecond := tt.requests / seeds / (days * 24 * 3600)
		service := time.Duration(a / perSecond * float64(time.Second))
		trace, err := Pattern("constant", perSecond, days, service)
		if err != nil {
			t.Fatal(err)
		}
		trace.Shape = tt.shape
		scaling := sim.DocumentedScaling()
		scaling.Min, scaling.Max = tt.instances, tt.instances
		requests, queued := 0, 0.0
		for seed := range uint64(seeds) {
			o, err := sim.Replay{
				Requests: trace.Requests(seed), Length: trace.Length(), Concurrency: tt.concurrency, Scaling: scaling,
			}.Run()
			if err != nil {
				t.Fatal(err)
			}
			requests += o.Completed
			queued += o.MeanQueued.Seconds() * float64(o.Completed)
		}
		got := queued / float64(requests) / service.Seconds()
		off := got/want - 1
		if math.Abs(off) > .05 {
			t.Errorf("%d x %d at %.0f %%, %s: %.3f, want %.3f", tt.instances, tt.concurrency, tt.rho*100, tt.shape, got, want)
		}
		fmt.Fprintf(&table, "| %d x %d | %s | %.0f %% | %d | %.3f | %.3f | %+.1f %% |\n", tt.instances, tt.concurrency, tt.shape, tt.rho*100,
			requests, want, got, off*100)
	}
	write(t, "Closed forms", table.String())
}

// TestTimingFacts: what AWS's alarms and metrics make of one request to an endpoint that sleeps. The request comes at
// every second of two minutes.
func TestTimingFacts(t *testing.T) {
	const service = 30 * time.Second
	scaling := sim.DocumentedScaling()
	scaling.TargetValue = .5 // one request is above nine tenths of it: idle begins when it ends
	var wakes, sleeps []time.Duration
	for second := range 120 {
		at := 30*time.Minute + time.Duration(second)*time.Second
		provision := 4*time.Minute + time.Duration(second/2)*time.Second
		o, err := sim.Replay{
			Requests: []sim.Request{{At: at, Took: service}}, Length: 2 * time.Hour, Concurrency: 1, Scaling: scaling,
			Starts: []time.Duration{provision}, Seed: uint64(second), Timeline: true,
		}.Run()
		if err != nil {
			t.Fatal(err)
		}
		if o.Completed != 1 || o.Wakes != 1 {
			t.Fatalf("second %d: %d completed, %d wakes", second, o.Completed, o.Wakes)
		}
		ended := at + o.Waits.Worst()
		wakes = append(wakes, o.Waits.Worst()-provision-service)
		for minute, m := range o.Minutes {
			if now := time.Duration(minute+1) * time.Minute; now > ended && m.Desired == 0 {
				sleeps = append(sleeps, now-ended)
				break
			}
		}
	}
	least := func(list []time.Duration) (shortest, longest time.Duration) {
		shortest = list[0]
		for _, d := range list {
			shortest, longest = min(shortest, d), max(longest, d)
		}
		return shortest, longest
	}
	wakeLeast, wakeMost := least(wakes)
	sleepLeast, sleepMost := least(sleeps)
	// The minute in which the request comes is only partly without capacity and does not count, unless it has just begun.
	if wakeLeast < 3*time.Minute || wakeMost > 3*time.Minute+3*time.Minute+time.Minute {
		t.Errorf("the wake took %s to %s beside provisioning and service", wakeLeast, wakeMost)
	}
	if len(sleeps) != 120 || sleepLeast < 16*time.Minute || sleepMost > 15*time.Minute+3*time.Minute+2*time.Minute {
		t.Errorf("of %d it took %s to %s from idle to zero", len(sleeps), sleepLeast, sleepMost)
	}
	write(t, "Timing facts", fmt.Sprintf("| what | AWS's facts | simulated, over every second of two minutes |\n|---|---|---|\n"+
		"| first request at zero, until the first instance is asked for | 2 x 60 s of the alarm, 1 to 3 minutes of lag, and the rest of the minute in which it comes | %s to %s |\n"+
		"| last answer, until no instance is desired | 15 x 60 s of the low alarm, 1 to 3 minutes of lag, and the rest of the minute | %s to %s |\n",
		short(wakeLeast), short(wakeMost), short(sleepLeast), short(sleepMost)))
}

// TestLittlesLaw holds each policy on each pattern against L = lambda W; the model's own test does so for any policy.
func TestLittlesLaw(t *testing.T) {
	notShort(t)
	runs, requests, worst := 0, 0, 0.0
	for _, pattern := range Patterns() {
		trace, err := Pattern(pattern, .1, 2, 30*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		study := Study{Trace: trace, Concurrency: 2, Objective: Objective{Latency: 10 * time.Minute, Share: .95}}
		candidates := study.Around(sim.DocumentedScaling(), Space{}).Candidates(sim.DocumentedScaling())
		for i := 0; i < len(candidates); i += 9 {
			o, err := sim.Replay{
				Requests: trace.Requests(uint64(i)), Length: trace.Length(), Concurrency: study.Concurrency, Scaling: candidates[i], Seed: uint64(i),
			}.Run()
			if err != nil {
				t.Fatal(err)
			}
			want := float64(o.Requests) / trace.Length().Seconds() * o.MeanWait.Seconds()
			worst = max(worst, math.Abs(o.MeanBacklog-want)/want)
			runs, requests = runs+1, requests+o.Requests
		}
	}
	if runs < 30 || worst > 1e-6 {
		t.Errorf("the mean backlog of %d runs is off by up to %g", runs, worst)
	}
	write(t, "Little's law", fmt.Sprintf("In %d replays of %d requests, with the three patterns and policies of a search, the two sides never differed by more than a millionth.\n", runs, requests))
}

// TestAssumptionsPage writes what can be switched.
func TestAssumptionsPage(t *testing.T) {
	var table strings.Builder
	table.WriteString("| assumed | `--assume` | then |\n|---|---|---|\n")
	for _, one := range Assumptions() {
		fmt.Fprintf(&table, "| %s | `%s` | %s |\n", one.Else, one.Name, one.Means)
	}
	write(t, "Assumptions", table.String())
}
