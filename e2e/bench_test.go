//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
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
func account(b *testing.B, endpoints int) *awssim.Server {
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

// BenchmarkFleet is a fleet of 500 endpoints: what a steady refresh of the queue metrics costs, what a sweep of the
// scaling state asks, and how much memory the process has while it is scraped.
func BenchmarkFleet(b *testing.B) {
	const refreshes, interval = 6, 10 * time.Second
	server := account(b, 500)
	config := filepath.Join(b.TempDir(), "config.yml")
	// Everything but the queue is asked once, so that between two looks nothing but the queue is asked.
	text := fmt.Sprintf("scopes: [{region: us-east-1}]\npolling: {queue: %s, instances: 12h, scaling: 12h}\n", interval)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	e := start(b, server.Env(), "--config.file="+config)
	e.eventually("whole", time.Minute, func() error {
		if value(e.metrics(), "sagemaker_async_up{") != 1 {
			return fmt.Errorf("up is not 1")
		}
		return nil
	})
	sweep := 0
	for call, n := range server.Calls() {
		if strings.HasPrefix(call, "ApplicationAutoScaling.") || call == "CloudWatch.DescribeAlarms" {
			sweep += n
		}
	}
	server.ResetCalls()
	began := e.cpu()
	for server.Calls()["CloudWatch.GetMetricData"] < refreshes*4 {
		time.Sleep(interval / 10)
	}
	time.Sleep(interval / 2) // the last answers are taken in
	busy, calls := e.cpu()-began, 0
	for _, n := range server.Calls() {
		calls += n
	}
	page := ""
	for range 10 {
		page = e.metrics()
	}
	b.ReportMetric(0, "ns/op") // one run is no rate
	b.ReportMetric(float64(calls)/refreshes, "calls/refresh")
	b.ReportMetric(value(page, `sagemaker_async_exporter_source_duration_seconds{account_id="111122223333",region="us-east-1",source="metrics"}`), "s/refresh")
	b.ReportMetric(float64(busy.Milliseconds())/refreshes, "cpu-ms/refresh")
	b.ReportMetric(float64(sweep), "calls/sweep")
	b.ReportMetric(value(page, "process_resident_memory_bytes")/(1<<20), "MiB-resident")
	b.ReportMetric(float64(strings.Count(page, "\nsagemaker_async_")), "series")
}

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
