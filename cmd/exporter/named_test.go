package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
)

// Who names an endpoint is answered about it, though the endpoints cannot be listed, and is told that.
func TestCommands_readNamedEndpointsThoughTheListFails(t *testing.T) {
	for _, command := range []string{"plan e", "apply e", "explain e"} {
		for name, fault := range map[string]awssim.Fault{
			"denied": {Code: "AccessDeniedException"}, "throttled": {Code: "ThrottlingException"}, "hung": {Break: awssim.Hang},
		} {
			synctest.Test(t, func(t *testing.T) {
				a := awstest.New(t, "e", "f")
				var once sync.Once
				a.Before = func(_ string, n int) {
					if n >= 2 { // it is connected
						once.Do(func() { a.AWS.SetFault("SageMaker.ListEndpoints", fault) })
					}
				}
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
