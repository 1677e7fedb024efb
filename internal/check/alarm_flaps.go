package check

var alarmFlaps = &Check{
	Name: "alarm_flaps", Severities: []Severity{Warning}, Needs: wiring, run: runAlarmFlaps, Stage: StageAlarm,
}

func runAlarmFlaps(s *Subject) verdict {
	found := false
	for i := range s.Behavior.Alarms {
		alarm := &s.Behavior.Alarms[i]
		if len(alarm.Triggers) == 0 || alarm.AWS { // one that AWS made cannot be written otherwise, and works in public configurations
			continue
		}
		found = true
		if alarm.Flaps != "" {
			return fail(Warning, "The alarm %q of variant %q changes its state again and again, because %s: scaling starts late or not at all. "+
				"Use a period of 60 seconds, and fewer datapoints than periods where FILL is needed.", alarm.Name, s.Variant.Name, alarm.Flaps)
		}
	}
	if !found || !s.scaled() {
		return verdict{}
	}
	return pass(Warning)
}
