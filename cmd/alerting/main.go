// Command alerting pages through Alertmanagers without a Prometheus in between: it scrapes one exporter, evaluates the alert
// rules by Prometheus' own parts, and sends what fires with the reason in it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/sagemaker-async/exporter/internal/daemon"
)

func main() {
	daemon.CompleteVersion()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the whole program but for the process around it: it returns the exit status, and ends when the context does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, served, err := parse(args, stdout)
	if err == nil && served {
		err = serve(ctx, o, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}
