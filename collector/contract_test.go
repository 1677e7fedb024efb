package collector

import (
	"slices"
	"strings"
	"testing"
)

// contract is what users, rules and dashboards depend on: name, type, level and own labels.
const contract = `
endpoint_info gauge E endpoint_config_name
endpoint_status gauge E status
endpoint_state gauge E state
endpoint_created_timestamp_seconds gauge E
endpoint_last_modified_timestamp_seconds gauge E
max_concurrent_invocations_per_instance gauge E
backlog_requests gauge E
backlog_requests_per_instance gauge E
oldest_request_age_seconds gauge E
backlog_without_capacity gauge E
wake_duration_seconds histogram E
datapoint_timestamp_seconds gauge E metric
variant_info gauge V instance_type
instances_current gauge V
instances_desired gauge V
pool_instances_current gauge V instance_type priority
invocations_processed_total counter V
invocation_failures_total counter V
invocation_4xx_errors_total counter V
invocation_5xx_errors_total counter V
expired_requests_total counter V
request_download_failures_total counter V
response_upload_failures_total counter V
notification_failures_total counter V
model_latency_seconds summary V
request_download_latency_seconds summary V
response_upload_latency_seconds summary V
time_in_backlog_seconds summary V
total_processing_time_seconds summary V
model_latency_max_seconds gauge V
time_in_backlog_max_seconds gauge V
cpu_utilization_ratio gauge V
memory_utilization_ratio gauge V
gpu_utilization_ratio gauge V
gpu_memory_utilization_ratio gauge V
disk_utilization_ratio gauge V
scalable_target_registered gauge V
scalable_target_min_capacity gauge V
scalable_target_max_capacity gauge V
scaling_suspended gauge V activity
scaling_policy_info gauge V policy_name policy_type metric_name
scaling_policy_target_value gauge V policy_name
scaling_policy_cooldown_seconds gauge V policy_name direction
scaling_alarm_state gauge V policy_name alarm_name role state
scaling_alarm_triggering gauge V policy_name alarm_name role
scaling_alarm_threshold gauge V policy_name alarm_name role
scaling_alarm_actions_enabled gauge V policy_name alarm_name role
scaling_alarm_state_updated_timestamp_seconds gauge V policy_name alarm_name role
scaling_activities_total counter V status
scaling_activity_failures_total counter V reason
scaling_not_scaled_total counter V reason
scheduled_actions gauge V
scalable_targets gauge A
scaling_activity_in_progress gauge V
scaling_activity_last_start_timestamp_seconds gauge V
scale_out_duration_seconds histogram V
check_failed gauge V check severity
policy_selected gauge V
plan_steps gauge V action
plan_steps_withheld gauge V reason
policy_matches gauge A policy
reconcile_enabled gauge A
reconcile_leader gauge A
reconcile_steps_total counter V kind outcome
reconcile_last_success_timestamp_seconds gauge A
latency_objective_seconds gauge E
request_ttl_seconds gauge E
latency_miss_objective_ratio gauge E
failure_objective_ratio gauge E severity
failure_objective_invocations gauge E severity
processing_objective_seconds gauge E
near_expiry_threshold_ratio gauge A
drain_threshold_ratio gauge A
idle_threshold_ratio gauge A
flapping_threshold_wakes gauge A
flapping_threshold_queued_ratio gauge A
instance_price_dollars_per_hour gauge V instance_type
recommended_target_value gauge V
estimated_drain_seconds gauge V
up gauge A
exporter_source_up gauge A source
exporter_source_last_success_timestamp_seconds gauge A source
exporter_source_duration_seconds gauge A source
exporter_source_expires_timestamp_seconds gauge A source
exporter_source_refused gauge A source
exporter_source_lifetime_seconds gauge A source
exporter_aws_requests_total counter - service operation code
exporter_aws_request_duration_seconds histogram - service operation
exporter_late_revisions_total counter A
exporter_cloudwatch_metrics_billed_total counter A
exporter_cloudwatch_estimated_cost_dollars_total counter A
exporter_polling_stretch_factor gauge A
exporter_max_staleness_seconds gauge -
exporter_monthly_budget_dollars gauge -
exporter_throttled_threshold_ratio gauge -
exporter_config_last_reload_successful gauge -
exporter_config_last_reload_success_timestamp_seconds gauge -
exporter_page_end gauge -
exporter_build_info gauge - branch goarch goos goversion revision tags version
`

func TestTable_isTheContract(t *testing.T) {
	promised := strings.Split(strings.TrimSpace(contract), "\n")
	var declared []string
	for _, metric := range Table() {
		level := [...]string{Process: "-", Scope: "A", Endpoint: "E", Variant: "V"}[metric.Level]
		declared = append(declared, strings.Join(append([]string{metric.Name, string(metric.Type), level}, metric.Labels...), " "))
	}
	for _, line := range promised {
		if !slices.Contains(declared, line) {
			t.Errorf("promised and not declared: %s", line)
		}
	}
	for _, line := range declared {
		if !slices.Contains(promised, line) {
			t.Errorf("declared and not promised: %s", line)
		}
	}
}
