package sim

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// story is a world that a test tells things about.
type story struct {
	*testing.T
	*World
}

func newStory(t *testing.T) *story {
	t.Helper()
	return &story{t, New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, began, 7)}
}

// after lets time pass.
func (s *story) after(d time.Duration) { s.Advance(s.Now().Add(d)) }

func (s *story) no(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// refuses fails unless the error has the code and says the words.
func (s *story) refuses(err error, code, words string) {
	s.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Message, words) {
		s.Errorf("got %v, want %s: ...%s...", err, code, words)
	}
}

// asleep adds an endpoint at zero instances; documented, unless the scaling says otherwise.
func (s *story) asleep(name string, how scaling) {
	s.Helper()
	s.no(s.AddEndpoint(EndpointSpec{
		Name: name, Config: async(name, "ml.g5.xlarge", 2), Work: Work{Service: 30 * time.Second}, Provision: 2 * time.Minute,
	}))
	s.no(s.document(name, allTraffic, how))
}

func (s *story) instances(name string) (current, desired int) {
	s.Helper()
	description, err := s.DescribeEndpoint(name)
	s.no(err)
	return *description.Variants[0].Current, *description.Variants[0].Desired
}

func (s *story) wantInstances(when, name string, current, desired int) {
	s.Helper()
	if c, d := s.instances(name); c != current || d != desired {
		s.Errorf("%s: %d of %d instances, want %d of %d", when, c, d, current, desired)
	}
}

// until lets minutes pass until something is so, and says how long it took.
func (s *story) until(what string, longest time.Duration, so func() bool) time.Duration {
	s.Helper()
	start := s.Now()
	for !so() {
		if s.Now().Sub(start) > longest {
			s.Fatalf("not %s after %s", what, longest)
		}
		s.after(time.Minute)
	}
	return s.Now().Sub(start)
}

func (s *story) alarm(name string) fleet.Alarm {
	s.Helper()
	for _, alarm := range s.Alarms() {
		if alarm.Name == name {
			return alarm
		}
	}
	s.Fatalf("no alarm %s", name)
	return fleet.Alarm{}
}

func (s *story) activitiesOf(name string) (found []fleet.Activity) {
	for _, activity := range s.ScalingActivities() {
		if activity.ResourceID == fleet.ResourceID(name, allTraffic) {
			found = append(found, activity)
		}
	}
	return found
}

func TestWake_fromTheFirstRequestToZeroAgain(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	s.after(20 * time.Minute)
	s.wantInstances("asleep", "e", 0, 0)
	s.no(s.Invoke("e", 3))

	took := s.until("awake", 10*time.Minute, func() bool { _, desired := s.instances("e"); return desired == 1 })
	if took < 3*time.Minute || took > 6*time.Minute { // one to three minutes of lag, two of the alarm
		t.Errorf("the wake alarm acted after %s", took)
	}
	if description, _ := s.DescribeEndpoint("e"); description.Status != "Updating" {
		t.Errorf("while it scales it is %s", description.Status)
	}
	newest := s.activitiesOf("e")[0]
	if newest.Status != "InProgress" || newest.Description != "Setting desired instance count to 1." ||
		!strings.Contains(newest.Cause, "HasBacklogWithoutCapacity-Alarm-e-AllTraffic in state ALARM triggered policy "+policy.WakeName) {
		t.Errorf("activity %+v", newest)
	}

	running := s.Now()
	s.until("running", 15*time.Minute, func() bool { current, _ := s.instances("e"); return current == 1 })
	s.after(2 * time.Minute)
	if newest := s.activitiesOf("e")[0]; newest.Status != "Successful" || newest.End.Sub(newest.Start) < time.Minute {
		t.Errorf("activity %+v", newest)
	}
	s.until("drained", 10*time.Minute, func() bool { return s.endpoints["e"].station.backlog() == 0 })
	s.until("asleep again", 40*time.Minute, func() bool { _, desired := s.instances("e"); return desired == 0 })
	if awake := s.Now().Sub(running); awake < 16*time.Minute { // fifteen datapoints below the target, and the lag
		t.Errorf("it went back to zero after %s", awake)
	}
}

