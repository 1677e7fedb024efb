package autoscaling

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Course is how an alarm takes a situation.
type Course struct {
	Before, Final States // at rest before the change, and at rest after it
	Alarm         int    // minutes until the alarm is certainly in ALARM, 0 if it was before; -1: it never is
	Perhaps       int    // minutes until it is in ALARM at the earliest; -1: it never is
	Flaps         bool   // it leaves a state and comes back to it
	Watched       Value  // what the state at rest rests on
	Reason        string // why the state at rest is not judged
	Steps         []Step // every change, the state before as that of minute 0
}

// Step is a change of an alarm.
type Step struct {
	Minute  int // after the change of the situation
	States  States
	Watched Value // what the state rests on; missing where that is missing data
	Reason  string
}

// at is the step that holds in a minute.
func (c *Course) at(minute int) Step {
	last := c.Steps[0]
	for _, step := range c.Steps {
		if step.Minute <= minute {
			last = step
		}
	}
	return last
}

// steady runs an alarm from rest before the change of a situation until it is at rest after it.
func steady(a *fleet.Alarm, w *Watch, s Situation) Course {
	var stack [4]history
	h := stack[:0]
	for _, input := range w.Inputs {
		h = append(h, historyOf(input, s))
	}
	rest := look(a, w, h, s.Late, -1, InsufficientData) // as if it had been made without data
	c := Course{Before: rest.States, Alarm: -1, Perhaps: -1, Steps: make([]Step, 1, 3)}
	c.Steps[0] = Step{0, rest.States, rest.Watched, rest.Reason}
	states := rest.States
	last := rest
	// After the range and the late minutes nothing of the time before is left in any window.
	for minute := 1; minute <= horizon(a, w, s.Late); minute++ {
		last = look(a, w, h, s.Late, minute, states)
		if step := &c.Steps[len(c.Steps)-1]; last.States != states {
			c.Steps = append(c.Steps, Step{minute, last.States, last.Watched, last.Reason})
		} else {
			step.Watched, step.Reason = last.Watched, last.Reason
		}
		states = last.States
	}
	c.Final, c.Watched, c.Reason = states, last.Watched, last.Reason
	c.note()
	return c
}

// note tells what the steps come to.
func (c *Course) note() {
	seen := States(0)
	for i, step := range c.Steps {
		if c.Alarm < 0 && step.States.Certain(Alarm) {
			c.Alarm = step.Minute
		}
		if c.Perhaps < 0 && step.States.Possible(Alarm) {
			c.Perhaps = step.Minute
		}
		c.Flaps = c.Flaps || i > 0 && step.States.Judged() && seen&step.States != 0
		if step.States.Judged() {
			seen |= step.States
		}
	}
}

// horizon is the number of minutes after which an alarm sees nothing of the time before.
func horizon(a *fleet.Alarm, w *Watch, late int) int {
	periods := Range(a)
	if !w.Simple() {
		periods *= 2 // REPEAT looks further back
	}
	return late + 1 + int((time.Duration(periods)*w.Period+time.Minute-1)/time.Minute)
}

// history is one input of an alarm, one value a minute.
type history struct {
	statistic   string
	before, now Value
}

// historyOf asks a situation about an input.
func historyOf(input Input, s Situation) history {
	unit, ok, known := Published(input.Metric)
	if known && (!ok || input.Unit != "" && input.Unit != unit) {
		return history{input.Statistic, Missing(), Missing()}
	}
	before, now := s.Metric(input.Metric)
	return history{input.Statistic, before, now}
}

// minute is the value so many minutes ago, if the situation began so many minutes ago.
func (h *history) minute(ago, late, since int) Value {
	switch {
	case ago < late:
		return Missing()
	case ago < since:
		return h.now
	}
	return h.before
}

// look judges an alarm a number of minutes after the change.
func look(a *fleet.Alarm, w *Watch, h []history, late, since int, before States) Judgement {
	if w.Simple() && a.Period == time.Minute {
		return glance(a, &h[0], late, since, before)
	}
	read := func(input, ago int) Value {
		return Period(h[input].statistic, w.Period, ago, func(ago int) Value { return h[input].minute(ago, late, since) })
	}
	return Judge(a, before, func(ago int) Value { return w.At(ago, read) })
}

// glance judges the usual alarm, of one metric by the minute: its window is three runs of equal values.
func glance(a *fleet.Alarm, h *history, late, since int, before States) Judgement {
	length := Range(a)
	late = min(late, length)
	now := min(max(since-late, 0), length-late)
	var stack [3]run
	runs := stack[:0]
	for _, r := range []struct {
		v Value
		n int
	}{{Missing(), late}, {h.now, now}, {h.before, length - late - now}} {
		if r.n > 0 {
			runs = append(runs, runOf(a, one(h.statistic, r.v), r.n))
		}
	}
	return judge(a, before, runs)
}
