package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// poisson is a trace of so many requests a second with exponential times.
func poisson(seed uint64, length time.Duration, perSecond float64, service time.Duration) (requests []Request) {
	draw := rand.New(rand.NewPCG(seed, 1))
	gap := func() time.Duration { return time.Duration(draw.ExpFloat64() / perSecond * float64(time.Second)) }
	for at := gap(); at < length; at += gap() {
		requests = append(requests, Request{At: at, Took: max(1, time.Duration(draw.ExpFloat64()*float64(service)))})
	}
	return requests
}

// anyReplay is one of very different ones: calm and overloaded, asleep and awake, with requests that expire, and none.
func anyReplay(seed uint64) Replay {
	draw := rand.New(rand.NewPCG(seed, 2))
	length := time.Duration(1+draw.IntN(24*60)) * time.Minute
	service := time.Duration(1+draw.IntN(120)) * time.Second
	scaling := DocumentedScaling()
	scaling.Min, scaling.TargetValue = draw.IntN(3), .5+draw.Float64()*20
	scaling.Max = max(1, scaling.Min+draw.IntN(6))
	scaling.In, scaling.Out = time.Duration(draw.IntN(600))*time.Second, time.Duration(draw.IntN(600))*time.Second
	scaling.NoWake, scaling.NoTracking, scaling.NoScaleIn = draw.IntN(8) == 0, draw.IntN(8) == 0, draw.IntN(8) == 0
	perSecond := draw.Float64() * float64(scaling.Max) / service.Seconds() * 2.2
	return Replay{
		Requests: poisson(seed, length, perSecond, service), Length: length, Concurrency: 1 + draw.IntN(4),
		Work: Work{TTL: time.Duration(1+draw.IntN(360)) * time.Minute}, Instances: draw.IntN(8), Scaling: scaling, Seed: seed, Drain: seed%2 == 1,
		Provision: time.Duration(draw.IntN(600)) * time.Second,
		Assumptions: Assumptions{
			TrackingWakes: draw.IntN(4) == 0, RemovedFinish: draw.IntN(3) == 0, SlowMetrics: draw.IntN(3) == 0, BillReady: draw.IntN(2) == 0,
		},
	}
}

// Little's law holds on every run, whatever the policy does: what waits in the mean is measured over time, and what a
// request waits by the request.
func TestReplay_keepsLittlesLaw(t *testing.T) {
	drained, expired, left, wakes, starts := 0, 0, 0, 0, 0
	for seed := range uint64(150) {
		r := anyReplay(seed)
		o, err := r.Run()
		if err != nil {
			t.Fatal(err)
		}
		if o.Requests != len(r.Requests) {
			t.Fatalf("seed %d: %d requests of %d came to an end or are left", seed, o.Requests, len(r.Requests))
		}
		want := float64(o.Requests) / o.Lasted.Seconds() * o.MeanWait.Seconds()
		if math.Abs(o.MeanBacklog-want) > 1e-6*max(1, want) {
			t.Errorf("seed %d: a mean backlog of %.9f, but %d requests waited %s in the mean: %.9f", seed, o.MeanBacklog, o.Requests, o.MeanWait, want)
		}
		if o.Waits.n != o.Completed+o.Left || o.Late < o.Expired || o.Served > o.Paid || o.Peak > max(r.Scaling.Max, 1) {
			t.Errorf("seed %d: it does not add up: %d waits of %d completed and %d left; %d late, %d expired; %s of %s paid; peak %d",
				seed, o.Waits.n, o.Completed, o.Left, o.Late, o.Expired, o.Served, o.Paid, o.Peak)
		}
		if r.Drain && (o.Left > 0 && o.Lasted < r.Length+r.Work.TTL || o.Behind == 0 && o.Lasted != r.Length) || !r.Drain && (o.Lasted != r.Length || o.Left != o.Behind) {
			t.Errorf("seed %d: it lasted %s of %s, %d are left and %d were", seed, o.Lasted, r.Length, o.Left, o.Behind)
		}
		if o.Lasted > r.Length {
			drained++
		}
		expired, left, wakes, starts = expired+o.Expired, left+o.Left, wakes+o.Wakes, starts+o.Starts
	}
	if drained == 0 || expired == 0 || left == 0 || wakes == 0 || starts == 0 {
		t.Errorf("too tame: %d expired, %d left, %d wakes, %d starts", expired, left, wakes, starts)
	}
}

