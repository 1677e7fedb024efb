package policy

import (
	"strings"
	"time"
)

// Setting is one tunable value: what a new object gets, and whether an existing object that has another one is
// corrected. A tuned value is its owner's work, so nothing is corrected unasked.
type Setting[T comparable] struct {
	Value    T
	Enforced bool
}

// Wanted is what a policy asks of a variant. It is comparable: two that are equal ask for the same.
type Wanted struct {
	MinCapacity Setting[int]
	KeepMinimum bool // the entry says keep: a target that is registered again gets the minimum that it had
	MaxCapacity Setting[int]
	Tracking    WantedTracking
	Wake        WantedWake
	Alarm       WantedAlarm

	Strictly bool // the documented values are enforced for everything that the entry leaves out
	SetsWake bool // the entry sets something of the wake policy or its alarm
}

// WantedTracking is what a policy asks of the target-tracking policy.
type WantedTracking struct {
	Name             string // of a policy that is created; an existing one keeps its own
	TargetValue      Setting[float64]
	ScaleInCooldown  Setting[time.Duration]
	ScaleOutCooldown Setting[time.Duration]
}

// WantedWake is what a policy asks of the step policy that wakes.
type WantedWake struct {
	Name        string // of a policy that is created; an existing one keeps its own
	Adjustment  Setting[int]
	Cooldown    Setting[time.Duration]
	Aggregation Setting[string]
}

// WantedAlarm is what a policy asks of the alarm that triggers the wake policy.
type WantedAlarm struct {
	NameTemplate      string // of an alarm that is created, with {endpoint} and {variant}; an existing one keeps its own
	EvaluationPeriods Setting[int]
	DatapointsToAlarm Setting[int]
	TreatMissingData  Setting[string]
}

// Name is the name that a new alarm of the variant gets.
func (w WantedAlarm) Name(endpoint, variant string) string {
	return strings.ReplaceAll(strings.ReplaceAll(w.NameTemplate, "{variant}", variant), "{endpoint}", endpoint)
}

// Documented are the documented values, each for new objects only.
func Documented() Wanted {
	return Wanted{
		MinCapacity: Setting[int]{Value: MinCapacity},
		MaxCapacity: Setting[int]{Value: MaxCapacity},
		Tracking: WantedTracking{
			Name: TrackingName, TargetValue: Setting[float64]{Value: TargetValue},
			ScaleInCooldown: Setting[time.Duration]{Value: Cooldown}, ScaleOutCooldown: Setting[time.Duration]{Value: Cooldown},
		},
		Wake: WantedWake{
			Name: WakeName, Adjustment: Setting[int]{Value: WakeAdjustment}, Cooldown: Setting[time.Duration]{Value: Cooldown},
			Aggregation: Setting[string]{Value: WakeAggregation},
		},
		Alarm: WantedAlarm{
			NameTemplate:      WakeAlarmName,
			EvaluationPeriods: Setting[int]{Value: WakeEvaluationPeriods}, DatapointsToAlarm: Setting[int]{Value: WakeEvaluationPeriods},
			TreatMissingData: Setting[string]{Value: WakeMissingData},
		},
	}
}

// Strict are the same values, all enforced but for the bounds of the capacity: the maximum is the peak that somebody
// pays for, and a minimum may be kept on purpose, so these are enforced only where they are written.
func (w Wanted) Strict() Wanted {
	for _, enforced := range []*bool{
		&w.Tracking.TargetValue.Enforced, &w.Tracking.ScaleInCooldown.Enforced, &w.Tracking.ScaleOutCooldown.Enforced,
		&w.Wake.Adjustment.Enforced, &w.Wake.Cooldown.Enforced, &w.Wake.Aggregation.Enforced,
		&w.Alarm.EvaluationPeriods.Enforced, &w.Alarm.DatapointsToAlarm.Enforced, &w.Alarm.TreatMissingData.Enforced,
	} {
		*enforced = true
	}
	w.Strictly = true
	return w
}
