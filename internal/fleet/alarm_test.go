package fleet

import "testing"

func TestRoleOf_tellsWhatAnAlarmDoes(t *testing.T) {
	const greater, less = "GreaterThanOrEqualToThreshold", "LessThanThreshold"
	tracking := &Policy{Type: TargetTracking, Tracking: &Tracking{}}
	out := &Policy{Type: StepScaling, Step: &Step{Adjustments: []StepAdjustment{{Adjustment: 0}, {Adjustment: 1}}}}
	in := &Policy{Type: StepScaling, Step: &Step{Adjustments: []StepAdjustment{{Adjustment: -1}}}}
	for _, test := range []struct {
		name, metric, comparison string
		policy                   *Policy
		want                     Role
	}{
		{"tracking out", "ApproximateBacklogSizePerInstance", "GreaterThanThreshold", tracking, RoleHigh},
		{"tracking in", "ApproximateBacklogSizePerInstance", less, tracking, RoleLow},
		{"anomaly on tracking", "X", "LessThanLowerOrGreaterThanUpperThreshold", tracking, RoleOther},
		{"documented wake", "HasBacklogWithoutCapacity", greater, out, RoleWake},
		{"wake on the backlog", "ApproximateBacklogSize", "GreaterThanThreshold", out, RoleWake},
		{"unwired wake", "HasBacklogWithoutCapacity", greater, nil, RoleWake},
		{"scale-in on the backlog", "ApproximateBacklogSize", less, in, RoleOther},
		{"scale-in by a greater-than alarm", "ApproximateBacklogSize", greater, in, RoleOther},
		{"step on something else", "CPUUtilization", greater, out, RoleOther},
	} {
		alarm := Alarm{Metric: Metric{Namespace: Namespace, Name: test.metric}, Comparison: test.comparison}
		if got := RoleOf(alarm, test.policy); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestConcerns_findsAlarmsByMetricMathAndAction(t *testing.T) {
	const policy = ":scalingPolicy:1:resource/sagemaker/endpoint/a/variant/v:policyName/p"
	sagemaker, other := Metric{Namespace: Namespace}, Metric{Namespace: "AWS/RDS"}
	host := Metric{Namespace: "/aws/sagemaker/Endpoints", Name: "CPUUtilization", Dimensions: []Dimension{{"EndpointName", "a"}}}
	for _, test := range []struct {
		name  string
		alarm Alarm
		want  bool
	}{
		{"metric of an endpoint", Alarm{Metric: sagemaker}, true},
		{"metric math over one", Alarm{Math: []MathQuery{{Expression: "a*2"}, {Metric: &sagemaker}}}, true},
		{"action on a scaling policy", Alarm{Metric: other, AlarmActions: []string{"arn:aws:autoscaling:us-east-1:1" + policy}}, true},
		{"action in OK", Alarm{Metric: other, OKActions: []string{"arn:aws:autoscaling:us-east-1:1" + policy}}, true},
		{"action without data", Alarm{Metric: other, InsufficientDataActions: []string{"arn:aws:autoscaling:us-east-1:1" + policy}}, true},
		{"metric of an endpoint's hosts", Alarm{Metric: host}, true},
		{"metric math over one of its hosts", Alarm{Math: []MathQuery{{Metric: &other}, {Metric: &host}}}, true},
		{"action on a policy of another service", Alarm{Metric: other, AlarmActions: []string{
			"arn:aws:autoscaling:us-east-1:1:scalingPolicy:1:resource/ecs/service/a:policyName/p",
		}}, false},
		{"nothing of ours", Alarm{Metric: other, Math: []MathQuery{{Metric: &other}}, AlarmActions: []string{"arn:aws:sns:us-east-1:1:page"}}, false},
	} {
		if got := test.alarm.Concerns(); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestScaledResource_isThatOfSageMakersPoliciesAlone(t *testing.T) {
	const policy = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/"
	for action, want := range map[string]string{
		policy + "sagemaker/endpoint/a/variant/v:policyName/wake":                      "endpoint/a/variant/v",
		policy + "ecs/service/a/b:policyName/wake":                                     "",
		"arn:aws:sns:us-east-1:111122223333:resource/sagemaker/endpoint/a/variant/v:x": "",
		"": "",
	} {
		if got := ScaledResource(action); got != want {
			t.Errorf("%s: got %q, want %q", action, got, want)
		}
	}
}
