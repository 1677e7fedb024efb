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
	file, err := yaml.Marshal(map[string]any{"tests": []any{story}})
	must(t, err)
	name := filepath.Join(t.TempDir(), "worst.yaml")
	must(t, os.WriteFile(name, file, 0o600))
	if out, err := exec.Command("promtool", "test", "rules", name).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
