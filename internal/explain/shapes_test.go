package explain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// moment is one in the life of a case.
type moment struct {
	instances int
	backlog   float64
	alarms    map[string]string // states, each for 20 minutes; the others are OK
}

// at is a case at a moment.
func at(name string, m moment) explain.Explanation { return explained(moved(cases.Named(name), m)) }

// moved is a case with what there is at a moment.
func moved(c cases.Case, m moment) cases.Case {
	now := c.Snapshot.At
	e := &c.Snapshot.Endpoints[0]
	value := func(v float64) fleet.Reading {
		return fleet.Reading{At: now.Add(-2 * time.Minute), Value: v, Expires: now.Add(time.Minute)}
	}
	e.Variants[0].Current, e.Variants[0].Desired = &m.instances, &m.instances
	e.Queue[fleet.Backlog], e.Queue[fleet.OldestAge], e.Queue[fleet.WithoutCapacity] = value(m.backlog), value(120), value(0)
	switch {
	case m.instances > 0:
		e.Queue[fleet.BacklogPerInstance] = value(m.backlog / float64(m.instances))
	case m.backlog > 0:
		e.Queue[fleet.WithoutCapacity] = value(1)
	}
	for i := range c.Snapshot.Alarms {
		a := &c.Snapshot.Alarms[i]
		a.State, a.StateSince = "OK", now.Add(-3*time.Hour)
		if state, ok := m.alarms[a.Name]; ok {
			a.State, a.StateSince = state, now.Add(-25*time.Minute)
		}
	}
	c.Snapshot.Rejoin()
	return c
}

// Shapes that no document shows are explained by what they do: nothing that works is called broken.
func TestShapes_areExplainedByWhatTheyDo(t *testing.T) {
	const in, out = "ALARM", "ALARM"
	for _, test := range []struct {
		name    string
		moment  moment
		state   explain.State
		link    explain.Name
		verdict explain.Verdict
		words   string // of the link
	}{
		{"05a-steps-alone", moment{0, 0, nil}, explain.Asleep, explain.Policy, explain.Unused, `"out" starts 8 instances when its alarm goes into ALARM`},
		{"05a-steps-alone", moment{0, 3, nil}, explain.Waking, explain.Alarm, explain.Waits, `The wake alarm "o" is not in ALARM yet`},
		{"05a-steps-alone", moment{8, 3, map[string]string{"o": out}}, explain.Working, explain.Target, explain.Unused, "From 0 to 8 instances"},
		{"05a-steps-alone", moment{8, 0, nil}, explain.ScalingIn, explain.Alarm, explain.Waits, "it goes into ALARM after"},
		{"05a-steps-alone", moment{8, 0, nil}, explain.ScalingIn, explain.Policy, explain.OK, `"in" removes idle instances`},
		{"06-steps-alone-strict-bounds", moment{8, 3, map[string]string{"o": out}}, explain.Working, explain.Alarm, explain.Unused, "no more instances are needed"},
		{"06-steps-alone-strict-bounds", moment{8, 0, nil}, explain.ScalingIn, explain.Alarm, explain.Waits, "it goes into ALARM after"},
		{"09a-own-scale-in", moment{1, 0, nil}, explain.ScalingIn, explain.Policy, explain.OK, `"in" removes idle instances`},
		{"09a-own-scale-in", moment{1, 0, map[string]string{"i": in}}, explain.ScalingIn, explain.Activity, explain.Waits, "acts on it each minute"},
		{"09a-own-scale-in", moment{1, 9, nil}, explain.ScalingOut, explain.Alarm, explain.Waits, "it goes into ALARM"},
		{"03-ladder", moment{10, 4, map[string]string{"l": out}}, explain.Working, explain.Alarm, explain.Unused, "no more instances are needed"},
		{"61a-exact-below-the-maximum", moment{4, 7, map[string]string{"o": out}}, explain.Working, explain.Activity, explain.Unused, "Nothing is asked of it."},
		{"61a-exact-below-the-maximum", moment{2, 7, map[string]string{"o": out}}, explain.Failing, explain.Activity, explain.Broken, "has been in ALARM for 25 min, and Application Auto Scaling does nothing"},
		{"61b-exact-ladder", moment{2, 7, map[string]string{"o": out}}, explain.Working, explain.Activity, explain.Unused, "Nothing is asked of it."},
		{"61b-exact-ladder", moment{2, 40, map[string]string{"o": out}}, explain.Failing, explain.Activity, explain.Broken, "does nothing"},
		{"61c-step-above-the-threshold", moment{2, 7, map[string]string{"o": out}}, explain.Working, explain.Activity, explain.Unused, "Nothing is asked of it."},
		{"61d-scale-in-ladder", moment{3, 14, map[string]string{"f": in}}, explain.Working, explain.Activity, explain.Unused, "Nothing is asked of it."},
		{"61d-scale-in-ladder", moment{3, 4, map[string]string{"f": in}}, explain.ScalingIn, explain.Activity, explain.Waits, "acts on it each minute"},
		{"62a-wakes-by-ok", moment{0, 0, map[string]string{"h": "ALARM"}}, explain.Asleep, explain.Alarm, explain.Unused, "it goes into OK once requests are queued"},
		{"62a-wakes-by-ok", moment{0, 3, map[string]string{"h": "ALARM"}}, explain.Waking, explain.Alarm, explain.Waits, "is not in OK yet"},
		{"62a-wakes-by-ok", moment{0, 3, nil}, explain.Failing, explain.Activity, explain.Broken, "has been in OK for 3 h 0 min, and Application Auto Scaling does nothing"},
		{"62b-wakes-by-ok-and-sleeps", moment{4, 3, nil}, explain.Working, explain.Activity, explain.Unused, "Nothing is asked of it."},
		{"62b-wakes-by-ok-and-sleeps", moment{4, 0, nil}, explain.ScalingIn, explain.Alarm, explain.Waits, "it goes into ALARM after"},
		{"43-ok-action", moment{3, 0, map[string]string{"q": out}}, explain.ScalingIn, explain.Alarm, explain.Waits, "it goes into OK after"},
		{"43-ok-action", moment{3, 0, nil}, explain.Failing, explain.Activity, explain.Broken, "has been in OK for 3 h 0 min, and Application Auto Scaling does nothing"},
		{"12-unknown-function", moment{0, 0, nil}, explain.Asleep, explain.Alarm, explain.Unused, `is not judged: the alarm "w": `},
		{"12-unknown-function", moment{0, 3, nil}, explain.Waking, explain.Alarm, explain.Waits, "DIFF"},
		{"02-burst-alone", moment{0, 3, nil}, explain.Failing, explain.Alarm, explain.Broken, "wakes only from 10 queued requests on"},
	} {
		e := at(test.name, test.moment)
		if e.Conclusion.State != test.state {
			t.Errorf("%s %+v: %s: %s", test.name, test.moment, e.Conclusion.State, e.Conclusion.Sentence)
		}
		for _, link := range e.Links {
			if link.Name == test.link && (link.Verdict != test.verdict || !strings.Contains(link.Sentence, test.words)) {
				t.Errorf("%s %+v: %s: %s %q; want %s %q", test.name, test.moment, link.Name, link.Verdict, link.Sentence, test.verdict, test.words)
			}
		}
	}
}

