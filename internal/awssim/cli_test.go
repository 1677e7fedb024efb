package awssim_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// commandLines are the AWS CLIs of this machine: different versions speak to CloudWatch in different protocols.
func commandLines(t *testing.T) (found []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, name := range []string{"aws", "/usr/bin/aws"} {
		if path, err := exec.LookPath(name); err == nil && !seen[path] {
			seen[path] = true
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no AWS CLI: CI has to install one")
		}
		t.Skip("there is no AWS CLI to check the wire protocols with")
	}
	return found
}

// The AWS CLI is somebody else's reading of the wire protocols.
func TestCLI_readsEveryService(t *testing.T) {
	began := time.Now().Add(-sim.DemoHistory)
	demo := sim.Demo(began)
	server := serve(t, awssim.Options{Now: time.Now}, demo)
	for _, cli := range commandLines(t) {
		ask := func(args ...string) (answer map[string]any) {
			t.Helper()
			command := exec.CommandContext(soon(t), cli, append(args, "--output", "json", "--endpoint-url", server.URL())...)
			command.Env = append(os.Environ(), server.Env()...)
			out, err := command.Output()
			if err != nil {
				words := ""
				if failed, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output returns it as it is
					words = string(failed.Stderr)
				}
				t.Fatalf("%s %v: %v\n%s", cli, args, err, words)
			}
			if err := json.Unmarshal(out, &answer); err != nil {
				t.Fatalf("%s %v: %v in %s", cli, args, err, out)
			}
			return answer
		}
		count := func(what string, want int, args ...string) {
			t.Helper()
			list, _ := ask(args...)[what].([]any)
			if len(list) != want {
				t.Errorf("%s %v: %d %s, want %d", cli, args, len(list), what, want)
			}
		}
		if account := ask("sts", "get-caller-identity")["Account"]; account != "111122223333" {
			t.Errorf("%s: account %v", cli, account)
		}
		count("Endpoints", 15, "sagemaker", "list-endpoints")
		count("ProductionVariants", 2, "sagemaker", "describe-endpoint", "--endpoint-name", "moderate")
		count("ScalableTargets", 12, "application-autoscaling", "describe-scalable-targets", "--service-namespace", "sagemaker")
		count("ScalingPolicies", 23, "application-autoscaling", "describe-scaling-policies", "--service-namespace", "sagemaker")
		count("ScheduledActions", 1, "application-autoscaling", "describe-scheduled-actions", "--service-namespace", "sagemaker")
		alarms := len(world(server, (*sim.World).Alarms))
		count("MetricAlarms", alarms, "cloudwatch", "describe-alarms")
		from, to := time.Now().Add(-30*time.Minute).UTC().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339)
		data := ask("cloudwatch", "get-metric-data", "--start-time", from, "--end-time", to, "--metric-data-queries",
			`[{"Id":"b","MetricStat":{"Metric":{"Namespace":"AWS/SageMaker","MetricName":"ApproximateBacklogSize",`+
				`"Dimensions":[{"Name":"EndpointName","Value":"diffusion"}]},"Period":60,"Stat":"Maximum"}}]`)
		results, _ := data["MetricDataResults"].([]any)
		if len(results) != 1 || len(results[0].(map[string]any)["Values"].([]any)) < 20 {
			t.Errorf("%s: metric data %v", cli, data)
		}
		count("Datapoints", 6, "cloudwatch", "get-metric-statistics", "--namespace", "AWS/SageMaker", "--metric-name", "ApproximateBacklogSize",
			"--dimensions", "Name=EndpointName,Value=diffusion", "--statistics", "Maximum", "--period", "300",
			"--start-time", time.Now().Add(-time.Hour).Truncate(5*time.Minute).UTC().Format(time.RFC3339),
			"--end-time", time.Now().Add(-30*time.Minute).Truncate(5*time.Minute).UTC().Format(time.RFC3339))
	}
}