func TestTracking_doesNotWakeFromZero(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{noWake: true})
	s.no(s.Invoke("e", 50))
	s.after(2 * time.Hour)
	s.wantInstances("with fifty requests waiting", "e", 0, 0)
}

func TestTracking_followsTheBacklogPerInstance(t *testing.T) {
	s := newStory(t)
	s.no(s.AddEndpoint(EndpointSpec{
		Name: "e", Config: async("e", "ml.g5.xlarge", 2), Instances: 1, Work: Work{Service: 10 * time.Minute}, Provision: time.Minute,
	}))
	s.no(s.document("e", allTraffic, scaling{}))
	s.no(s.Invoke("e", 14))
	s.until("scaled out", 10*time.Minute, func() bool { _, desired := s.instances("e"); return desired > 1 })
	s.wantInstances("fourteen requests at a target of five", "e", 1, 3)
	s.after(3 * time.Hour)
	s.wantInstances("without work", "e", 0, 0)
}

func TestTracking_onAMetricThatIsNotPublishedNeverActs(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{noWake: true, tracking: func(p *fleet.Policy) { p.Tracking.Metric.Name = "Invocations" }})
	_, err := s.RegisterScalableTarget(TargetChange{ResourceID: fleet.ResourceID("e", allTraffic), Min: ptr(1)})
	s.no(err)
	s.no(s.Invoke("e", 100))
	s.after(time.Hour)
	s.wantInstances("with a hundred requests", "e", 1, 1)
	for _, alarm := range s.Alarms() {
		if alarm.State != "INSUFFICIENT_DATA" {
			t.Errorf("%s is %s", alarm.Name, alarm.State)
		}
	}
}

func TestWakeAlarm_withADimensionTooManyGetsNoData(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{wake: func(a *fleet.Alarm) {
		a.Metric.Dimensions = append(a.Metric.Dimensions, fleet.Dimension{Name: "VariantName", Value: allTraffic})
	}})
	s.no(s.Invoke("e", 1))
	s.after(time.Hour)
	s.wantInstances("with a request waiting for an hour", "e", 0, 0)
}

func TestScaling_atMaxSaysSoOnce(t *testing.T) {
	s := newStory(t)
	s.no(s.AddEndpoint(EndpointSpec{Name: "e", Config: async("e", "ml.g5.xlarge", 1), Instances: 1, Work: Work{Service: time.Hour}}))
	s.no(s.document("e", allTraffic, scaling{max: 1}))
	s.no(s.Invoke("e", 30))
	s.after(time.Hour)
	found := s.activitiesOf("e")
	if len(found) != 1 || len(found[0].NotScaled) != 1 || found[0].NotScaled[0].Code != "AlreadyAtMaxCapacity" || found[0].Status != "Failed" {
		t.Errorf("activities %+v", found)
	}
}

func TestScaling_suspendedDoesNothing(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	_, err := s.RegisterScalableTarget(TargetChange{ResourceID: fleet.ResourceID("e", allTraffic), Suspended: &fleet.Suspension{ScaleOut: true}})
	s.no(err)
	s.no(s.Invoke("e", 1))
	s.after(time.Hour)
	s.wantInstances("suspended", "e", 0, 0)
	if found := s.activitiesOf("e"); len(found) > 0 {
		t.Errorf("activities %+v", found)
	}
}

func TestScaling_beyondTheQuotaFailsInAWSsWords(t *testing.T) {
	s := newStory(t)
	s.SetQuota("ml.g5.xlarge", 0)
	s.asleep("e", scaling{})
	s.no(s.Invoke("e", 1))
	s.after(10 * time.Minute)
	found := s.activitiesOf("e")
	if len(found) == 0 || found[0].FailureReason() != fleet.ReasonQuota {
		t.Errorf("activities %+v", found)
	}
	s.wantInstances("beyond the quota", "e", 0, 0)
}

func TestScaling_withoutCapacityStaysInProgress(t *testing.T) {
	s := newStory(t)
	s.SetShortage("ml.g5.xlarge", true)
	s.asleep("e", scaling{max: 1})
	s.no(s.Invoke("e", 1))
	s.after(time.Hour)
	s.wantInstances("in the shortage", "e", 0, 1)
	if found := s.activitiesOf("e"); !found[len(found)-1].InProgress() {
		t.Errorf("activities %+v", found)
	}
	s.SetShortage("ml.g5.xlarge", false)
	s.after(15 * time.Minute)
	if current, _ := s.instances("e"); current != 1 {
		t.Errorf("%d instances after the shortage", current)
	}
}

