package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// scheduledAction is a scheduled action with the moments of its schedule.
type scheduledAction struct {
	fleet.ScheduledAction
	moments autoscaling.Moments
	next    time.Time // zero: never again
}

// ScheduledActions lists the scheduled actions by resource id and name.
func (w *World) ScheduledActions() []fleet.ScheduledAction {
	list := make([]fleet.ScheduledAction, len(w.scheduled))
	for i, a := range w.scheduled {
		list[i] = a.ScheduledAction
	}
	return list
}

// PutScheduledAction creates or replaces a scheduled action. A schedule that the model does not understand never comes.
func (w *World) PutScheduledAction(a fleet.ScheduledAction) error {
	if w.targets[a.ResourceID] == nil {
		return &Error{"ObjectNotFoundException", "No scalable target registered for resource ID: " + a.ResourceID}
	}
	made := scheduledAction{ScheduledAction: a}
	from := a.Start
	if from.IsZero() {
		from = w.now
	}
	if moments, err := autoscaling.ParseSchedule(a.Schedule, a.Timezone, from); err == nil {
		made.moments = moments
		made.comes(w.now)
	}
	w.scheduled = slices.DeleteFunc(w.scheduled, func(b scheduledAction) bool {
		return a.ResourceID == b.ResourceID && a.Name == b.Name
	})
	w.scheduled = append(w.scheduled, made)
	slices.SortFunc(w.scheduled, func(a, b scheduledAction) int {
		return cmp.Or(cmp.Compare(a.ResourceID, b.ResourceID), cmp.Compare(a.Name, b.Name))
	})
	return nil
}

// comes finds the first moment after the given one.
func (a *scheduledAction) comes(after time.Time) {
	if a.Start.After(after) {
		after = a.Start.Add(-time.Nanosecond)
	}
	a.next = a.moments(after)
	if !a.End.IsZero() && a.next.After(a.End) {
		a.next = time.Time{}
	}
}

// schedule carries out the scheduled actions whose time has come. They wait for no cooldown, and move the running count into
// the bounds that they set, unless scheduled scaling is suspended.
func (w *World) schedule() {
	for i := range w.scheduled {
		a := &w.scheduled[i]
		if a.next.IsZero() || a.next.After(w.now) {
			continue
		}
		a.comes(w.now)
		t := w.targets[a.ResourceID]
		e, v := w.variantOf(a.ResourceID)
		if t == nil || v == nil || t.Suspended.Scheduled {
			continue
		}
		t.MinCapacity, t.MaxCapacity = autoscaling.Bounded(t.MinCapacity, t.MaxCapacity, &a.ScheduledAction)
		w.intoBounds(t, e, v, fmt.Sprintf(" while executing scheduled action %s", a.Name))
	}
}

// intoBounds moves the number of instances into the bounds of a target.
func (w *World) intoBounds(t *target, e *endpoint, v *variant, cause string) {
	switch {
	case v.desired < t.MinCapacity:
		w.change(t, e, v, t.MinCapacity, fmt.Sprintf("minimum capacity was set to %d%s", t.MinCapacity, cause))
	case v.desired > t.MaxCapacity:
		w.change(t, e, v, t.MaxCapacity, fmt.Sprintf("maximum capacity was set to %d%s", t.MaxCapacity, cause))
	}
}
