package sim

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// wish is what one alarm asks of one policy.
type wish struct {
	alarm   *alarm
	policy  *fleet.Policy
	index   int // of the policy
	asked   autoscaling.Asked
	waiting bool // for the cooldown of a scale-out
}

// scale carries out what the alarms ask for. While an alarm stays in a state its policies are asked each minute.
func (w *World) scale() {
	wishes := w.wishes()
	for _, id := range slices.Sorted(maps.Keys(wishes)) {
		w.decide(w.targets[id], wishes[id])
	}
	for id, t := range w.targets {
		if len(wishes[id]) == 0 {
			t.blocked = ""
		}
	}
}

// wishes are what the alarms ask for, by resource id, those of a target in the order of their alarms.
func (w *World) wishes() map[string][]wish {
	wishes := map[string][]wish{}
	for id, t := range w.targets {
		_, v := w.variantOf(id)
		if v == nil {
			continue
		}
		n := autoscaling.Instances{Desired: v.desired, Running: len(v.running)}
		if w.assumes.TrackingWakes && n.Running == 0 {
			n.Running = 1
		}
		for i, p := range t.policies {
			for _, name := range w.acting[p.ARN] {
				a := w.alarms[name]
				state := autoscaling.StateOf(a.State)
				if w.muted(name) || !slices.Contains(autoscaling.Triggers(&a.Alarm, state), p.ARN) {
					continue // actions of another state, disabled or muted
				}
				asked, waiting := t.memory.Ask(p, &a.Alarm, state, a.rests, n, w.now)
				if !asked.None { // where AWS leaves a capacity open, the model takes the nearest
					asked.Least = min(max(asked.Least, v.desired), asked.Most)
					asked.Most = asked.Least
					wishes[id] = append(wishes[id], wish{a, p, i, asked, waiting})
				}
			}
		}
		slices.SortStableFunc(wishes[id], func(a, b wish) int { return cmp.Compare(a.alarm.Name, b.alarm.Name) })
	}
	return wishes
}

// decide changes the capacity, or says why not.
func (w *World) decide(t *target, wishes []wish) {
	e, v := w.variantOf(t.ResourceID)
	asked := make([]autoscaling.Wish, len(wishes))
	for i, of := range wishes {
		asked[i] = autoscaling.Wish{
			Alarm: i, Policy: of.index, Asked: of.asked, TrackingIn: autoscaling.ScalesIn(of.policy, &of.alarm.Alarm),
		}
	}
	free := autoscaling.Bounds{Min: 0, Max: math.MaxInt, Suspended: t.Suspended}
	d := autoscaling.Decide(free, v.desired, asked, t.tracking())
	winner := d.Alarm
	if winner < 0 { // nothing changes, which is worth a word only if somebody asked for just that
		winner = slices.IndexFunc(wishes, func(of wish) bool { return of.asked.Least == v.desired })
	}
	if winner < 0 {
		return
	}
	of := wishes[winner]
	capacity := min(max(d.Least, t.MinCapacity), t.MaxCapacity)
	reason := ""
	switch {
	case capacity == v.desired && (d.Least > t.MaxCapacity || of.waiting && capacity == t.MaxCapacity):
		reason = "AlreadyAtMaxCapacity"
	case capacity == v.desired && d.Least < t.MinCapacity:
		reason = "AlreadyAtMinCapacity"
	case capacity == v.desired && of.waiting:
		return
	case capacity == v.desired:
		reason = "AlreadyAtDesiredCapacity"
	case e.updating(w.now):
		reason = "TargetServicePutResourceAsUnscalable"
	}
	if reason != "" {
		if t.blocked != reason { // said when it begins, not each minute
			t.blocked = reason
			w.notScaled(t, v.desired, of, reason)
		}
		return
	}
	if capacity < v.desired && t.memory.Waits(of.policy, w.now) {
		return
	}
	t.memory.Scaled(of.policy, v.desired, capacity, w.now)
	t.blocked = ""
	w.change(t, e, v, capacity, triggers(of.alarm, of.policy))
}

// triggers is the cause of an activity as Application Auto Scaling says it.
func triggers(a *alarm, p *fleet.Policy) string {
	return fmt.Sprintf("monitor alarm %s in state %s triggered policy %s", a.Name, a.State, p.Name)
}

// change sets the capacity of a variant and records the activity. The account's quota may refuse it.
func (w *World) change(t *target, e *endpoint, v *variant, capacity int, cause string) {
	activity := &fleet.Activity{
		ID: w.id(), ResourceID: t.ResourceID, Cause: cause, Start: w.now, Status: "InProgress",
		Description:   fmt.Sprintf("Setting desired instance count to %d.", capacity),
		StatusMessage: fmt.Sprintf("Successfully set desired instance count to %d. Waiting for change to be fulfilled by sagemaker.", capacity),
	}
	for _, earlier := range w.open {
		if earlier.ResourceID == t.ResourceID && earlier.InProgress() {
			earlier.Status, earlier.End = "Overridden", w.now
			earlier.StatusMessage = fmt.Sprintf("Successfully set desired instance count. Change was overridden by another activity %s.", activity.ID)
		}
	}
	w.record(activity)
	instanceType := typeOf(v.config)
	if quota, limited := w.quotas[instanceType]; limited && capacity > v.desired {
		if used := w.used(instanceType); used+capacity-v.desired > quota {
			activity.Status, activity.End = "Failed", w.now
			activity.StatusMessage = fmt.Sprintf("Failed to set desired instance count to %d. Reason: The account-level service limit "+
				"'%s for endpoint usage' is %d Instances, with current utilization of %d Instances and a request delta of %d Instances. "+
				"Please use AWS Service Quotas to request an increase for this quota.", capacity, instanceType, quota, used, capacity-v.desired)
			return
		}
	}
	e.want(w, v, capacity)
}

// used is how many instances of a type the endpoints of the account want.
func (w *World) used(instanceType string) (n int) {
	for _, e := range w.endpoints {
		for _, v := range e.variants {
			if typeOf(v.config) == instanceType {
				n += v.desired
			}
		}
	}
	return n
}
