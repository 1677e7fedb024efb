package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// What a reconciler relies on when it mends something.

// lost is an endpoint with requests waiting whose wake alarm fires at the policy of a target that is gone.
func (s *story) lost(name string) (resource string) {
	s.Helper()
	s.asleep(name, scaling{})
	resource = fleet.ResourceID(name, allTraffic)
	s.no(s.DeregisterScalableTarget(resource))
	s.no(s.Invoke(name, 1))
	s.until("firing at nothing", 10*time.Minute, func() bool { return s.wakeAlarm(name).State == "ALARM" })
	return resource
}

func (s *story) wakeAlarm(name string) fleet.Alarm {
	s.Helper()
	return s.alarm(policy.WakeAlarm(name, allTraffic, "").Name)
}

func (s *story) wakePolicy(name string) fleet.Policy {
	s.Helper()
	for _, listed := range s.ScalingPolicies() {
		if listed.Name == policy.WakeName && listed.ResourceID == fleet.ResourceID(name, allTraffic) {
			return listed
		}
	}
	s.Fatalf("%s has no wake policy", name)
	return fleet.Policy{}
}

func TestPutMetricAlarm_inAlarmTriggersItsNewActionsWithTheNextMinute(t *testing.T) {
	s := newStory(t)
	resource := s.lost("e")
	_, err := s.RegisterScalableTarget(TargetChange{ResourceID: resource, Min: ptr(0), Max: ptr(5)})
	s.no(err)
	wake, err := s.PutScalingPolicy(policy.Wake("e", allTraffic))
	s.no(err)
	s.after(2 * time.Minute)
	s.wantInstances("while the alarm points at the dead policy", "e", 0, 0)
	since := s.wakeAlarm("e").StateSince
	s.no(s.PutMetricAlarm(policy.WakeAlarm("e", allTraffic, wake.ARN)))
	if alarm := s.wakeAlarm("e"); alarm.State != "ALARM" || !alarm.StateSince.Equal(since) {
		t.Errorf("a write changed the state: %+v", alarm)
	}
	s.wantInstances("at once", "e", 0, 0)
	s.after(time.Minute)
	s.wantInstances("a minute later", "e", 0, 1)
}

func TestPutMetricAlarm_onAnotherMetricForgetsTheOldData(t *testing.T) {
	s := newStory(t)
	s.lost("e")
	alarm := s.wakeAlarm("e")
	alarm.Metric.Dimensions = fleet.VariantDimensions("e", allTraffic)
	s.no(s.PutMetricAlarm(alarm))
	s.after(time.Minute)
	if got := s.wakeAlarm("e").State; got != "INSUFFICIENT_DATA" {
		t.Errorf("on a metric that is not published it is %s", got)
	}
	alarm.TreatMissingData = "breaching"
	s.no(s.PutMetricAlarm(alarm))
	s.after(time.Minute)
	if got := s.wakeAlarm("e").State; got != "ALARM" {
		t.Errorf("with missing data breaching it is %s", got)
	}
}

func TestPutMetricAlarm_mendedDimensionsWakeTheStuckOne(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{wake: func(a *fleet.Alarm) {
		a.Metric.Dimensions = append(a.Metric.Dimensions, fleet.Dimension{Name: "VariantName", Value: allTraffic})
	}})
	s.no(s.Invoke("e", 1))
	s.after(time.Hour)
	s.wantInstances("stuck", "e", 0, 0)
	s.no(s.PutMetricAlarm(policy.WakeAlarm("e", allTraffic, s.wakePolicy("e").ARN)))
	s.after(2 * time.Minute)
	s.wantInstances("mended", "e", 0, 1)
}

