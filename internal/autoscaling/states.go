package autoscaling

import (
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// States is a set of alarm states: the one that an alarm is in, or those that it may be in as far as anybody can judge.
type States uint8

// The states of an alarm, in the order of fleet.AlarmStates.
const (
	OK States = 1 << iota
	Alarm
	InsufficientData
)

// StateOf is the state of a name of CloudWatch's; 0 for another name.
func StateOf(name string) States {
	for i, state := range fleet.AlarmStates {
		if state == name {
			return 1 << i
		}
	}
	return 0
}

// Certain tells whether the alarm is in the state and no other.
func (s States) Certain(state States) bool { return s == state }

// Possible tells whether the alarm is, or may be, in the state.
func (s States) Possible(state States) bool { return s&state != 0 }

// Judged tells whether there is one state that the alarm can be in.
func (s States) Judged() bool { return s != 0 && s&(s-1) == 0 }

// String names the states as CloudWatch does, with "or" between them.
func (s States) String() string {
	var names []string
	for i, state := range fleet.AlarmStates {
		if s&(1<<i) != 0 {
			names = append(names, state)
		}
	}
	return strings.Join(names, " or ")
}
