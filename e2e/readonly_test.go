//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awssim"
)

// sweeps is through how many looks at the whole scaling state nothing may be written.
const sweeps = 12

func TestServe_withoutReconcileWritesNothing(t *testing.T) {
	t.Parallel()
	aws := demoAt(t, hurried)
	e := start(t, nil, joining(aws, everyEndpoint)...)
	sweeping(e, aws)
	for range 3 {
		leaves(t, 2, joining(aws, everyEndpoint, "plan")...)
	}
	e.eventually("planning", soon, func() error {
		if steps := sum(e.metrics(), "sagemaker_async_plan_steps{"); steps == 0 {
			return errors.New("no step is planned: what is not carried out proves nothing")
		}
		return nil
	})
	if writes := aws.Writes(); len(writes) > 0 {
		t.Errorf("it wrote: %v", writes)
	}
}

func TestServe_reconcileWritesNothingThatIsNotSelected(t *testing.T) {
	t.Parallel()
	aws := demoAt(t, hurried)
	// The one that is selected matches its policy.
	e := start(t, nil, joining(aws, "--reconcile", "--reconcile.endpoints=ocr-nightly", "--reconcile.endpoints=no-such-endpoint")...)
	sweeping(e, aws)
	e.eventually("done with a sweep of what is selected", soon, func() error {
		page := e.metrics()
		if value(page, "sagemaker_async_reconcile_last_success_timestamp_seconds{") == 0 {
			return errors.New("no sweep has ended")
		}
		if selected := sum(page, "sagemaker_async_policy_selected{"); selected != 1 {
			return fmt.Errorf("%v variants are selected, want 1", selected)
		}
		return nil
	})
	if writes := aws.Writes(); len(writes) > 0 {
		t.Errorf("it wrote: %v", writes)
	}
}

// sweeping waits until the exporter has swept often enough.
func sweeping(e *exporter, aws *awssim.Server) {
	e.Helper()
	e.eventually("swept often enough", soon, func() error {
		if n := aws.Calls()["ApplicationAutoScaling.DescribeScheduledActions"]; n < sweeps {
			return fmt.Errorf("%d sweeps", n)
		}
		return nil
	})
}
