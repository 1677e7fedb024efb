package advise

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// story is an endpoint of the model, whose truth is known.
type story struct {
	work        sim.Work
	concurrency int // 0: unset; the model then works on four at a time
	instances   int
	most        int
	target      float64
	provision   time.Duration
	rate        func(time.Duration) float64
	hours       int
}

func constant(perSecond float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return perSecond }
}

// bursts come for ten minutes of each period.
func bursts(each time.Duration, perSecond float64) func(time.Duration) float64 {
	return func(at time.Duration) float64 {
		if at%each < 10*time.Minute {
			return perSecond
		}
		return 0
	}
}

var stories = map[string]story{
	"steady": {
		work:        sim.Work{Service: 25 * time.Second, Download: time.Second, Upload: 500 * time.Millisecond, ErrorRate: .01},
		concurrency: 4, instances: 3, most: 8, target: 5, rate: constant(.3), hours: 4,
	},
	"long requests": {work: sim.Work{Service: 6 * time.Minute}, concurrency: 2, instances: 4, most: 8, target: 3, rate: constant(.012), hours: 24},
	"saturated":     {work: sim.Work{Service: 30 * time.Second}, concurrency: 2, instances: 2, most: 2, target: 5, rate: constant(.2), hours: 4},
	"saturated, concurrency unset": {
		work: sim.Work{Service: 15 * time.Second, DownloadFailureRate: .02}, instances: 1, most: 1, target: 5,
		rate: constant(.32), hours: 3,
	},
	"bursts": {
		work: sim.Work{Service: 40 * time.Second}, concurrency: 3, most: 4, target: 6, rate: bursts(100*time.Minute, .3), hours: 12,
		provision: 3 * time.Minute,
	},
	"bursts, concurrency unset": {work: sim.Work{Service: 20 * time.Second}, most: 1, target: 8, rate: bursts(2*time.Hour, .5), hours: 16},
	"expiring":                  {work: sim.Work{Service: 30 * time.Second, TTL: 20 * time.Minute}, concurrency: 1, instances: 1, most: 1, target: 5, rate: constant(.05), hours: 6},
}

// tell lets the story happen, and reads its history.
func (s story) tell(t *testing.T, seed uint64) History {
	t.Helper()
	return learn(t, s.happen(t, seed), "e", MostDays)
}

// happen lets the story happen.
func (s story) happen(t *testing.T, seed uint64) *sim.World {
	t.Helper()
	w := sim.New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, begin, seed)
	config := fleet.EndpointConfig{
		Name: "config", Async: &fleet.AsyncConfig{}, Variants: []fleet.VariantConfig{{Name: "v", InstanceType: "ml.g5.xlarge", ModelName: "m"}},
	}
	if s.concurrency > 0 {
		config.Async.MaxConcurrentInvocationsPerInstance = &s.concurrency
	}
	least, resource := 0, fleet.ResourceID("e", "v")
	tracking := policy.Tracking("e", "v")
	tracking.Tracking.TargetValue = s.target
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.AddEndpoint(sim.EndpointSpec{Name: "e", Config: config, Instances: s.instances, Work: s.work, Rate: s.rate, Provision: s.provision}))
	_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &least, Max: &s.most})
	must(err)
	_, err = w.PutScalingPolicy(tracking)
	must(err)
	wake, err := w.PutScalingPolicy(policy.Wake("e", "v"))
	must(err)
	must(w.PutMetricAlarm(policy.WakeAlarm("e", "v", wake.ARN)))
	w.Advance(begin.Add(time.Duration(s.hours) * time.Hour))
	return w
}

// came is how many requests the story's rate means until the end of the history.
func (s story) came(h History) (n float64) {
	for at := begin.Truncate(time.Minute); at.Before(h.To); at = at.Add(10 * time.Second) {
		n += 10 * s.rate(at.Sub(begin.Truncate(time.Minute)))
	}
	return n
}

