package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// shaped adds an endpoint at some instances with a scalable target and nothing else.
func (s *story) shaped(instances, highest int) {
	s.Helper()
	s.no(s.AddEndpoint(EndpointSpec{
		Name: "e", Config: async("e", "ml.g5.xlarge", 2), Instances: instances, Work: Work{Service: 30 * time.Second}, Provision: 2 * time.Minute,
	}))
	_, err := s.RegisterScalableTarget(TargetChange{ResourceID: fleet.ResourceID("e", allTraffic), Min: ptr(0), Max: &highest})
	s.no(err)
}

// step puts a step policy with one step and says its ARN.
func (s *story) step(name, kind string, lower, upper *float64, adjustment int) string {
	s.Helper()
	stored, err := s.PutScalingPolicy(fleet.Policy{
		ResourceID: fleet.ResourceID("e", allTraffic), Name: name, Type: fleet.StepScaling,
		Step: &fleet.Step{AdjustmentType: kind, Adjustments: []fleet.StepAdjustment{{Lower: lower, Upper: upper, Adjustment: adjustment}}},
	})
	s.no(err)
	return stored.ARN
}

// watch puts an alarm on a queue metric: the documented wake alarm, changed.
func (s *story) watch(metric fleet.QueueMetric, change func(*fleet.Alarm), arn string) {
	s.Helper()
	a := policy.WakeAlarm("e", allTraffic, arn)
	a.Name, a.Metric = fmt.Sprintf("%s-%d", metric, len(s.Alarms())), metric.Query("e").Metric
	change(&a)
	s.no(s.PutMetricAlarm(a))
}

func formula(expression string, m, n int, inputs ...fleet.QueueMetric) func(*fleet.Alarm) {
	return func(a *fleet.Alarm) {
		a.Metric, a.Statistic, a.EvaluationPeriods, a.DatapointsToAlarm = fleet.Metric{}, "", n, m
		for i, input := range inputs {
			a.Math = append(a.Math, fleet.MathQuery{
				ID: fmt.Sprintf("m%d", i+1), Metric: ptr(input.Query("e").Metric), Statistic: "Average", ReturnData: ptr(false),
			})
		}
		a.Math = append(a.Math, fleet.MathQuery{ID: "e1", Expression: expression})
	}
}

