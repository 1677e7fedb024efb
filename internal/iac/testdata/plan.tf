# Account 111122223333, region eu-west-1

# create endpoint/fresh/variant/AllTraffic scalable target
resource "aws_appautoscaling_target" "scalable_target_fresh_AllTraffic" {
  resource_id = "endpoint/fresh/variant/AllTraffic"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  service_namespace = "sagemaker"
  max_capacity = 5
  min_capacity = 0
}

# create endpoint/fresh/variant/AllTraffic wake policy HasBacklogWithoutCapacity-ScalingPolicy
resource "aws_appautoscaling_policy" "wake_policy_fresh_AllTraffic" {
  name = "HasBacklogWithoutCapacity-ScalingPolicy"
  resource_id = "endpoint/fresh/variant/AllTraffic"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  service_namespace = "sagemaker"
  policy_type = "StepScaling"
  step_scaling_policy_configuration {
    adjustment_type = "ChangeInCapacity"
    cooldown = 300
    metric_aggregation_type = "Average"
    step_adjustment {
      scaling_adjustment = 1
      metric_interval_lower_bound = 0
    }
  }
  depends_on = [aws_appautoscaling_target.scalable_target_fresh_AllTraffic]
}

# create endpoint/fresh/variant/AllTraffic wake alarm HasBacklogWithoutCapacity-Alarm-fresh-AllTraffic
resource "aws_cloudwatch_metric_alarm" "wake_alarm_fresh_AllTraffic" {
  alarm_name = "HasBacklogWithoutCapacity-Alarm-fresh-AllTraffic"
  actions_enabled = true
  alarm_actions = [aws_appautoscaling_policy.wake_policy_fresh_AllTraffic.arn]
  comparison_operator = "GreaterThanOrEqualToThreshold"
  datapoints_to_alarm = 2
  dimensions = {
    "EndpointName" = "fresh"
  }
  evaluation_periods = 2
  metric_name = "HasBacklogWithoutCapacity"
  namespace = "AWS/SageMaker"
  period = 60
  statistic = "Average"
  threshold = 1
  treat_missing_data = "missing"
  depends_on = [aws_appautoscaling_target.scalable_target_fresh_AllTraffic, aws_appautoscaling_policy.wake_policy_fresh_AllTraffic]
}

# create endpoint/fresh/variant/AllTraffic tracking policy AsyncBacklogTargetTracking
resource "aws_appautoscaling_policy" "tracking_policy_fresh_AllTraffic" {
  name = "AsyncBacklogTargetTracking"
  resource_id = "endpoint/fresh/variant/AllTraffic"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  service_namespace = "sagemaker"
  policy_type = "TargetTrackingScaling"
  target_tracking_scaling_policy_configuration {
    target_value = 5
    customized_metric_specification {
      dimensions {
        name = "EndpointName"
        value = "fresh"
      }
      metric_name = "ApproximateBacklogSizePerInstance"
      namespace = "AWS/SageMaker"
      statistic = "Average"
    }
    disable_scale_in = false
    scale_in_cooldown = 300
    scale_out_cooldown = 300
  }
  depends_on = [aws_appautoscaling_target.scalable_target_fresh_AllTraffic, aws_appautoscaling_policy.wake_policy_fresh_AllTraffic, aws_cloudwatch_metric_alarm.wake_alarm_fresh_AllTraffic]
}

# update endpoint/old-one/variant/v-2 wake policy "it's \"${odd}\" %{if} $HOME \\ # $(id) \\u0000PATH"
import {
  to = aws_appautoscaling_policy.wake_policy_old_one_v_2
  id = "sagemaker/endpoint/old-one/variant/v-2/sagemaker:variant:DesiredInstanceCount/it's \"$${odd}\" %%{if} $HOME \\ # $(id) \\u0000PATH"
}

resource "aws_appautoscaling_policy" "wake_policy_old_one_v_2" {
  name = "it's \"$${odd}\" %%{if} $HOME \\ # $(id) \\u0000PATH"
  resource_id = "endpoint/old-one/variant/v-2"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  service_namespace = "sagemaker"
  policy_type = "StepScaling"
  step_scaling_policy_configuration {
    adjustment_type = "PercentChangeInCapacity"
    metric_aggregation_type = "Maximum"
    min_adjustment_magnitude = 0
    step_adjustment {
      scaling_adjustment = 50
      metric_interval_lower_bound = 0
      metric_interval_upper_bound = 2.5
    }
    step_adjustment {
      scaling_adjustment = 100
      metric_interval_lower_bound = 2.5
    }
  }
}

# update endpoint/old-one/variant/v-2 wake alarm "it's \"${odd}\" %{if} $HOME \\ # $(id) \\u0000PATH"
import {
  to = aws_cloudwatch_metric_alarm.wake_alarm_old_one_v_2
  id = "it's \"$${odd}\" %%{if} $HOME \\ # $(id) \\u0000PATH"
}

