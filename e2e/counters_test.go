//go:build e2e

package e2e

import (
	"fmt"
	"math"
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

// counterWorld is an AWS at a moment of its own, on a clock that runs sixty times as fast.
type counterWorld struct {
	*testing.T
	aws       *awssim.Server
	began     time.Time // of the machine
	world     time.Time // since when anything was published
	addresses [2]string // of the replicas
}

func newCounterWorld(t *testing.T, at time.Time) *counterWorld {
	t.Helper()
	w := &counterWorld{T: t, began: time.Now(), world: at.Add(-sim.DemoHistory), addresses: [2]string{freeAddress(t), freeAddress(t)}}
	world := sim.Demo(w.world)
	world.Advance(at)
	aws, err := awssim.Start(awssim.Options{Clock: fleet.Clock{Machine: w.began, Shown: at, Speed: 60}}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	w.aws = aws
	return w
}

// run starts a replica, which is scraped under the same name whenever it is started.
func (w *counterWorld) run(replica int, flags ...string) *exporter {
	w.Helper()
	return start(w.T, nil, append([]string{"--demo", "--demo.aws=" + w.aws.URL(), "--web.listen-address=" + w.addresses[replica]}, flags...)...)
}

// until waits for a moment of the AWS.
func (w *counterWorld) until(at time.Time) {
	for now := clockOf(w.aws); now.Before(at); now = clockOf(w.aws) {
		time.Sleep(at.Sub(now)/60 + time.Millisecond)
	}
}

// Two replicas observe one AWS. Through two restarts, ten minutes without CloudWatch and the loss of a replica, what
// Prometheus makes of each is what the AWS published, to the unit.
func TestCounters_areWhatWasPublished(t *testing.T) {
	t.Parallel()
	w := newCounterWorld(t, time.Date(2026, 3, 20, 12, 10, 0, 0, time.UTC))
	p := startPrometheus(t, w.addresses[:]...)

	a, b := w.run(0), w.run(1)
	time.Sleep(15 * aMinute)
	must(t, a.stop())
	time.Sleep(7 * aMinute)
	a = w.run(0)
	time.Sleep(8 * aMinute)
	w.aws.SetFault("CloudWatch.GetMetricData", awssim.Fault{Code: "ThrottlingException"})
	time.Sleep(10 * aMinute)
	w.aws.SetFault("CloudWatch.GetMetricData", awssim.Fault{})
	time.Sleep(10 * aMinute)
	must(t, a.stop())
	w.run(0)
	time.Sleep(8 * aMinute)
	b.kill()
	time.Sleep(15 * aMinute)

	p.holdsAgainst(w, time.Time{})
}

// Two replicas that read as often as they like are killed in the last hour of a month, while the month turns, while the
// counters are 0 and in the first hour of the new month. Prometheus sees each counter begin anew once, and what it makes
// of each replica is what was published in both months. With a Prometheus 3 in the environment that one looks on too.
func TestCounters_theTurnOfTheMonthIsOneReset(t *testing.T) {
	t.Parallel()
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	w := newCounterWorld(t, april.Add(-20*time.Minute))
	prometheuses := []*prometheus{startPrometheus(t, w.addresses[:]...)}
	if program := os.Getenv("PROMETHEUS_3"); program != "" {
		prometheuses = append(prometheuses, startPrometheusOf(t, program, w.addresses[:]...))
	} else {
		t.Log("PROMETHEUS_3 names no Prometheus 3: make e2e-prometheus3 and make e2e-long build one")
	}
	often, seldom := metricsEach(t, "1m"), metricsEach(t, "7m")
	a, b := w.run(0, often), w.run(1, seldom)
	for _, step := range []struct {
		minutes int
		replica **exporter
		index   int
		flags   string
	}{{-6, &a, 0, seldom}, {11, &b, 1, seldom}, {24, &a, 0, often}, {38, &b, 1, often}, {47, &a, 0, seldom}} {
		w.until(april.Add(time.Duration(step.minutes) * time.Minute))
		(*step.replica).kill()
		*step.replica = w.run(step.index, step.flags)
	}
	w.until(april.Add(62 * time.Minute))
	for _, p := range prometheuses {
		p.holdsAgainst(w, april)
	}
}

// metricsEach is the flag of a configuration file that reads counters so often.
func metricsEach(t *testing.T, interval string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yml")
	must(t, os.WriteFile(file, fmt.Appendf(nil, "polling: {metrics: %s}\n", interval), 0o600))
	return "--config.file=" + file
}

// course is what Prometheus saw of one variant on one replica, by series.
type course map[string][]float64

// holdsAgainst compares what Prometheus made of each replica's counters with what was published between the first page
// that it saw of it and the last. If a month turned, each counter that was not 0 began anew once, and at 0.
func (p *prometheus) holdsAgainst(w *counterWorld, turn time.Time) {
	p.Helper()
	courses, falls := p.courses(w.began, time.Now())
	if turn.IsZero() && falls > 0 {
		p.Errorf("the counters fell %d times", falls)
	}
	if len(courses) < 2*12 {
		p.Fatalf("only %d variants were seen on both replicas", len(courses))
	}
	increases, published, longest := map[string]float64{}, map[string]float64{}, time.Duration(0)
	for name, seen := range courses {
		_, variant, _ := strings.Cut(name, " ")
		first, last := map[string]float64{}, map[string]float64{}
		for series, values := range seen {
			first[series], last[series] = values[0], values[len(values)-1]
			increases[series] += p.grown(name+" "+series, values, !turn.IsZero())
		}
		since := w.world
		if !turn.IsZero() {
			since = turn
		}
		from, to := minuteOf(p.T, w.aws, w.world, variant, first), minuteOf(p.T, w.aws, since, variant, last)
		longest = max(longest, to.Sub(from))
		for series, sum := range truth(w.aws, variant, from, to) {
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
	if !turn.IsZero() && falls < 100 {
		p.Errorf("only %d counters began anew", falls)
	}
}

// courses are what Prometheus saw second by second, by "instance endpoint/variant", and how often a counter fell.
func (p *prometheus) courses(from, to time.Time) (courses map[string]course, falls int) {
	p.Helper()
	courses = map[string]course{}
	for _, total := range totals {
		for name, values := range p.overTime("sagemaker_async_"+total.series, from, to) {
			if courses[name] == nil {
				courses[name] = course{}
			}
			courses[name][total.series] = values
			for i := 1; i < len(values); i++ {
				if values[i] < values[i-1] {
					falls++
				}
			}
		}
	}
	return courses, falls
}

// grown is what Prometheus counts: after a fall, from 0. A counter falls once, and to 0, if the month turned.
func (p *prometheus) grown(name string, values []float64, turned bool) (sum float64) {
	p.Helper()
	falls := 0
	for i := 1; i < len(values); i++ {
		if values[i] >= values[i-1] {
			sum += values[i] - values[i-1]
			continue
		}
		sum += values[i]
		if falls++; falls > 1 || turned && values[i] != 0 {
			p.Errorf("%s fell from %v to %v", name, values[i-1], values[i])
		}
	}
	return sum
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

// byVariant are the totals that a page has, by "endpoint/variant" and series.
func byVariant(page string) map[string]map[string]float64 {
	shown := map[string]map[string]float64{}
	for _, total := range totals {
		for line := range strings.Lines(page) {
			if name := "sagemaker_async_" + total.series + "{"; strings.HasPrefix(line, name) {
				variant := label(line, "endpoint_name") + "/" + label(line, "variant_name")
				if shown[variant] == nil {
					shown[variant] = map[string]float64{}
				}
				shown[variant][total.series] = value(line, name)
			}
		}
	}
	return shown
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

// overTime evaluates an expression each second, and returns the values of each variant of each replica, by
// "instance endpoint/variant".
func (p *prometheus) overTime(expression string, from, to time.Time) map[string][]float64 {
	p.Helper()
	result, err := p.askRange(expression, from, to, 1)
	if err != nil {
		p.Fatal(err)
	}
	found := map[string][]float64{}
	for _, series := range result {
		variant := series.Metric["instance"] + " " + series.Metric["endpoint_name"] + "/" + series.Metric["variant_name"]
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
