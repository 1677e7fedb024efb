package check

import (
	"slices"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

var alarmMuted = &Check{
	Name: "alarm_muted", Severities: []Severity{Critical, Warning}, Needs: wiring, run: runAlarmMuted,
	Stage: StageAlarm, Alert: "SageMakerAsyncWakeAlarmBroken",
}

// runAlarmMuted is critical while the muted alarm is the one that would wake the variant now.
func runAlarmMuted(s *Subject) verdict {
	found := false
	for i := range s.Variant.Alarms {
		alarm := &s.Variant.Alarms[i].Alarm
		known := s.Behavior.Alarm(alarm.Name)
		if !alarm.Mutes.Known || known == nil || len(known.Triggers) == 0 {
			continue
		}
		found = true
		if !known.Muted {
			continue
		}
		severity, fault := Warning, s.Behavior.Wakes.Fault
		if s.starved() && fault != nil && fault.Kind == behavior.Silenced {
			severity = Critical
		}
		mute, _ := alarm.Muted(s.At)
		until := ""
		if !mute.Until.IsZero() {
			until = " until " + fleet.Minute(mute.Until, s.At)
		}
		return fail(severity, "The mute rule %q silences the actions of the alarm %q%s, so the alarm scales nothing of variant %q.",
			mute.Rule, alarm.Name, until, s.Variant.Name).advise("Leave this alarm out of the mute rule, or end the rule.")
	}
	if !found || !s.scaled() {
		return verdict{}
	}
	if silence := s.Behavior.Silence; silence != nil && s.asleepThen(silence) {
		return fail(Warning, "%s: until it ends, requests that arrive at 0 instances of variant %q wait.",
			fleet.Capital(silence.String(s.At)), s.Variant.Name).advise("Leave this alarm out of the mute rule.")
	}
	return pass(Warning)
}

// asleepThen tells whether the variant may be at 0 instances when a mute rule begins: its minimum is 0, and no scheduled action
// sets another.
func (s *Subject) asleepThen(silence *behavior.Silence) bool {
	raised := slices.ContainsFunc(s.Variant.Scheduled, func(a fleet.ScheduledAction) bool { return a.MinCapacity != nil && *a.MinCapacity > 0 })
	return s.sleeps() && !raised && s.reachesZero() && !silence.From.IsZero()
}