resource "aws_cloudwatch_metric_alarm" "wake_alarm_old_one_v_2" {
  alarm_name = "it's \"$${odd}\" %%{if} $HOME \\ # $(id) \\u0000PATH"
  actions_enabled = false
  alarm_actions = ["arn:aws:autoscaling:eu-west-1:111122223333:scalingPolicy:1:resource/sagemaker/endpoint/old-one/variant/v-2:policyName/p"]
  alarm_description = "it's \"$${odd}\" %%{if} $HOME \\ # $(id) \\u0000PATH"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  datapoints_to_alarm = 2
  dimensions = {
    "EndpointName" = "old-one"
  }
  evaluate_low_sample_count_percentiles = "ignore"
  evaluation_periods = 2
  # The provider has no EvaluationWindow: set it otherwise, {"WallClockWindow": {"Timezone": "Europe/Berlin"}}
  extended_statistic = "p90"
  metric_name = "HasBacklogWithoutCapacity"
  namespace = "AWS/SageMaker"
  ok_actions = ["arn:aws:sns:eu-west-1:111122223333:team", "arn:aws:sns:eu-west-1:111122223333:other"]
  period = 60
  threshold = 1
  treat_missing_data = "missing"
  depends_on = [aws_appautoscaling_policy.wake_policy_old_one_v_2]
  lifecycle {
    ignore_changes = [tags, tags_all] # those that it has stay
  }
}

# update endpoint/old-one/variant/v-2 wake alarm as a query
import {
  to = aws_cloudwatch_metric_alarm.wake_alarm_old_one_v_2_2
  id = "as a query"
}

resource "aws_cloudwatch_metric_alarm" "wake_alarm_old_one_v_2_2" {
  alarm_name = "as a query"
  actions_enabled = true
  alarm_actions = ["arn:x"]
  comparison_operator = "GreaterThanOrEqualToThreshold"
  datapoints_to_alarm = 2
  evaluation_periods = 2
  metric_query {
    id = "q1"
    label = "l"
    return_data = true
    metric {
      dimensions = {
        "EndpointName" = "old-one"
      }
      metric_name = "HasBacklogWithoutCapacity"
      namespace = "AWS/SageMaker"
      period = 60
      stat = "Average"
      unit = "Count"
    }
  }
  threshold = 1
  treat_missing_data = "missing"
  depends_on = [aws_appautoscaling_policy.wake_policy_old_one_v_2]
  lifecycle {
    ignore_changes = [tags, tags_all] # those that it has stay
  }
}

# create endpoint/old-one/variant/v-2 tracking policy math
resource "aws_appautoscaling_policy" "tracking_policy_old_one_v_2" {
  name = "math"
  resource_id = "endpoint/old-one/variant/v-2"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  service_namespace = "sagemaker"
  policy_type = "TargetTrackingScaling"
  target_tracking_scaling_policy_configuration {
    target_value = 0.5
    customized_metric_specification {
      metrics {
        id = "m1"
        metric_stat {
          metric {
            dimensions {
              name = "EndpointName"
              value = "old-one"
            }
            metric_name = "ApproximateBacklogSize"
            namespace = "AWS/SageMaker"
          }
          stat = "Sum"
        }
        return_data = false
      }
      metrics {
        id = "e1"
        expression = "FILL(m1, 0) / 2"
        label = "it's \"$${odd}\" %%{if} $HOME \\ # $(id) \\u0000PATH"
      }
    }
    disable_scale_in = false
  }
  depends_on = [aws_appautoscaling_policy.wake_policy_old_one_v_2, aws_cloudwatch_metric_alarm.wake_alarm_old_one_v_2, aws_cloudwatch_metric_alarm.wake_alarm_old_one_v_2_2]
}

# update endpoint/old-one/variant/v-2 min capacity
import {
  to = aws_appautoscaling_target.scalable_target_old_one_v_2
  id = "sagemaker/endpoint/old-one/variant/v-2/sagemaker:variant:DesiredInstanceCount"
}

resource "aws_appautoscaling_target" "scalable_target_old_one_v_2" {
  resource_id = "endpoint/old-one/variant/v-2"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  service_namespace = "sagemaker"
  max_capacity = 5
  min_capacity = 0
  depends_on = [aws_appautoscaling_policy.wake_policy_old_one_v_2, aws_cloudwatch_metric_alarm.wake_alarm_old_one_v_2, aws_cloudwatch_metric_alarm.wake_alarm_old_one_v_2_2]
  lifecycle {
    ignore_changes = [tags, tags_all] # those that it has stay
  }
}

# endpoint/held/variant/v  wake alarm "a\nb" withheld: max_steps (later)