func TestPools_fallBackInTheirOrder(t *testing.T) {
	s := newStory(t)
	config := async("e", "", 1)
	config.Variants[0].Pools = []fleet.PoolConfig{{InstanceType: "ml.second", Priority: 2}, {InstanceType: "ml.first", Priority: 1}}
	s.SetShortage("ml.first", true)
	s.no(s.AddEndpoint(EndpointSpec{Name: "e", Config: config, Instances: 2}))
	description, err := s.DescribeEndpoint("e")
	s.no(err)
	if got := description.Variants[0].Pools; !slices.Equal(got, []fleet.PoolCount{{InstanceType: "ml.second", Current: 2}, {InstanceType: "ml.first"}}) {
		t.Errorf("pools %+v", got)
	}
}

func ptr[T any](v T) *T { return &v }

func TestRegister_movesTheRunningCountIntoTheBounds(t *testing.T) {
	s := newStory(t)
	s.no(s.AddEndpoint(EndpointSpec{Name: "e", Config: async("e", "ml.g5.xlarge", 1), Instances: 4}))
	resource := fleet.ResourceID("e", allTraffic)
	_, err := s.RegisterScalableTarget(TargetChange{ResourceID: resource, Min: ptr(0)})
	s.refuses(err, "ValidationException", "required")
	arn, err := s.RegisterScalableTarget(TargetChange{ResourceID: resource, Min: ptr(0), Max: ptr(2)})
	s.no(err)
	s.wantInstances("above the maximum", "e", 2, 2)
	again, err := s.RegisterScalableTarget(TargetChange{ResourceID: resource, Min: ptr(1)})
	s.no(err)
	target := s.ScalableTargets()[0]
	if again != arn || target.MinCapacity != 1 || target.MaxCapacity != 2 {
		t.Errorf("what is not given is left alone: %+v", target)
	}
	_, err = s.RegisterScalableTarget(TargetChange{ResourceID: resource, Min: ptr(3)})
	s.refuses(err, "ValidationException", "greater than MaxCapacity")
	_, err = s.RegisterScalableTarget(TargetChange{ResourceID: "endpoint/none/variant/v", Min: ptr(0), Max: ptr(1)})
	s.refuses(err, "ValidationException", "endpoint/none")
}

func TestPutPolicy_onePerMetricAndTheARNStays(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	tracking := policy.Tracking("e", allTraffic)
	before := s.ScalingPolicies()[0]
	tracking.Tracking.TargetValue = 9
	after, err := s.PutScalingPolicy(tracking)
	s.no(err)
	if after.ARN != before.ARN || after.Tracking.TargetValue != 9 || len(after.Alarms) != 2 || after.Alarms[0] == before.Alarms[0] {
		t.Errorf("before %+v, after %+v", before, after)
	}
	tracking.Name = "another"
	_, err = s.PutScalingPolicy(tracking)
	s.refuses(err, "ValidationException", "Only one TargetTrackingScaling policy for a given metric specification is allowed")
	tracking.ResourceID = "endpoint/none/variant/v"
	_, err = s.PutScalingPolicy(tracking)
	s.refuses(err, "ObjectNotFoundException", "endpoint/none/variant/v")
}

// Somebody deletes AWS's own alarms: the policy goes on to list them, and does nothing until it is put again.
func TestPutPolicy_makesItsAlarmsAnew(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	tracking := s.ScalingPolicies()[0]
	s.no(s.DeleteAlarms(tracking.Alarms))
	if listed := s.ScalingPolicies()[0]; !slices.Equal(listed.Alarms, tracking.Alarms) {
		t.Errorf("it lists %v", listed.Alarms)
	}
	after, err := s.PutScalingPolicy(policy.Tracking("e", allTraffic))
	s.no(err)
	if len(after.Alarms) != 2 || slices.ContainsFunc(after.Alarms, func(name string) bool { return slices.Contains(tracking.Alarms, name) }) {
		t.Errorf("it lists %v", after.Alarms)
	}
	for _, a := range s.Alarms() {
		if i := slices.Index(after.Alarms, a.Name); i >= 0 {
			after.Alarms = slices.Delete(after.Alarms, i, i+1)
		}
	}
	if len(after.Alarms) > 0 {
		t.Errorf("not there: %v", after.Alarms)
	}
}