// Each shape wakes an endpoint, or does not, from one request.
func TestWake_inTheShapesOfRealAccounts(t *testing.T) {
	const none = 0
	as := func(change func(*fleet.Alarm)) func(*fleet.Alarm) { return change }
	for _, test := range []struct {
		what   string
		metric fleet.QueueMetric
		alarm  func(*fleet.Alarm)
		kind   string
		lower  float64
		by     int
		want   int
	}{
		{"the document's", fleet.WithoutCapacity, as(func(*fleet.Alarm) {}), "ChangeInCapacity", 0, 1, 1},
		{"a lower bound of 1", fleet.WithoutCapacity, as(func(*fleet.Alarm) {}), "ChangeInCapacity", 1, 1, none},
		{"metric math", fleet.WithoutCapacity, formula("FILL(m1, 0)", 1, 3, fleet.WithoutCapacity), "ChangeInCapacity", 0, 1, 1},
		{"FILL of the newest minute, which is late", fleet.WithoutCapacity, formula("FILL(m1, 0)", 2, 2, fleet.WithoutCapacity), "ChangeInCapacity", 0, 1, none},
		{"a list", fleet.WithoutCapacity, formula("MAX([m1, m2])", 1, 1, fleet.BacklogPerInstance, fleet.WithoutCapacity), "ChangeInCapacity", 0, 1, 1},
		{"a condition", fleet.WithoutCapacity, formula("IF(m1 >= 1 AND FILL(m2, 0) == 0, 1, 0)", 1, 3, fleet.Backlog, fleet.BacklogPerInstance), "ChangeInCapacity", 0, 1, 1},
		{"math that is not modelled", fleet.WithoutCapacity, formula("RATE(m1)", 1, 1, fleet.WithoutCapacity), "ChangeInCapacity", 0, 1, none},
		{"a Sum", fleet.WithoutCapacity, as(func(a *fleet.Alarm) { a.Statistic = "Sum" }), "ChangeInCapacity", 0, 1, 1},
		{"a percentile", fleet.WithoutCapacity, as(func(a *fleet.Alarm) { a.Statistic = "p90" }), "ChangeInCapacity", 0, 1, 1},
		{"a SampleCount is always 1", fleet.WithoutCapacity, as(func(a *fleet.Alarm) { a.Statistic, a.Threshold = "SampleCount", 2 }), "ChangeInCapacity", 0, 1, none},
		{"a period of five minutes", fleet.WithoutCapacity, as(func(a *fleet.Alarm) { a.Period, a.EvaluationPeriods, a.DatapointsToAlarm = 5*time.Minute, 1, 1 }), "ChangeInCapacity", 0, 1, 1},
		{"a period of half a minute", fleet.WithoutCapacity, as(func(a *fleet.Alarm) { a.Period = 30 * time.Second }), "ChangeInCapacity", 0, 1, 1},
		{"the right unit", fleet.WithoutCapacity, as(func(a *fleet.Alarm) { a.Unit = "Count" }), "ChangeInCapacity", 0, 1, 1},
		{"another unit", fleet.WithoutCapacity, as(func(a *fleet.Alarm) { a.Unit = "Seconds" }), "ChangeInCapacity", 0, 1, none},
		{"an exact capacity", fleet.Backlog, as(func(a *fleet.Alarm) { a.Statistic = "Maximum" }), "ExactCapacity", 0, 8, 8},
		{"a percentage of nothing", fleet.Backlog, as(func(*fleet.Alarm) {}), "PercentChangeInCapacity", 0, 100, none},
		{"disabled actions", fleet.WithoutCapacity, as(func(a *fleet.Alarm) { a.ActionsEnabled = false }), "ChangeInCapacity", 0, 1, none},
		{"createdBy", fleet.WithoutCapacity, as(func(a *fleet.Alarm) { a.AlarmActions[0] += ":createdBy/1234-5678" }), "ChangeInCapacity", 0, 1, 1},
		{"OKActions of the other comparison", fleet.Backlog, as(func(a *fleet.Alarm) {
			a.Comparison, a.OKActions, a.AlarmActions = "LessThanThreshold", a.AlarmActions, nil
		}), "ChangeInCapacity", 0, 1, 1},
		{"actions on missing data", fleet.BacklogPerInstance, as(func(a *fleet.Alarm) {
			a.InsufficientDataActions, a.AlarmActions = a.AlarmActions, nil
		}), "ChangeInCapacity", 0, 1, none},
	} {
		s := newStory(t)
		s.shaped(0, 20)
		s.watch(test.metric, test.alarm, s.step("p", test.kind, &test.lower, nil, test.by))
		s.after(20 * time.Minute)
		s.no(s.Invoke("e", 1))
		most := 0
		for range 20 {
			s.after(time.Minute)
			if _, desired := s.instances("e"); most == 0 {
				most = desired
			}
		}
		if most != test.want {
			t.Errorf("%s: %d instances, want %d", test.what, most, test.want)
		}
		if listed := s.ScalingPolicies()[0].Alarms; len(listed) != 1 {
			t.Errorf("%s: the policy lists %v", test.what, listed)
		}
	}
}

func TestStep_scalesInByTheStateThatItsActionIsFor(t *testing.T) {
	for _, test := range []struct {
		what  string
		alarm func(*fleet.Alarm)
		kind  string
		lower *float64
		upper *float64
		by    int
		want  int
	}{
		{"below 1", func(a *fleet.Alarm) { a.Comparison = "LessThanThreshold" }, "ExactCapacity", nil, ptr(0.0), 0, 0},
		{"at 0 or below", func(a *fleet.Alarm) { a.Comparison, a.Threshold = "LessThanOrEqualToThreshold", 0 }, "ExactCapacity", nil, ptr(0.0), 0, 0},
		{"OK", func(a *fleet.Alarm) { a.OKActions, a.AlarmActions = a.AlarmActions, nil }, "ExactCapacity", nil, ptr(0.0), 0, 0},
		{"a bound on the wrong side", func(a *fleet.Alarm) { a.Comparison = "LessThanThreshold" }, "ExactCapacity", ptr(0.0), nil, 0, 4},
		{"half of it each five minutes", func(a *fleet.Alarm) { a.Comparison = "LessThanThreshold" }, "PercentChangeInCapacity", nil, ptr(0.0), -50, 1},
	} {
		s := newStory(t)
		s.shaped(4, 20)
		s.watch(fleet.Backlog, test.alarm, s.step("p", test.kind, test.lower, test.upper, test.by))
		s.after(12 * time.Minute)
		if _, desired := s.instances("e"); desired != test.want {
			t.Errorf("%s: %d instances, want %d", test.what, desired, test.want)
		}
	}
}