// Each estimate is as near to the truth as it says: three standard errors, which seeds may miss once in a hundred tries.
func TestLook_findsTheTruthWithinItsErrors(t *testing.T) {
	tries, missed := 0, 0
	hold := func(name, what string, seed uint64, found Estimate, truth, most float64) {
		tries++
		if off := math.Abs(found.Value - truth); off > 3*found.Error {
			if missed++; off > 4*found.Error {
				t.Errorf("%s, seed %d: %s is %.4g ± %.2g, in truth %.4g", name, seed, what, found.Value, found.Error, truth)
			}
		}
		if found.Error > most*truth || found.Error <= 0 || found.Samples == 0 {
			t.Errorf("%s, seed %d: %s is %.4g ± %.2g of %d", name, seed, what, found.Value, found.Error, found.Samples)
		}
	}
	for name, s := range stories {
		for seed := range uint64(6) {
			h := s.tell(t, seed)
			e, err := Look(h, Given{})
			if err != nil {
				t.Errorf("%s, seed %d: %v", name, seed, err)
				continue
			}
			service := (s.work.Download + s.work.Service + s.work.Upload).Seconds()
			hold(name, "service time", seed, e.Service, service, .06)
			if e.Service.Spread < .3*service || e.Service.Spread > .7*service { // the model's is half of the mean
				t.Errorf("%s, seed %d: requests of %.4g s differ by %.4g s", name, seed, service, e.Service.Spread)
			}
			slots := s.concurrency
			if slots == 0 {
				slots = 4
				hold(name, "concurrency", seed, Estimate{e.Concurrency.Value, e.Concurrency.Error, 0, e.Concurrency.Samples, ""}, 4, .1)
			}
			if e.Concurrency.Value != float64(slots) {
				t.Errorf("%s, seed %d: concurrency %v, in truth %d", name, seed, e.Concurrency, slots)
			}
			hold(name, "arrivals", seed, e.Arrivals.Rate, s.came(h)/h.To.Sub(h.Minutes[0].At).Seconds(), .12)
			if strings.HasPrefix(name, "saturated") || strings.HasPrefix(name, "expiring") {
				hold(name, "throughput", seed, e.Throughput, float64(slots)/service, .1)
			}
			if e.Arrivals.Apart {
				t.Errorf("%s, seed %d: failures are among what was processed", name, seed)
			}
		}
	}
	if tries < 100 || missed > tries/50 {
		t.Errorf("%d of %d estimates are further off than they say", missed, tries)
	}
}

