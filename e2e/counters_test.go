//go:build e2e

package e2e

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// aMinute is a minute of the demo, whose clock runs sixty times as fast.
const aMinute = time.Second

// totals are the series of counters, and what of CloudWatch they are the sum of, in which unit.
var totals = []struct {
	series    string
	metric    fleet.WorkMetric
	statistic string
	unit      float64 // in what the series counts
}{
	{"invocations_processed_total", fleet.InvocationsProcessed, "Sum", 1},
	{"invocation_failures_total", fleet.InvocationFailures, "Sum", 1},
	{"invocation_4xx_errors_total", fleet.Invocation4XXErrors, "Sum", 1},
	{"invocation_5xx_errors_total", fleet.Invocation5XXErrors, "Sum", 1},
	{"expired_requests_total", fleet.ExpiredRequests, "Sum", 1},
	{"request_download_failures_total", fleet.RequestDownloadFailures, "Sum", 1},
	{"response_upload_failures_total", fleet.ResponseUploadFailures, "Sum", 1},
	{"notification_failures_total", fleet.NotificationFailures, "Sum", 1},
	{"model_latency_seconds_sum", fleet.ModelLatency, "Sum", 1e-6},
	{"model_latency_seconds_count", fleet.ModelLatency, "SampleCount", 1},
	{"request_download_latency_seconds_count", fleet.RequestDownloadLatency, "SampleCount", 1},
	{"response_upload_latency_seconds_count", fleet.ResponseUploadLatency, "SampleCount", 1},
	{"time_in_backlog_seconds_sum", fleet.TimeInBacklog, "Sum", 1e-3},
	{"time_in_backlog_seconds_count", fleet.TimeInBacklog, "SampleCount", 1},
	{"total_processing_time_seconds_sum", fleet.TotalProcessingTime, "Sum", 1e-3},
	{"total_processing_time_seconds_count", fleet.TotalProcessingTime, "SampleCount", 1},
}

// Two replicas observe one AWS. Through two restarts, ten minutes without CloudWatch and the loss of a replica, what
// Prometheus makes of the two is what the AWS published, to the unit.
func TestCounters_areWhatWasPublished(t *testing.T) {
	began := time.Now()
	clock := fleet.Clock{Machine: began, Shown: time.Date(2026, 3, 20, 12, 10, 0, 0, time.UTC), Speed: 60}
	start0 := clock.Shown.Add(-sim.DemoHistory)
	world := sim.Demo(start0)
	world.Advance(clock.Shown)
	aws, err := awssim.Start(awssim.Options{Clock: clock}, world)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = aws.Close() })
	addresses := [2]string{freeAddress(t), freeAddress(t)}
	run := func(replica int) *exporter {
		return start(t, nil, "--demo", "--demo.aws="+aws.URL(), "--web.listen-address="+addresses[replica])
	}
	p := startPrometheus(t, addresses[:]...)

	a, b := run(0), run(1)
	time.Sleep(15 * aMinute)
	must(t, a.stop())
	time.Sleep(7 * aMinute)
	a = run(0)
	time.Sleep(8 * aMinute)
	aws.SetFault("CloudWatch.GetMetricData", awssim.Fault{Code: "ThrottlingException"})
	time.Sleep(10 * aMinute)
	aws.SetFault("CloudWatch.GetMetricData", awssim.Fault{})
	time.Sleep(10 * aMinute)
	must(t, a.stop())
	run(0)
	time.Sleep(8 * aMinute)
	b.kill()
	time.Sleep(15 * aMinute)

	p.holdsAgainst(aws, start0, began, time.Now())
}

// holdsAgainst compares what Prometheus saw from began to ended with what was published since the world began.
func (p *prometheus) holdsAgainst(aws *awssim.Server, world, began, ended time.Time) {
	p.Helper()
	increases, falls := map[string]float64{}, 0
	first, last := map[string]map[string]float64{}, map[string]map[string]float64{} // by variant, then series
	for _, total := range totals {
		for variant, values := range p.overTime("max without (instance) (sagemaker_async_"+total.series+")", began, ended) {
			if first[variant] == nil {
				first[variant], last[variant] = map[string]float64{}, map[string]float64{}
			}
			first[variant][total.series], last[variant][total.series] = values[0], values[len(values)-1]
			for i := 1; i < len(values); i++ {
				step := values[i] - values[i-1]
				if step < 0 { // as Prometheus counts: from 0
					step = values[i]
					falls++
				}
				increases[total.series] += step
			}
		}
	}
	if falls > 0 {
		p.Errorf("the counters fell %d times", falls)
	}
	if len(first) < 12 {
		p.Fatalf("only %d variants were seen", len(first))
	}
	published, longest := map[string]float64{}, time.Duration(0)
	for variant := range first {
		from, to := minuteOf(p.T, aws, world, variant, first[variant]), minuteOf(p.T, aws, world, variant, last[variant])
		longest = max(longest, to.Sub(from))
		for series, sum := range truth(aws, variant, from, to) {
			published[series] += sum
		}
	}
	for _, total := range totals {
		p.Logf("%-45s increase %14.6f, published %14.6f", total.series, increases[total.series], published[total.series])
		if math.Abs(increases[total.series]-published[total.series]) > 1e-6*math.Max(1, published[total.series]) {
			p.Errorf("%s differs", total.series)
		}
	}
	if longest < 40*time.Minute || published["invocations_processed_total"] < 100 {
		p.Errorf("too little happened to prove anything: %s", longest)
	}
}

// minuteOf is the minute up to which all totals of a variant are those that were published.
func minuteOf(t *testing.T, aws *awssim.Server, world time.Time, variant string, values map[string]float64) time.Time {
	t.Helper()
	minute, ok := minuteIn(aws, world, variant, values)
	if !ok {
		t.Fatalf("%s: the values are those of no minute: %v", variant, values)
	}
	return minute
}

func clockOf(aws *awssim.Server) (now time.Time) {
	aws.Do("us-east-1", func(w *sim.World) { now = w.Now() })
	return now
}

// truth is what was published of a variant in a stretch of time, by series.
func truth(aws *awssim.Server, variant string, from, to time.Time) map[string]float64 {
	sums := map[string]float64{}
	endpoint, name, _ := strings.Cut(variant, "/")
	aws.Do("us-east-1", func(w *sim.World) {
		for _, total := range totals {
			sum := 0.0
			for _, point := range w.Published(total.metric.Of(fleet.VariantDimensions(endpoint, name)), total.statistic, from, to) {
				sum += point.Value
			}
			sums[total.series] = sum * total.unit
		}
	})
	return sums
}

// overTime evaluates an expression each second, and returns the values of each variant, as "endpoint/variant".
func (p *prometheus) overTime(expression string, from, to time.Time) map[string][]float64 {
	p.Helper()
	result, err := p.askRange(expression, from, to, 1)
	if err != nil {
		p.Fatal(err)
	}
	found := map[string][]float64{}
	for _, series := range result {
		variant := series.Metric["endpoint_name"] + "/" + series.Metric["variant_name"]
		for _, pair := range series.Values {
			value, err := strconv.ParseFloat(fmt.Sprint(pair[1]), 64)
			if err != nil {
				p.Fatal(err)
			}
			found[variant] = append(found[variant], value)
		}
	}
	return found
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
