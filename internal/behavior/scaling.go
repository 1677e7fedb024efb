package behavior

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
)

// starts asks about the time between the decision to start and the first minutes of work. SageMaker refuses changes
// while the endpoint is updating, so nothing follows from what is asked for before the first instance runs.
func (j *judge) starts() {
	j.settle(scene{of: Starting, desired: 1, requests: 1, before: asleep(1), now: asleep(1)})
	n := max(1, min(j.b.Wakes.To+1, j.target.MaxCapacity))
	later := awake(n, float64(n), 0) // one request for each is enough to have work
	now := later
	now.has = autoscaling.Exactly(1)
	out := j.settle(scene{of: JustStarted, running: n, desired: n, before: asleep(n), now: now})
	d, ok := falls(out, n)
	if !ok || n > j.target.MaxCapacity || j.policies[d.Policy].Step == nil {
		return
	}
	act := j.act(JustStarted, out, d, n)
	after := j.model.SettleIn(j.situation(scene{of: JustStarted, running: n, desired: n, before: asleep(n), now: later}), &j.room)
	if again, ok := falls(after, n); !ok || again.Policy != d.Policy { // else it is no matter of the start
		j.b.RemovesBusy = append(j.b.RemovesBusy, act)
	}
}

// scalesOut asks whether a queue adds instances, the first of them from the fewest that may run.
func (j *judge) scalesOut() {
	s, n := &j.b.ScalesOut, max(1, j.target.MinCapacity)
	per := j.context.moderate(j.c)
	overload := func(of Situation, n int, per float64) autoscaling.Outcome {
		age := per / float64(max(1, j.c)) // in service times
		service := cmp.Or(j.context.Service, assumedService)
		return j.settle(scene{
			of: of, running: n, desired: n, before: awake(n, 0, 0), now: awake(n, per*float64(n), age*service.Seconds()),
		})
	}
	moderate := overload(ModerateOverload, n, per)
	burst := overload(Overloaded, n, far)
	if j.target.MaxCapacity <= n {
		s.Level = NotNeeded
		return
	}
	if d, ok := rises(moderate, n); ok {
		s.Level, s.By = Moderate, j.path(d.Alarm, d.Policy)
		return
	}
	unsure := func(out autoscaling.Outcome) bool { return max(out.First.Most, out.Final.Most) > n }
	switch d, ok := rises(burst, n); {
	case unsure(moderate):
		s.Level, s.Reason = LevelOpen, cmp.Or(moderate.First.Reason, moderate.Final.Reason)
	case ok:
		s.Level, s.By = BurstOnly, j.path(d.Alarm, d.Policy)
	case unsure(burst):
		s.Level, s.Reason = LevelOpen, cmp.Or(burst.First.Reason, burst.Final.Reason)
	default:
		s.Level = Never
	}
	if s.Level != LevelOpen {
		out, ok := j.unmuted(scene{of: ModerateOverload, running: n, desired: n, before: awake(n, 0, 0), now: awake(n, per*float64(n), 0)})
		if _, rises := rises(out, n); ok && rises {
			s.Silenced = true
		}
	}
}

// unmuted asks what would happen without mute rules; ok is false where none silences an alarm.
func (j *judge) unmuted(s scene) (out autoscaling.Outcome, ok bool) {
	if !slices.ContainsFunc(j.b.Alarms, func(a Alarm) bool { return a.Muted }) {
		return out, false
	}
	model := autoscaling.NewModel(j.target, j.policies, j.alarms[:j.read], nil)
	return model.Settle(j.situation(s)), true
}

