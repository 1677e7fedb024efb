package observe

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// keep is how many activities of a variant a snapshot holds.
const keep = 20

// activityMemory counts scaling activities, each once by its id. It is a value: with returns a new one, so that a
// question under way and published snapshots share it safely.
type activityMemory struct {
	states  map[string]fleet.ActivityState // by resource id
	counted map[string]time.Time           // start of the activities that have ended and are not older than lookBack
	open    map[string]bool                // ids of the activities that were going on when last read
	first   map[notScaled]int              // how often a reason has occurred that was shown as 0 until now
}

// notScaled is a reason for which a variant did not scale.
type notScaled struct{ resource, code string }

// with takes in the activities that were read. Those that ended before the process started are shown but not counted.
func (m activityMemory) with(read []fleet.Activity, started, oldest time.Time) activityMemory {
	next := activityMemory{
		states:  cloneOrMake(m.states),
		counted: cloneOrMake(m.counted),
		open:    cloneOrMake(m.open),
		first:   map[notScaled]int{},
	}
	for of, n := range m.first {
		state := next.states[of.resource]
		state.NotScaled = cloneOrMake(state.NotScaled)
		state.NotScaled[of.code] += n
		next.states[of.resource] = state
	}
	byResource := map[string][]fleet.Activity{}
	for _, activity := range read {
		byResource[activity.ResourceID] = append(byResource[activity.ResourceID], activity)
	}
	for resource, activities := range byResource {
		state := next.states[resource]
		recent := newestFirst(state.Recent, activities)
		for i, activity := range recent {
			if activity.InProgress() {
				next.open[activity.ID] = true
				if activity.ScaledOut(fleet.Earlier(recent[i+1:])) {
					state.ScaleOuts = state.ScaleOuts.Begin()
				}
				continue
			}
			delete(next.open, activity.ID)
			_, counted := m.counted[activity.ID]
			if !counted && (m.open[activity.ID] || !activity.Start.Before(oldest)) {
				next.counted[activity.ID] = activity.Start
				if !ended(activity).Before(started) {
					if len(activity.NotScaled) > 0 {
						state.NotScaled = next.notScaled(state.NotScaled, m.states[resource].NotScaled, activity)
					} else {
						state = count(state, activity, fleet.Earlier(recent[i+1:]))
					}
				}
			}
		}
		state.Recent = shown(recent)
		next.states[resource] = state
	}
	maps.DeleteFunc(next.counted, func(_ string, start time.Time) bool { return start.Before(oldest) })
	return next
}

// newestFirst joins what was known with what was read; of the same activity what was read is newer.
func newestFirst(known, read []fleet.Activity) []fleet.Activity {
	byID := map[string]fleet.Activity{}
	for _, activity := range slices.Concat(known, read) {
		byID[activity.ID] = activity
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b fleet.Activity) int {
		return cmp.Or(b.Start.Compare(a.Start), cmp.Compare(a.ID, b.ID))
	})
}

// shown bounds what a snapshot holds; an activity that goes on is never left out.
func shown(recent []fleet.Activity) []fleet.Activity {
	if len(recent) <= keep {
		return recent
	}
	kept := slices.Clone(recent[:keep])
	for _, activity := range recent[keep:] {
		if activity.InProgress() {
			kept = append(kept, activity)
		}
	}
	return kept
}

// ended is when the activity ended; one that scaled nothing often has its start alone.
func ended(activity fleet.Activity) time.Time {
	if activity.End.IsZero() {
		return activity.Start
	}
	return activity.End
}

// notScaled counts the reasons of an activity that scaled nothing. A counter that appears with its first event has not
// grown by it for anybody who looks at its growth: so a reason that was not shown before is shown as 0 until the next read.
func (m activityMemory) notScaled(counted, shown map[string]int, activity fleet.Activity) map[string]int {
	counted = cloneOrMake(counted)
	for _, reason := range activity.NotScaled {
		code := reason.Code
		if !slices.Contains(fleet.NotScaledCodes, code) {
			code = fleet.OtherReason
		}
		if _, known := shown[code]; known {
			counted[code]++
			continue
		}
		counted[code] = 0
		m.first[notScaled{activity.ResourceID, code}]++
	}
	return counted
}

// count returns the state with one more activity that scaled. The maps of the old state stay as they are.
func count(state fleet.ActivityState, activity fleet.Activity, before *fleet.Activity) fleet.ActivityState {
	state.Ended = cloneOrMake(state.Ended)
	state.Ended[activity.Status]++
	if reason := activity.FailureReason(); reason != "" {
		state.Failures = cloneOrMake(state.Failures)
		state.Failures[reason]++
	}
	if activity.Status == "Successful" && activity.ScaledOut(before) && !activity.End.IsZero() {
		state.ScaleOuts = state.ScaleOuts.With(activity.End.Sub(activity.Start))
	}
	return state
}

func cloneOrMake[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}
