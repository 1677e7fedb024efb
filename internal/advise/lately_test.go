package advise

import (
	"math"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// endpoint works on four requests at a time, on two instances, for 20 seconds each; 24 wait or are in service.
func endpoint() *fleet.Endpoint {
	c, running := 4, 2
	total := func(seconds int64) fleet.Total {
		return fleet.Total{Since: now.Add(-time.Hour), Sum: 40 * seconds * 1_000_000, Samples: 40, Expires: now.Add(time.Minute)}
	}
	e := &fleet.Endpoint{Async: fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: &c}, Variants: []fleet.Variant{{
		Name: "v", Current: &running, Work: &fleet.Work{Took: total(50), Waited: total(30)},
	}}}
	e.Queue[fleet.Backlog] = fleet.Reading{At: now, Value: 24, Expires: now.Add(time.Minute)}
	return e
}

func TestLately_isWhatTheLastHoursSay(t *testing.T) {
	e := endpoint()
	if s, ok := e.Variants[0].Work.ServiceTime(now); !ok || s != 20*time.Second {
		t.Errorf("service time %v, %t", s, ok)
	}
	if v, ok := TargetValue(e, &e.Variants[0], 10*time.Minute, now); !ok || math.Abs(v-84) > 1e-9 {
		t.Errorf("target value %v, %t", v, ok)
	}
	if v, ok := TargetValue(e, &e.Variants[0], 10*time.Second, now); !ok || v != 4.4 || v > autoscaling.FullTarget(4) {
		t.Errorf("target value %v, %t", v, ok)
	}
	if d, ok := e.DrainTime(now); !ok || d != time.Minute {
		t.Errorf("drain %v, %t", d, ok)
	}
	two := *e
	one, none, slow := 1, 0, &fleet.Work{Took: e.Variants[0].Work.Took, Waited: e.Variants[0].Work.Waited}
	slow.Waited.Sum = 40 * 10_000_000
	two.Variants = []fleet.Variant{e.Variants[0], {Name: "slow", Current: &one, Work: slow}, {Name: "asleep", Current: &none}}
	if d, ok := two.DrainTime(now); !ok || d.Round(time.Millisecond) != 48*time.Second {
		t.Errorf("two variants drain in %v, %t", d, ok)
	}
	paced := *e
	paced.Async.MaxConcurrentInvocationsPerInstance = nil
	paced.Variants = []fleet.Variant{{Name: "v", Current: e.Variants[0].Current, Work: &fleet.Work{Pace: fleet.Reading{At: now, Value: .2, Expires: now.Add(time.Minute)}}}}
	if d, ok := paced.DrainTime(now); !ok || d != 2*time.Minute {
		t.Errorf("by what was processed lately it drains in %v, %t", d, ok)
	}
	e.Queue[fleet.Backlog].Value = 0
	if d, ok := e.DrainTime(now); !ok || d != 0 {
		t.Errorf("an empty queue drains in %v, %t", d, ok)
	}
}

func TestLately_saysNothingOfWhatIsNotKnown(t *testing.T) {
	none := 0
	for name, test := range map[string]struct {
		change               func(*fleet.Endpoint)
		target, drain, hours bool
	}{
		"as it is":             {func(*fleet.Endpoint) {}, true, true, true},
		"nothing is known":     {func(e *fleet.Endpoint) { e.Variants[0].Work = nil }, false, false, false},
		"few requests":         {func(e *fleet.Endpoint) { e.Variants[0].Work.Took.Samples = 29 }, false, false, false},
		"few waits":            {func(e *fleet.Endpoint) { e.Variants[0].Work.Waited.Samples = 29 }, false, false, false},
		"old times":            {func(e *fleet.Endpoint) { e.Variants[0].Work.Took.Expires = now }, false, false, false},
		"old waits":            {func(e *fleet.Endpoint) { e.Variants[0].Work.Waited.Expires = now }, false, false, false},
		"units are mixed up":   {func(e *fleet.Endpoint) { e.Variants[0].Work.Waited.Sum *= 1000 }, false, false, false},
		"unset concurrency":    {func(e *fleet.Endpoint) { e.Async.MaxConcurrentInvocationsPerInstance = nil }, false, false, true},
		"no concurrency":       {func(e *fleet.Endpoint) { e.Async.MaxConcurrentInvocationsPerInstance = &none }, false, false, true},
		"no instance":          {func(e *fleet.Endpoint) { e.Variants[0].Current = &none }, true, false, true},
		"instances not known":  {func(e *fleet.Endpoint) { e.Variants[0].Current = nil }, true, false, true},
		"an old queue":         {func(e *fleet.Endpoint) { e.Queue[fleet.Backlog].Expires = now }, true, false, true},
		"a queue not measured": {func(e *fleet.Endpoint) { e.Queue[fleet.Backlog] = fleet.Reading{} }, true, false, true},
	} {
		e := endpoint()
		test.change(e)
		_, hours := e.Variants[0].Work.ServiceTime(now)
		_, target := TargetValue(e, &e.Variants[0], time.Minute, now)
		_, drain := e.DrainTime(now)
		if hours != test.hours || target != test.target || drain != test.drain {
			t.Errorf("%s: service time %t, target value %t, drain %t", name, hours, target, drain)
		}
		if _, ok := TargetValue(e, &e.Variants[0], 0, now); ok {
			t.Errorf("%s: a target value without an objective", name)
		}
	}
}
