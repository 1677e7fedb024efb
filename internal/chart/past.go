package chart

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Minutes are those of the history of an endpoint. Before the instances were counted for the first time they are as many as were
// counted then, back to the last scaling activity, and before it what successful activities set. Where these do not tell, it is not
// known. The queue may have been read before DescribeEndpoint said how many run: then its newest minute has as many as that said since.
func Minutes(e *fleet.Endpoint) []fleet.Moment {
	minutes := e.History.Minutes()
	counted := 0
	for counted < len(minutes) && minutes[counted].Instances == fleet.NoInstances {
		counted++
	}
	if counted == len(minutes) {
		n, known := e.Instances()
		if counted == 0 || !known {
			return minutes
		}
		counted--
		minutes[counted].Instances = n
	}
	first := minutes[counted]
	for i := range minutes[:counted] {
		minutes[i].Instances = ran(e.Variants, minutes[i].At, first)
	}
	return minutes
}

// ran is how many instances of all variants ran at a moment before they were counted for the first time.
func ran(variants []fleet.Variant, at time.Time, first fleet.Moment) (sum int) {
	changed := false // between the moment and the count
	for i := range variants {
		n, later := set(&variants[i], at, first.At)
		changed = changed || later
		if n == fleet.NoInstances || sum == fleet.NoInstances {
			sum = fleet.NoInstances
			continue
		}
		sum += n
	}
	if !changed && len(variants) > 0 {
		if sum != fleet.NoInstances && sum != first.Instances { // somebody else changed it, and nobody knows when
			return fleet.NoInstances
		}
		return first.Instances
	}
	return sum
}

// set is how many instances of a variant the newest activity had set that was over by then, NoInstances where that is not known; and
// whether an activity changed the number between that moment and a later one.
func set(v *fleet.Variant, at, until time.Time) (n int, changed bool) {
	for i := range v.Activity.Recent { // the newest first
		a := &v.Activity.Recent[i]
		n, sets := a.Desired()
		switch {
		case !sets || len(a.NotScaled) > 0 || a.Status == "Failed" || !a.Start.Before(until):
		case a.End.IsZero() || a.End.After(at):
			changed = true
			if !a.Start.After(at) { // it was under way
				return fleet.NoInstances, true
			}
		case a.Status != "Successful":
			return fleet.NoInstances, changed
		default:
			return n, changed
		}
	}
	return fleet.NoInstances, changed
}