func TestPolicies_listTheAlarmsThatActOnThem(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	for _, listed := range s.ScalingPolicies() {
		want := 1
		if listed.Type == fleet.TargetTracking {
			want = 2
		}
		if len(listed.Alarms) != want {
			t.Errorf("%s lists %v", listed.Name, listed.Alarms)
		}
	}
}

func TestDeregister_takesThePoliciesAndLeavesTheWakeAlarm(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	resource := fleet.ResourceID("e", allTraffic)
	s.no(s.PutScheduledAction(fleet.ScheduledAction{ResourceID: resource, Name: "night"}))
	s.no(s.DeregisterScalableTarget(resource))
	if len(s.ScalableTargets()) != 0 || len(s.ScalingPolicies()) != 0 || len(s.ScheduledActions()) != 0 {
		t.Error("something is left of the target")
	}
	alarms := s.Alarms()
	if len(alarms) != 1 || alarms[0].Metric.Name != "HasBacklogWithoutCapacity" {
		t.Errorf("alarms %+v", alarms)
	}
	s.no(s.Invoke("e", 1))
	s.after(30 * time.Minute)
	if s.Alarms()[0].State != "ALARM" {
		t.Error("the alarm does not fire")
	}
	s.wantInstances("firing at a policy that is gone", "e", 0, 0)
	s.refuses(s.DeregisterScalableTarget(resource), "ObjectNotFoundException", resource)
}

func TestAlarms_areOverwrittenByNameAndKeepTheirState(t *testing.T) {
	s := newStory(t)
	s.asleep("one", scaling{wake: func(a *fleet.Alarm) { a.Name = "shared" }})
	s.no(s.SetAlarmState("shared", "ALARM", "by hand"))
	s.asleep("two", scaling{wake: func(a *fleet.Alarm) { a.Name = "shared" }})
	alarm := s.alarm("shared")
	if endpoint, _ := alarm.Metric.Dimension("EndpointName"); endpoint != "two" || alarm.State != "ALARM" {
		t.Errorf("alarm %+v", alarm)
	}
	six := alarm
	six.AlarmActions = make([]string, 6)
	s.refuses(s.PutMetricAlarm(six), "ValidationError", "5")
	s.refuses(s.DeleteAlarms([]string{"shared", "none"}), "ResourceNotFound", "none")
	s.alarm("shared") // nothing was deleted
}

func TestUpdateEndpoint_isRefusedUnderAScalableTarget(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	other := async("e", "ml.g6.xlarge", 2)
	s.refuses(s.UpdateEndpoint("e", other), "ValidationException", "scalable target")
	s.no(s.DeregisterScalableTarget(fleet.ResourceID("e", allTraffic)))
	s.no(s.UpdateEndpoint("e", other))
	if description, _ := s.DescribeEndpoint("e"); description.Status != "Updating" {
		t.Errorf("it is %s", description.Status)
	}
	s.after(20 * time.Minute)
	s.wantInstances("after the update", "e", 1, 1)
	s.refuses(s.UpdateEndpoint("none", other), "ValidationException", "Could not find endpoint")
	_, err := s.DescribeEndpoint("none")
	s.refuses(err, "ValidationException", "Could not find endpoint")
}

