//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// region is that of the worlds of these tests.
const region = "us-east-1"

// demoAt serves the demo on a clock of that speed, for the binary to join.
func demoAt(t *testing.T, speed float64) *awssim.Server {
	t.Helper()
	now := time.Now()
	aws, err := awssim.StartDemo(awssim.Options{Clock: fleet.Clock{Machine: now, Shown: now, Speed: speed}})
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	return aws
}

// joining are the flags with which the binary observes that AWS.
func joining(aws *awssim.Server, args ...string) []string {
	return append([]string{"--demo", "--demo.aws=" + aws.URL()}, args...)
}

// ended is how a command of the binary ended.
type ended struct {
	status      int
	out, errors string
}

// command runs the binary until it ends by itself.
func command(t *testing.T, args ...string) ended {
	t.Helper()
	return commandIn(t, nil, args...)
}

// commandIn does it with more in the environment.
func commandIn(t *testing.T, env []string, args ...string) ended {
	t.Helper()
	var out, errs bytes.Buffer
	run := exec.CommandContext(t.Context(), binary, args...)
	run.Env = append(os.Environ(), env...)
	run.Stdout, run.Stderr = &out, &errs
	err := run.Run()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return ended{run.ProcessState.ExitCode(), out.String(), errs.String()}
}

// leaves runs the binary and makes sure of its exit status.
func leaves(t *testing.T, status int, args ...string) ended {
	t.Helper()
	got := command(t, args...)
	if got.status != status {
		t.Fatalf("%q left with status %d, want %d\n%s%s", args, got.status, status, got.out, got.errors)
	}
	return got
}
