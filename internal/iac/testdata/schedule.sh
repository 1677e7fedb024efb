# work begins at 8
# note: n
# Account 111122223333, region eu-west-1
set -eu
account=$(aws sts get-caller-identity --region eu-west-1 --query Account --output text)
[ "$account" = 111122223333 ] || { echo "these credentials are of account $account, and the plan is for" 111122223333 >&2; exit 1; }

aws application-autoscaling put-scheduled-action --region eu-west-1 --cli-input-json '{
  "ServiceNamespace": "sagemaker",
  "ResourceId": "endpoint/old-one/variant/v-2",
  "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
  "ScheduledActionName": "instances-ready",
  "Schedule": "cron(0 8 ? * MON,TUE *)",
  "Timezone": "UTC",
  "ScalableTargetAction": {"MinCapacity": 2}
}'

aws application-autoscaling put-scheduled-action --region eu-west-1 --cli-input-json '{
  "ServiceNamespace": "sagemaker",
  "ResourceId": "endpoint/old-one/variant/v-2",
  "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
  "ScheduledActionName": "it'\''s \"${odd}\"",
  "Schedule": "cron(55 8 ? * MON,TUE *)",
  "Timezone": "UTC",
  "ScalableTargetAction": {"MinCapacity": 0, "MaxCapacity": 2}
}'
