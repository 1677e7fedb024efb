//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The timeline of a wake is the longest query of the dashboards; promtool tells it the story of one, and of an endpoint
// of which the queue is not known.
func TestDashboards_theWakeIsToldStepByStep(t *testing.T) {
	const query = "endpoint.json: From the first waiting request to the first completion A"
	expr := panelQueries(t)[query].expr
	if expr == "" {
		t.Fatalf("there is no %s", query)
	}
	const endpoint = `account_id="1", region="r", endpoint_name="e"`
	series := func(metric, values string) map[string]string {
		return map[string]string{"series": "sagemaker_async_" + metric + "{" + endpoint + `, variant_name="v"}`, "values": values}
	}
	of := func(metric, values string) map[string]string {
		return map[string]string{"series": "sagemaker_async_" + metric + "{" + endpoint + "}", "values": values}
	}
	step := func(at string, value int) map[string]any {
		return map[string]any{"expr": expr, "eval_time": at, "exp_samples": []any{map[string]any{"labels": "{" + endpoint + "}", "value": value}}}
	}
	story := map[string]any{
		"interval": "5m",
		"input_series": []any{ // every five minutes
			of("backlog_requests", "0 3 3 3 1 0 0 0 0 0"),
			series("instances_current", "0 0 0 1 1 1 1 1 1 0"),
			series("instances_desired", "0 0 1 1 1 1 1 1 1 0"),
			series("invocations_processed_total", "7 7 7 7 9 10 10 10 10 10"),
		},
		"promql_expr_test": []any{
			step("0m", 0), step("5m", 1), step("10m", 2), step("15m", 3), step("20m", 4), step("25m", 5), step("45m", 0),
		},
	}
	unknown := map[string]any{
		"interval":         "5m",
		"input_series":     []any{series("instances_current", "0"), series("instances_desired", "0")},
		"promql_expr_test": []any{map[string]any{"expr": expr, "eval_time": "0m"}},
	}
	file, err := yaml.Marshal(map[string]any{"tests": []any{story, unknown}})
	must(t, err)
	name := filepath.Join(t.TempDir(), "wake.yaml")
	must(t, os.WriteFile(name, file, 0o600))
	if out, err := exec.Command("promtool", "test", "rules", name).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
