package chart

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Minutes are those of the history of an endpoint. How many instances ran before they were counted for the first time follows
// from the scaling activities, as far as these tell.
func Minutes(e *fleet.Endpoint) []fleet.Moment {
	minutes := e.History.Minutes()
	counted := 0
	for counted < len(minutes) && minutes[counted].Instances == fleet.NoInstances {
		counted++
	}
	for i := range minutes[:counted] {
		minutes[i].Instances = ran(e.Variants, minutes[i].At)
	}
	return minutes
}

// ran is how many instances of all variants ran at a moment in the past.
func ran(variants []fleet.Variant, at time.Time) (sum int) {
	if len(variants) == 0 {
		return fleet.NoInstances
	}
	for i := range variants {
		n := ranOf(&variants[i], at)
		if n == fleet.NoInstances {
			return n
		}
		sum += n
	}
	return sum
}

// ranOf is how many instances of a variant ran: what the newest activity before had set, or what runs now where nothing has
// changed it since.
func ranOf(v *fleet.Variant, at time.Time) int {
	if v.Current == nil {
		return fleet.NoInstances
	}
	newest := true
	for i := range v.Activity.Recent {
		a := &v.Activity.Recent[i]
		n, sets := a.Desired()
		if !sets || a.Status != "Successful" || a.End.IsZero() {
			continue
		}
		switch {
		case a.End.After(at):
			newest = false
			continue
		case newest && n != *v.Current: // somebody else changed it since
			return fleet.NoInstances
		}
		return n
	}
	if newest { // no activity has changed it
		return *v.Current
	}
	return fleet.NoInstances
}
