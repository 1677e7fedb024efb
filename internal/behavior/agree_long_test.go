package behavior_test

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Idle by what is done: an instance that works on one request for longer than that is removed.
func TestAgreement_longRequests(t *testing.T) {
	for _, test := range []struct {
		service time.Duration
		removed bool
	}{{30 * time.Minute, true}, {time.Minute, false}} {
		a := newAccount(t, 1, begin{lingering: true, instances: 1, service: test.service})
		zero := 0.
		stored, err := a.PutScalingPolicy(fleet.Policy{ResourceID: resource, Name: "idle", Type: fleet.StepScaling, Step: &fleet.Step{
			AdjustmentType: "ExactCapacity", Adjustments: []fleet.StepAdjustment{{Upper: &zero}},
		}})
		a.no(err)
		processed := fleet.Metric{Namespace: fleet.Namespace, Name: "InvocationsProcessed", Dimensions: fleet.VariantDimensions(endpointName, variantName)}
		no := false
		a.no(a.PutMetricAlarm(fleet.Alarm{
			Name: "idle", Math: []fleet.MathQuery{{ID: "m1", Metric: &processed, Statistic: "Sum", ReturnData: &no}, {ID: "e1", Expression: "FILL(m1,0)"}},
			Period: time.Minute, EvaluationPeriods: 10, DatapointsToAlarm: 10, Threshold: 1, Comparison: below, TreatMissingData: "missing",
			ActionsEnabled: true, AlarmActions: []string{stored.ARN},
		}))
		a.read()
		b := behavior.Of(&fleet.Endpoint{EndpointSummary: fleet.EndpointSummary{Name: endpointName}, Async: fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: a.concurrent}},
			&a.variant, behavior.Context{At: a.Now(), Service: test.service})
		told := false
		for _, act := range b.RemovesBusy {
			told = told || act.Situation == behavior.LongRequests && act.Alarm == "idle"
		}
		if told != test.removed {
			t.Errorf("requests of %s: said to remove busy instances %t", test.service, told)
		}
		if !test.removed { // of short ones enough are done
			continue
		}
		a.no(a.Invoke(endpointName, 1))
		if fewest, _ := a.watch(28 * time.Minute); fewest > 0 {
			t.Errorf("requests of %s: %d instances are left", test.service, fewest)
		}
	}
}
