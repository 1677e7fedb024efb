package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestRevise_changesAMinuteFromAMomentOn(t *testing.T) {
	s := working(t, Work{Service: 10 * time.Second}, .2)
	processed, model := workOf("e", "InvocationsProcessed"), workOf("e", "ModelLatency")
	minute := began.Add(30 * time.Minute)
	s.after(30 * time.Minute)
	read := func(m fleet.Metric, statistic string, period time.Duration) float64 {
		shown := sumOf(s.Datapoints(m, statistic, period, minute.Truncate(period), minute.Truncate(period).Add(period)))
		published := sumOf(s.Published(m, statistic, minute.Truncate(period), minute.Truncate(period).Add(period)))
		if shown != published && period == time.Minute {
			t.Errorf("%s of %s: %v is shown, %v is published", statistic, m.Name, shown, published)
		}
		return shown
	}
	count, samples := read(processed, "Sum", time.Minute), read(model, "SampleCount", time.Minute)
	latency, most := read(model, "Sum", time.Minute), read(model, "Maximum", time.Minute)
	if count == 0 || samples != count {
		t.Fatalf("%v requests, %v latencies", count, samples)
	}
	hour := read(processed, "Sum", time.Hour)
	s.At(s.Now().Add(10*time.Minute), func(w *World) {
		s.no(w.Revise(processed, minute, 2, 0))
		s.no(w.Revise(model, minute, 100_000_000, 2))
	})
	s.after(9 * time.Minute)
	if got := read(processed, "Sum", time.Minute); got != count {
		t.Errorf("before the moment it is %v, want %v", got, count)
	}
	visible := read(processed, "Sum", time.Hour)
	s.after(time.Minute)
	if got := read(processed, "Sum", time.Minute); got != count+2 {
		t.Errorf("after the moment it is %v, want %v", got, count+2)
	}
	if got := read(processed, "SampleCount", time.Minute); got != 1 {
		t.Errorf("a count is still one sample, and not %v", got)
	}
	if got := read(processed, "Sum", time.Hour); got < visible+2 || visible < hour {
		t.Errorf("the hour was %v, then %v, and is %v", hour, visible, got)
	}
	if got := read(model, "Sum", time.Minute); got != latency+100_000_000 || read(model, "SampleCount", time.Minute) != samples+2 {
		t.Errorf("the latency is %v, was %v", got, latency)
	}
	if got := read(model, "Maximum", time.Minute); got != 50_000_000 || got < most {
		t.Errorf("the maximum is %v, was %v", got, most)
	}
}

func TestRevise_letsAMinuteComeLateAndGo(t *testing.T) {
	s := working(t, Work{Service: 10 * time.Second}, 0)
	s.after(10 * time.Minute)
	s.no(s.Invoke("e", 1))
	s.after(30 * time.Minute)
	processed := workOf("e", "InvocationsProcessed")
	shown := func() []fleet.Point { return s.Datapoints(processed, "Sum", time.Minute, began, s.Now()) }
	only := shown()
	if len(only) != 1 || only[0].Value != 1 {
		t.Fatalf("shown: %v", only)
	}
	earlier, later := only[0].At.Add(-5*time.Minute), only[0].At.Add(5*time.Minute)
	s.no(s.Revise(processed, later, 3, 1))
	s.no(s.Revise(processed, earlier, 2, 1)) // before the first that was ever published
	s.no(s.Revise(processed, only[0].At, -1, -1))
	if got := shown(); len(got) != 2 || got[0] != (fleet.Point{At: earlier, Value: 2}) || got[1] != (fleet.Point{At: later, Value: 3}) {
		t.Errorf("shown: %v", got)
	}
	s.after(33 * time.Hour)
	s.no(s.Invoke("e", 1)) // the minutes of the first day are folded now
	s.after(10 * time.Minute)
	if got := s.Datapoints(processed, "Sum", time.Hour, began, s.Now()); len(got) != 2 || got[0].Value != 5 {
		t.Errorf("the hours: %v", got)
	}
}

func TestWithhold_showsAMinuteLate(t *testing.T) {
	s := working(t, Work{Service: 10 * time.Second}, .3)
	s.after(30 * time.Minute)
	processed, minute := workOf("e", "InvocationsProcessed"), began.Add(46*time.Minute)
	until := s.Now().Add(20 * time.Minute)
	s.no(s.Withhold(processed, minute, until))
	shown := func() []fleet.Point {
		return s.Datapoints(processed, "Sum", time.Minute, minute, minute.Add(time.Minute))
	}
	s.after(20*time.Minute - time.Second)
	if got := shown(); len(got) > 0 {
		t.Errorf("shown before its time: %v", got)
	}
	if next := s.Datapoints(processed, "Sum", time.Minute, minute.Add(time.Minute), minute.Add(2*time.Minute)); len(next) != 1 {
		t.Errorf("the next minute: %v", next)
	}
	s.after(time.Second)
	if got := shown(); len(got) != 1 || got[0] != s.Published(processed, "Sum", minute, minute.Add(time.Minute))[0] {
		t.Errorf("shown at its time: %v", got)
	}
}

func TestRevise_refusesWhatCannotBe(t *testing.T) {
	s := working(t, Work{Service: 10 * time.Second}, .3)
	s.after(40 * time.Hour)
	processed := workOf("e", "InvocationsProcessed")
	recent := s.Now().Add(-time.Hour)
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"another metric":    {s.Revise(workOf("e", "Invocations"), recent, 1, 1), "revising Invocations: nothing was ever published"},
		"the running":       {s.Revise(processed, s.Now(), 1, 1), "not among those that are over and kept"},
		"before the world":  {s.Revise(processed, began, 1, 1), "not among those that are over and kept"},
		"an old one":        {s.Revise(processed, began.Add(time.Hour), 1, 1), "not among those that are over and kept"},
		"a negative count":  {s.Revise(processed, recent, -1, -2), "would have -1 samples"},
		"no samples":        {s.Revise(processed, recent, 1, -1), "would have 0 samples"},
		"late by days":      {s.Withhold(processed, recent, recent.Add(25*time.Hour)), "more than a day"},
		"late without data": {s.Withhold(workOf("x", "ModelLatency"), recent, s.Now()), "withholding ModelLatency: nothing was ever published"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: %v, want ...%s...", name, test.err, test.want)
		}
	}
}
