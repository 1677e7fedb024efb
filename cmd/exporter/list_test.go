package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// watched runs list --watch until the context ends, and returns its status and what it has printed.
func watched(ctx context.Context, t *testing.T, a *awstest.Account, screen bool, args ...string) (status int, printed string, err error) {
	t.Helper()
	_, o, err := parse(append([]string{commandList, "--watch"}, args...), io.Discard)
	awstest.Must(t, err)
	o.transport = a.Transport()
	var out strings.Builder
	var stdout io.Writer = &out
	if screen {
		stdout = &terminal.Screen{Out: &out, Size: func() (int, int) { return 80, 24 }}
	}
	status, err = execute(ctx, commandList, o, stdout, io.Discard)
	return status, out.String(), err
}

// The list is drawn over the last one as time goes on, follows what happens, and ends with what it showed last.
func TestListWatch_drawsUntilItIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := awstest.New(t, "e", "f")
		time.Sleep(10 * time.Minute)
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Minute, func() {
			a.Do(func(w *sim.World) { awstest.Must(t, addEndpoint(w, "late")) })
		})
		time.AfterFunc(30*time.Minute, stop)
		status, printed, err := watched(ctx, t, a, true)
		pages := strings.Split(printed, "\x1b[H")[1:]
		if err != nil || len(pages) < 300 {
			t.Fatalf("status %d, %v, %d pages\n%s", status, err, len(pages), printed)
		}
		first, last := pages[0], pages[len(pages)-1]
		if strings.Contains(first, "late") || !strings.Contains(last, "late") || !strings.Contains(last, " 3 endpoints") {
			t.Errorf("the first page:\n%s\nthe last:\n%s", first, last)
		}
		if needs := strings.Contains(last, "need you") || strings.Contains(last, "1 of 3 endpoints needs you"); needs != (status == statusAttention) {
			t.Errorf("status %d after\n%s", status, last)
		}
	})
}

// What is no terminal gets a list when something has changed, and no control characters.
func TestListWatch_printsOneBelowTheOtherIntoAPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := awstest.New(t, "e")
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Minute, stop)
		_, printed, err := watched(ctx, t, a, false)
		if n := strings.Count(printed, ", as of "); err != nil || n < 2 || n > 60 || strings.Contains(printed, "\x1b") {
			t.Errorf("%d lists, %v\n%s", n, err, printed)
		}
	})
}

func TestListWatch_toldToEndBeforeItHasSeenAnythingIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := awstest.New(t, "e")
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if status, printed, err := watched(ctx, t, a, true); err == nil || err.Error() != "interrupted" || printed != "" {
			t.Errorf("status %d, %v, %q", status, err, printed)
		}
	})
}

// One look that is told to end says that, and shows nothing that it has not read.
func TestCommands_toldToEndAreInterrupted(t *testing.T) {
	for _, command := range []string{"list", "plan e", "explain e", "recommend e --latency=10m", "simulate e --latency=10m"} {
		synctest.Test(t, func(t *testing.T) {
			a := awstest.New(t, "e")
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			a.Before = func(_ string, n int) {
				if n == 3 {
					stop()
				}
			}
			name, o, err := parse(strings.Fields(command), io.Discard)
			awstest.Must(t, err)
			o.transport = a.Transport()
			var out strings.Builder
			status, err := execute(ctx, name, o, &out, io.Discard)
			if err == nil || err.Error() != "interrupted" || status != 0 || out.String() != "" {
				t.Errorf("%s: status %d, %v\n%s", command, status, err, out.String())
			}
		})
	}
}
