// Command exporter exposes Amazon SageMaker asynchronous inference endpoints and the state of their scaling to
// Prometheus.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the whole program but for the process around it: it returns the exit status, and ends when the context does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command, o, err := parse(args, stdout)
	if err == nil {
		switch command {
		case commandCheckConfig:
			err = checkConfig(o, stdout)
		case commandServe:
			err = serve(ctx, o, stdout, stderr)
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}
