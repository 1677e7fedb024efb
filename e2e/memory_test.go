//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// What Go's runtime is told to keep within does not count what the machine holds of the program file itself: that is why
// docs/systemd.md has two figures.
func TestServe_keepsWithinAMemoryLimit(t *testing.T) {
	t.Parallel()
	const endpoints, limit = 500, 64 << 20
	now := time.Now()
	world := sim.Fleet(fleet.Scope{AccountID: "111122223333", Region: region}, now.Add(-time.Hour), endpoints, 1)
	world.Advance(now)
	aws, err := awssim.Start(awssim.Options{Clock: fleet.Clock{Machine: now, Shown: now, Speed: 20}}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	e := start(t, []string{"GOMEMLIMIT=64MiB"}, joining(aws)...)
	e.eventually("whole", soon, func() error { return whole(e, endpoints) })
	calls := aws.Calls()["CloudWatch.GetMetricData"]
	highest, managed := 0.0, 0.0
	e.eventually("refreshed some times", soon, func() error {
		page := e.metrics()
		highest = max(highest, value(page, "process_resident_memory_bytes "))
		managed = max(managed, value(page, "go_memstats_sys_bytes ")-value(page, "go_memstats_heap_released_bytes "))
		if n := aws.Calls()["CloudWatch.GetMetricData"]; n < calls+40 {
			return fmt.Errorf("%d calls", n-calls)
		}
		return nil
	})
	page := e.metrics()
	if got := value(page, "go_gc_gomemlimit_bytes "); got != limit {
		t.Errorf("the runtime's limit is %v", got)
	}
	t.Logf("500 endpoints with GOMEMLIMIT=64MiB: at most %.0f MiB managed by Go, %.0f MiB resident", managed/(1<<20), highest/(1<<20))
	if managed > 1.25*limit {
		t.Errorf("Go manages %.0f MiB", managed/(1<<20))
	}
}

// whole tells what is missing until every endpoint is known and nothing is down.
func whole(e *exporter, endpoints int) error {
	page := e.metrics()
	if n := count(page, "sagemaker_async_endpoint_info{"); n != endpoints || value(page, "sagemaker_async_up{") != 1 {
		return fmt.Errorf("%d endpoints, up is %v", n, value(page, "sagemaker_async_up{"))
	}
	return nil
}
