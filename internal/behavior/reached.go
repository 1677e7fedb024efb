package behavior

import (
	"slices"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
)

// mostReached is how many numbers of instances are followed: with more, every number is taken for reached.
const mostReached = 12

// reached are the numbers of instances that the variant comes to by itself, sorted: from the minimum, what wakes it and what schedules set,
// by whatever its alarms ask for at any load. All is true where that may be any number up to the maximum. It takes a while, so it is asked
// only where it decides something.
func (j *judge) reached() (reached []int, all bool) {
	add := func(n int) {
		n = min(max(n, j.target.MinCapacity), j.target.MaxCapacity)
		if n > 0 && !slices.Contains(reached, n) {
			reached = append(reached, n)
		}
	}
	add(j.target.MinCapacity)
	for _, action := range j.variant.Scheduled {
		if action.MinCapacity != nil {
			add(*action.MinCapacity)
		}
	}
	if j.target.MinCapacity == 0 {
		if j.b.Wakes.Verdict != Yes { // somebody starts the instances, as many as they like
			return nil, true
		}
		add(j.b.Wakes.To)
	}
	levels := j.levels()
	for i := 0; i < len(reached); i++ {
		if i == mostReached {
			return nil, true
		}
		n := reached[i]
		for _, s := range j.around(n, levels) {
			s.running, s.desired = n, n
			out := j.model.SettleIn(j.situation(s), &j.room)
			if j.free(out.First, n) || j.free(out.Final, n) {
				return nil, true
			}
			add(out.First.Most)
			add(out.Final.Most)
			add(out.First.Least)
			add(out.Final.Least)
		}
	}
	slices.Sort(reached)
	return reached, false
}

// around are the loads at which so many instances become others: none, those that thresholds and bounds name, and the first minutes after a
// start.
func (j *judge) around(n int, levels []level) []scene {
	just := awake(n, float64(n), 0)
	just.has = pressed(n).has
	scenes := []scene{{of: Idle, before: pressed(n), now: awake(n, 0, 0)}, {of: JustStarted, before: asleep(n), now: just}}
	for _, r := range loads(n, n*max(1, j.capacity()), levels) {
		scenes = append(scenes,
			scene{of: AtWork, before: pressed(n), now: awake(n, float64(r), 0)}, scene{of: AtWork, before: awake(n, 0, 0), now: awake(n, float64(r), 0)})
	}
	return scenes
}

// free tells whether a decision adds instances to n other than by setting an exact number: repeated, it leads anywhere.
func (j *judge) free(d autoscaling.Decision, n int) bool { return d.Most > n && !j.exact(d.Policy) }
