package sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// target is a scalable target with its policies and what scaling remembers of it.
type target struct {
	fleet.Target
	policies []*fleet.Policy // sorted by name
	memory   autoscaling.Memory
	blocked  string // why nothing was scaled when it was last asked for
}

// tracking counts the tracking policies that scale in together.
func (t *target) tracking() (n int) {
	for _, p := range t.policies {
		if autoscaling.TracksIn(p) {
			n++
		}
	}
	return n
}

// TargetChange creates or changes a scalable target; what is nil or empty is left as it is.
type TargetChange struct {
	ResourceID string
	Min, Max   *int
	Suspended  *fleet.Suspension
	RoleARN    string
}

// ScalableTargets lists the scalable targets, sorted by resource id.
func (w *World) ScalableTargets() []fleet.Target {
	list := make([]fleet.Target, 0, len(w.targets))
	for _, id := range slices.Sorted(maps.Keys(w.targets)) {
		list = append(list, w.targets[id].Target)
	}
	return list
}

// RegisterScalableTarget creates or changes a scalable target. Each call moves the running count into its bounds.
func (w *World) RegisterScalableTarget(c TargetChange) (arn string, err error) {
	e, v := w.variantOf(c.ResourceID)
	if v == nil {
		return "", invalid("The variant does not exist: " + c.ResourceID)
	}
	t := w.targets[c.ResourceID]
	if t == nil {
		if c.Min == nil || c.Max == nil {
			return "", invalid("MinCapacity and MaxCapacity are required to register a new scalable target.")
		}
		t = &target{Target: fleet.Target{
			ResourceID: c.ResourceID, Created: w.now,
			ARN: "arn:aws:application-autoscaling:" + w.scope.Region + ":" + w.scope.AccountID + ":scalable-target/" + w.id(),
			RoleARN: "arn:aws:iam::" + w.scope.AccountID + ":role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/" +
				"AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
		}}
	}
	lowest, highest := t.MinCapacity, t.MaxCapacity
	if c.Min != nil {
		lowest = *c.Min
	}
	if c.Max != nil {
		highest = *c.Max
	}
	if lowest < 0 || highest < 0 {
		return "", invalid("MinCapacity and MaxCapacity cannot be negative.")
	}
	if lowest > highest {
		return "", invalid("MinCapacity cannot be greater than MaxCapacity.")
	}
	t.MinCapacity, t.MaxCapacity = lowest, highest
	t.RoleARN = cmp.Or(c.RoleARN, t.RoleARN)
	if c.Suspended != nil {
		t.Suspended = *c.Suspended
	}
	w.targets[c.ResourceID] = t
	w.intoBounds(t, e, v, "")
	return t.ARN, nil
}

// DeregisterScalableTarget deletes a scalable target with its policies and scheduled actions. The alarms of tracking
// policies go with them; those of step policies stay behind and fire at nothing.
func (w *World) DeregisterScalableTarget(resourceID string) error {
	t := w.targets[resourceID]
	if t == nil {
		return &Error{"ObjectNotFoundException", "No scalable target found for service namespace: sagemaker, resource ID: " +
			resourceID + ", scalable dimension: " + fleet.VariantDimension}
	}
	for _, policy := range slices.Clone(t.policies) {
		if err := w.DeleteScalingPolicy(resourceID, policy.Name); err != nil {
			return err
		}
	}
	delete(w.targets, resourceID)
	w.scheduled = slices.DeleteFunc(w.scheduled, func(a scheduledAction) bool { return a.ResourceID == resourceID })
	return nil
}

// id makes an id that looks like AWS's and is the same in each run.
func (w *World) id() string {
	w.ids++
	return fmt.Sprintf("%08x-%04x-4000-8000-%012x", w.rand.Uint32(), w.rand.Uint32()&0xffff, w.ids)
}
