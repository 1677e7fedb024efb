package autoscaling

import (
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// PolicyARN is the ARN of the scaling policy that an alarm action names: AWS may append :createdBy/<uuid> to it.
func PolicyARN(action string) string {
	arn, _, _ := strings.Cut(action, ":createdBy/")
	return arn
}

// Actions are the actions of a state, whether or not actions are enabled.
func Actions(a *fleet.Alarm, state States) []string {
	switch state {
	case Alarm:
		return a.AlarmActions
	case OK:
		return a.OKActions
	case InsufficientData:
		return a.InsufficientDataActions
	}
	return nil
}

// Triggers are the actions that an alarm triggers in a state: for scaling policies again each minute while the state lasts, in
// OK and INSUFFICIENT_DATA too. While actions are disabled there are none. Of scaling policies it is the policy's ARN.
func Triggers(a *fleet.Alarm, state States) []string {
	if !a.ActionsEnabled {
		return nil
	}
	actions := Actions(a, state)
	for i, action := range actions {
		if arn := PolicyARN(action); arn != action {
			actions = slices.Clone(actions)
			actions[i] = arn
		}
	}
	return actions
}
