package awsapi

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

var (
	home     = fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}
	resource = fleet.ResourceID("e", "v")
)

// desk is the embedded AWS with one endpoint that runs three instances and has no scaling, a client and its writer.
type desk struct {
	*testing.T
	server *awssim.Server
	client *Client
	writer *Writer
	calls  *record
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	now := at(10, 0)
	world := sim.New(home, now, 1)
	if err := world.AddEndpoint(sim.EndpointSpec{Name: "e", Instances: 3, Config: fleet.EndpointConfig{
		Name: "c", Async: &fleet.AsyncConfig{}, Variants: []fleet.VariantConfig{{Name: "v", InstanceType: "ml.g5.xlarge", ModelName: "m"}},
	}}); err != nil {
		t.Fatal(err)
	}
	server, err := awssim.Start(awssim.Options{Now: func() time.Time { return now }}, world)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	d := &desk{T: t, server: server, calls: &record{}}
	d.client = connect(t, Access{Region: home.Region}, Options{
		BaseURL: server.URL(), Observe: d.calls.observe, backoff: noBackoff, unlimited: true,
	})
	d.writer = WriterOf(d.client)
	return d
}

func (d *desk) write(step plan.Step) (arn string) {
	d.Helper()
	arn, err := d.writer.Write(d.Context(), step)
	if err != nil {
		d.Fatal(err)
	}
	return arn
}

func targetStep(lowest, highest int) plan.Step {
	return plan.Step{Scope: home, ResourceID: resource, Kind: plan.ScalableTarget, Target: &fleet.Target{
		ResourceID: resource, MinCapacity: lowest, MaxCapacity: highest,
	}}
}

func policyStep(p fleet.Policy) plan.Step {
	step := plan.Step{Scope: home, ResourceID: p.ResourceID, Kind: plan.WakePolicy, Name: p.Name, Policy: &p}
	if p.Tracking != nil {
		step.Kind = plan.TrackingPolicy
	}
	return step
}

func alarmStep(a fleet.Alarm) plan.Step {
	return plan.Step{Scope: home, ResourceID: resource, Kind: plan.WakeAlarm, Name: a.Name, Alarm: &a}
}

