// Package plan compares what policies ask for with what was observed. The result is data: steps that carry whole values
// to write, and what is withheld for which reason. Nothing here writes, logs or reads the clock.
package plan

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Kind is the kind of object that a step writes.
type Kind string

// The kinds of objects, in the order in which those of a variant are written: all policies need the target, the alarm needs
// the wake policy's ARN, and what lets the variant scale to zero comes when it can wake: tracking, which removes instances,
// and last the lower minimum.
const (
	ScalableTarget Kind = "scalable_target"
	WakePolicy     Kind = "wake_policy"
	WakeAlarm      Kind = "wake_alarm"
	TrackingPolicy Kind = "tracking_policy"
	MinCapacity    Kind = "min_capacity" // of the scalable target
)

// Kinds lists the kinds in the order in which they are written.
func Kinds() []Kind {
	return []Kind{ScalableTarget, WakePolicy, WakeAlarm, TrackingPolicy, MinCapacity}
}

func (k Kind) order() int { return slices.Index(Kinds(), k) }

// Action is what a step does to its object.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
)

// Step is one write. It carries the whole value, because AWS replaces whole objects; the fields that no policy names are
// carried over from what was observed.
type Step struct {
	Scope      fleet.Scope
	ResourceID string // the variant's
	Kind       Kind
	Name       string // of the policy or the alarm; empty for a scalable target
	Action     Action
	Changes    []Change // every field of a create, the fields that change of an update
	Effect     string   // what the write starts, stops or allows, for example "0 -> 2 instances"; normally empty
	Note       string   // who will write another value again; normally empty

	// Expects is what has to be there right before the write. If it is None, the object must not exist.
	Expects Object

	// The value to write; exactly one is set, by Kind.
	Target *fleet.Target // the bounds that differ from Expects are written, the rest is left alone (RegisterScalableTarget)
	Policy *fleet.Policy // PutScalingPolicy
	Alarm  *fleet.Alarm  // PutMetricAlarm

	// Triggers are wake policies of this plan whose ARNs are not known yet: the alarm's actions lack them. WithARNs adds
	// them when the policies have been written.
	Triggers []string // resource ids

	// Wakes are all variants that a wake alarm is written for: variants of an endpoint may share one.
	Wakes []string // resource ids

	// ToZero says that the variant may scale to zero, now or later, by what the step writes: it is written only while the
	// variant wakes from one request, see Asleep.
	ToZero bool

	config string // of the endpoint
	goal   bounds // that a target is to have in the end
	awake  bool   // the variant wakes as it was observed
	again  bool   // it raises a minimum again that we had lowered: that corrects nobody
}

// bounds are those of a target.
type bounds struct {
	min, max int
	kept     int // the minimum that it would have if no entry set one
}

// Object is what is there once the step was written.
func (s Step) Object() Object {
	object := Object{Target: s.Target, Policy: s.Policy}
	if s.Alarm != nil {
		alarm := *s.Alarm
		alarm.ConfigurationUpdated = time.Time{} // that is yet to come
		object.Alarm = &alarm
	}
	return object
}

// Bounds are what RegisterScalableTarget is given: both for a new target, of one that stands those that change; nil is
// left alone.
func (s Step) Bounds() (lowest, highest *int) {
	before := s.Expects.Target
	if before == nil || before.MinCapacity != s.Target.MinCapacity {
		lowest = &s.Target.MinCapacity
	}
	if before == nil || before.MaxCapacity != s.Target.MaxCapacity {
		highest = &s.Target.MaxCapacity
	}
	return lowest, highest
}

// Needs tells whether the step must not be written when an earlier one was not. Waking does not need tracking. Tracking that
// lets the variant scale to zero needs what makes it wake, and a minimum is lowered only when all of that is in place.
func (s Step) Needs(earlier Step) bool {
	own := s.ResourceID == earlier.ResourceID
	wakes := own && earlier.Kind == WakePolicy || earlier.Kind == WakeAlarm && slices.Contains(earlier.Wakes, s.ResourceID)
	switch s.Kind {
	case WakePolicy:
		return own && earlier.Kind == ScalableTarget && earlier.Action == Create
	case TrackingPolicy:
		return own && earlier.Kind == ScalableTarget && earlier.Action == Create || s.ToZero && !s.awake && wakes
	case WakeAlarm:
		return slices.Contains(s.Wakes, earlier.ResourceID) &&
			(earlier.Kind == WakePolicy || earlier.Kind == ScalableTarget && earlier.Action == Create)
	case MinCapacity:
		return own && earlier.Kind == ScalableTarget || wakes
	}
	return false
}

// PutsAgain tells whether the step writes a tracking policy as it is, only to have AWS make its alarms anew.
func (s Step) PutsAgain() bool {
	return s.Action == Update && len(s.Changes) == 1 && s.Changes[0].Field == trackingAlarms
}

// Endpoint is the name of the endpoint whose variant it is.
func (s Step) Endpoint() string {
	endpoint, _, _ := fleet.SplitResourceID(s.ResourceID)
	return endpoint
}

// Change is one field of a step.
type Change struct {
	Field  string
	Before Value // nil of a create
	After  Value
}

// Value is a field's value: an int, a float64, a string, a bool, a time.Duration or a []string; nil is none.
type Value any

// AfterApply stands for an ARN that is known when the step before has been carried out.
const AfterApply = "(known after apply)"

// WithARNs is the step with the ARNs of the wake policies that it triggers, by resource id; ok is false while one is not
// known.
func (s Step) WithARNs(arns map[string]string) (resolved Step, ok bool) {
	if len(s.Triggers) == 0 {
		return s, true
	}
	alarm := *s.Alarm
	alarm.AlarmActions = slices.Clone(alarm.AlarmActions)
	for _, resource := range s.Triggers {
		arn := arns[resource]
		if arn == "" {
			return s, false
		}
		alarm.AlarmActions = append(alarm.AlarmActions, arn)
	}
	s.Alarm, s.Triggers = &alarm, nil
	s.Changes = slices.Clone(s.Changes)
	for i := range s.Changes {
		if s.Changes[i].Field == alarmActions {
			s.Changes[i].After = alarm.AlarmActions
		}
	}
	return s, true
}
