package check

import "math"

var targetValueRemovesBusy = &Check{
	Name: "target_value_removes_busy", Severities: []Severity{Info}, Needs: scaling, run: runTargetValueRemovesBusy,
}

// runTargetValueRemovesBusy knows that the backlog counts requests in service too: instances that are all busy with an
// empty queue read as many as they work on at the same time. The low alarm rings below nine tenths of the target value.
func runTargetValueRemovesBusy(s *Subject) verdict {
	tracking, concurrent := s.tracking(), s.Endpoint.Async.MaxConcurrentInvocationsPerInstance
	if s.Variant.Target == nil || tracking == nil || tracking.Tracking.Metric == nil || concurrent == nil {
		return verdict{} // the value of metric math may mean anything
	}
	if value := tracking.Tracking.TargetValue; value*9 > float64(*concurrent)*10 {
		return fail(Info, "The tracking policy %q of variant %q scales in below %g requests per instance, nine tenths of its target value %g, "+
			"but an instance works on %d at a time: instances are removed while all of them are busy. A target value of %g or less, "+
			"or more concurrent invocations, avoids it.", tracking.Name, s.Variant.Name, math.Round(value*90)/100, value, *concurrent,
			math.Floor(float64(*concurrent)/.9*10)/10)
	}
	return pass(Info)
}
