# Account 111122223333, region eu-west-1
set -eu
account=$(aws sts get-caller-identity --region eu-west-1 --query Account --output text)
[ "$account" = 111122223333 ] || { echo "these credentials are of account $account, and the plan is for" 111122223333 >&2; exit 1; }

# create endpoint/fresh/variant/AllTraffic scalable target
aws application-autoscaling register-scalable-target --region eu-west-1 --cli-input-json '{
  "ResourceId": "endpoint/fresh/variant/AllTraffic",
  "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
  "ServiceNamespace": "sagemaker",
  "MaxCapacity": 5,
  "MinCapacity": 1
}'

# create endpoint/fresh/variant/AllTraffic wake policy HasBacklogWithoutCapacity-ScalingPolicy
wake_policy_fresh_AllTraffic=$(aws application-autoscaling put-scaling-policy --region eu-west-1 --cli-input-json '{
  "PolicyName": "HasBacklogWithoutCapacity-ScalingPolicy",
  "ResourceId": "endpoint/fresh/variant/AllTraffic",
  "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
  "ServiceNamespace": "sagemaker",
  "PolicyType": "StepScaling",
  "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "Cooldown": 300, "MetricAggregationType": "Average", "StepAdjustments": [{"ScalingAdjustment": 1, "MetricIntervalLowerBound": 0}]}
}' --query PolicyARN --output json)

# create endpoint/fresh/variant/AllTraffic wake alarm HasBacklogWithoutCapacity-Alarm-fresh-AllTraffic
aws cloudwatch put-metric-alarm --region eu-west-1 --cli-input-json '{
  "AlarmName": "HasBacklogWithoutCapacity-Alarm-fresh-AllTraffic",
  "ActionsEnabled": true,
  "AlarmActions": ['"$wake_policy_fresh_AllTraffic"'],
  "ComparisonOperator": "GreaterThanOrEqualToThreshold",
  "DatapointsToAlarm": 2,
  "Dimensions": [{"Name": "EndpointName", "Value": "fresh"}],
  "EvaluationPeriods": 2,
  "MetricName": "HasBacklogWithoutCapacity",
  "Namespace": "AWS/SageMaker",
  "Period": 60,
  "Statistic": "Average",
  "Threshold": 1,
  "TreatMissingData": "missing"
}'

# create endpoint/fresh/variant/AllTraffic tracking policy AsyncBacklogTargetTracking
tracking_policy_fresh_AllTraffic=$(aws application-autoscaling put-scaling-policy --region eu-west-1 --cli-input-json '{
  "PolicyName": "AsyncBacklogTargetTracking",
  "ResourceId": "endpoint/fresh/variant/AllTraffic",
  "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
  "ServiceNamespace": "sagemaker",
  "PolicyType": "TargetTrackingScaling",
  "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 5, "CustomizedMetricSpecification": {"Dimensions": [{"Name": "EndpointName", "Value": "fresh"}], "MetricName": "ApproximateBacklogSizePerInstance", "Namespace": "AWS/SageMaker", "Statistic": "Average"}, "DisableScaleIn": false, "ScaleInCooldown": 300, "ScaleOutCooldown": 300}
}' --query PolicyARN --output json)

# update endpoint/fresh/variant/AllTraffic min capacity
# effect: may scale to zero
aws application-autoscaling register-scalable-target --region eu-west-1 --cli-input-json '{
  "ResourceId": "endpoint/fresh/variant/AllTraffic",
  "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
  "ServiceNamespace": "sagemaker",
  "MaxCapacity": 5,
  "MinCapacity": 0
}'

