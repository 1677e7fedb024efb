// Command exporter exposes Amazon SageMaker asynchronous inference endpoints and the state of their scaling to
// Prometheus, and enforces the documented scaling policies if asked.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/prometheus/common/version"

	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// gcPercent is how much garbage there may be beside what is in use. What is in use is small, ten megabytes for 500
// endpoints, and rendering a page leaves as much garbage: by Go's default of 100 half of the memory would be garbage.
const gcPercent = 25

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	daemon.CompleteVersion()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the whole program but for the process around it: it returns the exit status, and ends when the context does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	status := 0
	command, o, err := parse(args, stdout)
	if o.people(command) {
		stdout = screenOf(stdout)
		_, o.screen = stdout.(*terminal.Screen)
	}
	if err == nil {
		switch offline := o.snapshot.file != ""; {
		case offline && command == commandPlan:
			err = computed(ctx, func() (err error) { status, err = planOffline(o, stdout); return err })
		case offline && command == commandExplain:
			err = computed(ctx, func() (err error) { status, err = explainOffline(o, stdout); return err })
		default:
			status, err = execute(ctx, command, o, stdout, stderr)
		}
	}
	if err != nil {
		if interrupted := (*interruptedError)(nil); command != commandServe && ctx.Err() != nil && !errors.As(err, &interrupted) {
			err = &interruptedError{} // its causes are of no use to anybody
		}
		fmt.Fprintln(screenOf(stderr), err)
		return 1
	}
	return status
}

// computed does what does not look at its context, because it only computes. Its end is not waited for once the context has
// ended.
func computed(ctx context.Context, compute func() error) error {
	done := make(chan error, 1)
	go func() { done <- compute() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// execute carries out a command.
func execute(ctx context.Context, command string, o options, stdout, stderr io.Writer) (status int, err error) {
	switch command {
	case commandPlan:
		status, err = planOnce(ctx, o, stdout, stderr)
	case commandApply:
		status, err = applyOnce(ctx, o, stdout, stderr)
	case commandList:
		status, err = listOnce(ctx, o, stdout, stderr)
	case commandExplain:
		status, err = explainOnce(ctx, o, stdout, stderr)
	case commandRecommend:
		if o.recommend.endpoint == "" {
			err = recommendFleet(ctx, o, stdout, stderr)
		} else {
			err = recommend(ctx, o, stdout, stderr)
		}
	case commandSimulate:
		err = simulateOnce(ctx, o, stdout, stderr)
	case commandCheckConfig:
		err = computed(ctx, func() error { return checkConfig(o, stdout) })
	case commandIAMPolicy:
		err = iamPolicy(o, stdout)
	case commandAlerts:
		status, err = alerts(ctx, o.alerting, o.json, stdout)
	case commandServe:
		err = serve(ctx, o, stdout, stderr)
	case commandSnapshot:
		err = snapshotOnce(ctx, o, stdout, stderr)
	case commandVersion:
		_, err = fmt.Fprintln(stdout, version.Print(program))
	}
	return status, err
}
