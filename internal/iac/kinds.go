package iac

// kind is what an object is called in each language.
type kind struct{ terraform, cloudFormation, cli string }

var (
	targetKind = kind{
		"aws_appautoscaling_target", "AWS::ApplicationAutoScaling::ScalableTarget", "application-autoscaling register-scalable-target",
	}
	policyKind = kind{
		"aws_appautoscaling_policy", "AWS::ApplicationAutoScaling::ScalingPolicy", "application-autoscaling put-scaling-policy",
	}
	alarmKind = kind{"aws_cloudwatch_metric_alarm", "AWS::CloudWatch::Alarm", "cloudwatch put-metric-alarm"}
)

func (o *object) kind() kind {
	switch {
	case o.step.Target != nil:
		return targetKind
	case o.step.Policy != nil:
		return policyKind
	}
	return alarmKind
}

// apiOnly are the settings of an alarm that the API has, and neither the Terraform provider nor CloudFormation.
var apiOnly = []string{"WarmUpConfiguration", "EvaluationWindow", "ActionConfiguration"}
