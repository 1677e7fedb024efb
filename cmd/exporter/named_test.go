package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/cycle"
)

// Who names an endpoint is answered about it, though the endpoints cannot be listed, and is told that.
func TestCommands_readNamedEndpointsThoughTheListFails(t *testing.T) {
	for _, command := range []string{"plan e", "apply e", "explain e"} {
		for name, fault := range map[string]awssim.Fault{
			"denied": {Code: "AccessDeniedException"}, "throttled": {Code: "ThrottlingException"}, "broken": {Code: "InternalFailure", Status: 500},
			"hung": {Break: awssim.Hang},
		} {
			synctest.Test(t, func(t *testing.T) {
				a := awstest.New(t, "e", "f")
				a.AWS.SetFault("SageMaker.ListEndpoints", fault)
				r := typed(t.Context(), t, a, command, nil)
				want := map[string]string{"plan": "Plan: 4 to create.", "apply": "Apply: 4 applied, 0 failed.\nNo changes.", "explain": "e "}[strings.Fields(command)[0]]
				if !strings.Contains(r.out, want) || strings.Contains(r.out, "source_failed") {
					t.Errorf("%s, the list is %s: status %d\n%s", command, name, r.status, r.said())
				}
				if command != "explain e" && (r.err == nil || !strings.Contains(r.err.Error(), "; only the endpoints that were named are read")) {
					t.Errorf("%s, the list is %s: it does not say so: %v", command, name, r.err)
				}
			})
		}
	}
}

// So do serve, and plan with a selection, of the endpoints that patterns name. Endpoints of the list are shown as long as it fails later.
func TestServe_reconcilesNamedEndpointsThoughTheListFails(t *testing.T) {
	for name, fault := range map[string]awssim.Fault{
		"denied": {Code: "AccessDeniedException"}, "broken": {Code: "InternalFailure", Status: 500}, "hung": {Break: awssim.Hang},
	} {
		for _, selection := range []string{"--reconcile.endpoints=e", "--reconcile.endpoints=.* --endpoints.include=e"} {
			synctest.Test(t, func(t *testing.T) {
				a := awstest.New(t, "e", "f")
				a.AWS.SetFault("SageMaker.ListEndpoints", fault)
				if r := typed(t.Context(), t, a, "plan "+selection, nil); !strings.Contains(r.out, "Plan: 4 to create.") || r.err == nil {
					t.Errorf("%s, the list is %s: status %d\n%s", selection, name, r.status, r.said())
				}
				board, end := serves(t, a, "serve --reconcile "+selection)
				defer end()
				time.Sleep(20 * time.Minute)
				synctest.Wait()
				if shown := shown(board); shown != "e" || !board.Set().Reports[0].Plan.Empty() || len(a.Objects()) == 0 {
					t.Errorf("%s, the list is %s: %q is shown; the plan is %+v", selection, name, shown, board.Set().Reports[0].Plan)
				}
				a.Allow("SageMaker.ListEndpoints")
				time.Sleep(2 * time.Minute)
				want := map[bool]string{true: "e", false: "e f"}[strings.Contains(selection, "include")]
				for _, fails := range []bool{false, true} {
					if fails {
						a.AWS.SetFault("SageMaker.ListEndpoints", fault)
						time.Sleep(5 * time.Minute)
					}
					synctest.Wait()
					if shown := shown(board); shown != want {
						t.Errorf("%s, the list is %s (%t): %q is shown", selection, name, fails, shown)
					}
				}
			})
		}
	}
}

// serves observes an account as serve does, until end.
func serves(t *testing.T, a *awstest.Account, line string) (board *cycle.Board, end func()) {
	t.Helper()
	_, o, err := parse(strings.Fields(line), io.Discard)
	awstest.Must(t, err)
	o.transport = a.Transport()
	cfg, err := o.config()
	awstest.Must(t, err)
	world, err := open(t.Context(), o)
	awstest.Must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	board = cycle.NewBoard()
	group := cycle.NewGroup(world.clock, board, log.NewNopLogger())
	awstest.Must(t, group.Start(ctx, scopesOf(cfg, world.aws, o.reconcile, cfg.Named()), cycleOptions(cfg, o, nil)))
	return board, func() {
		stop()
		group.Wait()
		world.close()
	}
}

// shown are the endpoints on a board.
func shown(board *cycle.Board) string {
	var names []string
	for _, e := range board.Set().Reports[0].Endpoints {
		names = append(names, e.Name)
	}
	return strings.Join(names, " ")
}

// In a large account the endpoints that were named come first.
func TestPlan_readsNamedEndpointsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range 60 {
			names = append(names, fmt.Sprintf("e%02d", i))
		}
		a := awstest.New(t, names...)
		a.AWS.SetFault("SageMaker.DescribeEndpoint", awssim.Fault{Delay: 9 * time.Second}) // 32 are described in time
		if r := typed(t.Context(), t, a, "plan e59", nil); !strings.Contains(r.out, "Plan: 4 to create.") {
			t.Errorf("status %d\n%s", r.status, r.said())
		}
	})
}