// A replay is the world with less of it kept, not another model: every minute is the same in a whole one. Starts do not
// differ here, because a whole world also draws whether requests fail.
func TestReplay_isTheModelOfTheWorld(t *testing.T) {
	for seed := range uint64(12) {
		r := anyReplay(seed)
		r.Assumptions, r.Timeline, r.Starts = Assumptions{}, true, []time.Duration{r.Provision + time.Minute}
		o, err := r.Run()
		if err != nil {
			t.Fatal(err)
		}
		w := New(fleet.Scope{}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), seed)
		s := r.Scaling
		must(w.AddEndpoint(EndpointSpec{
			Name: "endpoint", Config: async("endpoint", "ml.any", r.Concurrency), Instances: min(max(r.Instances, s.Min), s.Max),
			Work: r.Work, Starts: r.Starts, Requests: r.Requests,
		}))
		must(w.scaleBy("endpoint", s))
		e := w.endpoints["endpoint"]
		if len(o.Minutes) != int(r.Length/time.Minute) {
			t.Fatalf("seed %d: %d minutes of %s", seed, len(o.Minutes), r.Length)
		}
		for i, m := range o.Minutes {
			w.Advance(w.epoch.Add(time.Duration(i+1) * time.Minute))
			if got := (Minute{e.station.backlog(), e.running(), e.variants[0].desired, m.Worst}); got != m {
				t.Fatalf("seed %d: minute %d is %+v in the replay and %+v in the world", seed, i, m, got)
			}
		}
	}
}

func TestReplay_theSameIsTheSame(t *testing.T) {
	r := anyReplay(7)
	before := slices.Clone(r.Requests)
	first, err := r.Run()
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.Run()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Error("two runs differ")
	}
	if !slices.Equal(before, r.Requests) {
		t.Error("a run has changed its trace")
	}
}

// constant is a policy that keeps its instances.
func constantInstances(n int) Scaling {
	s := DocumentedScaling()
	s.Min, s.Max = n, n
	return s
}

func TestReplay_countsWhatIsLateAndGivesUp(t *testing.T) {
	r := Replay{ // one after the other: waits of 60, 110, 160 and 210 seconds
		Requests: []Request{{0, time.Minute}, {10 * time.Second, time.Minute}, {20 * time.Second, time.Minute}, {30 * time.Second, time.Minute}},
		Length:   time.Hour, Concurrency: 1, Scaling: constantInstances(1), Limit: 2 * time.Minute,
	}
	o, err := r.Run()
	if err != nil || o.Late != 2 || o.Completed != 4 || o.MeanWait != 135*time.Second || o.MeanQueued != 75*time.Second || o.Waits.Worst() != 210*time.Second {
		t.Errorf("%v: %d late of %d, mean %s, queued %s, worst %s", err, o.Late, o.Completed, o.MeanWait, o.MeanQueued, o.Waits.Worst())
	}
	if o.Paid != time.Hour || o.Served != time.Hour || o.Wakes != 0 {
		t.Errorf("paid %s, served %s, %d wakes", o.Paid, o.Served, o.Wakes)
	}
	r.MostLate = 1
	if o, err := r.Run(); err != nil || !o.GaveUp {
		t.Errorf("it did not give up: %v %v", o.GaveUp, err)
	}
	r.MostLate = 2
	if o, err := r.Run(); err != nil || o.GaveUp {
		t.Errorf("it gave up with as many late ones as it may have: %v", err)
	}
}

func TestReplay_requestsThatExpireNeverEnd(t *testing.T) {
	s := DocumentedScaling()
	s.NoWake = true
	o, err := Replay{
		Requests: []Request{{0, time.Minute}, {time.Minute, time.Minute}, {50 * time.Minute, time.Minute}}, Length: time.Hour,
		Concurrency: 1, Scaling: s, Work: Work{TTL: 20 * time.Minute}, Limit: 15 * time.Minute,
	}.Run()
	if err != nil || o.Expired != 2 || o.Left != 1 || o.Completed != 0 || o.Late != 2 || o.Paid != 0 {
		t.Errorf("%v: %+v", err, o)
	}
	if wait, ok := o.Waits.Quantile(1.0/3, o.Expired); !ok || wait != 10*time.Minute {
		t.Errorf("the one that is left has waited %s, %t", wait, ok)
	}
	if wait, ok := o.Waits.Quantile(.5, o.Expired); ok {
		t.Errorf("half of them have an end: %s", wait)
	}
}

