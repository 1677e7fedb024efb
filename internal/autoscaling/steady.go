package autoscaling

import (
	"cmp"
	"slices"
	"sort"
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

// at is the step that holds in a minute; left tells that it is left of the time before, and will change.
func (c *Course) at(minute int) (step *Step, left bool) {
	i := len(c.Steps) - 1
	for i > 0 && c.Steps[i].Minute > minute {
		i--
	}
	return &c.Steps[i], i == 0 && len(c.Steps) > 1
}

// steady runs an alarm from rest before the change of a situation until it is at rest after it. Before, it was as if it had
// been made without data. The steps are appended to an empty list.
func steady(a *fleet.Alarm, w *Watch, s *Situation, steps []Step) Course {
	look := general
	if w.Simple() && a.Period == time.Minute {
		look = usual
	}
	l := look(a, w, s)
	states := l.look(-1, InsufficientData).states
	c := Course{Before: states, Alarm: -1, Perhaps: -1, Steps: append(steps, l.step(0, -1, states))}
	for minute, last := 1, 0; minute <= l.horizon; minute = l.next(minute) {
		if next := l.look(minute, states).states; next != states {
			if minute-last > 1 && l.marked == 0 {
				minute, next = l.when(last, minute, states)
			}
			states = next
			c.Steps = append(c.Steps, l.step(minute, minute, states))
		}
		last = minute
	}
	last := &c.Steps[len(c.Steps)-1]
	*last = l.step(last.Minute, l.horizon, states)
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

// history is one input of an alarm, one value a minute.
type history struct{ before, now Value }

// historyOf asks a situation about an input.
func historyOf(input *Input, s *Situation) history {
	if input.never {
		return history{Missing(), Missing()}
	}
	before, now := s.Metric(input.Metric)
	return history{before, now}
}

// over are the values of so many minutes, the newest of them so many minutes ago, if the situation began since minutes ago and the
// newest minutes are late: those that are late, those of the situation, and those before it.
func (h *history) over(ago, minutes, late, since int) [3]stretch {
	missing := min(max(late-ago, 0), minutes)
	now := min(max(since-ago-missing, 0), minutes-missing)
	return [3]stretch{{Missing(), missing}, {h.now, now}, {h.before, minutes - missing - now}}
}

// looker judges an alarm a number of minutes after the change of a situation.
type looker struct {
	alarm   *fleet.Alarm
	late    int
	horizon int // minutes after which nothing of the time before is left in any window
	length  int
	marks   [8]int // the only minutes in which the state can change, where that is known
	marked  int
	stride  int                   // minutes from one look to the next where no marks are known; a long period is not followed by the minute
	three   [3]run                // the usual window: late minutes, those since the change, those before it
	runs    func(since int) []run // any other window
}

// usual looks at an alarm of one metric by the minute: its window is three runs of equal values.
func usual(a *fleet.Alarm, w *Watch, s *Situation) looker {
	h, statistic := historyOf(&w.Inputs[0], s), w.Inputs[0].Statistic
	l := looker{alarm: a, late: min(s.Late, w.reach), length: w.reach}
	l.three = [3]run{runOf(a, Missing(), l.late), runOf(a, one(statistic, h.now), 0), runOf(a, one(statistic, h.before), 0)}
	l.horizon = l.length + 1
	n, m := a.EvaluationPeriods, cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods)
	if l.three[1].value.there == present && l.three[2].value.there == present && l.late+n <= l.length {
		// Every window is full. So many of the evaluated datapoints are new as minutes are over, and the number that breach
		// crosses DatapointsToAlarm at one of these.
		l.horizon = l.late + n
		l.mark(1, l.late+1, l.late+m, l.late+n-m+1, l.horizon)
	}
	return l
}

// mark notes minutes, in ascending order.
func (l *looker) mark(minutes ...int) {
	slices.Sort(minutes)
	for _, minute := range minutes {
		if l.marked == 0 || l.marks[l.marked-1] != minute {
			l.marks[l.marked] = minute
			l.marked++
		}
	}
}

// next is the next minute worth a look.
func (l *looker) next(minute int) int {
	for _, mark := range l.marks[:l.marked] {
		if mark > minute {
			return mark
		}
	}
	if next := minute + max(1, l.stride); next < l.horizon {
		return next
	}
	return max(minute+1, l.horizon)
}

// when is the minute between two looks in which the alarm leaves its state.
func (l *looker) when(after, until int, states States) (minute int, next States) {
	minute = after + 1 + sort.Search(until-after-1, func(i int) bool { return l.look(after+1+i, states).states != states })
	return minute, l.look(minute, states).states
}

// general looks at any alarm, datapoint by datapoint.
func general(a *fleet.Alarm, w *Watch, s *Situation) looker {
	h := make([]history, len(w.Inputs))
	for i := range w.Inputs {
		h[i] = historyOf(&w.Inputs[i], s)
	}
	l := looker{alarm: a, late: s.Late}
	reach := w.reach
	if !w.Simple() {
		reach *= 2 // REPEAT looks further back
	}
	l.horizon = s.Late + 1 + int((time.Duration(reach)*w.Period+time.Minute-1)/time.Minute)
	l.stride = max(int(w.Period/(10*time.Minute)), l.horizon/64)
	runs := make([]run, 0, min(w.reach, 8))
	if w.Simple() && w.Period >= time.Minute {
		l.runs = func(since int) []run {
			runs = long(runs[:0], a, w, &h[0], s.Late, since)
			return runs
		}
		return l
	}
	l.runs = func(since int) []run {
		read := func(input, ago int) Value {
			return period(w.Inputs[input].Statistic, w.Period, ago, func(ago, minutes int) [3]stretch { return h[input].over(ago, minutes, s.Late, since) })
		}
		runs = runs[:0]
		for ago := range w.reach {
			runs = append(runs, runOf(a, w.At(ago, read), 1))
		}
		return runs
	}
	return l
}

// long are the periods of an alarm of one metric: those that lie whole in the time before, in the late minutes or between them show the
// same, and are one run.
func long(runs []run, a *fleet.Alarm, w *Watch, h *history, late, since int) []run {
	length := int(w.Period / time.Minute)
	for ago := 0; ago < w.reach; {
		first, whole := ago*length, w.reach-ago
		switch {
		case first < late:
			whole = min(whole, (late-first)/length)
		case first < since:
			whole = min(whole, (since-first)/length)
		}
		values := h.over(first, length, late, since)
		whole = max(whole, 1)
		runs = append(runs, runOf(a, show(w.Inputs[0].Statistic, values[:]), whole))
		ago += whole
	}
	return runs
}

// window is the window so many minutes after the change.
func (l *looker) window(since int) []run {
	if l.runs != nil {
		return l.runs(since)
	}
	now := min(max(since-l.late, 0), l.length-l.late)
	l.three[1].n, l.three[2].n = now, l.length-l.late-now
	return l.three[:]
}

func (l *looker) look(since int, before States) verdict {
	return judge(l.alarm, before, l.window(since))
}

// step is the change of an alarm in a minute, with what it rests on so many minutes after the change of the situation.
func (l *looker) step(minute, since int, states States) Step {
	runs := l.window(since)
	return Step{minute, states, watched(l.alarm, states, runs), why(l.alarm, states, runs)}
}