// policy reads a policy back, without what AWS adds to it.
func (d *desk) policy(name string) fleet.Policy {
	d.Helper()
	list, err := d.client.ScalingPolicies(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	i := slices.IndexFunc(list, func(p fleet.Policy) bool { return p.Name == name })
	if i < 0 {
		d.Fatalf("no policy %s among %v", name, list)
	}
	list[i].ARN, list[i].Alarms, list[i].Created = "", nil, time.Time{}
	return list[i]
}

// alarm reads an alarm back, without what AWS adds to it.
func (d *desk) alarm(name string) fleet.Alarm {
	d.Helper()
	list, err := d.client.MetricAlarms(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	i := slices.IndexFunc(list, func(a fleet.Alarm) bool { return a.Name == name })
	if i < 0 {
		d.Fatalf("no alarm %s among %v", name, list)
	}
	a := list[i]
	a.ARN, a.State, a.StateReason, a.StateUpdated, a.StateSince = "", "", "", time.Time{}, time.Time{}
	a.ConfigurationUpdated = time.Time{}
	return a
}

func TestWriter_makesTheFourDocumentedObjects(t *testing.T) {
	d := newDesk(t)
	if arn := d.write(targetStep(0, 5)); arn != "" {
		t.Errorf("the target has the ARN %s, and nothing triggers a target", arn)
	}
	d.write(policyStep(policy.Tracking("e", "v")))
	arn := d.write(policyStep(policy.Wake("e", "v")))
	documented := policy.WakeAlarm("e", "v", arn)
	d.write(alarmStep(documented))

	targets, err := d.client.ScalableTargets(t.Context())
	if err != nil || len(targets) != 1 || targets[0].MinCapacity != 0 || targets[0].MaxCapacity != 5 {
		t.Errorf("targets %+v, %v", targets, err)
	}
	if got, want := d.policy(policy.TrackingName), policy.Tracking("e", "v"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got, want := d.policy(policy.WakeName), policy.Wake("e", "v"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := d.alarm(documented.Name); !reflect.DeepEqual(got, documented) {
		t.Errorf("got  %+v\nwant %+v", got, documented)
	}
	var wrote []string
	for _, write := range d.server.Writes() {
		wrote = append(wrote, fmt.Sprint(write.Operation, " ", write.Resource, write.Name, " ", write.Done))
	}
	want := []string{
		"ApplicationAutoScaling.RegisterScalableTarget " + resource + " true",
		"ApplicationAutoScaling.PutScalingPolicy " + resource + policy.TrackingName + " true",
		"ApplicationAutoScaling.PutScalingPolicy " + resource + policy.WakeName + " true",
		"CloudWatch.PutMetricAlarm " + documented.Name + " true",
	}
	if !slices.Equal(wrote, want) {
		t.Errorf("wrote %q\nwant  %q", wrote, want)
	}
}

// What somebody changed between the look and the write stays: what is not given, AWS leaves alone.
func TestWriter_lowersTheMinimumAlone(t *testing.T) {
	d := newDesk(t)
	d.write(targetStep(2, 5))
	before, highest := targetStep(2, 5).Target, 9
	d.server.Do(home.Region, func(w *sim.World) {
		if _, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Max: &highest}); err != nil {
			t.Fatal(err)
		}
	})
	step := targetStep(0, 5)
	step.Kind, step.Expects = plan.MinCapacity, plan.Object{Target: before}
	d.write(step)
	if targets, err := d.client.ScalableTargets(t.Context()); err != nil || targets[0].MinCapacity != 0 || targets[0].MaxCapacity != 9 {
		t.Errorf("target %+v, %v", targets, err)
	}
}

// A minimum of 0 that was left out would leave the old minimum in force; all that is not a bound stays.
func TestWriter_sendsBothBoundsAndNothingElseOfTheTarget(t *testing.T) {
	d := newDesk(t)
	d.write(targetStep(2, 5))
	d.server.Do(home.Region, func(w *sim.World) {
		if _, err := w.RegisterScalableTarget(sim.TargetChange{
			ResourceID: resource, RoleARN: "arn:aws:iam::111122223333:role/mine", Suspended: &fleet.Suspension{ScaleOut: true},
		}); err != nil {
			t.Fatal(err)
		}
	})
	d.write(targetStep(0, 2))
	targets, err := d.client.ScalableTargets(t.Context())
	if err != nil || targets[0].MinCapacity != 0 || targets[0].MaxCapacity != 2 || !targets[0].Suspended.ScaleOut || targets[0].RoleARN != "arn:aws:iam::111122223333:role/mine" {
		t.Errorf("target %+v, %v", targets, err)
	}
	if endpoint, err := d.client.DescribeEndpoint(t.Context(), "e"); err != nil || *endpoint.Variants[0].Desired != 2 {
		t.Errorf("it wants %+v, %v", endpoint.Variants, err)
	}
}

// draw makes random values of all that a write carries.
type draw struct{ *rand.Rand }

func (d draw) text(longest int) string {
	const letters = "abcXYZ 019_-.äß<&\"'/"
	runes := []rune(letters)
	text := ""
	for range 1 + d.IntN(longest) {
		text += string(runes[d.IntN(len(runes))])
	}
	return "t" + strings.TrimSpace(text)
}

func (d draw) maybe(longest int) string {
	if d.IntN(2) == 0 {
		return ""
	}
	return d.text(longest)
}

func pick[T any](d draw, from ...T) T { return from[d.IntN(len(from))] }

func (d draw) cooldown() *time.Duration {
	if d.IntN(4) == 0 {
		return nil
	}
	return ptr(time.Duration(d.IntN(1000)) * time.Second)
}

func (d draw) metric() fleet.Metric {
	m := fleet.Metric{Namespace: pick(d, fleet.Namespace, d.text(5)), Name: d.text(9)}
	for i := range d.IntN(4) {
		m.Dimensions = append(m.Dimensions, fleet.Dimension{Name: fmt.Sprint("D", i), Value: d.text(8)})
	}
	return m
}

func (d draw) actions() (list []string) {
	for i := range d.IntN(6) {
		list = append(list, fmt.Sprintf("arn:aws:sns:us-east-1:111122223333:topic-%d-%d", i, d.IntN(9)))
	}
	return list
}

func (d draw) alarm() fleet.Alarm {
	a := fleet.Alarm{
		Name: d.text(20), Description: d.maybe(60), Metric: d.metric(),
		Statistic: pick(d, "Average", "Maximum", "Minimum", "Sum", "SampleCount", "p90", "tm99.9"),
		Unit:      pick(d, "", "Count", "Seconds"), Period: time.Duration(1+d.IntN(5)) * time.Minute,
		EvaluationPeriods: 1 + d.IntN(5), Threshold: pick(d, 0, 1, -2.5, d.Float64()*1e6),
		Comparison:       pick(d, "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"),
		TreatMissingData: pick(d, "missing", "notBreaching", "breaching", "ignore"), ActionsEnabled: d.IntN(2) == 0,
		AlarmActions: d.actions(), OKActions: d.actions(), InsufficientDataActions: d.actions(),
	}
	a.DatapointsToAlarm = 1 + d.IntN(a.EvaluationPeriods)
	if d.IntN(2) == 0 {
		return a
	}
	var extras fleet.AlarmExtras
	if d.IntN(2) == 0 {
		extras.QueryID, extras.QueryLabel = "m1", d.maybe(9)
	}
	if a.Statistic == "p90" {
		extras.LowSamples = pick(d, "evaluate", "ignore")
	}
	if d.IntN(2) == 0 {
		extras.WarmUpMinutes, extras.WarmUpWhole = 1+d.IntN(9), d.IntN(2) == 0
	}
	if d.IntN(2) == 0 {
		extras.WallClock = ptr(pick(d, "", "Europe/Berlin"))
	}
	if d.IntN(2) == 0 {
		extras.TagsInNotification = pick(d, &fleet.TagsInAction{}, &fleet.TagsInAction{Enabled: true, Included: []string{"a", "b"}},
			&fleet.TagsInAction{Enabled: true, Excluded: []string{"c"}})
	}
	if d.IntN(2) == 0 { // as AWS lists some actions; the policy's own ARN has no such end
		policy := "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/endpoint/a/variant/v:policyName/p"
		a.AlarmActions = append([]string{policy}, a.AlarmActions[:min(4, len(a.AlarmActions))]...)
		extras.FullActions = []string{policy + ":createdBy/0b2e8f1c-6c1f-4c29-9f0e-5a3a3f1d2b11"}
	}
	if !reflect.ValueOf(extras).IsZero() {
		a.Extras = &extras
	}
	return a
}

func (d draw) tracking(name string) fleet.Policy {
	t := &fleet.Tracking{
		TargetValue: pick(d, 5, 0.25, 1+d.Float64()*100), ScaleInCooldown: d.cooldown(), ScaleOutCooldown: d.cooldown(),
		DisableScaleIn: d.IntN(2) == 0,
	}
	switch d.IntN(3) {
	case 0:
		t.Predefined, t.ResourceLabel = "SageMakerVariantInvocationsPerInstance", d.maybe(5)
	case 1:
		t.Metric, t.Statistic, t.Unit = ptr(d.metric()), pick(d, "Average", "Sum", "Maximum"), pick(d, "", "Count")
	default:
		t.Math = []fleet.MathQuery{
			{ID: "e1", Expression: "m1 / m2", Label: d.maybe(9), ReturnData: ptr(true)},
			{ID: "m1", Metric: ptr(d.metric()), Statistic: "Average", Unit: pick(d, "", "Count"), ReturnData: ptr(false)},
			{ID: "m2", Metric: ptr(d.metric()), Statistic: "Sum", Label: d.maybe(9), ReturnData: pick(d, nil, ptr(false))},
		}
	}
	return fleet.Policy{ResourceID: resource, Name: name, Type: fleet.TargetTracking, Tracking: t}
}

func (d draw) step(name string) fleet.Policy {
	s := &fleet.Step{
		AdjustmentType: pick(d, "ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"), Cooldown: d.cooldown(),
		Aggregation: pick(d, "", "Average", "Minimum", "Maximum"),
	}
	if d.IntN(2) == 0 {
		s.MinAdjustmentMagnitude = ptr(1 + d.IntN(3))
	}
	if d.IntN(2) == 0 {
		s.Adjustments = append(s.Adjustments, fleet.StepAdjustment{Upper: ptr(0.0), Adjustment: -d.IntN(3)})
	}
	s.Adjustments = append(s.Adjustments, fleet.StepAdjustment{Lower: ptr(0.0), Upper: ptr(10.5), Adjustment: d.IntN(3)},
		fleet.StepAdjustment{Lower: ptr(10.5), Adjustment: 1 + d.IntN(9)})
	return fleet.Policy{ResourceID: resource, Name: name, Type: fleet.StepScaling, Step: s}
}

// AWS replaces whole objects: what is read, written and read again is the same.
func TestWriter_losesNothingOfWhatIsRead(t *testing.T) {
	d := newDesk(t)
	d.write(targetStep(0, 5))
	random := draw{rand.New(rand.NewPCG(7, 11))}
	const rounds = 150
	extras := 0
	for range rounds {
		for _, want := range []fleet.Policy{random.tracking("tracking"), random.step("step")} {
			d.write(policyStep(want))
			got := d.policy(want.Name)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("got  %+v %+v\nwant %+v %+v", got.Tracking, got.Step, want.Tracking, want.Step)
			}
			d.write(policyStep(got))
			if again := d.policy(want.Name); !reflect.DeepEqual(again, want) {
				t.Fatalf("written again: got %+v, want %+v", again, want)
			}
		}
		want := random.alarm()
		d.write(alarmStep(want))
		got := d.alarm(want.Name)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v %+v\nwant %+v %+v", got, got.Extras, want, want.Extras)
		}
		if want.Extras != nil {
			extras++
		}
		d.server.Do(home.Region, func(w *sim.World) {
			if err := w.DeleteAlarms([]string{want.Name}); err != nil {
				t.Fatal(err)
			}
		})
	}
	if extras < rounds/5 {
		t.Errorf("only %d alarms had settings to carry over", extras)
	}
}

