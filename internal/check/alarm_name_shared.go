package check

import "github.com/sagemaker-async/exporter/internal/policy"

var alarmNameShared = &Check{
	Name: "alarm_name_shared", Severities: []Severity{Warning}, Needs: wiring, run: runAlarmNameShared, Stage: StageAlarm,
}

func runAlarmNameShared(s *Subject) verdict {
	switch name := s.Behavior.WakePath().Alarm; name {
	case "":
		return verdict{}
	case policy.SharedAlarmName:
		return fail(Warning, "The wake alarm of variant %q bears the document's name %q, which is the same for every endpoint: the next one "+
			"that is set up by the document overwrites it, and this one no longer wakes.", s.Variant.Name, name).
			advise("Put the alarm again under the name %q, then delete the old one.", policy.Documented().Alarm.Name(s.Endpoint.Name, s.Variant.Name))
	}
	return pass(Warning)
}
