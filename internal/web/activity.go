package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// activity is one line of the timeline.
func activity(a *fleet.Activity, now time.Time) activityView {
	v := activityView{
		Start: moment(a.Start), StartStamp: a.Start.UTC().Format(time.RFC3339), Status: a.Status, Class: "info", Kind: a.FailureReason(),
		Description: a.Description, Message: a.StatusMessage, Details: a.Details, Cause: a.Cause,
	}
	switch {
	case len(a.NotScaled) > 0:
		v.Status, v.Class = "Not scaled", "warning" // AWS calls it failed
	case a.Status == "Failed":
		v.Class = "critical"
	case a.Status == "Unfulfilled":
		v.Class = "warning"
	case a.Status == "Successful":
		v.Class = "up"
	}
	switch {
	case !a.End.IsZero():
		v.Took = "until " + moment(a.End) + ", took " + fleet.Lapse(a.End.Sub(a.Start))
	case a.InProgress():
		v.Took = "for " + fleet.Lapse(now.Sub(a.Start)) + ", goes on"
	default:
		v.Took = "AWS does not say when it ended"
	}
	for _, reason := range a.NotScaled {
		v.NotScaled = append(v.NotScaled, notScaled(reason))
	}
	return v
}

// notScaled is a reason with the capacities that Application Auto Scaling looked at, as far as it says.
func notScaled(r fleet.NotScaledReason) string {
	var capacities []string
	for _, capacity := range []struct {
		name  string
		value *int
	}{{"current", r.Current}, {"minimum", r.Min}, {"maximum", r.Max}} {
		if capacity.value != nil {
			capacities = append(capacities, capacity.name+" "+strconv.Itoa(*capacity.value))
		}
	}
	if len(capacities) == 0 {
		return r.Code
	}
	return r.Code + " (" + strings.Join(capacities, ", ") + ")"
}