func TestWriter_dropsWhatBelongsToAnotherStatistic(t *testing.T) {
	d := newDesk(t)
	alarm := policy.WakeAlarm("e", "v", "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1")
	alarm.Extras = &fleet.AlarmExtras{LowSamples: "ignore", WarmUpMinutes: 5}
	d.write(alarmStep(alarm))
	if got := d.alarm(alarm.Name).Extras; !reflect.DeepEqual(got, &fleet.AlarmExtras{WarmUpMinutes: 5}) {
		t.Errorf("got %+v", got)
	}
}

// A new version of the SDK that knows more of an object fails here, until somebody has decided what a write does to it.
func TestWriter_knowsEveryFieldThatAWSReplaces(t *testing.T) {
	for _, test := range []struct {
		value any
		known string
	}{
		{cloudwatch.PutMetricAlarmInput{}, "ActionConfiguration ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator " +
			"DatapointsToAlarm Dimensions EvaluateLowSampleCountPercentile " +
			"EvaluationCriteria EvaluationInterval " + // of PromQL: refused
			"EvaluationPeriods EvaluationWindow ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions Period Statistic " +
			"Tags " + // an update leaves them alone
			"Threshold " +
			"ThresholdMetricId " + // of a learnt band: refused
			"TreatMissingData Unit WarmUpConfiguration"},
		{alarmtypes.ActionConfiguration{}, "AlarmTagsPropagation"},
		{alarmtypes.AlarmTagsPropagation{}, "Enabled ExcludedTagKeys IncludedTagKeys"},
		{alarmtypes.WarmUpConfiguration{}, "OnlyStartEvaluatingAfterWarmUpPeriodEnds WarmUpPeriodDurationInMinutes"},
		{alarmtypes.WallClockWindow{}, "Timezone"},
		{alarmtypes.SlidingWindow{}, ""},
		{alarmtypes.MetricDataQuery{}, "AccountId Expression Id Label MetricStat Period ReturnData"}, // with an account or an expression: refused
		{alarmtypes.MetricStat{}, "Metric Period Stat Unit"},
		{applicationautoscaling.PutScalingPolicyInput{}, "PolicyName PolicyType PredictiveScalingPolicyConfiguration ResourceId ScalableDimension ServiceNamespace " +
			"StepScalingPolicyConfiguration TargetTrackingScalingPolicyConfiguration"},
		{scalingtypes.TargetTrackingScalingPolicyConfiguration{}, "CustomizedMetricSpecification DisableScaleIn PredefinedMetricSpecification " +
			"ScaleInCooldown ScaleOutCooldown TargetValue"},
		{scalingtypes.CustomizedMetricSpecification{}, "Dimensions MetricName Metrics Namespace Statistic Unit"},
		{scalingtypes.PredefinedMetricSpecification{}, "PredefinedMetricType ResourceLabel"},
		{scalingtypes.TargetTrackingMetricDataQuery{}, "Expression Id Label MetricStat ReturnData"},
		{scalingtypes.TargetTrackingMetricStat{}, "Metric Stat Unit"},
		{scalingtypes.TargetTrackingMetric{}, "Dimensions MetricName Namespace"},
		{scalingtypes.StepScalingPolicyConfiguration{}, "AdjustmentType Cooldown MetricAggregationType MinAdjustmentMagnitude StepAdjustments"},
		{scalingtypes.StepAdjustment{}, "MetricIntervalLowerBound MetricIntervalUpperBound ScalingAdjustment"},
	} {
		var fields []string
		kind := reflect.TypeOf(test.value)
		for _, field := range reflect.VisibleFields(kind) {
			if field.IsExported() {
				fields = append(fields, field.Name)
			}
		}
		slices.Sort(fields)
		if want := strings.Fields(test.known); !slices.Equal(fields, want) {
			t.Errorf("%s has %v, known are %v", kind, fields, want)
		}
	}
}

