//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkFirstData is how long it takes from the start of the process until the queue of every endpoint is there, and
// until the instances of those with a queue are; and until all are described. It prints the table of docs/performance.md.
func BenchmarkFirstData(b *testing.B) {
	b.Log("| endpoints, latency | with a queue | every queue | instances where there is a queue | all described |")
	for _, of := range []struct {
		endpoints int
		latency   time.Duration
	}{{100, 0}, {500, latency}, {5000, latency}} {
		b.Run(fmt.Sprintf("%d/%s", of.endpoints, of.latency), func(b *testing.B) { firstData(b, of.endpoints, of.latency) })
	}
}

func firstData(b *testing.B, endpoints int, latency time.Duration) {
	server := accountAfter(b, endpoints, latency)
	began := time.Now()
	e := begin(b, server.Env())
	var queues, states, whole time.Duration
	queued := 0
	e.eventually("whole", 15*time.Minute, func() error {
		asked := time.Now()
		page, took := e.metrics(), time.Since(began)
		defer func() { time.Sleep(4 * time.Since(asked)) }()      // a page may be large: reading it is not to slow down what is measured
		backlogs, running := map[string]bool{}, map[string]bool{} // of endpoints; with a queue
		for line := range strings.Lines(page) {
			name, rest, _ := strings.Cut(strings.TrimPrefix(line, "sagemaker_async_"), "{")
			_, rest, _ = strings.Cut(rest, `endpoint_name="`)
			endpoint, rest, _ := strings.Cut(rest, `"`)
			switch name {
			case "backlog_requests":
				backlogs[endpoint] = !strings.HasSuffix(rest, " 0\n")
			case "instances_current":
				running[endpoint] = true
			}
		}
		queued = 0
		undescribed := 0
		for endpoint, waits := range backlogs {
			if waits {
				queued++
				if !running[endpoint] {
					undescribed++
				}
			}
		}
		if queues == 0 && len(backlogs) == endpoints {
			queues = took
		}
		if states == 0 && queues > 0 && undescribed == 0 {
			states = took
		}
		if value(page, "sagemaker_async_up{") != 1 {
			return fmt.Errorf("%d of %d queues, %d of %d are described", len(backlogs), endpoints, len(running), endpoints)
		}
		whole = took
		return nil
	})
	if strings.Contains(e.log.String(), "level=warn") {
		b.Errorf("it warns:\n%s", e.log)
	}
	b.Logf("| %d, %s | %.0f %% | %.1f s | %.1f s | %.0f s |", endpoints, latency, 100*float64(queued)/float64(endpoints), queues.Seconds(), states.Seconds(), whole.Seconds())
	b.ReportMetric(0, "ns/op") // one run is no rate
	b.ReportMetric(queues.Seconds(), "queues-s")
	b.ReportMetric(states.Seconds(), "states-s")
	b.ReportMetric(whole.Seconds(), "whole-s")
}
