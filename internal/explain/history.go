package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// history is what the activities of one direction say.
type history struct {
	last    *fleet.Activity // the newest that changes or changed the capacity; nil when none did
	refused *fleet.Activity // the newest that failed, if none of the direction has worked since; else nil
}

// histories tell the activities, newest first, apart by their direction.
func histories(recent []fleet.Activity) (outs, ins history) {
	worked := map[*history]bool{}
	for i := range recent {
		activity := &recent[i]
		if len(activity.NotScaled) > 0 {
			continue
		}
		of := &ins
		if activity.ScaledOut(fleet.Earlier(recent[i+1:])) {
			of = &outs
		}
		switch {
		case activity.Status == "Failed":
			if of.refused == nil && !worked[of] {
				of.refused = activity
			}
		case of.last == nil:
			of.last = activity
		}
		worked[of] = worked[of] || activity.Status == "Successful"
	}
	return outs, ins
}

// cooldown is until when a policy with that cooldown holds still after the newest activity; zero when it does not. An
// activity that goes on has not begun to cool down.
func (h history) cooldown(d time.Duration) time.Time {
	if h.last == nil || h.last.End.IsZero() {
		return time.Time{}
	}
	return h.last.End.Add(d)
}

// usual is how long instances take to start.
type usual struct {
	least, most time.Duration
	samples     int // of how many scale-outs of the endpoint itself; 0: what AWS's users have measured
}

// enough is from how many samples on an endpoint's own times tell more than everybody's.
const enough = 3

// usualOf takes the times of the scale-outs that AWS still tells of, which are exact; else those that the process has
// seen, which it keeps in buckets; else what others have measured.
func usualOf(a fleet.ActivityState) usual {
	own := usual{}
	for i := range a.Recent {
		activity := &a.Recent[i]
		if activity.Status != "Successful" || activity.End.IsZero() || !activity.ScaledOut(fleet.Earlier(a.Recent[i+1:])) {
			continue
		}
		took := max(0, activity.End.Sub(activity.Start))
		if own.samples == 0 || took < own.least {
			own.least = took
		}
		own.most = max(own.most, took)
		own.samples++
	}
	if own.samples >= enough {
		return own
	}
	if seen := a.ScaleOuts; seen.Count >= enough {
		bounds := fleet.DurationBounds()
		least, most := time.Duration(0), time.Duration(0)
		for i, bound := range bounds {
			if seen.Buckets[i] == 0 {
				least = bound
			}
			if seen.Buckets[i] == seen.Count {
				most = bound
				break
			}
		}
		if most > 0 {
			return usual{least, most, int(min(seen.Count, 1_000_000))}
		}
	}
	return usual{least: startsIn, most: startsIn2}
}

// after is when an instance should run that is asked for in the window. The longest of a few is no bound, so half of it is
// added.
func (u usual) after(asked window) window {
	if u.samples == 0 {
		return asked.after(u.least, u.most)
	}
	return asked.after(u.least-u.least/2, u.most+u.most/2)
}

func (u usual) words() string {
	if u.samples == 0 {
		return fmt.Sprintf("%s to %s, as others have measured", fleet.Lapse(u.least), fleet.Lapse(u.most))
	}
	took := fleet.Lapse(u.least)
	if most := fleet.Lapse(u.most); most != took {
		took += " to " + most
	}
	return fmt.Sprintf("%s, as its last %d scale-outs took", took, u.samples)
}

// kind is what the activity is taken for, in words; empty when there is nothing to add to its status.
func kind(a *fleet.Activity) string {
	switch a.FailureReason() {
	case fleet.ReasonQuota:
		return "a quota of the account"
	case fleet.ReasonNoCapacity:
		return "AWS has no instances of the type"
	}
	return ""
}

// said are AWS's own words about an activity.
func said(a *fleet.Activity) string {
	return strings.TrimSpace(a.StatusMessage + " " + a.Details)
}