# update endpoint/old-one/variant/v-2 wake policy "it's \"${odd}\" %{if} $HOME \\ # $(id) \\u0000PATH"
wake_policy_old_one_v_2=$(aws application-autoscaling put-scaling-policy --region eu-west-1 --cli-input-json '{
  "PolicyName": "it'\''s \"${odd}\" %{if} $HOME \\ # $(id) \\u0000PATH",
  "ResourceId": "endpoint/old-one/variant/v-2",
  "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
  "ServiceNamespace": "sagemaker",
  "PolicyType": "StepScaling",
  "StepScalingPolicyConfiguration": {"AdjustmentType": "PercentChangeInCapacity", "MetricAggregationType": "Maximum", "MinAdjustmentMagnitude": 0, "StepAdjustments": [{"ScalingAdjustment": 50, "MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 2.5}, {"ScalingAdjustment": 100, "MetricIntervalLowerBound": 2.5}]}
}' --query PolicyARN --output json)

# update endpoint/old-one/variant/v-2 wake alarm "it's \"${odd}\" %{if} $HOME \\ # $(id) \\u0000PATH"
aws cloudwatch put-metric-alarm --region eu-west-1 --cli-input-json '{
  "AlarmName": "it'\''s \"${odd}\" %{if} $HOME \\ # $(id) \\u0000PATH",
  "ActionsEnabled": false,
  "AlarmActions": ["arn:aws:autoscaling:eu-west-1:111122223333:scalingPolicy:1:resource/sagemaker/endpoint/old-one/variant/v-2:policyName/p"],
  "AlarmDescription": "it'\''s \"${odd}\" %{if} $HOME \\ # $(id) \\u0000PATH",
  "ComparisonOperator": "GreaterThanOrEqualToThreshold",
  "DatapointsToAlarm": 2,
  "Dimensions": [{"Name": "EndpointName", "Value": "old-one"}],
  "EvaluateLowSampleCountPercentile": "ignore",
  "EvaluationPeriods": 2,
  "EvaluationWindow": {"WallClockWindow": {"Timezone": "Europe/Berlin"}},
  "ExtendedStatistic": "p90",
  "MetricName": "HasBacklogWithoutCapacity",
  "Namespace": "AWS/SageMaker",
  "OKActions": ["arn:aws:sns:eu-west-1:111122223333:team", "arn:aws:sns:eu-west-1:111122223333:other"],
  "Period": 60,
  "Threshold": 1,
  "TreatMissingData": "missing"
}'

# update endpoint/old-one/variant/v-2 wake alarm as a query
aws cloudwatch put-metric-alarm --region eu-west-1 --cli-input-json '{
  "AlarmName": "as a query",
  "ActionsEnabled": true,
  "AlarmActions": ["arn:x"],
  "ComparisonOperator": "GreaterThanOrEqualToThreshold",
  "DatapointsToAlarm": 2,
  "EvaluationPeriods": 2,
  "Metrics": [{"Id": "q1", "Label": "l", "MetricStat": {"Metric": {"Dimensions": [{"Name": "EndpointName", "Value": "old-one"}], "MetricName": "HasBacklogWithoutCapacity", "Namespace": "AWS/SageMaker"}, "Period": 60, "Stat": "Average", "Unit": "Count"}, "ReturnData": true}],
  "Threshold": 1,
  "TreatMissingData": "missing"
}'

# create endpoint/old-one/variant/v-2 tracking policy math
tracking_policy_old_one_v_2=$(aws application-autoscaling put-scaling-policy --region eu-west-1 --cli-input-json '{
  "PolicyName": "math",
  "ResourceId": "endpoint/old-one/variant/v-2",
  "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
  "ServiceNamespace": "sagemaker",
  "PolicyType": "TargetTrackingScaling",
  "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 0.5, "CustomizedMetricSpecification": {"Metrics": [{"Id": "m1", "MetricStat": {"Metric": {"Dimensions": [{"Name": "EndpointName", "Value": "old-one"}], "MetricName": "ApproximateBacklogSize", "Namespace": "AWS/SageMaker"}, "Stat": "Sum"}, "ReturnData": false}, {"Id": "e1", "Expression": "FILL(m1, 0) / 2", "Label": "it'\''s \"${odd}\" %{if} $HOME \\ # $(id) \\u0000PATH"}]}, "DisableScaleIn": false}
}' --query PolicyARN --output json)

# update endpoint/old-one/variant/v-2 min capacity
aws application-autoscaling register-scalable-target --region eu-west-1 --cli-input-json '{
  "ResourceId": "endpoint/old-one/variant/v-2",
  "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
  "ServiceNamespace": "sagemaker",
  "MaxCapacity": 5,
  "MinCapacity": 0
}'

# endpoint/held/variant/v  wake alarm "a\nb" withheld: max_steps (later)