func TestPutMetricAlarm_thatNoLongerTriggersIsNoLongerListed(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	alarm := s.wakeAlarm("e")
	if listed := s.wakePolicy("e").Alarms; !slices.Equal(listed, []string{alarm.Name}) {
		t.Fatalf("listed %v", listed)
	}
	alarm.AlarmActions = []string{"arn:aws:sns:us-east-1:111122223333:pager"}
	s.no(s.PutMetricAlarm(alarm))
	if listed := s.wakePolicy("e").Alarms; len(listed) > 0 {
		t.Errorf("an unwired alarm is listed: %v", listed)
	}
	s.no(s.Invoke("e", 1))
	s.after(30 * time.Minute)
	s.wantInstances("unwired", "e", 0, 0)
}

func TestPutScalingPolicy_stepKeepsItsARNAndItsAlarm(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	before := s.wakePolicy("e")
	changed := policy.Wake("e", allTraffic)
	changed.Step.Adjustments[0].Adjustment = 3
	stored, err := s.PutScalingPolicy(changed)
	s.no(err)
	after := s.wakePolicy("e")
	if stored.ARN != before.ARN || after.ARN != before.ARN || !slices.Equal(after.Alarms, before.Alarms) || !after.Created.Equal(before.Created) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	s.no(s.Invoke("e", 1))
	s.until("awake", 10*time.Minute, func() bool { _, desired := s.instances("e"); return desired > 0 })
	s.wantInstances("with the new adjustment", "e", 0, 3)
}

func TestPutScalingPolicy_mendedTrackingGetsNewAlarms(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{tracking: func(p *fleet.Policy) { p.Tracking.Metric.Dimensions = fleet.VariantDimensions("e", allTraffic) }})
	_, err := s.RegisterScalableTarget(TargetChange{ResourceID: fleet.ResourceID("e", allTraffic), Min: ptr(1)})
	s.no(err)
	var before fleet.Policy
	for _, listed := range s.ScalingPolicies() {
		if listed.Tracking != nil {
			before = listed
		}
	}
	own := policy.WakeAlarm("e", allTraffic, before.ARN) // somebody's own alarm triggers the tracking policy too
	own.Name = "own"
	s.no(s.PutMetricAlarm(own))
	s.after(time.Hour)
	after, err := s.PutScalingPolicy(policy.Tracking("e", allTraffic))
	s.no(err)
	if after.ARN != before.ARN || len(after.Alarms) != 3 || !slices.Contains(after.Alarms, "own") {
		t.Errorf("before %+v, after %+v", before, after)
	}
	for _, name := range before.Alarms {
		if slices.ContainsFunc(s.Alarms(), func(a fleet.Alarm) bool { return a.Name == name }) {
			t.Errorf("the old alarm %s is still there", name)
		}
	}
	_, err = s.RegisterScalableTarget(TargetChange{ResourceID: fleet.ResourceID("e", allTraffic), Min: ptr(0)})
	s.no(err)
	s.until("asleep", 5*time.Minute, func() bool { _, desired := s.instances("e"); return desired == 0 }) // the data was there all along
	s.no(s.DeleteScalingPolicy(after.ResourceID, after.Name))
	s.alarm("own")
}

