// Package plan compares what policies ask for with what was observed. The result is data: steps that carry whole values
// to write, and what is withheld for which reason. Nothing here writes, logs or reads the clock.
package plan

import (
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Kind is the kind of object that a step writes.
type Kind string

// The kinds of objects, in the order in which those of a variant are written: the alarm needs the wake policy's ARN, and
// all policies need the target.
const (
	ScalableTarget Kind = "scalable_target"
	TrackingPolicy Kind = "tracking_policy"
	WakePolicy     Kind = "wake_policy"
	WakeAlarm      Kind = "wake_alarm"
)

// Kinds lists the kinds in the order in which they are written.
func Kinds() []Kind { return []Kind{ScalableTarget, TrackingPolicy, WakePolicy, WakeAlarm} }

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
	Effect     string   // what the write starts or stops at once, for example "0 -> 2 instances"; normally empty

	// The value to write; exactly one is set, by Kind.
	Target *fleet.Target // MinCapacity and MaxCapacity are written, the rest is left alone (RegisterScalableTarget)
	Policy *fleet.Policy // PutScalingPolicy
	Alarm  *fleet.Alarm  // PutMetricAlarm

	// Triggers are wake policies of this plan whose ARNs are not known yet: the alarm's actions lack them. WithARNs adds
	// them when the policies have been written.
	Triggers []string // resource ids

	wanted  *policy.Wanted // by which the step was made
	config  string         // of the endpoint
	follows string         // the field that follows a write of ours, and so corrects nobody
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
		if s.Changes[i].Field == "alarm_actions" {
			s.Changes[i].After = alarm.AlarmActions
		}
	}
	return s, true
}
