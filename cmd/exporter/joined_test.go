package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// unlisted are scaling policies without the lists of their alarms: AWS does not say of which states the alarms are listed.
type unlisted struct{ observe.Scaling }

func (u unlisted) ScalingPolicies(ctx context.Context) ([]fleet.Policy, error) {
	policies, err := u.Scaling.ScalingPolicies(ctx)
	for i := range policies {
		policies[i].Alarms = nil
	}
	return policies, err
}

// One alarm scales out in ALARM and in in OK, and another acts on a policy that was deleted: both are read from AWS and judged.
func TestObserver_actionsOfEveryStateAreJudged(t *testing.T) {
	const name = "shaped"
	resource := fleet.ResourceID(name, "AllTraffic")
	world := sim.New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, time.Now().Add(-20*time.Minute), 1)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(world.AddEndpoint(sim.EndpointSpec{
		Name: name, Work: sim.Work{Service: 10 * time.Second}, Provision: time.Minute,
		Config: fleet.EndpointConfig{Name: "config", Async: &fleet.AsyncConfig{}, Variants: []fleet.VariantConfig{{Name: "AllTraffic", InstanceType: "ml.g5.xlarge"}}},
	}))
	least, most := 0, 5
	_, err := world.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &least, Max: &most})
	must(err)
	bound := 0.0
	step := func(policy string, adjustment fleet.StepAdjustment) string {
		t.Helper()
		stored, err := world.PutScalingPolicy(fleet.Policy{ResourceID: resource, Name: policy, Type: fleet.StepScaling, Step: &fleet.Step{
			AdjustmentType: "ExactCapacity", Aggregation: "Average", Adjustments: []fleet.StepAdjustment{adjustment},
		}})
		must(err)
		return stored.ARN
	}
	out := step("out", fleet.StepAdjustment{Lower: &bound, Adjustment: 3})
	in := step("in", fleet.StepAdjustment{Upper: &bound, Adjustment: 0})
	gone := step("gone", fleet.StepAdjustment{Lower: &bound, Adjustment: 1})
	alarm := fleet.Alarm{
		Name: "both", Metric: fleet.Backlog.Query(name).Metric, Statistic: "Average", Period: time.Minute, EvaluationPeriods: 1, DatapointsToAlarm: 1,
		Threshold: 1, Comparison: "GreaterThanOrEqualToThreshold", TreatMissingData: "missing", ActionsEnabled: true,
		AlarmActions: []string{out}, OKActions: []string{in},
	}
	must(world.PutMetricAlarm(alarm))
	alarm.Name, alarm.Metric, alarm.AlarmActions, alarm.OKActions = "dead", fleet.Metric{Namespace: "App", Name: "Queue"}, nil, []string{gone}
	must(world.PutMetricAlarm(alarm))
	must(world.DeleteScalingPolicy(resource, "gone"))

	embed(t, world)
	reached, err := connector(awsapi.Access{Region: "us-east-1"}, awsapi.Options{}, false)(t.Context())
	must(err)
	aws := reached.AWS
	aws.Scaling = unlisted{aws.Scaling}
	observer := observe.New(world.Scope(), aws, time.Now, observe.Options{
		Intervals:    observe.Intervals{Queue: time.Minute, Metrics: 5 * time.Minute, Instances: time.Minute, Scaling: 5 * time.Minute, Tags: 10 * time.Minute},
		MaxStaleness: 10 * time.Minute,
	})
	for _, source := range observer.Sources() {
		answer := observer.Question(source)(t.Context())
		must(answer.Err)
		observer.Learn(answer)
	}
	snapshot := observer.Snapshot()
	endpoint := &snapshot.Endpoints[0]
	var wired []string
	for _, alarm := range endpoint.Variants[0].Alarms {
		wired = append(wired, alarm.Name+">"+alarm.Policy)
	}
	if want := []string{"dead>", "both>in", "both>out"}; !slices.Equal(wired, want) {
		t.Errorf("its alarms and their policies are %q, not %q", wired, want)
	}
	b := behavior.Of(endpoint, &endpoint.Variants[0], behavior.Context{})
	if b.Wakes.Verdict != behavior.Yes || b.Wakes.By != (behavior.Path{Alarm: "both", Policy: "out"}) {
		t.Errorf("it wakes: %+v", b.Wakes)
	}
	if b.ScalesIn.Verdict != behavior.Yes || b.ScalesIn.To != 0 || b.ScalesIn.By != (behavior.Path{Alarm: "both", Policy: "in"}) {
		t.Errorf("it scales in: %+v", b.ScalesIn)
	}
	if dead := b.Alarm("dead"); dead == nil || !slices.Equal(dead.Dead, []string{gone}) {
		t.Errorf("an alarm on a policy that is gone: %+v", dead)
	}
}
