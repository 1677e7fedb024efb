package behavior

import (
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// An alarm that asks for M of N periods, or for long ones, stays in a state for long after the situation has changed, and acts
// again each minute. What was right before the first instances ran is not right any more.

// What lies between a request and the moment at which nothing but such an alarm acts.
const (
	usualStart = 5 // minutes of an instance; half a minute to 11 were measured
	quickStart = 30 * time.Second
	// skew is how many minutes later one metric may be seen than another. HasBacklogWithoutCapacity is 1 for up to three minutes after
	// a start, and for none at the least: then nothing holds up what removes the instances.
	skew = int((fleet.LagMost - fleet.LagLeast) / time.Minute)
)

// woken asks what alarms that are left in the state of the time before do to the instances that a request has started: those that
// have been idle for long take them away again, those that woke add more.
func (j *judge) woken() {
	w := &j.b.Wakes
	if w.Verdict != Yes || !j.b.Sleeps || !j.lingers() {
		return
	}
	n, requests := max(1, min(w.To, j.target.MaxCapacity)), w.From
	bounds := autoscaling.Bounds{Max: j.target.MaxCapacity, Suspended: j.target.Suspended}
	waiting, working := asleep(requests), awake(n, float64(requests), 0)
	var rooms [2]autoscaling.Room
	rest := j.own.SettleIn(j.situation(scene{of: Woken, running: n, desired: n, before: waiting, now: working}), &rooms[0])
	idle := j.own.SettleIn(j.situation(scene{of: Woken, before: asleep(0), now: waiting}), &rooms[1])
	wakes := slices.IndexFunc(j.b.Alarms, func(a Alarm) bool { return a.Name == w.By.Alarm })
	j.late(&idle, wakes)
	for start := usualStart; start >= 0; start-- { // in minutes, and 0 for half a one
		// The minutes in which the request comes and in which the instances begin to run lie partly in the time before.
		runs := int(w.After/time.Minute) + start + 2
		again := func(since int) int { // more are asked for meanwhile, and nothing is removed before those run
			if n == bounds.Max || start+since < j.coolsDown(w.By.Policy) {
				return 0
			}
			return start
		}
		if d, since := j.taken(idle, rest, runs, again, bounds, n); d.Most < j.working(n, requests) && j.same(d.Alarm) {
			j.removesBusy(Act{
				Path: j.path(d.Alarm, d.Policy), Situation: Woken, From: n, To: d.Most, Requests: requests, After: minutes(runs + since), Within: max(quickStart, minutes(start)),
			})
			break
		}
	}
	j.goesOn(rest, bounds, n, requests)
}

// late lets the alarms of an outcome see the change as late as may be, but for the one that wakes the variant and those that watch the
// same metric.
func (j *judge) late(out *autoscaling.Outcome, wakes int) {
	for i := range out.Alarms {
		if wakes >= 0 && !shares(&j.alarms[wakes], &j.alarms[i]) {
			steps := out.Alarms[i].Steps
			for k := 1; k < len(steps); k++ {
				steps[k].Minute += skew
			}
		}
	}
}

// shares tells whether two alarms watch a metric that is the same.
func shares(a, b *fleet.Alarm) bool {
	for one := range a.Metrics() {
		for other := range b.Metrics() {
			if one.Equal(*other) {
				return true
			}
		}
	}
	return false
}

// taken is the first decision that removes some of the instances that run since so many minutes after the request came, and how many
// minutes later that is; again are the minutes that are lost until then. Between the changes of alarms nothing differs, and what is
// left of the time before only becomes less.
func (j *judge) taken(idle, rest autoscaling.Outcome, runs int, again func(since int) int, bounds autoscaling.Bounds, n int) (d autoscaling.Decision, since int) {
	changes := []int{0}
	for i := range rest.Alarms {
		for _, step := range rest.Alarms[i].Steps {
			changes = append(changes, step.Minute)
		}
	}
	slices.Sort(changes)
	for _, since = range slices.Compact(changes) {
		since += again(since)
		d = j.own.Meanwhile(idle, runs+since, rest, since, bounds, autoscaling.Instances{Desired: n, Running: n})
		if d.Most < n {
			break
		}
	}
	return d, since
}

// coolsDown are the minutes for which a policy adds no more.
func (j *judge) coolsDown(policy string) int {
	i := slices.IndexFunc(j.policies, func(p fleet.Policy) bool { return p.Name == policy })
	if i < 0 {
		return 0
	}
	return int(autoscaling.Cooldown(&j.policies[i], true) / time.Minute)
}

// goesOn follows what the alarms that woke the variant add to the instances that run, by the cooldowns of their policies. Those have
// begun again when the instances run.
func (j *judge) goesOn(rest autoscaling.Outcome, bounds autoscaling.Bounds, from, requests int) {
	n, minute := from, 0
	var first autoscaling.Decision
	for n < bounds.Max {
		at := func(minute int) (autoscaling.Decision, bool) {
			d := j.own.Meanwhile(rest, minute, rest, minute, bounds, autoscaling.Instances{Desired: n, Running: n})
			return d, d.Least > n && j.same(d.Alarm) && j.policies[d.Policy].Step != nil && !j.exact(d.Policy)
		}
		d, rises := at(minute + 1)
		if !rises {
			break
		}
		minute += max(1, int(fleet.Cooldown(j.policies[d.Policy].Step.Cooldown)/time.Minute))
		if d, rises = at(minute); !rises {
			break
		}
		if n == from {
			first = d
		}
		n = d.Least
	}
	same := func(a Act) bool { return a.Path == j.path(first.Alarm, first.Policy) }
	if n > from && !slices.ContainsFunc(j.b.ScalesOutForNothing, same) {
		j.b.ScalesOutForNothing = append(j.b.ScalesOutForNothing, Act{
			Path: j.path(first.Alarm, first.Policy), Situation: Woken, From: from, To: n, Requests: requests, After: minutes(minute),
		})
	}
}

// same tells whether what an alarm has seen is worth the same until it leaves the state: a period that lies half before the change of
// the situation has an average of its own.
func (j *judge) same(alarm int) bool {
	a := &j.alarms[alarm]
	switch {
	case a.Period <= time.Minute:
		return true
	case len(a.Math) > 0:
		return false
	case a.Statistic == "Sum": // as long as one of the minutes is enough for itself
		minute := asleep(1)
		beyond, known := autoscaling.Breaches(a, minute.value(&a.Metric, j.endpoint.Name, j.variant.Name))
		return beyond && known && strings.HasPrefix(a.Comparison, "GreaterThan") && j.whatever(alarm)
	}
	return a.Statistic == "Maximum" || a.Statistic == "Minimum"
}

// whatever tells whether the policies that an alarm triggers do the same at each value beyond its threshold.
func (j *judge) whatever(alarm int) bool {
	for i := range j.policies {
		step := j.policies[i].Step
		if slices.Contains(j.b.Alarms[alarm].Triggers, j.policies[i].Name) && (step == nil || len(step.Adjustments) != 1 || step.Adjustments[0].Upper != nil) {
			return false
		}
	}
	return true
}

// lingers tells whether an alarm may stay in a state that triggers a policy for longer than it takes to start an instance.
func (j *judge) lingers() bool {
	for i := range j.alarms {
		a := &j.alarms[i]
		if i >= j.read || len(j.b.Alarms[i].Triggers) == 0 {
			continue
		}
		some := a.DatapointsToAlarm > 0 && a.DatapointsToAlarm < a.EvaluationPeriods
		if some || a.Period > time.Minute || len(a.Math) > 0 || len(a.OKActions)+len(a.InsufficientDataActions) > 0 {
			return true
		}
	}
	return false
}
