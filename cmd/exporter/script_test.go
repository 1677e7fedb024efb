package main

import (
	"context"
	"errors"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// TestMain runs the scripts with the program of the directory $BUILT, as make test has built it: under the race detector
// each of several hundred starts would take five times as long. Without $BUILT this binary is the program.
func TestMain(m *testing.M) {
	if built := os.Getenv("BUILT"); built != "" {
		if err := os.Setenv("PATH", built+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
			panic(err)
		}
		os.Exit(m.Run())
	}
	testscript.Main(m, map[string]func(){
		program: func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
		},
	})
}

// morning is when each script begins, on the clock of its embedded AWS. What the demo has done by then depends on the time of day.
var morning = time.Date(2026, time.March, 2, 10, 23, 20, 0, time.UTC)

// TestScripts runs the command line as a user does. Each script finds an embedded AWS of its own at $AWS, which it may
// change, an address that is taken at $TAKEN, and what answers as the alerting command does at $ALERTING.
func TestScripts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	site := httptest.NewServer(alertingSite())
	t.Cleanup(site.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			aws, err := awssim.StartDemo(awssim.Options{Clock: fleet.Clock{Machine: time.Now(), Shown: morning, Speed: 1}})
			if err != nil {
				return err
			}
			env.Defer(func() { _ = aws.Close() })
			env.Setenv("AWS", aws.URL())
			env.Setenv("TAKEN", taken.Addr().String())
			env.Setenv("ALERTING", site.URL)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return nil
		},
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// exits runs a program like exec and wants that very exit status: exits 2 sagemaker-async-exporter plan.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM [ARGUMENT...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	status := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		status = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("running %s: %v", args[1], err)
	}
	if want := args[0]; strconv.Itoa(status) != want {
		ts.Fatalf("exit status %d, want %s", status, want)
	}
}
