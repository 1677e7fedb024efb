package simulate

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/sim"
)

// studied is a small study of bursts, with a present policy that is too small.
func studied(t *testing.T) (Study, sim.Scaling) {
	t.Helper()
	trace, err := Pattern("bursts", .05, 2, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	present := sim.DocumentedScaling()
	present.Max = 2
	return Study{Trace: trace, Concurrency: 4, Price: 1.5, Seed: 1, Objective: Objective{Latency: 15 * time.Minute, Share: .95}}, present
}

// serial carries out one job after the other.
func serial(s Study) Runner {
	return func(jobs []Job) ([]Result, error) {
		var results []Result
		for _, job := range jobs {
			r, err := s.Run(job, s.Trace.Requests(job.Seed))
			if err != nil {
				return nil, err
			}
			results = append(results, r)
		}
		return results, nil
	}
}

func TestSearch_findsWhatTryingEverythingFinds(t *testing.T) {
	s, present := studied(t)
	space := Space{Min: []int{0, 1}, Max: []int{2, 4, 8}, TargetValues: []float64{4, 20, 60}}
	candidates := space.Candidates(present)
	const seeds = 4
	found, err := s.Search(present, candidates, seeds, serial(s))
	if err != nil {
		t.Fatal(err)
	}
	best := found.Best()
	if best == nil || best.Met != seeds || best.Seeds != seeds || found.None {
		t.Fatalf("found %+v", found)
	}
	// By brute force: all candidates with all seeds, the cheapest with the first seed of those that never miss.
	var want *sim.Scaling
	cheapest := math.Inf(1)
	for _, c := range candidates {
		results, err := serial(s)(s.seeds(c, 0, seeds))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(results, func(r Result) bool { return !r.Meets }) && results[0].Hours < cheapest {
			cheapest, want = results[0].Hours, &c
		}
	}
	if want == nil || best.Scaling != *want {
		t.Errorf("found %+v, want %+v", best.Scaling, want)
	}
	if !found.Summaries[0].Present || found.Summaries[0].Scaling != present || found.Summaries[0].Met != 0 {
		t.Errorf("the present policy: %+v", found.Summaries[0])
	}
}

func TestSearch_presentPolicyMayBeTheBest(t *testing.T) {
	s, present := studied(t)
	s.Objective.Latency = 24 * time.Hour
	found, err := s.Search(present, Space{Max: []int{8}, Min: []int{1}}.Candidates(present), 3, serial(s))
	if err != nil || found.Best() == nil || !found.Best().Present || found.None {
		t.Errorf("%+v %v", found, err)
	}
	var out bytes.Buffer
	if err := found.Text(&out, s); err != nil || !strings.Contains(out.String(), "The present policy is the cheapest of 2 candidates: it keeps the objective in 3 of 3 seeds (so in at least 36 % of all") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// The cheapest is lucky with the first seed, and the second one with three: neither is the proposal.
func TestSearch_luckIsNotEnough(t *testing.T) {
	s, present := studied(t)
	candidate := func(most int) sim.Scaling {
		c := present
		c.Max = most
		return c
	}
	misses := map[int]uint64{3: 2, 4: 5} // the seed from which on
	run := func(jobs []Job) (results []Result, _ error) {
		for _, job := range jobs {
			from, luck := misses[job.Scaling.Max]
			meets := job.Scaling != present && (!luck || job.Seed < from)
			results = append(results, Result{Job: job, Meets: meets, GaveUp: job.Hasty && !meets, Hours: float64(job.Scaling.Max)})
		}
		return results, nil
	}
	found, err := s.Search(present, []sim.Scaling{candidate(6), candidate(4), candidate(3), candidate(5)}, 10, run)
	if err != nil || found.Best() == nil || found.Best().Scaling.Max != 5 || found.Best().Met != 10 {
		t.Fatalf("%+v %v", found, err)
	}
	var tried []int
	for _, one := range found.Summaries {
		tried = append(tried, one.Scaling.Max, one.Met, one.Seeds)
	}
	// The present one in all seeds; the lucky ones in as many as it took to see it; 6 not at all.
	if want := []int{2, 0, 10, 3, 1, 4, 4, 4, 7, 5, 10, 10}; !slices.Equal(tried, want) {
		t.Errorf("tried %v, want %v", tried, want)
	}
	if want := 5 + 9 + 3 + 6 + 9; found.Replays != want {
		t.Errorf("%d replays, want %d", found.Replays, want)
	}
}

func TestObjective_letsSoManyBeLate(t *testing.T) {
	for _, tt := range []struct {
		share          float64
		requests, want int
	}{{.9, 100, 10}, {.95, 200, 10}, {.95, 19, 0}, {.99, 1000, 10}, {.999, 1000, 1}, {.7, 10, 3}} {
		if got := (Objective{Share: tt.share}).mostLate(tt.requests); got != tt.want {
			t.Errorf("%v of %d: %d may be late, want %d", tt.share, tt.requests, got, tt.want)
		}
	}
}

func TestSearch_saysWhenThereIsNone(t *testing.T) {
	s, present := studied(t)
	s.Objective.Latency = 20 * time.Second
	found, err := s.Search(present, Space{Max: []int{1, 8}}.Candidates(present), 2, serial(s))
	if err != nil || !found.None || found.Best() != nil {
		t.Errorf("%+v %v", found, err)
	}
	var out bytes.Buffer
	if err := found.Text(&out, s); err != nil || !strings.Contains(out.String(), "None of 2 candidates keeps the objective in every seed") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestSearch_tooManyCandidates(t *testing.T) {
	s, present := studied(t)
	if _, err := s.Search(present, make([]sim.Scaling, MostCandidates+1), 1, nil); err == nil || err.Error() != "501 candidates are more than 500: give fewer values" {
		t.Errorf("got %v", err)
	}
	if _, err := s.Compare(present, make([]sim.Scaling, MostCandidates+1), 1, nil); err == nil {
		t.Error("compared them")
	}
}

// A candidate that is given up tells the same as one that is not: whether the objective is kept.
func TestRun_hastyJobsTellTheSame(t *testing.T) {
	s, present := studied(t)
	gaveUp := 0
	for i, c := range s.Around(present, Space{In: []time.Duration{5 * time.Minute}, Out: []time.Duration{5 * time.Minute}}).Candidates(present) {
		if testing.Short() && i%4 != 0 { // make test-long tries all
			continue
		}
		requests := s.Trace.Requests(1)
		slow, err := s.Run(Job{Scaling: c, Seed: 1}, requests)
		if err != nil {
			t.Fatal(err)
		}
		hasty, err := s.Run(Job{Scaling: c, Seed: 1, Hasty: true}, requests)
		if err != nil {
			t.Fatal(err)
		}
		if slow.Meets != hasty.Meets || hasty.GaveUp == hasty.Meets && hasty.GaveUp || !hasty.GaveUp && slow.Hours != hasty.Hours {
			t.Errorf("%+v: %t and %t", c, slow.Meets, hasty.Meets)
		}
		if hasty.GaveUp {
			gaveUp++
		}
	}
	if gaveUp == 0 {
		t.Error("none was given up")
	}
}

func TestAround_isAboutTwoHundredCandidates(t *testing.T) {
	s, present := studied(t)
	for _, name := range Patterns() {
		s.Trace, _ = Pattern(name, 1, 2, 20*time.Second)
		n := len(s.Around(present, Space{}).Candidates(present))
		if n < 80 || n > 300 {
			t.Errorf("%s: %d candidates", name, n)
		}
	}
	fixed := s.Around(present, Space{Max: []int{3, 30}, TargetValues: []float64{7}})
	for _, c := range fixed.Candidates(present) {
		if c.Max != 3 && c.Max != 30 || c.TargetValue != 7 {
			t.Errorf("a fixed value is varied: %+v", c)
		}
	}
}

// One maximum is what the account allows: nothing above it is proposed, and what needs fewer instances is.
func TestAround_isBoundedByOneMaximum(t *testing.T) {
	s, present := studied(t)
	s.Trace, _ = Pattern("bursts", 1, 2, 20*time.Second)
	below, at := false, false
	free := s.Around(present, Space{}).Max
	bound := free[len(free)-1] - 1
	for _, c := range s.Around(present, Space{Max: []int{bound}}).Candidates(present) {
		below, at = below || c.Max < bound, at || c.Max == bound
		if c.Max > bound {
			t.Errorf("%d is above %d", c.Max, bound)
		}
	}
	if !below || !at {
		t.Errorf("below %t, at the bound %t: of %v", below, at, free)
	}
}

func TestCandidates_areAllThatMakeSense(t *testing.T) {
	present := sim.DocumentedScaling()
	got := Space{Min: []int{0, 3}, Max: []int{2, 5}, In: []time.Duration{time.Minute, 5 * time.Minute}}.Candidates(present)
	if len(got) != 5 { // of eight one is the present policy, and two have a maximum below the minimum
		t.Errorf("%d candidates: %+v", len(got), got)
	}
	if got := (Space{}).Candidates(present); len(got) != 0 {
		t.Errorf("without values there are %+v", got)
	}
	present.NoTracking, present.NoWake = true, true
	got = Space{Min: []int{0}, TargetValues: []float64{4}}.Candidates(present)
	if len(got) != 1 || got[0].NoTracking || got[0].NoWake {
		t.Errorf("nothing scales the candidates: %+v", got)
	}
}

func TestAtLeast_isTheLowerBoundOfTheShare(t *testing.T) {
	for _, tt := range []struct {
		met, seeds int
		want       float64
	}{{10, 10, .7411}, {5, 5, .5493}, {0, 10, 0}, {9, 10, .6058}, {1, 1, .05}, {100, 100, .9705}} {
		if got := (Summary{Met: tt.met, Seeds: tt.seeds}).AtLeast(); math.Abs(got-tt.want) > .0005 {
			t.Errorf("%d of %d: %.4f, want %.4f", tt.met, tt.seeds, got, tt.want)
		}
	}
}

func TestCompare_printsATableAndJSON(t *testing.T) {
	s, present := studied(t)
	s.Trace.Drawn, s.Trace.Shape = false, Constant // for figures that one can check
	found, err := s.Compare(present, Space{Max: []int{8}}.Candidates(present), 2, serial(s))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := found.Text(&text, s); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text.String(), "\n")
	for i, want := range []string{
		"the pattern bursts of 0.05 requests a second over 2 day(s): 8640 requests, 20s each on an instance, 4 at a time",
		"objective: 95 % of the requests answered within 15m, tried with 2 seed(s)", "",
		"         min  max  target  in  out  wake  p50", "present  0    2    5       5m  5m   5m", "         0    8    5       5m  5m   5m",
	} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d: %s", i, lines[i])
		}
	}
	var out bytes.Buffer
	if err := found.JSON(&out, s); err != nil {
		t.Fatal(err)
	}
	var document foundJSON
	decoder := json.NewDecoder(&out)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		t.Fatal(err)
	}
	first := document.Policies[0]
	if first.Role != "present" || first.Values.MaxCapacity != 2 || *first.Dollars.Median != *first.InstanceHours.Median*1.5 ||
		*first.WaitSeconds["p50"].Median <= 0 || *first.ColdStarts.Median != 12 || document.Searched || document.Trace.Requests != 8640 {
		t.Errorf("%+v", document)
	}
}

func TestJSON_neverIsNull(t *testing.T) {
	s, present := studied(t)
	present.NoWake, present.NoTracking = true, true
	found, err := s.Compare(present, nil, 1, serial(s))
	if err != nil {
		t.Fatal(err)
	}
	s.Assumptions.SlowMetrics = true
	var out, text bytes.Buffer
	if err := found.JSON(&out, s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"target_value": null`, `"wake_cooldown": null`, `"median": null`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
	if err := found.Text(&text, s); err != nil || !strings.Contains(text.String(), "present  0    2    -       -   -    -     never  never") ||
		!strings.Contains(text.String(), "\nassumed otherwise than usual: slow-metrics\n\n") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestAssume_namesAreKnown(t *testing.T) {
	for _, one := range Assumptions() {
		a, err := Assume([]string{one.Name})
		if err != nil || !slices.Equal(Assumed(a), []string{one.Name}) {
			t.Errorf("%s: %v %v", one.Name, Assumed(a), err)
		}
	}
	if _, err := Assume([]string{"luck"}); err == nil || err.Error() != `"luck" is not an assumption: write one of tracking-wakes, removed-finish, slow-metrics, bill-ready` {
		t.Errorf("got %v", err)
	}
}