func TestWrites_areRefusedAsAWSRefusesThem(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	resource := fleet.ResourceID("e", allTraffic)
	alarm := func(change func(*fleet.Alarm)) error {
		a := policy.WakeAlarm("e", allTraffic, s.wakePolicy("e").ARN)
		change(&a)
		return s.PutMetricAlarm(a)
	}
	put := func(p fleet.Policy, change func(*fleet.Policy)) error {
		change(&p)
		_, err := s.PutScalingPolicy(p)
		return err
	}
	tracking, wake := policy.Tracking("e", allTraffic), policy.Wake("e", allTraffic)
	register := func(lowest, highest int) error {
		_, err := s.RegisterScalableTarget(TargetChange{ResourceID: resource, Min: &lowest, Max: &highest})
		return err
	}
	s.no(alarm(func(a *fleet.Alarm) { a.Name = strings.Repeat("ä", 255) }))
	s.no(put(wake, func(p *fleet.Policy) { p.Name = strings.Repeat("p", 256) }))
	before, policies := s.Alarms(), s.ScalingPolicies()
	for _, test := range []struct {
		err         error
		code, words string
	}{
		{alarm(func(a *fleet.Alarm) { a.Name = strings.Repeat("a", 256) }), "ValidationError", "less than or equal to 255"},
		{alarm(func(a *fleet.Alarm) { a.Name = "" }), "ValidationError", "alarmName"},
		{alarm(func(a *fleet.Alarm) { a.Name = "a\nb" }), "ValidationError", "control"},
		{alarm(func(a *fleet.Alarm) { a.AlarmActions = []string{"not an arn"} }), "ValidationError", "Invalid arn syntax: not an arn"},
		{alarm(func(a *fleet.Alarm) { a.OKActions = make([]string, 6) }), "ValidationError", "less than or equal to 5"},
		{alarm(func(a *fleet.Alarm) { a.Comparison = "MoreThan" }), "ValidationError", "comparisonOperator"},
		{alarm(func(a *fleet.Alarm) { a.TreatMissingData = "hide" }), "ValidationError", "treatMissingData"},
		{alarm(func(a *fleet.Alarm) { a.EvaluationPeriods = 0 }), "ValidationError", "EvaluationPeriods"},
		{alarm(func(a *fleet.Alarm) { a.DatapointsToAlarm = 3 }), "ValidationError", "DatapointsToAlarm"},
		{alarm(func(a *fleet.Alarm) { a.Period = 90 * time.Second }), "ValidationError", "Period"},
		{alarm(func(a *fleet.Alarm) { a.EvaluationPeriods = 1441 }), "ValidationError", "86400"},
		{alarm(func(a *fleet.Alarm) { a.Statistic = "" }), "ValidationError", "Statistic"},
		{put(wake, func(p *fleet.Policy) { p.Name = strings.Repeat("p", 257) }), "ValidationException", "less than or equal to 256"},
		{put(wake, func(p *fleet.Policy) { p.Name = "" }), "ValidationException", "policyName"},
		{put(wake, func(p *fleet.Policy) { p.Type = fleet.TargetTracking }), "ValidationException", "fits its type"},
		{put(wake, func(p *fleet.Policy) { p.Step = &fleet.Step{AdjustmentType: "ChangeInCapacity"} }), "ValidationException", "step adjustment"},
		{put(wake, func(p *fleet.Policy) { p.Step = &fleet.Step{AdjustmentType: "Double"} }), "ValidationException", "adjustmentType"},
		{put(tracking, func(p *fleet.Policy) { p.Tracking = &fleet.Tracking{TargetValue: 5} }), "ValidationException", "exactly one metric"},
		{put(tracking, func(p *fleet.Policy) { p.Tracking = &fleet.Tracking{} }), "ValidationException", "not positive"},
		{register(-1, 5), "ValidationException", "negative"},
		{register(-2, -1), "ValidationException", "negative"},
		{register(3, 2), "ValidationException", "greater than MaxCapacity"},
	} {
		s.refuses(test.err, test.code, test.words)
	}
	if len(s.Alarms()) != len(before) || len(s.ScalingPolicies()) != len(policies) || s.ScalableTargets()[0].MinCapacity != 0 {
		t.Error("something that was refused was done")
	}
}

// align-new has no scaling; the documented objects alone let it sleep and wake.
func TestDemo_theNewOneFollowsItsWorkOnceItIsDocumented(t *testing.T) {
	w := Demo(began)
	w.Advance(began.Add(DemoHistory))
	s := &story{t, w}
	s.wantInstances("without scaling", "align-new", 1, 1)
	s.no(s.document("align-new", allTraffic, scaling{}))
	s.until("asleep", 5*time.Minute, func() bool { _, desired := s.instances("align-new"); return desired == 0 })
	s.until("awake", 40*time.Minute, func() bool { current, _ := s.instances("align-new"); return current > 0 })
	s.until("asleep again", 50*time.Minute, func() bool { _, desired := s.instances("align-new"); return desired == 0 })
}