// scalesIn removes idle instances step by step, once with what is certain and once with what is possible.
func (j *judge) scalesIn() {
	s, least, top := &j.b.ScalesIn, j.target.MinCapacity, max(j.target.MaxCapacity, 1)
	idle := map[int]autoscaling.Outcome{}
	at := func(n int) autoscaling.Outcome {
		out, ok := idle[n]
		if !ok {
			out = j.settle(scene{of: Idle, running: n, desired: n, before: pressed(n), now: awake(n, 0, 0)})
			idle[n] = out
		}
		return out
	}
	certain := j.walk(top, least, func(n int) int {
		out := at(n)
		if n < top { // its alarms are at rest by then
			out.First = out.Final
		}
		if d, ok := falls(out, n); ok {
			if s.By == (Path{}) {
				s.By = j.path(d.Alarm, d.Policy)
			}
			return d.Most
		}
		return n
	})
	possible := j.walk(top, least, func(n int) int {
		out := at(n)
		if j.own != j.model { // by chance too
			out = j.model.SettleIn(j.situation(scene{of: Idle, running: n, desired: n, before: pressed(n), now: awake(n, 0, 0)}), &j.room)
		}
		to := min(out.First.Least, out.Final.Least)
		if to < n && certain >= n {
			s.Reason = cmp.Or(s.Reason, j.because(cmp.Or(out.First.Reason, out.Final.Reason)))
		}
		return to
	})
	s.To, s.Possible = certain, min(certain, possible)
	if certain > least {
		out, ok := j.unmuted(scene{of: Idle, running: certain, desired: certain, before: pressed(certain), now: awake(certain, 0, 0)})
		if _, falls := falls(out, certain); ok && falls {
			s.Silenced = true
		}
	}
	switch {
	case certain < top:
		s.Verdict = Yes
	case possible < top:
		s.Verdict = NotJudged
	}
}

// because is the reason with the alarm that it is about: the first that may act by it.
func (j *judge) because(reason string) string {
	alarm := ""
	for key, wire := range j.paths {
		if name := j.b.Alarms[key[0]].Name; reason != "" && wire.reason == reason && name != "" && (alarm == "" || name < alarm) {
			alarm = name
		}
	}
	if alarm == "" {
		return reason
	}
	return "the alarm " + strconv.Quote(alarm) + ": " + reason
}

// walk follows the capacity down from the top until it stays. Small steps from many instances are followed at both ends
// alone: between them nothing differs.
func (j *judge) walk(top, least int, next func(n int) int) int {
	const steps = 4
	n := top
	for i := 0; n > least; i++ {
		to := max(next(n), least)
		if to >= n {
			return n
		}
		if i == steps && to > least+steps {
			to = least + steps
		}
		n = to
	}
	return n
}

// one asks what a single request adds to the instances that it woke, or to the fewest that may run.
func (j *judge) one() {
	n := max(1, j.target.MinCapacity)
	if j.b.Sleeps && j.b.Wakes.To > 0 {
		n = j.b.Wakes.To
	}
	for _, s := range []scene{
		{of: OneRequest, running: n, desired: n, before: awake(n, 0, 0), now: awake(n, 1, 0)},
		{of: Idle, running: n, desired: n, before: pressed(n), now: awake(n, 0, 0)},
	} {
		out := j.settle(s)
		if d := out.Final; d.Least > n && j.variant.Target != nil && !j.exact(d.Policy) {
			act := j.act(s.of, out, d, n)
			act.To = j.climb(s, d.Least)
			j.b.ScalesOutForNothing = append(j.b.ScalesOutForNothing, act)
		}
	}
}

// climb follows how many instances the same situation ends with.
func (j *judge) climb(s scene, n int) int {
	requests, _ := s.now.backlog.Exact()
	for range 10 { // steps; more lead to the maximum
		s.running, s.desired, s.now = n, n, awake(n, requests, 0)
		d := j.model.SettleIn(j.situation(s), &j.room).Final
		if d.Least <= n {
			return n
		}
		n = d.Least
	}
	return j.target.MaxCapacity
}

// exact tells whether a policy sets an exact capacity: then one request gets the instances that somebody chose for it, and
// no more.
func (j *judge) exact(policy int) bool {
	return policy >= 0 && j.policies[policy].Step != nil && j.policies[policy].Step.AdjustmentType == "ExactCapacity"
}
