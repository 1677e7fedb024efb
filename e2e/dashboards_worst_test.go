//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The table of Fleet has one row for an endpoint, whatever replicas, checks and alerts say of it: promtool tells it a story.
func TestDashboards_showOneStateAndTheWorstSeverity(t *testing.T) {
	queries := panelQueries(t)
	state, severity := queries["fleet.json: Endpoints A"].expr, queries["fleet.json: Endpoints B"].expr
	const endpoint = `account_id="1", region="r", endpoint_name="e"`
	of := func(metric, labels, values string) map[string]string {
		return map[string]string{"series": metric + "{" + endpoint + ", " + labels + "}", "values": values}
	}
	const check = "sagemaker_async_check_failed"
	is := func(expr, at string, value int) map[string]any {
		return map[string]any{"expr": expr, "eval_time": at, "exp_samples": []any{map[string]any{"labels": "{" + endpoint + "}", "value": value}}}
	}
	nothing := func(expr string) map[string]any { return map[string]any{"expr": expr, "eval_time": "7m"} }
	story := map[string]any{
		"interval": "1m",
		"input_series": []any{ // every minute
			of("sagemaker_async_endpoint_state", `state="waking", instance="a"`, "1 1 stale"),
			of("sagemaker_async_endpoint_state", `state="broken", instance="b"`, "stale 1 stale"),
			of("sagemaker_async_endpoint_state", `state="asleep", instance="a"`, "_ _ 1 1 1 1 stale"),
			of(check, `variant_name="v", check="x", severity="info"`, "0 0 1 1 1 1 stale"),
			of(check, `variant_name="v", check="y", severity="critical"`, "0 0 0 1 0 0 stale"),
			of(check, `variant_name="w", check="y", severity="warning"`, "0 0 0 1 0 0 stale"),
			of("ALERTS", `alertname="SageMakerAsyncX", alertstate="firing", severity="warning"`, "_ _ _ _ 1 stale"),
		},
		"promql_expr_test": []any{
			is(state, "0m", 7), is(state, "1m", 10), is(state, "2m", 1), nothing(state),
			is(severity, "0m", 0), is(severity, "1m", 2), is(severity, "2m", 1), is(severity, "3m", 3), is(severity, "4m", 2), nothing(severity),
		},
	}
	tell(t, story)
}

// The data age of a region is no number once its series are dropped, however young what was read last is; one poll that fails changes nothing.
func TestDashboards_dataAgeSaysWhatIsDropped(t *testing.T) {
	age := panelQueries(t)["fleet.json: Data age A"].expr
	of := func(region, metric, labels, values string) map[string]string {
		return map[string]string{"series": "sagemaker_async_" + metric + `{account_id="1", region="` + region + `"` + labels + "}", "values": values}
	}
	is := func(at string, value int) map[string]any {
		return map[string]any{"expr": age, "eval_time": at, "exp_samples": []any{map[string]any{"labels": "{}", "value": value}}}
	}
	for name, fails := range map[string]struct{ source, metric string }{
		"endpoints": {"endpoints", "endpoint_info"}, "queue": {"metrics", "backlog_requests"},
	} {
		t.Run(name, func(t *testing.T) {
			source := `, source="` + fails.source + `"`
			tell(t, map[string]any{
				"interval": "1m",
				"input_series": []any{
					of("well", "exporter_source_up", source, "1x5 stale"),
					of("well", "exporter_source_last_success_timestamp_seconds", source, "0+60x5 stale"),
					of("well", fails.metric, `, endpoint_name="e"`, "1x5 stale"),
					of("ill", "exporter_source_up", source, "1 1 0 0 0 1 stale"),
					of("ill", "exporter_source_last_success_timestamp_seconds", source, "0 60 60 60 60 300 stale"),
					of("ill", fails.metric, `, endpoint_name="e"`, "1 1 1 stale _ 1 stale"),
				},
				"promql_expr_test": []any{
					is("1m", 0), is("2m", 60), is("3m", -1), is("4m", -1), is("5m", 0), map[string]any{"expr": age, "eval_time": "6m"},
				},
			})
		})
	}
}

// tell tells promtool a story, and what panels then show.
func tell(t *testing.T, story map[string]any) {
	t.Helper()
	file, err := yaml.Marshal(map[string]any{"tests": []any{story}})
	must(t, err)
	name := filepath.Join(t.TempDir(), "worst.yaml")
	must(t, os.WriteFile(name, file, 0o600))
	if out, err := exec.Command("promtool", "test", "rules", name).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
