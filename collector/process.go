package collector

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/version"

	"runtime"
)

// The metrics of the process count as things happen; the table declares them like all others.
var processMetrics = []Metric{
	awsRequests, awsDuration, maxStaleness, reloadGood, reloadTime, buildInfo,
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

// ProcessMetrics are the metrics of the process itself. It is a prometheus.Collector and may be used by many
// goroutines.
type ProcessMetrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	gauges   map[string]prometheus.Gauge
}

// NewProcess returns the metrics of a process that has done nothing yet.
func NewProcess() *ProcessMetrics {
	gauge := func(m Metric) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: m.FullName(), Help: m.Help})
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: buildInfo.FullName(), Help: buildInfo.Help,
		ConstLabels: prometheus.Labels{
			"branch": version.Branch, "goarch": runtime.GOARCH, "goos": runtime.GOOS, "goversion": version.GoVersion,
			"revision": version.GetRevision(), "tags": version.GetTags(), "version": version.Version,
		},
	})
	build.Set(1)
	return &ProcessMetrics{
		requests: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: awsRequests.FullName(), Help: awsRequests.Help}, awsRequests.Labels),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: awsDuration.FullName(), Help: awsDuration.Help,
			Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15}, // an attempt is given fifteen seconds
		}, awsDuration.Labels),
		gauges: map[string]prometheus.Gauge{
			maxStaleness.Name: gauge(maxStaleness), reloadGood.Name: gauge(reloadGood), reloadTime.Name: gauge(reloadTime),
			buildInfo.Name: build,
		},
	}
}

// AWSCall counts one attempt of one AWS operation.
func (p *ProcessMetrics) AWSCall(service, operation, code string, took time.Duration) {
	p.requests.WithLabelValues(service, operation, code).Inc()
	p.duration.WithLabelValues(service, operation).Observe(took.Seconds())
}

// ConfigReloaded notes that the configuration was read, and whether it was good.
func (p *ProcessMetrics) ConfigReloaded(err error, at time.Time) {
	if err != nil {
		p.gauges[reloadGood.Name].Set(0)
		return
	}
	p.gauges[reloadGood.Name].Set(1)
	p.gauges[reloadTime.Name].Set(float64(at.UnixMilli()) / 1000)
}

// SetMaxStaleness notes how old knowledge may be shown.
func (p *ProcessMetrics) SetMaxStaleness(d time.Duration) {
	p.gauges[maxStaleness.Name].Set(d.Seconds())
}

// Describe makes it a prometheus.Collector.
func (p *ProcessMetrics) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(p, ch) }

// Collect makes it a prometheus.Collector.
func (p *ProcessMetrics) Collect(ch chan<- prometheus.Metric) {
	p.requests.Collect(ch)
	p.duration.Collect(ch)
	for _, name := range slices.Sorted(maps.Keys(p.gauges)) {
		p.gauges[name].Collect(ch)
	}
}
