package check

import (
	"time"
)

var trackingAlarmNoData = &Check{
	Name: "tracking_alarm_no_data", Severities: []Severity{Warning}, Needs: wiring, run: runTrackingAlarmNoData,
	Stage: StageAlarm, Holds: Out | In, Alert: "SageMakerAsyncTrackingAlarmWithoutData",
}

// noDataAfter is how long instances may run with an alarm that has no data. The low alarm needs fifteen minutes of it.
const noDataAfter = 30 * time.Minute

// runTrackingAlarmNoData looks at the alarms of every tracking policy. While nothing runs they may well have no data, so
// an alarm counts only from the newest scaling on: an endpoint that has just woken has not been without data for long. A start
// by a scheduled action or by hand changes the endpoint, and may be no activity.
func runTrackingAlarmNoData(s *Subject) verdict {
	found := false
	for i := range s.Variant.Alarms {
		alarm := &s.Variant.Alarms[i]
		if p := s.policy(alarm.Policy); p == nil || p.Tracking == nil {
			continue
		}
		found = true
		since := alarm.StateSince
		if since.IsZero() {
			since = alarm.StateUpdated
		}
		if alarm.State != "INSUFFICIENT_DATA" || since.IsZero() || !s.running() || s.At.Sub(s.scaledAfter(since)) < noDataAfter {
			continue
		}
		return fail(Warning, "The alarm %q of the tracking policy %q has had no data for %s with %s running, so it neither adds instances for "+
			"a queue nor removes idle ones.",
			alarm.Name, alarm.Policy, short(s.At.Sub(since)), s.instances()).
			advise("Compare the metric and the dimensions of the policy with what CloudWatch has.")
	}
	if !found {
		return verdict{}
	}
	return pass(Warning)
}

// scaledAfter is the moment at which the number of instances last changed, if that is later than the given one; now while
// it changes.
func (s *Subject) scaledAfter(moment time.Time) time.Time {
	if changed := s.Endpoint.LastModified; changed.After(moment) {
		moment = changed
	}
	for _, activity := range s.Variant.Activity.Recent {
		switch {
		case len(activity.NotScaled) > 0 || activity.Status == "Failed":
		case activity.InProgress():
			return s.At
		case activity.End.After(moment):
			moment = activity.End
		}
	}
	return moment
}
