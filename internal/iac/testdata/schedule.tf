# work begins at 8
# note: n
# Account 111122223333, region eu-west-1
# The actions change min_capacity: where Terraform has the aws_appautoscaling_target, give that a
# lifecycle { ignore_changes = [min_capacity] }, or each apply takes the instances away.

resource "aws_appautoscaling_scheduled_action" "scheduled_action_old_one_v_2_instances_ready" {
  service_namespace = "sagemaker"
  resource_id = "endpoint/old-one/variant/v-2"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  name = "instances-ready"
  schedule = "cron(0 8 ? * MON,TUE *)"
  timezone = "UTC"
  scalable_target_action {
    min_capacity = 2
  }
}

resource "aws_appautoscaling_scheduled_action" "scheduled_action_old_one_v_2_it_s____odd__" {
  service_namespace = "sagemaker"
  resource_id = "endpoint/old-one/variant/v-2"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  name = "it's \"$${odd}\""
  schedule = "cron(55 8 ? * MON,TUE *)"
  timezone = "UTC"
  scalable_target_action {
    min_capacity = 0
    max_capacity = 2
  }
}
