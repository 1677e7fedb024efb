package observe

import (
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// slept is a world with an endpoint that has slept for long, of which the gate is then asked every five minutes.
func slept(t *testing.T) *world {
	w := newWorld(t, &cloud{fail: map[string]error{}}, func(o *Options) { o.Intervals.Idle = 5 * time.Minute })
	w.async("a", 0)
	w.Watch(map[string][]fleet.Trigger{"a": {{Alarm: "wake", State: "ALARM"}}})
	w.cloud.alarms = []fleet.Alarm{{Name: "wake", State: "OK"}, {Name: "other", State: "ALARM"}}
	w.minute(0)
	return w
}

// minute observes with this backlog in the newest minute, and with none in those before it.
func (w *world) minute(backlog float64) {
	w.Helper()
	w.minutes("a", fleet.Backlog, w.at, append(slices.Repeat([]float64{0}, 30), backlog)...)
	for _, source := range []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceQueue} {
		w.ask(source)
	}
}

// reads counts the turns of so many in which CloudWatch is asked.
func (w *world) reads(minutes int, backlog float64) (reads int) {
	w.Helper()
	for range minutes {
		before := w.asked["GetMetricData"]
		w.at = w.at.Add(time.Minute + time.Second) // each turn is a little late
		w.minute(backlog)
		if w.asked["GetMetricData"] > before {
			reads++
		}
		if !w.queue("a")[fleet.Backlog].Fresh(w.at) {
			w.Errorf("%s: the backlog is too old", w.at)
		}
	}
	return reads
}

func TestIdle_isAskedSeldomUntilThereIsAQueue(t *testing.T) {
	w := slept(t)
	equal(t, "asleep", w.reads(20, 0), 4)
	equal(t, "load", w.Snapshot().Load, fleet.Load{Idle: 1})
	equal(t, "until it is noticed", w.reads(5, 2), 1)
	equal(t, "with a queue", w.reads(5, 2), 5)
	equal(t, "load", w.Snapshot().Load, fleet.Load{Queue: 4})
	w.async("a", 1)
	equal(t, "with an instance", w.reads(8, 0), 8)
	w.async("a", 0)
	if n := w.reads(8, 0); n < 2 || n > 3 {
		t.Errorf("asleep again: asked %d times in 8 minutes", n)
	}
}

func TestIdle_anAlarmThatWakesMakesItDueAtOnce(t *testing.T) {
	w := slept(t)
	w.reads(1, 0)
	equal(t, "before", w.reads(1, 0), 0)
	w.cloud.alarms[0].State = "ALARM"
	equal(t, "in ALARM", w.reads(1, 1), 1)
	equal(t, "shown", w.queue("a")[fleet.Backlog].Value, 1)
}

// One that wakes by its OKActions does it in OK.
func TestIdle_goesByTheStateInWhichTheAlarmWakes(t *testing.T) {
	w := slept(t)
	w.Watch(map[string][]fleet.Trigger{"a": {{Alarm: "wake", State: "OK"}}})
	w.cloud.alarms[0].State = "ALARM"
	w.reads(1, 0)
	equal(t, "in ALARM", w.reads(1, 0), 0)
	w.cloud.alarms[0].State = "OK"
	equal(t, "in OK", w.reads(1, 1), 1)
}

// Where the alarms cannot be read nothing would make it due at once, so it is asked as often as the others.
func TestIdle_withoutAlarmsItIsAskedLikeTheOthers(t *testing.T) {
	w := slept(t)
	w.fail["DescribeAlarms by name"] = errThrottled
	equal(t, "asked", w.reads(10, 0), 10)
	equal(t, "the queue works", w.source(fleet.SourceQueue).Err, "")
}

func TestIdle_oneThatNoAlarmWakesIsAskedLikeTheOthers(t *testing.T) {
	w := slept(t)
	w.Watch(nil)
	equal(t, "asked", w.reads(10, 0), 10)
}

// What waited in the last minutes of a month is known before its totals are read for the last time.
func TestIdle_isAskedBeforeTheLastReadOfAMonth(t *testing.T) {
	epoch := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for asked, at := range map[time.Duration]map[time.Duration]bool{
		-time.Hour:       {9 * time.Minute: false, 10 * time.Minute: true, 14 * time.Minute: true},
		9 * time.Minute:  {10 * time.Minute: true},
		10 * time.Minute: {11 * time.Minute: false, 14 * time.Minute: false},
	} {
		for at, want := range at {
			equal(t, asked.String()+" "+at.String(), gate{asked: epoch.Add(asked)}.due(epoch.Add(at), 24*time.Hour, time.Minute), want)
		}
	}
}

func TestIdle_nothingIsReadOfAlarmsWhereEachTurnAsksTheGate(t *testing.T) {
	w := slept(t)
	w.options.Intervals.Idle = time.Minute
	equal(t, "asked", w.reads(10, 0), 10)
	equal(t, "alarms", w.asked["DescribeAlarms by name"], 0)
}

func TestIdle_aClockThatIsSetBackHidesNoQueue(t *testing.T) {
	w := slept(t)
	w.at = w.at.Add(-3 * time.Hour)
	equal(t, "asked", w.reads(2, 4), 2)
	equal(t, "others", w.Snapshot().Load.Queue, 4)
}

func TestIntervals_turnsOfTheQueue(t *testing.T) {
	for queue, want := range map[time.Duration]time.Duration{
		10 * time.Second: 10 * time.Second, time.Minute: time.Minute, 90 * time.Second: 45 * time.Second, 5 * time.Minute: time.Minute,
	} {
		i := Intervals{Queue: queue}
		equal(t, queue.String(), i.Due(fleet.SourceQueue, noon).Sub(noon), want)
	}
}

func TestStretched_endpointsThatSleepAreAskedLessOftenFirst(t *testing.T) {
	i := Intervals{Queue: time.Minute, Metrics: 5 * time.Minute}
	load := fleet.Load{Queue: 10, Idle: 10, Metrics: 50} // $4.32 each
	for budget, want := range map[float64]Intervals{
		13: {Queue: time.Minute, Idle: 0, Metrics: 5 * time.Minute},
		11: {Queue: time.Minute, Idle: 110 * time.Second, Metrics: 5 * time.Minute},
		9:  {Queue: time.Minute, Idle: 10 * time.Minute, Metrics: 306 * time.Second},
		1:  {Queue: 10 * time.Minute, Idle: 10 * time.Minute, Metrics: 10 * time.Minute},
	} {
		if got, _ := i.Stretched(load, budget, 10*time.Minute); got != want {
			t.Errorf("$%v: got %+v, want %+v", budget, got, want)
		}
	}
}

// While endpoints are described, those that are new are asked at once, and alone: the others have their turns, in which the
// alarms are read as ever.
func TestIdle_isWokenWhileOthersAreDescribed(t *testing.T) {
	w := slept(t)
	w.reads(1, 0)
	w.pass = &pass{began: w.at, at: w.at}
	w.cloud.alarms[0].State = "ALARM"
	w.at = w.at.Add(time.Minute)
	w.minutes("a", fleet.Backlog, w.at, append(slices.Repeat([]float64{0}, 30), 1)...)
	alarms := w.asked["DescribeAlarms by name"]
	w.Learn(w.NewQueues()(w.Context()))
	equal(t, "alarms are read beside the turns", w.asked["DescribeAlarms by name"], alarms)
	equal(t, "beside the turns", w.queue("a")[fleet.Backlog].Value, 0)
	w.ask(fleet.SourceQueue)
	equal(t, "in its turn", w.queue("a")[fleet.Backlog].Value, 1)
}
