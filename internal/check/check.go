// Package check says what is wrong with the scaling of an asynchronous endpoint, how bad it is and what to do. Each check
// has a file of its own.
package check

// Names lists the checks in the order of the documentation.
func Names() []string {
	return []string{
		"target_not_registered", "no_wake_policy", "wake_alarm_unwired", "wake_alarm_wrong_metric", "no_tracking_policy",
		"tracking_wrong_metric", "scaling_suspended", "cannot_scale_to_zero", "scale_in_disabled", "tracking_alarm_no_data",
		"alarm_name_shared", "wake_cooldown_short", "orphaned_scaling", "target_value_removes_busy",
		"backlog_shared_by_variants", "single_instance_type", "no_failure_path", "differs_from_documented",
	}
}
