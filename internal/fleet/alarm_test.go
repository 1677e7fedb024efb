package fleet

import "testing"

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
