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
			advice := "Ask for fewer datapoints than periods, for example 1 of 3."
			if a := s.alarm(alarm.Name); a != nil && len(a.Math) == 0 {
				advice = "Set its period to 1m."
			}
			return fail(Warning, "The alarm %q of variant %q changes its state again and again, because %s: scaling starts late or not at all.",
				alarm.Name, s.Variant.Name, alarm.Flaps).advise("%s", advice)
		}
	}
	if !found || !s.scaled() {
		return verdict{}
	}
	return pass(Warning)
}
