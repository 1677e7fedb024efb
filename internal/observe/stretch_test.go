package observe

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestStretched_theWorkFirstAndNeitherBeyondTheLimit(t *testing.T) {
	wished := Intervals{Queue: time.Minute, Metrics: 5 * time.Minute, Instances: time.Minute, Scaling: time.Minute}
	load := fleet.Load{Queue: 400, Metrics: 1800} // of a hundred endpoints: $172.80 and $155.52
	tests := map[string]struct {
		budget         float64
		queue, metrics time.Duration
		factor         float64
	}{
		"no budget":                      {0, time.Minute, 5 * time.Minute, 1},
		"a budget that is kept":          {328.33, time.Minute, 5 * time.Minute, 1},
		"less for metrics":               {280, time.Minute, 436 * time.Second, 436.0 / 300},
		"metrics at the limit":           {250.56, time.Minute, 10 * time.Minute, 2},
		"less for the queue too":         {164.16, 120 * time.Second, 10 * time.Minute, 2},
		"much less":                      {100, 467 * time.Second, 10 * time.Minute, 467.0 / 60},
		"a budget that cannot be kept":   {1, 10 * time.Minute, 10 * time.Minute, 10},
		"nothing left but for the queue": {172.8, 110 * time.Second, 10 * time.Minute, 2},
	}
	for name, test := range tests {
		got, factor := wished.Stretched(load, test.budget, 10*time.Minute)
		if got.Queue != test.queue || got.Metrics != test.metrics || math.Abs(factor-test.factor) > 1e-9 {
			t.Errorf("%s: got queue %s, metrics %s, factor %v", name, got.Queue, got.Metrics, factor)
		}
		if test.budget >= 100 && got.MonthlyDollars(load) > test.budget+1e-9 {
			t.Errorf("%s: it costs %v", name, got.MonthlyDollars(load))
		}
		if got.Instances != wished.Instances || got.Scaling != wished.Scaling {
			t.Errorf("%s: what costs nothing is stretched: %+v", name, got)
		}
	}
	slow := Intervals{Queue: 20 * time.Minute, Metrics: time.Hour}
	if got, factor := slow.Stretched(load, 1, 10*time.Minute); got != slow || factor != 1 {
		t.Errorf("what is slower than the limit stays as it is, got %+v", got)
	}
}

func TestEndpointLoad_isWhatIsAsked(t *testing.T) {
	w := newWorld(t, &cloud{})
	turn := func(backlog float64) {
		w.at = w.at.Add(5 * time.Minute)
		w.minutes("a", fleet.Backlog, w.at, slices.Repeat([]float64{backlog}, 20)...)
		w.observe()
	}
	w.async("a", 1)
	turn(3)
	turn(3)
	equal(t, "at work", w.Snapshot().Load, fleet.EndpointLoad(1, fleet.AtWork))
	turn(0)
	turn(0)
	equal(t, "waiting", w.Snapshot().Load, fleet.EndpointLoad(1, fleet.Waiting))
	w.async("a", 0)
	for range 6 {
		turn(0)
	}
	equal(t, "asleep, and no alarm wakes it", w.Snapshot().Load, fleet.Load{Queue: 1})
	w.Watch(map[string][]fleet.Trigger{"a": {{Alarm: "wake", State: "ALARM"}}})
	turn(0)
	equal(t, "asleep", w.Snapshot().Load, fleet.EndpointLoad(1, fleet.Asleep))
	equal(t, "two variants", fleet.EndpointLoad(2, fleet.AtWork), fleet.Load{Queue: 3, Metrics: 36})
	equal(t, "two variants asleep", fleet.EndpointLoad(2, fleet.Asleep), fleet.Load{Idle: 1})
}