// A tracking policy on a metric that is never published holds up the scale-in of the other, unless it may not scale in itself.
func TestTracking_scalesInOnlyTogether(t *testing.T) {
	for _, disabled := range []bool{false, true} {
		s := newStory(t)
		s.shaped(3, 20)
		dead := policy.Tracking("e", allTraffic)
		dead.Name, dead.Tracking.DisableScaleIn = "dead", disabled
		dead.Tracking.Metric = &fleet.Metric{Namespace: fleet.Namespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions("e", allTraffic)}
		for _, p := range []fleet.Policy{dead, policy.Tracking("e", allTraffic)} {
			_, err := s.PutScalingPolicy(p)
			s.no(err)
		}
		s.after(30 * time.Minute)
		if _, desired := s.instances("e"); (desired == 0) != disabled {
			t.Errorf("scale-in of the dead one disabled %t: %d instances", disabled, desired)
		}
	}
}

func TestTracking_onHostMetricsNeverReachesZero(t *testing.T) {
	s := newStory(t)
	s.shaped(4, 20)
	p := policy.Tracking("e", allTraffic)
	p.Tracking.TargetValue = 50
	p.Tracking.Metric = &fleet.Metric{Namespace: fleet.HostNamespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions("e", allTraffic)}
	_, err := s.PutScalingPolicy(p)
	s.no(err)
	s.after(3 * time.Hour)
	s.wantInstances("idle", "e", 1, 1)
}

func TestTracking_byMetricMath(t *testing.T) {
	s := newStory(t)
	s.shaped(1, 20)
	p := policy.Tracking("e", allTraffic)
	p.Tracking.Metric, p.Tracking.Statistic = nil, ""
	p.Tracking.Math = []fleet.MathQuery{
		{ID: "m1", Metric: ptr(fleet.Backlog.Query("e").Metric), Statistic: "Average", ReturnData: ptr(false)},
		{ID: "e1", Expression: "m1 / 2"},
	}
	_, err := s.PutScalingPolicy(p)
	s.no(err)
	s.no(s.Invoke("e", 200))
	s.until("scaled out", 10*time.Minute, func() bool { _, desired := s.instances("e"); return desired > 10 })
}

func TestScheduledActions_moveTheBounds(t *testing.T) {
	s := newStory(t) // it begins at nine
	s.shaped(0, 5)
	resource := fleet.ResourceID("e", allTraffic)
	for _, a := range []fleet.ScheduledAction{
		{ResourceID: resource, Name: "evening", Schedule: "cron(0 18 * * ? *)", MinCapacity: ptr(0), MaxCapacity: ptr(1)},
		{ResourceID: resource, Name: "morning", Schedule: "cron(0 10 * * ? *)", MinCapacity: ptr(2), MaxCapacity: ptr(5)},
		{ResourceID: resource, Name: "riddle", Schedule: "cron(0 10 L * ? *)", MinCapacity: ptr(5)},
		{ResourceID: resource, Name: "over", Schedule: "rate(1 hour)", MinCapacity: ptr(4), End: began.Add(-time.Hour)},
	} {
		s.no(s.PutScheduledAction(a))
	}
	s.after(59 * time.Minute)
	s.wantInstances("before ten", "e", 0, 0)
	s.after(time.Minute)
	if _, desired := s.instances("e"); desired != 2 {
		t.Errorf("at ten: %d", desired)
	}
	if cause := s.activitiesOf("e")[0].Cause; cause != "minimum capacity was set to 2 while executing scheduled action morning" {
		t.Errorf("because %q", cause)
	}
	s.after(8 * time.Hour)
	s.wantInstances("in the evening", "e", 1, 1)
	_, err := s.RegisterScalableTarget(TargetChange{ResourceID: resource, Suspended: &fleet.Suspension{Scheduled: true}})
	s.no(err)
	s.after(24 * time.Hour)
	s.wantInstances("suspended", "e", 1, 1)
	if len(s.ScheduledActions()) != 4 {
		t.Errorf("%d scheduled actions", len(s.ScheduledActions()))
	}
}