func TestMetrics_areLateAndOnlyThereWhenSomethingHappened(t *testing.T) {
	s := newStory(t)
	s.asleep("e", scaling{})
	s.after(10 * time.Minute)
	without := fleet.WithoutCapacity.Query("e").Metric
	published := s.Published(without, "Average", began, s.Now())
	visible := s.Datapoints(without, "Average", time.Minute, began, s.Now())
	if len(published) != 10 || len(visible) < 6 || len(visible) > 9 {
		t.Errorf("%d minutes were published, %d are visible", len(published), len(visible))
	}
	if points := s.Published(fleet.BacklogPerInstance.Query("e").Metric, "Average", began, s.Now()); len(points) > 0 {
		t.Errorf("backlog per instance at zero instances: %v", points)
	}
	processed := fleet.Metric{Namespace: fleet.Namespace, Name: "InvocationsProcessed", Dimensions: []fleet.Dimension{
		{Name: "EndpointName", Value: "e"}, {Name: "VariantName", Value: allTraffic},
	}}
	if points := s.Published(processed, "Sum", began, s.Now()); len(points) > 0 {
		t.Errorf("nothing was processed, and it is published: %v", points)
	}
	s.no(s.Invoke("e", 5))
	s.after(time.Hour)
	total := 0.0
	for _, point := range s.Datapoints(processed, "Sum", 5*time.Minute, began, s.Now()) {
		total += point.Value
		if point.At.Minute()%5 != 0 {
			t.Errorf("a period of five minutes begins at %s", point.At)
		}
	}
	if total != 5 || s.Unit(processed) != "Count" {
		t.Errorf("processed %g %s", total, s.Unit(processed))
	}
	processed.Dimensions = processed.Dimensions[:1]
	if points := s.Published(processed, "Sum", began, s.Now()); len(points) > 0 {
		t.Errorf("a dimension is missing, and there is data: %v", points)
	}
	if names := s.Metrics(fleet.Namespace); len(names) < 8 {
		t.Errorf("metrics %v", names)
	}
}

func TestQueue_requestsExpire(t *testing.T) {
	s := newStory(t)
	s.no(s.AddEndpoint(EndpointSpec{Name: "e", Config: async("e", "ml.g5.xlarge", 1), Work: Work{TTL: time.Hour}}))
	s.no(s.Invoke("e", 4))
	s.after(59 * time.Minute)
	if backlog := s.endpoints["e"].station.backlog(); backlog != 4 {
		t.Errorf("backlog %d", backlog)
	}
	s.after(2 * time.Minute)
	if backlog := s.endpoints["e"].station.backlog(); backlog != 0 {
		t.Errorf("backlog %d", backlog)
	}
}

// Little's law: what is in the system is the rate of arrivals times the time that each spends there.
func TestQueue_obeysLittlesLaw(t *testing.T) {
	s := newStory(t)
	const perSecond = 0.5
	s.no(s.AddEndpoint(EndpointSpec{
		Name: "e", Config: async("e", "ml.g5.xlarge", 4), Instances: 4, Work: Work{Service: 20 * time.Second}, Rate: constant(perSecond),
	}))
	s.after(12 * time.Hour)
	mean := func(m fleet.Metric, statistic string) float64 {
		var sum, n float64
		for _, point := range s.Published(m, statistic, began.Add(time.Hour), s.Now()) {
			sum += point.Value
			n++
		}
		return sum / n
	}
	of := []fleet.Dimension{{Name: "EndpointName", Value: "e"}, {Name: "VariantName", Value: allTraffic}}
	backlog := mean(fleet.Backlog.Query("e").Metric, "Average")
	total := fleet.Metric{Namespace: fleet.Namespace, Name: "TotalProcessingTime", Dimensions: of}
	seconds := mean(total, "Sum") / mean(total, "SampleCount") / 1000
	if ratio := backlog / (perSecond * seconds); ratio < .95 || ratio > 1.05 {
		t.Errorf("backlog %.2f, time %.2f s: the ratio is %.3f", backlog, seconds, ratio)
	}
}

func TestAdvance_isTheSameInStepsAndAtOnce(t *testing.T) {
	at, steps := Demo(began), Demo(began)
	at.Advance(began.Add(DemoHistory))
	for minute := range 180 {
		steps.Advance(began.Add(time.Duration(minute)*time.Minute + 17*time.Second))
		steps.Advance(began.Add(time.Duration(minute+1) * time.Minute))
	}
	if !reflect.DeepEqual(at.Alarms(), steps.Alarms()) || !reflect.DeepEqual(at.ScalingActivities(), steps.ScalingActivities()) {
		t.Error("the same seed has made two worlds")
	}
	steps.Advance(began)
	if steps.Now() != at.Now() {
		t.Error("time went back")
	}
}

func BenchmarkAdvance(b *testing.B) {
	w := Fleet(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, began, 5000, 1)
	w.Advance(began.Add(time.Hour))
	for b.Loop() {
		w.Advance(w.Now().Add(time.Minute))
	}
}
