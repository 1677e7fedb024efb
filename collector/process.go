package collector

import (
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/version"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// The metrics of the process count as things happen; the table declares them like all others.
var processMetrics = []Metric{
	awsRequests, awsDuration, maxStaleness, monthlyBudget, throttled, reloadGood, reloadTime, buildInfo,
}

var (
	awsRequests = Metric{
		Name: "exporter_aws_requests_total", Type: Counter, Labels: []string{"service", "operation", "code"},
		Help: "Requests sent to AWS, retries included, by how they ended.", From: "every operation",
	}
	awsDuration = Metric{
		Name: "exporter_aws_request_duration_seconds", Type: Histogram, Labels: []string{"service", "operation"},
		Help: "Seconds from sending a request to AWS to the end of the answer, retries each by itself.", From: "every operation",
	}
	maxStaleness = Metric{
		Name: "exporter_max_staleness_seconds", Type: Gauge,
		Help: "Age in seconds beyond which knowledge is no longer shown, unless three intervals are longer (polling.maxStaleness).", From: "the configuration",
	}
	monthlyBudget = Metric{
		Name: "exporter_monthly_budget_dollars", Type: Gauge,
		Help: "Dollars that CloudWatch's metrics may cost in a month over all scopes; 0 is no budget (polling.monthlyBudgetDollars).", From: "the configuration",
	}
	throttled = Metric{
		Name: "exporter_throttled_threshold_ratio", Type: Gauge,
		Help: "Ratio of throttled calls of an AWS operation to all of half an hour above which they are an alert (thresholds.throttledRatio).", From: "the configuration",
	}
	reloadGood = Metric{
		Name: "exporter_config_last_reload_successful", Type: Gauge,
		Help: "1 if the configuration was good when it was last read, 0 if not and the one before it stays in force.", From: "the configuration",
	}
	reloadTime = Metric{
		Name: "exporter_config_last_reload_success_timestamp_seconds", Type: Gauge,
		Help: "When a good configuration was last read, in Unix seconds.", From: "the configuration",
	}
	buildInfo = Metric{
		Name: "exporter_build_info", Type: Gauge,
		Labels: []string{"branch", "goarch", "goos", "goversion", "revision", "tags", "version"},
		Help:   "Always 1; says which program this is.", From: "the build",
	}
)

// pageEnd ends every page, see paging.PageEnd.
var pageEnd = Metric{
	Name: strings.TrimPrefix(paging.PageEnd, Prefix), Type: Gauge,
	Help: "Always 1, and the last series of the page: a page without it was cut.", From: "the page",
}

// family is the metric with its one series, of 1.
func (m Metric) family() *dto.MetricFamily {
	name, kind, one := m.FullName(), dto.MetricType_GAUGE, 1.0
	return &dto.MetricFamily{Name: &name, Help: &m.Help, Type: &kind, Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: &one}}}}
}

// ProcessMetrics are the metrics of the process itself. It is a prometheus.Collector and may be used by many
// goroutines.
type ProcessMetrics struct {
	requests   *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	staleness  *prometheus.GaugeVec
	budget     *prometheus.GaugeVec
	throttled  *prometheus.GaugeVec
	reloadGood *prometheus.GaugeVec
	reloadTime *prometheus.GaugeVec
	build      *prometheus.GaugeVec
}

// NewProcess returns the metrics of a process that has done nothing yet.
func NewProcess() *ProcessMetrics {
	// Vectors even where there are no labels: until something is known of them they show nothing, where a plain gauge
	// would show a made-up 0.
	gauge := func(m Metric) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: m.FullName(), Help: m.Help}, m.Labels)
	}
	p := &ProcessMetrics{
		requests: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: awsRequests.FullName(), Help: awsRequests.Help}, awsRequests.Labels),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: awsDuration.FullName(), Help: awsDuration.Help,
			Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15}, // an attempt is given fifteen seconds
		}, awsDuration.Labels),
		staleness: gauge(maxStaleness), budget: gauge(monthlyBudget), throttled: gauge(throttled), reloadGood: gauge(reloadGood), reloadTime: gauge(reloadTime), build: gauge(buildInfo),
	}
	p.build.With(prometheus.Labels{
		"branch": version.Branch, "goarch": runtime.GOARCH, "goos": runtime.GOOS, "goversion": version.GoVersion,
		"revision": version.GetRevision(), "tags": version.GetTags(), "version": version.Version,
	}).Set(1)
	return p
}

// AWSCall counts one attempt of one AWS operation. A code that is no UTF-8 is mended: it comes from the other side of
// the network, and the vectors panic on it.
func (p *ProcessMetrics) AWSCall(service, operation, code string, took time.Duration) {
	service, operation, code = valid(service), valid(operation), valid(code)
	p.requests.WithLabelValues(service, operation, code).Inc()
	p.duration.WithLabelValues(service, operation).Observe(took.Seconds())
}

func valid(label string) string { return strings.ToValidUTF8(label, "\uFFFD") }

// ConfigReloaded notes that the configuration was read, and whether it was good.
func (p *ProcessMetrics) ConfigReloaded(err error, at time.Time) {
	if err != nil {
		p.reloadGood.WithLabelValues().Set(0)
		return
	}
	p.reloadGood.WithLabelValues().Set(1)
	p.reloadTime.WithLabelValues().Set(float64(at.UnixMilli()) / 1000)
}

// Configured notes how old knowledge may be shown, what CloudWatch may cost in a month, and which ratio of calls that AWS
// throttles is an alert.
func (p *ProcessMetrics) Configured(maxStaleness time.Duration, monthlyDollars, throttledRatio float64) {
	p.staleness.WithLabelValues().Set(maxStaleness.Seconds())
	p.budget.WithLabelValues().Set(monthlyDollars)
	p.throttled.WithLabelValues().Set(throttledRatio)
}

// Describe makes it a prometheus.Collector.
func (p *ProcessMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, vector := range p.vectors() {
		vector.Describe(ch)
	}
}

// Collect makes it a prometheus.Collector.
func (p *ProcessMetrics) Collect(ch chan<- prometheus.Metric) {
	for _, vector := range p.vectors() {
		vector.Collect(ch)
	}
}

// vectors are in the order of processMetrics.
func (p *ProcessMetrics) vectors() []prometheus.Collector {
	return []prometheus.Collector{p.requests, p.duration, p.staleness, p.budget, p.throttled, p.reloadGood, p.reloadTime, p.build}
}