func TestReplay_assumptionsDoWhatTheySay(t *testing.T) {
	asleep := Replay{Length: 2 * time.Hour, Concurrency: 1, Scaling: DocumentedScaling(), Starts: []time.Duration{4 * time.Minute}}
	for range 12 {
		asleep.Requests = append(asleep.Requests, Request{Took: time.Minute})
	}
	run := func(change func(*Replay)) Outcome {
		t.Helper()
		r := asleep
		change(&r)
		o, err := r.Run()
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	noWake := func(r *Replay) { r.Scaling.NoWake = true }
	if o := run(noWake); o.Wakes != 0 || o.Left != 12 {
		t.Errorf("tracking woke it: %+v", o)
	}
	if o := run(func(r *Replay) { noWake(r); r.Assumptions.TrackingWakes = true }); o.Wakes == 0 || o.Completed != 12 {
		t.Errorf("tracking did not wake it: %d wakes, %d completed", o.Wakes, o.Completed)
	}
	usual, ready := run(func(*Replay) {}), run(func(r *Replay) { r.Assumptions.BillReady = true })
	if usual.Paid != usual.Served+time.Duration(usual.Starts)*4*time.Minute || ready.Paid != ready.Served || ready.Served != usual.Served {
		t.Errorf("paid %s and %s, served %s, %d starts", usual.Paid, ready.Paid, usual.Served, usual.Starts)
	}
	longer := 0
	for minute := range 20 {
		at := []Request{{time.Duration(minute) * time.Minute, time.Minute}}
		usual := run(func(r *Replay) { r.Requests = at })
		slow := run(func(r *Replay) { r.Requests, r.Assumptions.SlowMetrics = at, true })
		if slow.MeanWait < usual.MeanWait {
			t.Errorf("minute %d: with slow metrics %s, else %s", minute, slow.MeanWait, usual.MeanWait)
		}
		if slow.MeanWait > usual.MeanWait {
			longer++
		}
	}
	if longer == 0 {
		t.Error("slow metrics delay nothing")
	}
	// Two long requests on two instances, of which one is removed because the backlog is below the target.
	removed := func(r *Replay) {
		r.Instances, r.Requests, r.Scaling.TargetValue = 2, []Request{{0, 90 * time.Minute}, {0, 90 * time.Minute}}, 3
	}
	if o := run(removed); o.Waits.Worst() < 91*time.Minute {
		t.Errorf("the request of the removed instance did not begin anew: %s", o.Waits.Worst())
	}
	if o := run(func(r *Replay) { removed(r); r.Assumptions.RemovedFinish = true }); o.Waits.Worst() != 90*time.Minute || o.Served > 3*time.Hour {
		t.Errorf("the removed instance did not finish: %s, served %s", o.Waits.Worst(), o.Served)
	}
}

func TestWaits_quantilesAreRightWithinHalfAPercent(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 1))
	var w Waits
	var exact []time.Duration
	for range 20_000 {
		wait := time.Duration(math.Exp(draw.Float64()*30) * 1e3) // from microseconds to weeks
		wait = min(wait, 12*24*time.Hour)
		w.add(wait)
		exact = append(exact, wait)
	}
	slices.Sort(exact)
	for _, share := range []float64{.001, .1, .5, .9, .95, .99, .999, 1} {
		want := exact[int(math.Ceil(share*float64(len(exact))))-1]
		got, ok := w.Quantile(share, 0)
		if off := math.Abs(float64(got-want)) / float64(want); !ok || off > .005 && got-want > time.Microsecond {
			t.Errorf("%v: got %s, want %s", share, got, want)
		}
	}
	if _, ok := (&Waits{}).Quantile(.5, 0); ok {
		t.Error("nothing has a median")
	}
}

func TestServices_endInOrder(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 3))
	var s services
	var want []time.Duration
	for range 2000 {
		switch {
		case len(s) > 0 && draw.IntN(5) == 0:
			gone := s.remove(draw.IntN(len(s))).ends
			i := slices.Index(want, gone)
			want = slices.Delete(want, i, i+1)
		case len(s) > 0 && draw.IntN(3) == 0:
			slices.Sort(want)
			if got := s.pop().ends; got != want[0] {
				t.Fatalf("popped %s, want %s", got, want[0])
			}
			want = want[1:]
		default:
			ends := time.Duration(draw.IntN(500))
			s.push(service{ends: ends})
			want = append(want, ends)
		}
	}
}

func TestLine_isFirstInFirstOut(t *testing.T) {
	draw := rand.New(rand.NewPCG(4, 4))
	var l line
	var want []Request
	for i := range 5000 {
		r := Request{At: time.Duration(i)}
		switch n := draw.IntN(10); {
		case n < 5:
			l.add(r)
			want = append(want, r)
		case n < 6:
			l.putBack(r)
			want = slices.Insert(want, 0, r)
		case l.len() > 0:
			if got := l.take(); got != want[0] {
				t.Fatalf("took %v, want %v", got, want[0])
			}
			want = want[1:]
		}
		if !slices.Equal(l.waiting(), want) || l.len() > 0 && l.first() != want[0] {
			t.Fatalf("step %d: %v, want %v", i, l.waiting(), want)
		}
	}
}

func ExampleReplay() {
	o, err := Replay{
		Requests: []Request{{At: time.Minute, Took: 30 * time.Second}}, Length: 2 * time.Hour, Concurrency: 1, Scaling: DocumentedScaling(),
		Starts: []time.Duration{3 * time.Minute},
	}.Run()
	fmt.Println(o.Completed, o.Wakes, o.Waits.Worst() > 6*time.Minute, err)
	// Output: 1 1 true <nil>
}
