package awssim_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
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

// cli runs the AWS CLI against the server; said is what it printed, complaint why it failed. It has no deadline but the
// test's: it takes a second to start, and half a minute on a busy machine.
func cli(t *testing.T, server *awssim.Server, path string, args ...string) (said []byte, complaint string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), path, append(args, "--output", "json", "--endpoint-url", server.URL())...)
	command.Env = append(os.Environ(), server.Env()...)
	said, err := command.Output()
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		return nil, string(failed.Stderr) + " " + err.Error()
	case err != nil:
		t.Fatalf("%s: %v", path, err)
	}
	return said, ""
}

// The AWS CLI is somebody else's reading of the wire protocols.
func TestCLI_readsEveryService(t *testing.T) {
	t.Parallel()
	demo := sim.Demo(time.Now().Add(-sim.DemoHistory))
	server := serve(t, awssim.Options{Now: time.Now}, demo)
	for _, path := range commandLines(t) {
		ask := func(args ...string) (answer map[string]any) {
			t.Helper()
			said, complaint := cli(t, server, path, args...)
			if complaint != "" {
				t.Fatalf("%s %v: %s", path, args, complaint)
			}
			if err := json.Unmarshal(said, &answer); err != nil {
				t.Fatalf("%s %v: %v in %s", path, args, err, said)
			}
			return answer
		}
		count := func(what string, want int, args ...string) {
			t.Helper()
			list, _ := ask(args...)[what].([]any)
			if len(list) != want || want == 0 {
				t.Errorf("%s %v: %d %s, want %d", path, args, len(list), what, want)
			}
		}
		if account := ask("sts", "get-caller-identity")["Account"]; account != "111122223333" {
			t.Errorf("%s: account %v", path, account)
		}
		count("Endpoints", len(world(server, (*sim.World).Endpoints)), "sagemaker", "list-endpoints")
		count("ProductionVariants", 2, "sagemaker", "describe-endpoint", "--endpoint-name", "moderate")
		count("ScalableTargets", len(world(server, (*sim.World).ScalableTargets)),
			"application-autoscaling", "describe-scalable-targets", "--service-namespace", "sagemaker")
		count("ScalingPolicies", len(world(server, (*sim.World).ScalingPolicies)),
			"application-autoscaling", "describe-scaling-policies", "--service-namespace", "sagemaker")
		count("ScheduledActions", len(world(server, (*sim.World).ScheduledActions)),
			"application-autoscaling", "describe-scheduled-actions", "--service-namespace", "sagemaker")
		count("MetricAlarms", len(world(server, (*sim.World).Alarms)), "cloudwatch", "describe-alarms")
		from, to := time.Now().Add(-30*time.Minute).UTC().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339)
		data := ask("cloudwatch", "get-metric-data", "--start-time", from, "--end-time", to, "--metric-data-queries",
			`[{"Id":"b","MetricStat":{"Metric":{"Namespace":"AWS/SageMaker","MetricName":"ApproximateBacklogSize",`+
				`"Dimensions":[{"Name":"EndpointName","Value":"diffusion"}]},"Period":60,"Stat":"Maximum"}}]`)
		results, _ := data["MetricDataResults"].([]any)
		if len(results) != 1 || len(results[0].(map[string]any)["Values"].([]any)) < 20 {
			t.Errorf("%s: metric data %v", path, data)
		}
		count("Datapoints", 6, "cloudwatch", "get-metric-statistics", "--namespace", "AWS/SageMaker", "--metric-name", "ApproximateBacklogSize",
			"--dimensions", "Name=EndpointName,Value=diffusion", "--statistics", "Maximum", "--period", "300",
			"--start-time", time.Now().Add(-time.Hour).Truncate(5*time.Minute).UTC().Format(time.RFC3339),
			"--end-time", time.Now().Add(-30*time.Minute).Truncate(5*time.Minute).UTC().Format(time.RFC3339))
	}
}

func TestCLI_writesAndIsRefused(t *testing.T) {
	t.Parallel()
	for _, path := range commandLines(t) {
		server, _ := aFleet(t, 2)
		tell := func(args ...string) {
			t.Helper()
			if _, complaint := cli(t, server, path, args...); complaint != "" {
				t.Errorf("%s %v: %s", path, args, complaint)
			}
		}
		tell("application-autoscaling", "register-scalable-target", "--service-namespace", "sagemaker", "--resource-id", resource,
			"--scalable-dimension", fleet.VariantDimension, "--min-capacity", "0", "--max-capacity", "7")
		if after := target(t, server); after.MinCapacity != 0 || after.MaxCapacity != 7 {
			t.Errorf("%s: the bounds are %d to %d", path, after.MinCapacity, after.MaxCapacity)
		}
		tell("cloudwatch", "put-metric-alarm", "--alarm-name", "wake", "--namespace", "AWS/SageMaker", "--metric-name", "HasBacklogWithoutCapacity",
			"--dimensions", "Name=EndpointName,Value=endpoint-00001", "--statistic", "Average", "--period", "60", "--evaluation-periods", "2",
			"--threshold", "0.5", "--comparison-operator", "GreaterThanThreshold", "--no-actions-enabled",
			"--alarm-actions", "arn:aws:sns:us-east-1:111122223333:a", "arn:aws:sns:us-east-1:111122223333:b")
		alarm := named(world(server, (*sim.World).Alarms), "wake")
		if alarm.Threshold != .5 || alarm.Period != time.Minute || alarm.ActionsEnabled || len(alarm.AlarmActions) != 2 ||
			len(alarm.Metric.Dimensions) != 1 || alarm.Metric.Dimensions[0].Value != "endpoint-00001" {
			t.Errorf("%s: the alarm is %+v", path, alarm)
		}
		_, complaint := cli(t, server, path, "cloudwatch", "set-alarm-state", "--alarm-name", "nobody", "--state-value", "OK", "--state-reason", "r")
		if !strings.Contains(complaint, "(ResourceNotFound)") {
			t.Errorf("%s: a missing alarm: %q", path, complaint)
		}
		_, complaint = cli(t, server, path, "sagemaker", "describe-endpoint", "--endpoint-name", "nobody")
		if !strings.Contains(complaint, "(ValidationException)") || !strings.Contains(complaint, "Could not find endpoint") {
			t.Errorf("%s: a missing endpoint: %q", path, complaint)
		}
	}
}
