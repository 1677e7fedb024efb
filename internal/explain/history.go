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

// ended is when the newest activity of the direction did; zero where none has.
func (h history) ended() time.Time {
	if h.last == nil {
		return time.Time{}
	}
	return h.last.End
}

// usual is how long instances take to start.
type usual struct{ fleet.Starts }

// after is when an instance should run that is asked for in the window. The longest of a few is no bound, so half of it is
// added.
func (u usual) after(asked window) window {
	if u.Samples == 0 {
		return asked.after(u.Least, u.Most)
	}
	return asked.after(u.Least-u.Least/2, u.Most+u.Most/2)
}

// words are the span, and of what it is where it is the endpoint's own.
func (u usual) words() string { return u.span() + u.source() }

// sentence says which span is usual.
func (u usual) sentence() string { return u.span() + " is usual" + u.source() }

func (u usual) span() string {
	if least, most := fleet.Lapse(u.Least), fleet.Lapse(u.Most); least != most || u.Samples == 0 {
		return least + " to " + most
	}
	return fleet.Lapse(u.Least)
}

func (u usual) source() string {
	if u.Samples == 0 {
		return ""
	}
	return fmt.Sprintf(" (its last %d scale-outs)", u.Samples)
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
