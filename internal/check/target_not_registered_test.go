package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/plan"
)

func TestTargetNotRegistered(t *testing.T) {
	seen := func(f *fixture) { f.seen = true }
	deploying := func(f *fixture) { f.endpoint.LastModified = noon.Add(-5 * time.Minute) }
	updating := func(f *fixture) { f.endpoint.Status = "Updating" }
	objective := func(f *fixture) { f.latency = time.Hour }
	table(t, "target_not_registered",
		row{"registered", nil, Info, false, nil},
		row{"registered, selected", changes(selected), Critical, false, nil},
		row{"never registered", changes(unregistered), Info, true, []string{`"v"`, "2 instances", "Register the target"}},
		row{"selected", changes(unregistered, planned(plan.ScalableTarget)), Critical, true, []string{"--reconcile"}},
		row{"seen before", changes(unregistered, seen), Critical, true, []string{"lost"}},
		row{"during a deployment", changes(unregistered, seen, deploying), Info, true, nil},
		row{"while it is updated", changes(unregistered, selected, updating), Info, true, nil},
		row{"at zero, and nothing is queued", changes(unregistered, instancesRun(0)), Info, true, []string{"expire"}},
		row{"at zero with a queue", changes(unregistered, instancesRun(0), queued(3, time.Minute), updating), Critical, true, nil},
		row{"the queue is old", changes(unregistered, objective, queued(120, 2*time.Hour)), Warning, true, nil},
		row{"the queue is young", changes(unregistered, objective, queued(120, time.Minute)), Info, true, nil},
	)
}
