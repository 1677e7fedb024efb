//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The plan as AWS CLI commands, carried out by the real AWS CLI, leaves nothing to change, and neither do those of recommend. Another account's credentials
// write nothing.
func TestPlan_asCommandsIsCarriedOutByTheCLI(t *testing.T) {
	t.Parallel()
	aws := demoAt(t, 1)
	plan := append([]string{"plan", "align-new", "summarize"}, joining(aws)...)
	script := leaves(t, 2, append(plan, "--format=cli")...).out
	run := func(script string) error {
		shell := exec.CommandContext(t.Context(), "sh")
		shell.Stdin, shell.Env = strings.NewReader(script), append(os.Environ(), aws.Env()...)
		said, err := shell.CombinedOutput()
		t.Logf("%s", said)
		return err
	}
	if err := run(strings.ReplaceAll(script, "111122223333", "444455556666")); err == nil || len(aws.Writes()) > 0 {
		t.Errorf("for another account: %v, %d writes", err, len(aws.Writes()))
	}
	must(t, run(script))
	leaves(t, 0, plan...)

	file := filepath.Join(t.TempDir(), "policies.yml")
	advice := append([]string{"recommend", "--latency=25m", "--endpoints.include=diffusion|tts-redeployed", "--output=" + file}, joining(aws)...)
	must(t, run(leaves(t, 0, append(advice, "--format=cli")...).out))
	leaves(t, 0, append([]string{"plan", "--config.file=" + file}, joining(aws)...)...)
}

// The proposed scheduled actions as commands are carried out by the AWS CLI, and AWS has them then.
func TestSchedule_asCommandsIsCarriedOutByTheCLI(t *testing.T) {
	t.Parallel()
	now := time.Now()
	aws, err := awssim.StartDemo(awssim.Options{Clock: fleet.Clock{Machine: now, Shown: now, Speed: 1}, Days: true})
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	script := leaves(t, 0, append([]string{"recommend", "invoices-morning", "--schedule", "--format=cli"}, joining(aws)...)...).out
	shell := exec.CommandContext(t.Context(), "sh")
	shell.Stdin, shell.Env = strings.NewReader(script), append(os.Environ(), aws.Env()...)
	if said, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	var names []string
	for _, write := range aws.Writes() {
		names = append(names, write.Operation)
	}
	if len(names) != 2 || names[0] != "ApplicationAutoScaling.PutScheduledAction" {
		t.Errorf("%v", names)
	}
}
