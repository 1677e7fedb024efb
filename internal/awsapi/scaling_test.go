package awsapi

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const variantRow = `"ResourceId":"endpoint/e/variant/v","ScalableDimension":"sagemaker:variant:DesiredInstanceCount","ServiceNamespace":"sagemaker"`

const componentRow = `"ResourceId":"inference-component/c","ScalableDimension":"sagemaker:inference-component:DesiredCopyCount","ServiceNamespace":"sagemaker"`

func one(body string) func(int, map[string]any) answer {
	return func(int, map[string]any) answer { return answer{body: body} }
}

func TestScalableTargets_keepsVariantsOnly(t *testing.T) {
	f := newFake(map[string]func(int, map[string]any) answer{
		"DescribeScalableTargets": func(_ int, request map[string]any) answer {
			if request["ServiceNamespace"] != "sagemaker" || request["MaxResults"] != 50.0 {
				t.Errorf("request %v", request)
			}
			return whole("DescribeScalableTargets", `{"ScalableTargets":[{`+componentRow+`},{`+variantRow+`,"ScalableTargetARN":"arn:t","RoleARN":"arn:r",
				"MinCapacity":0,"MaxCapacity":20,"CreationTime":1763600000,
				"SuspendedState":{"DynamicScalingInSuspended":true,"DynamicScalingOutSuspended":false,"ScheduledScalingSuspended":true}},
				{"ResourceId":"endpoint/a/variant/v","ScalableDimension":"sagemaker:variant:DesiredInstanceCount"}]}`)
		},
	})
	got, err := talkTo(t, f, nil).ScalableTargets(t.Context())
	want := []fleet.Target{{ResourceID: "endpoint/a/variant/v", RoleARN: "-", Created: filled}, {
		ResourceID: "endpoint/e/variant/v", ARN: "arn:t", RoleARN: "arn:r", MaxCapacity: 20,
		Suspended: fleet.Suspension{ScaleIn: true, Scheduled: true}, Created: time.Unix(1763600000, 0).UTC(),
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func TestScalingPolicies_convertsEachTypeWhole(t *testing.T) {
	f := newFake(map[string]func(int, map[string]any) answer{"DescribeScalingPolicies": wholly("DescribeScalingPolicies", `{"ScalingPolicies":[
		{`+componentRow+`,"PolicyName":"c"},
		{`+variantRow+`,"PolicyName":"5 predictive","PolicyARN":"arn:5","PolicyType":"PredictiveScaling","PredictiveScalingPolicyConfiguration":{"MetricSpecifications":[]}},
		{`+variantRow+`,"PolicyName":"1 custom","PolicyARN":"arn:1","PolicyType":"TargetTrackingScaling","CreationTime":1763600000,
		 "Alarms":[{"AlarmName":"low","AlarmARN":"arn:l"},{"AlarmName":"high","AlarmARN":"arn:h"}],
		 "TargetTrackingScalingPolicyConfiguration":{"TargetValue":5,"ScaleInCooldown":300,"ScaleOutCooldown":0,"DisableScaleIn":true,
		  "CustomizedMetricSpecification":{"MetricName":"ApproximateBacklogSizePerInstance","Namespace":"AWS/SageMaker","Statistic":"Average","Unit":"Count",
		   "Dimensions":[{"Name":"VariantName","Value":"v"},{"Name":"EndpointName","Value":"e"}]}}},
		{`+variantRow+`,"PolicyName":"2 predefined","PolicyARN":"arn:2","PolicyType":"TargetTrackingScaling",
		 "TargetTrackingScalingPolicyConfiguration":{"TargetValue":70.5,
		  "PredefinedMetricSpecification":{"PredefinedMetricType":"SageMakerVariantInvocationsPerInstance","ResourceLabel":"l"}}},
		{`+variantRow+`,"PolicyName":"3 math","PolicyARN":"arn:3","PolicyType":"TargetTrackingScaling",
		 "TargetTrackingScalingPolicyConfiguration":{"TargetValue":1,"CustomizedMetricSpecification":{"Metrics":[
		  {"Id":"e1","Expression":"m1/2","Label":"half","ReturnData":true},
		  {"Id":"m1","ReturnData":false,"MetricStat":{"Stat":"Sum","Unit":"Count","Metric":{"Namespace":"N","MetricName":"M","Dimensions":[{"Name":"EndpointName","Value":"e"}]}}}]}}},
		{`+variantRow+`,"PolicyName":"4 step","PolicyARN":"arn:4","PolicyType":"StepScaling",
		 "StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","Cooldown":300,"MetricAggregationType":"Average","MinAdjustmentMagnitude":2,
		  "StepAdjustments":[{"MetricIntervalLowerBound":0,"MetricIntervalUpperBound":10.5,"ScalingAdjustment":1},{"MetricIntervalLowerBound":10.5,"ScalingAdjustment":-2}]}}
	]}`)})
	got, err := talkTo(t, f, nil).ScalingPolicies(t.Context())
	const resource = "endpoint/e/variant/v"
	want := []fleet.Policy{
		{
			ResourceID: resource, Name: "1 custom", ARN: "arn:1", Type: fleet.TargetTracking, Alarms: []string{"high", "low"},
			Created: time.Unix(1763600000, 0).UTC(),
			Tracking: &fleet.Tracking{
				TargetValue: 5, ScaleInCooldown: ptr(5 * time.Minute), ScaleOutCooldown: ptr(time.Duration(0)), DisableScaleIn: true,
				Metric: &fleet.Metric{
					Namespace: "AWS/SageMaker", Name: "ApproximateBacklogSizePerInstance",
					Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: "e"}, {Name: "VariantName", Value: "v"}},
				},
				Statistic: "Average", Unit: "Count",
			},
		},
		{
			ResourceID: resource, Name: "2 predefined", ARN: "arn:2", Created: filled, Type: fleet.TargetTracking,
			Tracking: &fleet.Tracking{TargetValue: 70.5, Predefined: "SageMakerVariantInvocationsPerInstance", ResourceLabel: "l"},
		},
		{
			ResourceID: resource, Name: "3 math", ARN: "arn:3", Created: filled, Type: fleet.TargetTracking,
			Tracking: &fleet.Tracking{TargetValue: 1, Math: []fleet.MathQuery{
				{ID: "e1", Expression: "m1/2", Label: "half", ReturnData: ptr(true)},
				{ID: "m1", Statistic: "Sum", Unit: "Count", ReturnData: ptr(false), Metric: &fleet.Metric{
					Namespace: "N", Name: "M", Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: "e"}},
				}},
			}},
		},
		{
			ResourceID: resource, Name: "4 step", ARN: "arn:4", Created: filled, Type: fleet.StepScaling,
			Step: &fleet.Step{
				AdjustmentType: "ChangeInCapacity", Cooldown: ptr(5 * time.Minute), Aggregation: "Average", MinAdjustmentMagnitude: ptr(2),
				Adjustments: []fleet.StepAdjustment{
					{Lower: ptr(0.0), Upper: ptr(10.5), Adjustment: 1}, {Lower: ptr(10.5), Adjustment: -2},
				},
			},
		},
		{ResourceID: resource, Name: "5 predictive", ARN: "arn:5", Created: filled, Type: fleet.Predictive},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func TestScheduledActions_convertsBounds(t *testing.T) {
	f := newFake(map[string]func(int, map[string]any) answer{"DescribeScheduledActions": wholly("DescribeScheduledActions", `{"ScheduledActions":[
		{`+variantRow+`,"ScheduledActionName":"night","Schedule":"cron(0 22 * * ? *)","Timezone":"Europe/Berlin","EndTime":1763600000,"ScalableTargetAction":{"MinCapacity":0}},
		{`+variantRow+`,"ScheduledActionName":"day"},{`+componentRow+`,"ScheduledActionName":"x"}]}`)})
	got, err := talkTo(t, f, nil).ScheduledActions(t.Context())
	want := []fleet.ScheduledAction{
		{ResourceID: "endpoint/e/variant/v", Name: "day", Schedule: "-"},
		{
			ResourceID: "endpoint/e/variant/v", Name: "night", Schedule: "cron(0 22 * * ? *)", Timezone: "Europe/Berlin",
			End: time.Unix(1763600000, 0).UTC(), MinCapacity: ptr(0),
		},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func TestScalingActivities_stopsWhenThereAreEnough(t *testing.T) {
	f := newFake(map[string]func(int, map[string]any) answer{
		"DescribeScalingActivities": func(call int, request map[string]any) answer {
			if request["IncludeNotScaledActivities"] != true {
				t.Errorf("request %v", request)
			}
			return whole("DescribeScalingActivities", []string{
				`{"ScalingActivities":[{` + variantRow + `,"ActivityId":"1","StartTime":1763600000,"EndTime":1763600300,"Cause":"c","Description":"d","Details":"D","StatusCode":"Failed","StatusMessage":"m",
				  "NotScaledReasons":[{"Code":"AlreadyAtMaxCapacity","MaxCapacity":3,"CurrentCapacity":3}]},{` + componentRow + `,"ActivityId":"9"}],"NextToken":"2"}`,
				`{"ScalingActivities":[{` + variantRow + `,"ActivityId":"1","StartTime":1763600000},{` + variantRow + `,"ActivityId":"2","StartTime":1763600600,"StatusCode":"InProgress"}],"NextToken":"3"}`,
			}[call])
		},
	})
	var asked []int
	got, err := talkTo(t, f, nil).ScalingActivities(t.Context(), func(read []fleet.Activity, pages int) bool {
		asked = append(asked, len(read))
		return pages == 2
	})
	want := []fleet.Activity{
		{ID: "2", ResourceID: "endpoint/e/variant/v", Cause: "-", Description: "-", Status: "InProgress", Start: time.Unix(1763600600, 0).UTC()},
		{
			ID: "1", ResourceID: "endpoint/e/variant/v", Cause: "c", Description: "d", Details: "D", Status: "Failed", StatusMessage: "m",
			Start: time.Unix(1763600000, 0).UTC(), End: time.Unix(1763600300, 0).UTC(),
			NotScaled: []fleet.NotScaledReason{{Code: "AlreadyAtMaxCapacity", Current: ptr(3), Max: ptr(3)}},
		},
	}
	if err != nil || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(asked, []int{1, 2}) {
		t.Fatalf("got %+v, %v, asked %v", got, err, asked)
	}
}

func TestMetricAlarms_convertsEachForm(t *testing.T) {
	text, yes := func(s string) cbor.Value { return cbor.String(s) }, cbor.Bool(true)
	metric := func(dimensions ...string) cbor.Map {
		list := cbor.List{}
		for _, name := range dimensions {
			list = append(list, cbor.Map{"Name": text(name), "Value": text("x")})
		}
		return cbor.Map{"Namespace": text("AWS/SageMaker"), "MetricName": text("HasBacklogWithoutCapacity"), "Dimensions": list}
	}
	stat := cbor.Map{"Metric": metric("EndpointName"), "Period": cbor.Uint(60), "Stat": text("Average")}
	plainAlarm := metric("VariantName", "EndpointName")
	for key, value := range (cbor.Map{
		"AlarmName": text("1 plain"), "AlarmArn": text("arn:1"), "AlarmDescription": text("why"), "Statistic": text("Maximum"),
		"Unit": text("Count"), "Period": cbor.Uint(60), "EvaluationPeriods": cbor.Uint(3), "Threshold": cbor.Float64(1.5),
		"ComparisonOperator": text("GreaterThanThreshold"), "ActionsEnabled": cbor.Bool(false), "AlarmActions": cbor.List{text("a")},
		"OKActions": cbor.List{text("o")}, "InsufficientDataActions": cbor.List{text("i")}, "StateValue": text("ALARM"), "StateReason": text("r"),
		"StateUpdatedTimestamp": stamp(at(10, 5)), "StateTransitionedTimestamp": stamp(at(10, 0)),
	}) {
		plainAlarm[key] = value
	}
	f := newFake(map[string]func(int, map[string]any) answer{"DescribeAlarms": func(call int, request map[string]any) answer {
		if !reflect.DeepEqual(request["AlarmTypes"], []any{"MetricAlarm"}) || request["MaxRecords"] != 100.0 {
			t.Errorf("request %v", request)
		}
		if call == 0 {
			return answer{body: cbor.Map{"MetricAlarms": cbor.List{
				cbor.Map{
					"AlarmName": text("3 math"), "ActionsEnabled": yes, "TreatMissingData": text("notBreaching"), "EvaluationPeriods": cbor.Uint(5), "DatapointsToAlarm": cbor.Uint(2),
					"Metrics": cbor.List{
						cbor.Map{"Id": text("e1"), "Expression": text("FILL(m1,0)"), "Label": text("l"), "ReturnData": yes},
						cbor.Map{"Id": text("m1"), "MetricStat": stat, "ReturnData": cbor.Bool(false)},
					},
				},
				cbor.Map{"AlarmName": text("4 one"), "Metrics": cbor.List{cbor.Map{"Id": text("m1"), "MetricStat": stat}}},
			}, "NextToken": text("2")}}
		}
		return answer{body: cbor.Map{"MetricAlarms": cbor.List{plainAlarm, cbor.Map{"AlarmName": text("2 extended"), "ExtendedStatistic": text("p90")}}}}
	}})
	got, err := talkTo(t, f, nil).MetricAlarms(t.Context())
	watched := fleet.Metric{
		Namespace: "AWS/SageMaker", Name: "HasBacklogWithoutCapacity", Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: "x"}},
	}
	narrow := watched
	narrow.Dimensions = []fleet.Dimension{{Name: "EndpointName", Value: "x"}, {Name: "VariantName", Value: "x"}}
	want := []fleet.Alarm{
		{
			Name: "1 plain", ARN: "arn:1", Description: "why", Metric: narrow, Statistic: "Maximum", Unit: "Count", Period: time.Minute,
			EvaluationPeriods: 3, DatapointsToAlarm: 3, Threshold: 1.5, Comparison: "GreaterThanThreshold", TreatMissingData: "missing",
			AlarmActions: []string{"a"}, OKActions: []string{"o"}, InsufficientDataActions: []string{"i"}, State: "ALARM", StateReason: "r",
			StateUpdated: at(10, 5), StateSince: at(10, 0),
		},
		{Name: "2 extended", Statistic: "p90", TreatMissingData: "missing", ActionsEnabled: true},
		{
			Name: "3 math", TreatMissingData: "notBreaching", ActionsEnabled: true, EvaluationPeriods: 5, DatapointsToAlarm: 2, Period: time.Minute,
			Math: []fleet.MathQuery{
				{ID: "e1", Expression: "FILL(m1,0)", Label: "l", ReturnData: ptr(true)},
				{ID: "m1", Metric: &watched, Statistic: "Average", ReturnData: ptr(false)},
			},
		},
		{
			Name: "4 one", Metric: watched, Statistic: "Average", Period: time.Minute, TreatMissingData: "missing", ActionsEnabled: true,
			Extras: &fleet.AlarmExtras{QueryID: "m1"},
		},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v\nwant %+v, %v", got, want, err)
	}
}

func TestPages_repeatedTokenIsAnError(t *testing.T) {
	answers := map[string]func(int, map[string]any) answer{}
	for _, operation := range Operations() {
		answers[operation.Name] = func(call int, _ map[string]any) answer {
			token := []string{"a", "b"}[call%2]
			if operation.Service == serviceCloudWatch {
				return answer{body: cbor.Map{"NextToken": cbor.String(token)}}
			}
			return answer{body: `{"Endpoints":[],"NextToken":"` + token + `"}`}
		}
	}
	f := newFake(answers)
	client := talkTo(t, f, nil)
	lists := map[string]func(context.Context) error{
		"ListEndpoints":             func(ctx context.Context) error { _, err := client.ListEndpoints(ctx); return err },
		"ListTags":                  func(ctx context.Context) error { _, err := client.ListTags(ctx, "arn"); return err },
		"DescribeScalableTargets":   func(ctx context.Context) error { _, err := client.ScalableTargets(ctx); return err },
		"DescribeScalingPolicies":   func(ctx context.Context) error { _, err := client.ScalingPolicies(ctx); return err },
		"DescribeScheduledActions":  func(ctx context.Context) error { _, err := client.ScheduledActions(ctx); return err },
		"DescribeScalingActivities": func(ctx context.Context) error { _, err := client.ScalingActivities(ctx, nil); return err },
		"DescribeAlarms":            func(ctx context.Context) error { _, err := client.MetricAlarms(ctx); return err },
		"GetMetricData": func(ctx context.Context) error {
			_, _, err := client.MetricData(ctx, []fleet.Query{fleet.Backlog.Query("e")}, at(10, 0), at(10, 5))
			return err
		},
	}
	for operation, list := range lists {
		err := list(t.Context())
		if err == nil || !strings.HasSuffix(err.Error(), operation+": page token repeated") {
			t.Errorf("%s: got %v", operation, err)
		}
		if calls := f.count(operation); calls != 3 {
			t.Errorf("%s: %d calls", operation, calls)
		}
	}
}
