package plan

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// A field is contested once it was corrected so often within this time: somebody else keeps writing another value.
const (
	contestedAfter  = 3
	contestedWithin = 7 * 24 * time.Hour
)

// The names of fields that are no settings: an object as a whole, and where an alarm's actions go.
const (
	existence    = "existence"
	alarmActions = "alarm_actions"
)

// corrections are those of one field of one object. Every one counts, by whichever policy and from whatever value.
type corrections struct {
	at        []time.Time // the recent ones, the newest first
	to        Value       // what the newest one wrote
	config    string      // of the endpoint, for the existence of an object: a deployment takes it away, which is no fight
	contested bool
}

// wrote is the history of an object to which a step was written.
func (o objectHistory) wrote(step Step, at time.Time) objectHistory {
	o.last = Write{At: at, Before: step.Expects, After: step.Object()}
	o.fields = maps.Clone(o.fields)
	if o.fields == nil {
		o.fields = map[string]corrections{}
	}
	if step.Action == Create {
		known := o.fields[existence]
		if known.config != step.config {
			known = corrections{config: step.config}
		}
		o.fields[existence] = known.and(nil, at)
		return o
	}
	for _, change := range step.Changes {
		known := o.fields[change.Field]
		if step.again && change.Field == minCapacity {
			continue
		}
		if change.Field == alarmActions {
			live := living(step)
			if len(known.at) > 0 && !reflect.DeepEqual(known.to, live) {
				known.to = live // the policy itself was made anew since: its alarm has to follow
				o.fields[change.Field] = known
				continue
			}
			change.After = live
		}
		o.fields[change.Field] = known.and(change.After, at)
	}
	return o
}

// and adds one correction.
func (c corrections) and(to Value, at time.Time) corrections {
	recent := []time.Time{at}
	for _, earlier := range c.at {
		if at.Sub(earlier) <= contestedWithin {
			recent = append(recent, earlier)
		}
	}
	c.at, c.to, c.contested = recent, to, c.contested || len(recent) >= contestedAfter
	return c
}

// living are the scaling policies of the alarm's endpoint among the actions that a step writes, sorted.
func living(step Step) Value {
	var arns []string
	for _, action := range step.Alarm.AlarmActions {
		if endpoint, _, _ := fleet.SplitResourceID(fleet.ScaledResource(action)); endpoint == step.Endpoint() {
			arns = append(arns, action)
		}
	}
	slices.Sort(arns)
	return arns
}

// contested tells whether somebody else keeps writing another value than the one that a field is to have. It ends when
// another value is asked for and the last correction is seven days old; an object that is made anew after each deployment
// is not contested.
func (h History) contested(step Step, field string, to Value, at time.Time) bool {
	known, ok := h.endpoints[step.Endpoint()].objects[step.key()].fields[field]
	switch {
	case !ok || !known.contested:
		return false
	case field == existence:
		return known.config == step.config
	case field == alarmActions:
		return reflect.DeepEqual(known.to, to)
	}
	return reflect.DeepEqual(known.to, to) || at.Sub(known.at[0]) <= contestedWithin
}
