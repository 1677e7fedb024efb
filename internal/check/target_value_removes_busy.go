package check

import (
	"math"

	"github.com/sagemaker-async/exporter/internal/policy"
)

var targetValueRemovesBusy = &Check{
	Name: "target_value_removes_busy", Severities: []Severity{Info}, Needs: scaling, run: runTargetValueRemovesBusy,
}

// runTargetValueRemovesBusy compares the target value with what an instance works on at the same time.
func runTargetValueRemovesBusy(s *Subject) verdict {
	tracking, concurrent := s.tracking(), s.Endpoint.Async.MaxConcurrentInvocationsPerInstance
	if s.Variant.Target == nil || tracking == nil || tracking.Tracking.Metric == nil || concurrent == nil {
		return verdict{} // the value of metric math may mean anything
	}
	if value := tracking.Tracking.TargetValue; policy.RemovesBusy(value, *concurrent) {
		return fail(Info, "The tracking policy %q of variant %q scales in below %g requests per instance, nine tenths of its target value %g, "+
			"but an instance works on %d at a time: instances are removed while all of them are busy. A target value of %g or less, "+
			"or more concurrent invocations, avoids it.", tracking.Name, s.Variant.Name, math.Round(value*90)/100, value, *concurrent,
			policy.FullTarget(*concurrent))
	}
	return pass(Info)
}
