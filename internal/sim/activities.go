package sim

import (
	"fmt"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// keepActivities bounds the history; AWS keeps six weeks.
const keepActivities = 20_000

// ScalingActivities lists the activities over all resources, newest first, those that scaled nothing included.
func (w *World) ScalingActivities() []fleet.Activity {
	list := make([]fleet.Activity, 0, len(w.activities))
	for _, activity := range slices.Backward(w.activities) {
		list = append(list, *activity)
	}
	return list
}

func (w *World) record(activity *fleet.Activity) {
	if w.lean {
		return
	}
	w.activities = append(w.activities, activity)
	if activity.InProgress() {
		w.open = append(w.open, activity)
	}
	if extra := len(w.activities) - keepActivities; extra > keepActivities/4 {
		w.activities = slices.Clone(w.activities[extra:])
	}
}

// notScaled records that a policy asked for a capacity and got none.
func (w *World) notScaled(t *target, current int, of wish, reason string) {
	lowest, highest := t.MinCapacity, t.MaxCapacity
	w.record(&fleet.Activity{
		ID: w.id(), ResourceID: t.ResourceID, Start: w.now, End: w.now, Status: "Failed",
		Cause:         fmt.Sprintf("monitor alarm %s in state ALARM triggered policy %s", of.alarm.Name, of.policy.Name),
		Description:   "Attempting to scale due to alarm triggered",
		StatusMessage: "Nothing was scaled.",
		NotScaled:     []fleet.NotScaledReason{{Code: reason, Current: &current, Min: &lowest, Max: &highest}},
	})
}

// settleActivities ends the activities whose capacity has been reached.
func (w *World) settleActivities() {
	w.open = slices.DeleteFunc(w.open, func(a *fleet.Activity) bool { return a.Terminal() })
	for _, activity := range w.open {
		_, v := w.variantOf(activity.ResourceID)
		switch {
		case v == nil:
			activity.Status, activity.End = "Failed", w.now
			activity.StatusMessage = "The resource is gone."
		case len(v.running) == v.desired:
			activity.Status, activity.End = "Successful", v.settled
			activity.StatusMessage = fmt.Sprintf("Successfully set desired instance count to %d. Change successfully fulfilled by sagemaker.", v.desired)
		}
	}
}
