package awssim

import (
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

func registerScalableTarget(c *call) (record, error) {
	if err := c.writable(); err != nil {
		return nil, err
	}
	change := sim.TargetChange{
		ResourceID: c.in.text("ResourceId"),
		Min:        c.in.int("MinCapacity"),
		Max:        c.in.int("MaxCapacity"),
		RoleARN:    c.in.text("RoleARN"),
	}
	if state := c.in.sub("SuspendedState"); state != nil {
		was := c.suspension(change.ResourceID)
		change.Suspended = &fleet.Suspension{
			ScaleIn:   state.flag("DynamicScalingInSuspended", was.ScaleIn),
			ScaleOut:  state.flag("DynamicScalingOutSuspended", was.ScaleOut),
			Scheduled: state.flag("ScheduledScalingSuspended", was.Scheduled),
		}
	}
	c.wrote()
	arn, err := c.world.RegisterScalableTarget(change)
	if err != nil {
		return nil, err
	}
	return record{{"ScalableTargetARN", arn}}, nil
}

// suspension is what a target has suspended now: an attribute that is not given stays as it is.
func (c *call) suspension(resource string) fleet.Suspension {
	for _, target := range listed(c.place, "targets", c.world.ScalableTargets) {
		if target.ResourceID == resource {
			return target.Suspended
		}
	}
	return fleet.Suspension{}
}

func deregisterScalableTarget(c *call) (record, error) {
	if err := c.writable(); err != nil {
		return nil, err
	}
	c.wrote()
	return record{}, c.world.DeregisterScalableTarget(c.in.text("ResourceId"))
}

func deleteScalingPolicy(c *call) (record, error) {
	if err := c.writable(); err != nil {
		return nil, err
	}
	c.wrote()
	return record{}, c.world.DeleteScalingPolicy(c.in.text("ResourceId"), c.in.text("PolicyName"))
}

func putScheduledAction(c *call) (record, error) {
	if err := c.writable(); err != nil {
		return nil, err
	}
	bounds := c.in.sub("ScalableTargetAction")
	c.wrote()
	return record{}, c.world.PutScheduledAction(fleet.ScheduledAction{
		ResourceID:  c.in.text("ResourceId"),
		Name:        c.in.text("ScheduledActionName"),
		Schedule:    c.in.text("Schedule"),
		Timezone:    c.in.text("Timezone"),
		Start:       c.in.at("StartTime"),
		End:         c.in.at("EndTime"),
		MinCapacity: bounds.int("MinCapacity"),
		MaxCapacity: bounds.int("MaxCapacity"),
	})
}
