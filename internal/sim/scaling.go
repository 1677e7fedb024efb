package sim

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// wish is what one alarm in ALARM asks of a policy.
type wish struct {
	alarm    *alarm
	policy   *fleet.Policy
	capacity int
}

// scale carries out what the alarms ask for. While an alarm stays in ALARM its policies are asked each minute.
func (w *World) scale() {
	type owner struct {
		target *target
		policy *fleet.Policy
	}
	owners := map[string]owner{}
	for _, t := range w.targets {
		for _, policy := range t.policies {
			owners[policy.ARN] = owner{t, policy}
		}
	}
	wishes := map[string][]wish{}
	for _, a := range w.alarms {
		if a.State != "ALARM" || !a.ActionsEnabled {
			continue
		}
		for _, action := range a.AlarmActions {
			o, ok := owners[action]
			if !ok {
				continue // a pager, or a policy that is gone
			}
			if _, v := w.variantOf(o.target.ResourceID); v != nil {
				if capacity, ok := w.assumes.wanted(o.policy, a, v); ok {
					id := o.target.ResourceID
					wishes[id] = append(wishes[id], wish{a, o.policy, capacity})
				}
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(wishes)) {
		largest := slices.MaxFunc(wishes[id], func(a, b wish) int {
			return cmp.Or(cmp.Compare(a.capacity, b.capacity), cmp.Compare(b.alarm.Name, a.alarm.Name))
		})
		w.decide(w.targets[id], largest)
	}
	for id, t := range w.targets {
		if len(wishes[id]) == 0 {
			t.blocked = ""
		}
	}
}

// wanted is the capacity that a policy asks for when an alarm triggers it. Tracking reckons with the instances behind
// the metric, those that run: reckoning with those that are still starting would ask for more each minute.
func (as Assumptions) wanted(p *fleet.Policy, a *alarm, v *variant) (capacity int, ok bool) {
	n := v.desired
	if p.Tracking != nil {
		behind := len(v.running)
		if as.TrackingWakes && behind == 0 {
			behind = 1
		}
		capacity = int(math.Ceil(float64(behind) * a.latest / p.Tracking.TargetValue))
		low := a.Comparison == "LessThanThreshold"
		if low && p.Tracking.DisableScaleIn {
			return 0, false
		}
		if low {
			return min(n, capacity), true
		}
		return max(n, capacity), true
	}
	distance := a.latest - a.Threshold
	for _, step := range p.Step.Adjustments {
		if step.Lower != nil && distance < *step.Lower || step.Upper != nil && distance >= *step.Upper {
			continue
		}
		switch p.Step.AdjustmentType {
		case "ExactCapacity":
			return step.Adjustment, true
		case "PercentChangeInCapacity":
			change := float64(n) * float64(step.Adjustment) / 100
			if step.Adjustment > 0 {
				return n + int(math.Ceil(change)), true
			}
			return n + int(math.Floor(change)), true
		}
		return n + step.Adjustment, true
	}
	return 0, false
}

func cooldownOf(p *fleet.Policy, out bool) time.Duration {
	switch {
	case p.Step != nil:
		return fleet.Cooldown(p.Step.Cooldown)
	case out:
		return fleet.Cooldown(p.Tracking.ScaleOutCooldown)
	}
	return fleet.Cooldown(p.Tracking.ScaleInCooldown)
}

// decide changes the capacity, or says why not.
func (w *World) decide(t *target, of wish) {
	e, v := w.variantOf(t.ResourceID)
	out := of.capacity > v.desired
	if out && t.Suspended.ScaleOut || of.capacity < v.desired && t.Suspended.ScaleIn {
		return
	}
	capacity := min(max(of.capacity, t.MinCapacity), t.MaxCapacity)
	reason := ""
	switch {
	case capacity == v.desired && of.capacity > t.MaxCapacity:
		reason = "AlreadyAtMaxCapacity"
	case capacity == v.desired && of.capacity < t.MinCapacity:
		reason = "AlreadyAtMinCapacity"
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
	if out {
		waiting := w.now.Sub(t.outs[of.policy.Name]) < cooldownOf(of.policy, true)
		if waiting && (of.policy.Step != nil || capacity <= t.wanted) { // a larger scale-out may pass
			return
		}
		t.outs[of.policy.Name], t.wanted, t.in = w.now, capacity, time.Time{}
	} else {
		if w.now.Sub(t.in) < cooldownOf(of.policy, false) {
			return
		}
		t.in = w.now
	}
	t.blocked = ""
	w.change(t, e, v, capacity, fmt.Sprintf("monitor alarm %s in state ALARM triggered policy %s", of.alarm.Name, of.policy.Name))
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
