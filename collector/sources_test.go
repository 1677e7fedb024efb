package collector

import (
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/paging"
)

func TestSourcesOf(t *testing.T) {
	const all = "activities alarms endpoints metrics scaling tags"
	for series, want := range map[string]string{
		"sagemaker_async_backlog_requests": "endpoints metrics", "sagemaker_async_invocation_failures_total": "endpoints metrics",
		"sagemaker_async_model_latency_seconds_sum": "endpoints metrics", "sagemaker_async_wake_duration_seconds_bucket": "endpoints metrics",
		"sagemaker_async_scalable_target_registered": "endpoints scaling", "sagemaker_async_scaling_alarm_state": "alarms endpoints scaling",
		"sagemaker_async_scaling_activities_total": "activities endpoints", "sagemaker_async_instances_current": "endpoints",
		"sagemaker_async_check_failed": all, "sagemaker_async_endpoint_state": all, "sagemaker_async_of_a_newer_version": all, "": all,
		"sagemaker_async_up": "", "sagemaker_async_exporter_source_up": "", "sagemaker_async_exporter_page_end": "", "up": "", "go_goroutines": "",
	} {
		if got := strings.Join(SourcesOf(series), " "); got != want {
			t.Errorf("%q needs %q, want %q", series, got, want)
		}
	}
}

// The alerting command reads these.
func TestTable_hasWhatTheAlertingReads(t *testing.T) {
	for _, name := range []string{paging.PageEnd, paging.ScopeUp, paging.SourceUp, paging.EndpointInfo} {
		if !slices.ContainsFunc(Table(), func(m Metric) bool { return m.FullName() == name }) {
			t.Errorf("there is no %s", name)
		}
	}
}
