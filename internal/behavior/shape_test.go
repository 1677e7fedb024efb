package behavior

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// shape is a variant that a test puts together.
type shape struct {
	endpoint fleet.Endpoint
	variant  *fleet.Variant
	context  Context
}

const resource = "endpoint/e/variant/v"

func arn(policy string) string {
	return "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/" + resource + ":policyName/" + policy
}

// target is a variant with a scalable target and nothing else. An instance works on five requests.
func target(least, most int, changes ...func(*shape)) *shape {
	five := 5
	s := &shape{endpoint: fleet.Endpoint{
		EndpointSummary: fleet.EndpointSummary{Name: "e"}, Async: fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: &five},
		Variants: []fleet.Variant{{Name: "v", Target: &fleet.Target{ResourceID: resource, MinCapacity: least, MaxCapacity: most}}},
	}}
	s.variant = &s.endpoint.Variants[0]
	for _, change := range changes {
		change(s)
	}
	return s
}

func (s *shape) of() *Behavior { return Of(&s.endpoint, s.variant, s.context) }

func metric(name string) fleet.Metric {
	return fleet.Metric{Namespace: fleet.Namespace, Name: name, Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: "e"}}}
}

var (
	hb  = metric("HasBacklogWithoutCapacity")
	bs  = metric("ApproximateBacklogSize")
	bpi = metric("ApproximateBacklogSizePerInstance")
)

func of(variant fleet.Metric) fleet.Metric {
	variant.Dimensions = append(slices.Clip(variant.Dimensions), fleet.Dimension{Name: "VariantName", Value: "v"})
	return variant
}

// tracking adds a target-tracking policy; AWS's alarms of it are assumed.
func tracking(name string, m fleet.Metric, statistic string, value float64, changes ...func(*fleet.Tracking)) func(*shape) {
	return func(s *shape) {
		t := &fleet.Tracking{Metric: &m, Statistic: statistic, TargetValue: value}
		for _, change := range changes {
			change(t)
		}
		s.variant.Policies = append(s.variant.Policies, fleet.Policy{
			ResourceID: resource, Name: name, ARN: arn(name), Type: fleet.TargetTracking, Tracking: t,
		})
	}
}

// step adds a step policy, of steps with their bounds.
func step(name, adjustment string, steps ...fleet.StepAdjustment) func(*shape) {
	return func(s *shape) {
		s.variant.Policies = append(s.variant.Policies, fleet.Policy{
			ResourceID: resource, Name: name, ARN: arn(name), Type: fleet.StepScaling,
			Step: &fleet.Step{AdjustmentType: adjustment, Adjustments: steps},
		})
	}
}

const (
	change  = "ChangeInCapacity"
	exact   = "ExactCapacity"
	percent = "PercentChangeInCapacity"
)

func bound(x float64) *float64 { return &x }

// from is a step with a lower bound alone, to one with an upper bound alone, between one with both.
func from(lower float64, adjustment int) fleet.StepAdjustment {
	return fleet.StepAdjustment{Lower: bound(lower), Adjustment: adjustment}
}

func to(upper float64, adjustment int) fleet.StepAdjustment {
	return fleet.StepAdjustment{Upper: bound(upper), Adjustment: adjustment}
}

func between(lower, upper float64, adjustment int) fleet.StepAdjustment {
	return fleet.StepAdjustment{Lower: bound(lower), Upper: bound(upper), Adjustment: adjustment}
}

// alarm adds an alarm of so many periods of a minute; the actions are names of policies or whole ARNs.
func alarm(name string, m fleet.Metric, comparison string, threshold float64, periods int, actions []string, changes ...func(*fleet.Alarm)) func(*shape) {
	return func(s *shape) {
		a := fleet.Alarm{
			Name: name, Metric: m, Statistic: "Average", Period: time.Minute, EvaluationPeriods: periods, DatapointsToAlarm: periods,
			Threshold: threshold, ActionsEnabled: true, TreatMissingData: "missing",
			Comparison: map[string]string{
				">=": "GreaterThanOrEqualToThreshold", ">": "GreaterThanThreshold", "<": "LessThanThreshold", "<=": "LessThanOrEqualToThreshold",
			}[comparison],
		}
		for _, action := range actions {
			if len(action) < 30 {
				action = arn(action)
			}
			a.AlarmActions = append(a.AlarmActions, action)
		}
		for _, change := range changes {
			change(&a)
		}
		s.variant.Alarms = append(s.variant.Alarms, fleet.WiredAlarm{Alarm: a})
	}
}

func statistic(name string) func(*fleet.Alarm) { return func(a *fleet.Alarm) { a.Statistic = name } }

func treat(missing string) func(*fleet.Alarm) {
	return func(a *fleet.Alarm) { a.TreatMissingData = missing }
}
func period(d time.Duration) func(*fleet.Alarm) { return func(a *fleet.Alarm) { a.Period = d } }
func triggers(policies ...string) []string      { return policies }
func mathOver(expression string, over ...fleet.Metric) func(*fleet.Alarm) {
	return func(a *fleet.Alarm) {
		yes, no := true, false
		a.Metric, a.Statistic = fleet.Metric{}, ""
		a.Math = []fleet.MathQuery{{ID: "e1", Expression: expression, ReturnData: &yes}}
		for i := range over {
			a.Math = append(a.Math, fleet.MathQuery{ID: []string{"m1", "m2", "m3"}[i], Metric: &over[i], Statistic: "Average", ReturnData: &no})
		}
	}
}

const (
	pager  = "arn:aws:sns:us-east-1:111122223333:pager-of-the-team"
	lambda = "arn:aws:lambda:us-east-1:111122223333:function:wake"
)

// The documented objects.
func tracks(s *shape)     { tracking("track", bpi, "Average", 5)(s) }
func wakePolicy(s *shape) { step("wake", change, from(0, 1))(s) }
func wakes(s *shape)      { wakePolicy(s); alarm("wake-alarm", hb, ">=", 1, 2, triggers("wake"))(s) }
func documented(s *shape) { tracks(s); wakes(s) }

func all(changes ...func(*shape)) func(*shape) {
	return func(s *shape) {
		for _, change := range changes {
			change(s)
		}
	}
}
