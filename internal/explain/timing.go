package explain

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// What is known of how long the parts of AWS take.
const (
	lagLeast   = fleet.LagLeast
	lagMost    = fleet.LagMost
	actsIn     = fleet.ActsIn
	stateAlarm = "ALARM"
)

// After how long the alerts are of the opinion that somebody has to look. They are the "for" of
// alerts/sagemaker-async.yaml, as far as one look can tell for how long something has been so.
const (
	nothingDone   = 10 * time.Minute // WakeAlarmWithoutActivity
	nothingComes  = 20 * time.Minute // CapacityMissing
	fullFor       = 20 * time.Minute // AtMaxNotDraining
	asleepFor     = 30 * time.Minute // BacklogWithoutCapacity
	refusalCounts = time.Hour        // ScaleOutRefused looks back so far
	// beyondFor is how long the oldest request waits for longer than its objective when LatencyObjectiveMissed has had
	// enough: 14.4 % of an hour.
	beyondFor = 9 * time.Minute
)

// idleFor is how long the low alarm may be in ALARM before it is strange that nothing happens: cooldowns are over by then.
const idleFor = 30 * time.Minute

// window is a time within which something is to be expected; the zero window says that nobody knows when.
type window struct{ from, to time.Time }

// known tells whether there is one.
func (w window) known() bool { return !w.to.IsZero() }

// after moves the window on, by so much at least and at most.
func (w window) after(least, most time.Duration) window {
	if !w.known() {
		return w
	}
	return window{w.from.Add(least), w.to.Add(most)}
}

// yet is the window as it is now: what has passed of it is over.
func (w window) yet(at time.Time) window {
	if w.known() && w.from.Before(at) {
		w.from = at
	}
	return w
}

// over tells whether all of it has passed.
func (w window) over(at time.Time) bool { return w.known() && w.to.Before(at) }

// words are the window for people.
func (w window) words(at time.Time) string {
	from, to := fleet.Minute(w.from, at), fleet.Minute(w.to, at)
	if from == to || !w.from.After(at) {
		return "by " + to
	}
	return "between " + clock(w.from, at) + " and " + to
}

// clock is a moment without UTC behind it, where that follows.
func clock(t, at time.Time) string {
	words := fleet.Minute(t, at)
	return words[:len(words)-len(" UTC")]
}

// next is what is to be expected, and when.
type next struct {
	what string // an alarm goes into ALARM, an instance runs: a closed set, for tools
	when window
}

// What is to be expected.
const (
	nextAlarm       = "goes_into_alarm"
	nextActivity    = "auto_scaling_acts"
	nextInstance    = "instance_runs"
	nextFewer       = "instances_stop"
	nextCompletion  = "request_done"
	nextCooldownEnd = "cooldown_ends"
)