func TestWriter_refusesWhatItCannotWriteWhole(t *testing.T) {
	d := newDesk(t)
	alarm := policy.WakeAlarm("e", "v", "arn:aws:autoscaling:x")
	unresolved := alarmStep(alarm)
	unresolved.Triggers = []string{resource}
	math, elsewhere := alarm, targetStep(0, 1)
	math.Math = []fleet.MathQuery{{ID: "e1", Expression: "FILL(m1, 0)"}}
	elsewhere.Scope.Region = "eu-west-1"
	predictive := policy.Wake("e", "v")
	predictive.Type, predictive.Step = fleet.Predictive, nil
	torn := policy.Tracking("e", "v")
	torn.Tracking.Predefined = "SageMakerVariantInvocationsPerInstance"
	for _, test := range []struct {
		name string
		step plan.Step
		want string
	}{
		{"not resolved", unresolved, "writing alarm HasBacklogWithoutCapacity-Alarm-e-v: the ARN of the policy that it triggers is not known yet"},
		{"metric math", alarmStep(math), "putting the alarm: HasBacklogWithoutCapacity-Alarm-e-v watches more than one plain metric: it cannot be written back whole"},
		{"PromQL", alarmStep(fleet.Alarm{Name: "a"}), "putting the alarm: a watches more than one plain metric: it cannot be written back whole"},
		{"predictive", policyStep(predictive), `putting the scaling policy: policy HasBacklogWithoutCapacity-ScalingPolicy of type "PredictiveScaling" has not the one configuration that can be written`},
		{"two metrics", policyStep(torn), `putting the scaling policy: policy AsyncBacklogTargetTracking of type "TargetTrackingScaling" has not the one configuration that can be written`},
		{"another region", elsewhere, "writing in us-east-1: the step is for eu-west-1"},
		{"nothing", plan.Step{Kind: plan.WakeAlarm}, "writing a step: it is a wake_alarm without a value"},
	} {
		if _, err := d.writer.Write(t.Context(), test.step); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
	if writes := d.server.Writes(); len(writes) > 0 {
		t.Errorf("sent %+v", writes)
	}
}

// Nothing is sent a second time without being read again, whatever goes wrong; what AWS refused for a moment says so.
func TestWriter_makesOneAttempt(t *testing.T) {
	for _, test := range []struct {
		fault  awssim.Fault
		passes bool
	}{
		{awssim.Fault{Code: "ObjectNotFoundException"}, true}, // a target that has just been registered
		{awssim.Fault{Code: "ConcurrentUpdateException"}, true},
		{awssim.Fault{Code: "ThrottlingException"}, true},
		{awssim.Fault{Code: "Throttling"}, true},
		{awssim.Fault{Code: "InternalServiceException", Status: 500}, false}, // it may have been carried out
		{awssim.Fault{Break: awssim.CloseConnection}, false},
		{awssim.Fault{Break: awssim.CutBody}, false},
		{awssim.Fault{Code: "ValidationException"}, false},
		{awssim.Fault{Code: "LimitExceededException"}, false}, // a quota, which the SDK takes for a throttle
		{awssim.Fault{Code: "FailedResourceAccessException"}, false},
		{awssim.Fault{Code: "AccessDeniedException"}, false},
	} {
		d := newDesk(t)
		d.write(targetStep(0, 5))
		d.server.ResetCalls()
		test.fault.Times = 1 // the next would be well
		d.server.SetFault("ApplicationAutoScaling.PutScalingPolicy", test.fault)
		_, err := d.writer.Write(t.Context(), policyStep(policy.Wake("e", "v")))
		var refused *plan.RefusedError
		if lost := test.fault.Break != "" || test.fault.Status == 500; lost == errors.As(err, &refused) {
			t.Errorf("%+v: %v, refused %t", test.fault, err, !lost)
		}
		if passes := errors.As(err, &refused) && refused.Passes; err == nil || passes != test.passes {
			t.Errorf("%+v: %v, passes %t", test.fault, err, passes)
		}
		if got := d.server.Calls()["ApplicationAutoScaling.PutScalingPolicy"]; got != 1 {
			t.Errorf("%+v: %d calls", test.fault, got)
		}
	}
}

// AWS's words are kept, on one line; a missing permission names its action.
func TestWriter_saysWhatIsWrong(t *testing.T) {
	d := newDesk(t)
	alarm := policy.WakeAlarm("e", "v", "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1")
	for _, test := range []struct {
		operation string
		fault     awssim.Fault
		step      plan.Step
		want      string
	}{
		{
			"CloudWatch.PutMetricAlarm",
			awssim.Fault{Code: "AccessDeniedException"},
			alarmStep(alarm),
			"putting the alarm: access denied: the role lacks cloudwatch:PutMetricAlarm",
		},
		{
			"ApplicationAutoScaling.PutScalingPolicy",
			awssim.Fault{Code: "AccessDeniedException"},
			policyStep(policy.Wake("e", "v")),
			"putting the scaling policy: access denied: the role lacks application-autoscaling:PutScalingPolicy",
		},
		{
			"ApplicationAutoScaling.RegisterScalableTarget",
			awssim.Fault{Code: "AccessDeniedException"},
			targetStep(0, 1),
			"registering the scalable target: access denied: the role lacks application-autoscaling:RegisterScalableTarget",
		},
		{
			"ApplicationAutoScaling.RegisterScalableTarget",
			awssim.Fault{
				Code: "AccessDeniedException",
				Message: "User: arn:aws:iam::1:user/u is not authorized to perform: iam:CreateServiceLinkedRole on resource: arn:x " +
					"with an explicit deny in a service control policy",
			},
			targetStep(0, 1),
			"registering the scalable target: access denied: an explicit deny in a service control policy forbids iam:CreateServiceLinkedRole",
		},
		{
			"ApplicationAutoScaling.PutScalingPolicy",
			awssim.Fault{
				Code:    "FailedResourceAccessException",
				Message: "Unable to retrieve alarms for scaling policy arn:p due to reason:\n\tnot authorized (Request ID: 1-2-3)",
			},
			policyStep(policy.Wake("e", "v")),
			"putting the scaling policy: FailedResourceAccessException: Unable to retrieve alarms for scaling policy arn:p due to reason: " +
				"not authorized",
		},
		{
			"-",
			awssim.Fault{},
			targetStep(3, 1),
			"registering the scalable target: ValidationException: MinCapacity cannot be greater than MaxCapacity.",
		},
	} {
		d.server.SetFault(test.operation, test.fault)
		_, err := d.writer.Write(t.Context(), test.step)
		d.server.SetFault(test.operation, awssim.Fault{})
		if err == nil || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
		if denied := (*Denied)(nil); strings.Contains(test.want, "access denied") && !errors.As(err, &denied) {
			t.Errorf("%v is no Denied", err)
		}
	}
}

func TestWriter_isObserved(t *testing.T) {
	d := newDesk(t)
	d.write(targetStep(0, 1))
	if got, want := d.calls.String(), "ApplicationAutoScaling.RegisterScalableTarget OK\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Three alarms a second, by a clock that runs at the speed of the observed world.
func TestWriter_keepsCloudWatchsLimitOnTheWorldsClock(t *testing.T) {
	for speed, want := range map[float64]time.Duration{0: 20 * time.Second, 1: 20 * time.Second, 40: 500 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			answers := doer(func(r *http.Request) (*http.Response, error) {
				return newFake(map[string]func(int, map[string]any) answer{"PutMetricAlarm": one("")}).Do(r)
			})
			client := connect(t, Access{Region: home.Region}, Options{BaseURL: "http://embedded.test", http: answers, Speed: speed})
			writer, began := WriterOf(client), time.Now()
			for range 63 {
				if _, err := writer.Write(context.Background(), alarmStep(policy.WakeAlarm("e", "v", "arn:x"))); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(began); took < want-want/100 || took > want+want/100 {
				t.Errorf("at speed %g it took %s, want %s", speed, took, want)
			}
		})
	}
}