// Requests that wait at zero instances: what is not judged is promised no instance, and one variant that wakes is enough.
func TestShapes_queuedAtZero(t *testing.T) {
	for name, want := range map[string]string{
		"12-unknown-function":          `asr has queued requests: 3 requests wait, the oldest since 08:56 UTC (4 min), no instance runs; whether they wake it is not judged: the alarm "w": the metric math function DIFF is not modelled.`,
		"28-one-of-two-variants-wakes": "asr wakes: 3 requests wait, the oldest since 08:56 UTC (4 min), no instance runs; the first instance should run between 09:00 and 09:14 UTC.",
	} {
		if e := at(name, moment{0, 3, nil}); !e.Healthy() || e.Conclusion.State != explain.Waking || e.Conclusion.Sentence != want {
			t.Errorf("%s: %s %q", name, e.Conclusion.State, e.Conclusion.Sentence)
		}
	}
}

// At its minimum a variant rests, whatever would remove more; above it that is what is broken.
func TestShapes_lowAlarmGone(t *testing.T) {
	if e := at("81a-low-alarm-gone-at-one", moment{1, 0, nil}); !e.Healthy() {
		t.Errorf("at the minimum: %s", e.Conclusion.Sentence)
	}
	if e := at("81c-low-alarm-gone-three-idle", moment{3, 0, nil}); e.Healthy() || !strings.Contains(e.Conclusion.Sentence, "is gone") {
		t.Errorf("above it: %s", e.Conclusion.Sentence)
	}
}

// What is not judged is said as that, with its reason, and no more instances are promised to go.
func TestShapes_idleInstancesThatNothingIsKnownToRemove(t *testing.T) {
	for name, words := range map[string]string{
		"07-scale-in-by-own-metric": "Whether idle instances are removed is not judged: ",
		"08-host-load":              "",
	} {
		e := at(name, moment{1, 0, nil})
		if c := e.Conclusion; strings.Contains(c.Sentence, "scales in") || words != "" && strings.Contains(c.Sentence, "paid for") {
			t.Errorf("%s: %s %q", name, c.State, c.Sentence)
		}
		for _, link := range e.Links {
			if link.Name == explain.Alarm && !strings.Contains(link.Sentence, words) {
				t.Errorf("%s: %q does not say %q", name, link.Sentence, words)
			}
		}
	}
}

// Whatever a case does at the moment, the alarm link and the checks agree: where nothing fails above info, nothing is broken.
func TestShapes_whereNoCheckFailsNoAlarmAndNoPolicyIsBroken(t *testing.T) {
	for _, c := range cases.All() {
		if len(c.Failed) > 0 {
			continue
		}
		moments := []moment{{0, 0, nil}, {0, 3, nil}, {1, 3, nil}, {2, 1, nil}, {1, 0, nil}}
		for _, alarm := range c.Snapshot.Alarms { // left in ALARM while an instance has work
			moments = append(moments, moment{1, 1, map[string]string{alarm.Name: "ALARM"}})
		}
		for _, m := range moments {
			for _, link := range at(c.Name, m).Links {
				if (link.Name == explain.Alarm || link.Name == explain.Policy) && link.Verdict == explain.Broken {
					t.Errorf("%s %+v: %s: %q", c.Name, m, link.Name, link.Sentence)
				}
			}
		}
	}
}

// An endpoint that sleeps is woken by the variant that comes first, whichever is listed first.
func TestShapes_asleepWithTwoVariants(t *testing.T) {
	for _, name := range []string{
		"28g-overflow-beside-one-that-wakes", "28h-overflow-switched-off-beside-one-that-wakes", "28j-none-allowed-beside-one-that-wakes",
		"30c-no-target-beside-one-that-wakes",
	} {
		if c := explained(cases.Named(name)).Conclusion; c.State != explain.Asleep || !strings.Contains(c.Sentence, "an instance should run 3 min to 18 min after the next request comes") {
			t.Errorf("%s: %s %q", name, c.State, c.Sentence)
		}
	}
}
