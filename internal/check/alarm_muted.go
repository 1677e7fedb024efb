package check

import "github.com/sagemaker-async/exporter/internal/behavior"

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
		if !mutesKnown(alarm) || known == nil || len(known.Triggers) == 0 {
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
		return fail(severity, "A mute rule%s silences the actions of the alarm %q, so it scales nothing of variant %q. Delete the rule, or leave "+
			"this alarm out of it.", muteRule(alarm, s.At), alarm.Name, s.Variant.Name)
	}
	if !found || !s.scaled() {
		return verdict{}
	}
	return pass(Warning)
}