// The demo's endpoints, as users see them.
func TestLook_findsTheTruthOfTheDemo(t *testing.T) {
	w := demo(8 * time.Hour)
	for name, truth := range map[string]struct{ service, concurrency float64 }{
		"transcribe-live": {26.5, 4}, "whisper-batch": {52, 2}, "diffusion": {30, 1}, "embed": {15, 4}, "tts-redeployed": {20, 4},
		"caption-pools": {30, 2}, "upscale-quota": {40, 1}, "moderate": {10, 4}, "align-new": {20, 4},
	} {
		e, err := Look(learn(t, w, name, 1), Given{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if off := math.Abs(e.Service.Value - truth.service); off > 3*e.Service.Error || off > .1*truth.service {
			t.Errorf("%s: service time %.4g ± %.2g, in truth %g", name, e.Service.Value, e.Service.Error, truth.service)
		}
		if e.Concurrency.Value != truth.concurrency {
			t.Errorf("%s: concurrency %g, in truth %g", name, e.Concurrency.Value, truth.concurrency)
		}
	}
}

func TestLook_refusesThinHistory(t *testing.T) {
	w := demo(sim.DemoHistory)
	for name, rule := range map[string]string{
		"ocr-nightly": "20 requests ended, and 30 are needed", "summarize": "0 requests ended", "llm-capacity": "0 requests ended",
		"translate-paused": "0 requests ended", "whisper-batch": "24 requests ended",
	} {
		h := learn(t, w, name, MostDays)
		_, err := Look(h, Given{})
		thin := (*ThinError)(nil)
		if !errors.As(err, &thin) || !strings.Contains(err.Error(), rule) || !strings.Contains(err.Error(), "--service-time") {
			t.Errorf("%s: %v", name, err)
		}
		e, err := Look(h, Given{Service: 20 * time.Second})
		if err != nil || e.Service.Value != 20 || e.Service.Samples != 0 || e.Concurrency.Value < 1 {
			t.Errorf("%s, as measured: %+v, %v", name, e.Service, err)
		}
		h.Concurrency = 0
		if _, err := Look(h, Given{Service: 20 * time.Second}); !errors.As(err, &thin) || !strings.Contains(err.Error(), "--concurrency") {
			t.Errorf("%s without its concurrency: %v", name, err)
		}
		if e, err := Look(h, Given{Service: 20 * time.Second, Concurrency: 3}); err != nil || math.Abs(e.Throughput.Value-.15) > 1e-9 {
			t.Errorf("%s, as measured: %+v, %v", name, e.Throughput, err)
		}
	}
	if _, err := Look(History{}, Given{Service: time.Second, Concurrency: 1}); err != nil {
		t.Errorf("a benchmark needs no history: %v", err)
	}
}

// run is a history of minutes from begin on.
func run(minutes ...Minute) History {
	h := History{From: begin.Truncate(time.Minute), To: begin.Truncate(time.Minute).Add(time.Duration(len(minutes)) * time.Minute)}
	for i, m := range minutes {
		m.At = h.From.Add(time.Duration(i) * time.Minute)
		h.Minutes = append(h.Minutes, m)
	}
	return h
}

func known(v float64) Gauge { return Gauge{v, true} }

func TestLook_refusesUnitsThatCannotBe(t *testing.T) {
	var minutes []Minute
	for range 40 {
		minutes = append(minutes, Minute{Processed: 1, Total: Timed{time.Second, 1}, Waited: Timed{time.Minute, 1}})
	}
	if _, err := Look(run(minutes...), Given{Concurrency: 1}); err == nil || !strings.Contains(err.Error(), "one of its units is wrong") {
		t.Errorf("got %v", err)
	}
	for i := range minutes[5:] {
		minutes[i+5] = Minute{}
	}
	minutes[0].Total, minutes[0].Waited = Timed{100 * time.Second, 40}, Timed{time.Second, 40}
	if _, err := Look(run(minutes...), Given{Concurrency: 1}); err == nil || !strings.Contains(err.Error(), "requests ended in 5 minutes, and 10 are needed") {
		t.Errorf("got %v", err)
	}
}

func TestArrivals_countEverythingThatLeavesAndWhatIsLeft(t *testing.T) {
	quiet := Minute{Backlog: known(0)}
	h := run(quiet, quiet, Minute{Backlog: known(6)}, Minute{Backlog: known(6), Processed: 0}, Minute{Backlog: known(4), Processed: 2},
		Minute{Backlog: known(1), Processed: 2, Failures: 1, Expired: 1}, Minute{Backlog: known(0), Processed: 1}, quiet)
	a := h.arrivals()
	if a.Rate.Samples != 6 || a.Waiting != 0 || a.Apart {
		t.Errorf("%+v", a)
	}
	if two := a.Peak(2 * time.Minute); two.Requests != 6 {
		t.Errorf("the busiest two minutes brought %v", two.Requests)
	}
	if hour := a.Peak(time.Hour); hour.Length != 0 {
		t.Errorf("the busiest hour of eight minutes brought %v", hour)
	}
	h.Minutes = append(h.Minutes[:3:3], h.Minutes[6:]...) // CloudWatch has lost three minutes
	if a := h.arrivals(); a.Rate.Samples != 1 {
		t.Errorf("%+v", a)
	}
	if a := run(quiet, Minute{Backlog: known(0), Failures: 3}, Minute{Backlog: known(0), Processed: 4, Failures: 1}).arrivals(); !a.Apart || a.Rate.Samples != 8 {
		t.Errorf("failures that come alone: %+v", a)
	}
}

func TestWakes_areFromTheFirstRequestToTheFirstInstance(t *testing.T) {
	waits, works, quiet := Minute{WithoutCapacity: known(1)}, Minute{WithoutCapacity: known(0), PerInstance: known(2)}, Minute{WithoutCapacity: known(0)}
	for name, test := range map[string]struct {
		h    History
		want []time.Duration
	}{
		"two":                       {run(quiet, waits, waits, works, quiet, waits, works), []time.Duration{time.Minute, 2 * time.Minute}},
		"begun before":              {run(waits, waits, works), nil},
		"waits still":               {run(quiet, waits, waits), nil},
		"expired before it was due": {run(quiet, waits, waits, quiet), nil},
	} {
		if got := test.h.wakes().Seen; len(got) != len(test.want) || len(got) > 0 && (got[0] != test.want[0] || got[len(got)-1] != test.want[len(got)-1]) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	lost := run(quiet, waits, waits, waits, works)
	lost.Minutes = append(lost.Minutes[:3], lost.Minutes[4])
	if got := lost.wakes().Seen; len(got) > 0 {
		t.Errorf("it ends nobody knows when: %v", got)
	}
}

func TestInstances_areKnownWhileTheyStandStill(t *testing.T) {
	for _, test := range []struct {
		m     Minute
		n     int
		known bool
	}{
		{Minute{Backlog: known(12), PerInstance: known(4)}, 3, true},
		{Minute{Backlog: known(12), PerInstance: known(5)}, 2, false},
		{Minute{Backlog: known(0), PerInstance: known(0)}, 0, false},
		{Minute{Backlog: known(12)}, 0, false},
	} {
		if n, ok := test.m.Instances(); n != test.n || ok != test.known {
			t.Errorf("%+v: %d, %t", test.m, n, ok)
		}
	}
}

// A minute in which only one of the two metrics has its last datapoint yet says nothing.
func TestService_leavesOutMinutesThatAreNotWhole(t *testing.T) {
	var minutes []Minute
	for range 20 {
		minutes = append(minutes, Minute{Total: Timed{100 * time.Second, 2}, Waited: Timed{60 * time.Second, 2}})
	}
	minutes = append(minutes, Minute{Total: Timed{100 * time.Second, 2}, Waited: Timed{30 * time.Second, 1}}, Minute{Total: Timed{100 * time.Second, 2}},
		Minute{Waited: Timed{100 * time.Second, 2}})
	s, err := run(minutes...).service(0)
	if err != nil || s.Value != 20 || s.Samples != 40 || s.Spread != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestBusy_isWhatHasWaitedBehindOthersNowAndSoon(t *testing.T) {
	minute := func(n, processed int, waited time.Duration) Minute {
		return Minute{
			Processed: processed, Waited: Timed{waited * time.Duration(processed), processed}, Backlog: known(float64(6 * n)), PerInstance: known(6),
		}
	}
	long, short := minute(2, 8, time.Minute), minute(2, 3, time.Second)
	for name, test := range map[string]struct {
		h    History
		want int
	}{
		"all the time":             {run(long, long, long, long, long, long), 4},
		"nobody waits":             {run(short, short, short, short, short), 0},
		"the queue ends":           {run(long, long, long, short, short, short), 1}, // what ends a minute after the second one has waited, not so after the third
		"an instance comes":        {run(long, long, minute(3, 12, time.Minute), minute(3, 12, time.Minute), minute(3, 12, time.Minute)), 1},
		"nothing ends any more":    {run(long, long, Minute{Backlog: known(12), PerInstance: known(6)}, Minute{Backlog: known(12), PerInstance: known(6)}), 0},
		"instances are not known":  {run(long, Minute{Processed: 8, Waited: long.Waited}, long, long), 0},
		"the end is not known yet": {run(long, long), 0},
	} {
		b := test.h.busy(time.Minute)
		if b.minutes != test.want {
			t.Errorf("%s: %d busy minutes, want %d", name, b.minutes, test.want)
		}
		if name == "all the time" {
			if rate := b.throughput(Estimate{Value: 60, Spread: 30}); rate.Value != 8./60/2 || rate.Spread != 0 || rate.Samples != 4 {
				t.Errorf("%s: %+v", name, rate)
			}
		}
	}
	lost := run(long, long, long, long)
	lost.Minutes = append(lost.Minutes[:1], lost.Minutes[2:]...)
	if b := lost.busy(time.Minute); b.minutes != 0 {
		t.Errorf("beside a gap: %d busy minutes", b.minutes)
	}
}

func TestProvisioning_isOfScaleOutsThatWorked(t *testing.T) {
	activity := func(minutesAgo, took, desired int, status string) fleet.Activity {
		start := begin.Add(-time.Duration(minutesAgo) * time.Minute)
		return fleet.Activity{
			ResourceID: fleet.ResourceID("e", "v"), Start: start, End: start.Add(time.Duration(took) * time.Minute), Status: status,
			Description: "Setting desired instance count to " + string(rune('0'+desired)) + ".",
		}
	}
	going := activity(1, 0, 4, "InProgress")
	going.End = time.Time{}
	other := activity(2, 9, 9, "Successful")
	other.ResourceID = fleet.ResourceID("other", "v")
	h := History{Endpoint: "e", Variants: []string{"v"}}
	h.Activities = h.Own([]fleet.Activity{
		activity(60, 4, 1, "Successful"), going, other, activity(10, 8, 3, "Failed"), activity(20, 3, 1, "Successful"), activity(30, 6, 2, "Successful"),
	})
	if got := h.provisioning().Seen; len(got) != 2 || got[0] != 4*time.Minute || got[1] != 6*time.Minute {
		t.Errorf("%v", got)
	}
}

func TestDurations_mostIsThe95th(t *testing.T) {
	var seen []time.Duration
	for i := range 40 {
		seen = append(seen, time.Duration(40-i)*time.Minute)
	}
	d := durations(seen, "")
	if d.Most() != 38*time.Minute || d.Mean() != 20*time.Minute+30*time.Second {
		t.Errorf("most %s, mean %s", d.Most(), d.Mean())
	}
	if one := durations(seen[:1], ""); one.Most() != time.Minute || (Durations{}).Most() != 0 || (Durations{}).Mean() != 0 {
		t.Errorf("most of one %s", one.Most())
	}
}
