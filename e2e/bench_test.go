//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// latency is how long the embedded AWS takes for each answer.
const latency = 50 * time.Millisecond

// account serves a fleet from this process, so that the exporter's own process is measured alone.
func account(b testing.TB, endpoints int) *awssim.Server {
	b.Helper()
	return accountAfter(b, endpoints, latency)
}

// accountAfter is an account that takes so long for each answer.
func accountAfter(b testing.TB, endpoints int, latency time.Duration) *awssim.Server {
	b.Helper()
	world := sim.Fleet(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, time.Now().Add(-time.Hour), endpoints, 1)
	world.Advance(time.Now())
	server, err := awssim.Start(awssim.Options{Now: time.Now, Latency: latency}, world)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Close() })
	return server
}

// BenchmarkReady is the time from the start of the process until it is ready, for ten endpoints.
func BenchmarkReady(b *testing.B) {
	server := account(b, 10)
	for b.Loop() {
		e := start(b, server.Env())
		if err := e.stop(); err != nil {
			b.Fatal(err)
		}
	}
}

// sizes are of the fleets that are measured. The largest takes minutes to be described at 20 endpoints a second.
var sizes = []int{10, 100, 500, 1000, 5000}

// BenchmarkFleet is what a fleet costs: refreshes of the queue metrics alone, and of all that CloudWatch is asked; a sweep
// of the scaling state; a scrape; memory. Beside the calls stands the least that can be: 500 queries to a call. At the
// end it prints how the figures grow from 500 to 5,000 endpoints: 1 is linear.
func BenchmarkFleet(b *testing.B) {
	measured := map[int]map[string]float64{}
	for _, endpoints := range sizes {
		b.Run(fmt.Sprint(endpoints), func(b *testing.B) { measured[endpoints] = measure(b, endpoints) })
	}
	small, large := measured[500], measured[5000]
	if small == nil || large == nil {
		return
	}
	for _, figure := range slices.Sorted(maps.Keys(small)) {
		b.Logf("%-24s grows with an exponent of %.2f", figure, math.Log10(large[figure]/small[figure]))
	}
}

func measure(b *testing.B, endpoints int) map[string]float64 {
	const refreshes, interval, slowly = 6, 10 * time.Second, 2 * time.Minute
	server := account(b, endpoints)
	config := filepath.Join(b.TempDir(), "config.yml")
	// The rest is asked once, so that in what follows CloudWatch alone is asked.
	text := fmt.Sprintf("scopes: [{region: us-east-1}]\npolling: {queue: %s, metrics: %s, instances: 50m, scaling: 12h}\n", interval, slowly)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	e := begin(b, server.Env(), "--config.file="+config)
	e.eventually("whole", 15*time.Minute, func() error {
		if value(e.metrics(), "sagemaker_async_up{") != 1 {
			return fmt.Errorf("up is not 1")
		}
		return nil
	})
	figures := map[string]float64{}
	for call, n := range server.Calls() {
		if strings.HasPrefix(call, "ApplicationAutoScaling.") || call == "CloudWatch.DescribeAlarms" {
			figures["calls/sweep"] += float64(n)
		}
	}
	window := func() (cpu time.Duration, calls, billed float64) {
		server.ResetCalls()
		before, began := value(e.metrics(), billedName), e.cpu()
		time.Sleep(refreshes * interval)
		cpu = e.cpu() - began
		return cpu, float64(server.Calls()["CloudWatch.GetMetricData"]), value(e.metrics(), billedName) - before
	}
	// The second half of an interval is quiet; then comes a refresh, which is taken in within the first half.
	time.Sleep(time.Until(time.Now().Truncate(slowly).Add(slowly + slowly/2 - interval/2)))
	queue, queueCalls, queueBilled := window()
	all, allCalls, allBilled := window()
	metrics := all - queue
	figures["queue-calls"] = queueCalls / refreshes
	figures["queue-calls-least"] = math.Ceil(float64(4*endpoints) / 500)
	figures["queue-billed"] = queueBilled / refreshes
	figures["queue-cpu-ms"] = float64(queue.Milliseconds()) / refreshes
	figures["metrics-calls"] = allCalls - queueCalls
	figures["metrics-billed"] = allBilled - queueBilled
	figures["all-cpu-ms"] = figures["queue-cpu-ms"] + float64(metrics.Milliseconds())

	const scrapes = 50
	cpu, size, took := e.cpu(), 0, make([]time.Duration, scrapes)
	for i := range took {
		began := time.Now()
		page, err := e.get("/metrics", "Accept-Encoding", "gzip", "Accept", "application/openmetrics-text;version=1.0.0")
		if err != nil {
			b.Fatal(err)
		}
		size, took[i] = len(page), time.Since(began)
	}
	slices.Sort(took) // most of them found the page ready; at least the first rendered it
	figures["scrape-ms"] = took[scrapes/2].Seconds() * 1000
	figures["scrape-rendered-ms"] = took[scrapes-1].Seconds() * 1000
	figures["scrape-cpu-ms"] = float64((e.cpu() - cpu).Milliseconds()) / scrapes
	figures["scrape-KiB"] = float64(size) / (1 << 10)
	page := e.metrics()
	figures["MiB-resident"] = value(page, "process_resident_memory_bytes") / (1 << 20)
	figures["series"] = float64(strings.Count(page, "\nsagemaker_async_"))
	figures["queue-s"] = value(page, `sagemaker_async_exporter_source_duration_seconds{account_id="111122223333",region="us-east-1",source="metrics"}`)
	b.ReportMetric(0, "ns/op") // one run is no rate
	for unit, figure := range figures {
		b.ReportMetric(figure, unit)
	}
	return figures
}

const billedName = "sagemaker_async_exporter_cloudwatch_metrics_billed_total{"

// cpu is the processor time that the exporter has had, in steps of ten milliseconds.
func (e *exporter) cpu() time.Duration {
	e.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", e.process.Pid))
	if err != nil {
		e.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// value is that of the first series that begins like this; 0 when there is none.
func value(page, begin string) float64 {
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, begin) {
			v, _ := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]), 64)
			return v
		}
	}
	return 0
}
