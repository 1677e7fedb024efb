package collector

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Prefix begins the name of every metric.
const Prefix = "sagemaker_async_"

// Type is the type of a metric in the exposition.
type Type string

// The types of metrics.
const (
	Gauge     Type = "gauge"
	Counter   Type = "counter"
	Histogram Type = "histogram"
	Summary   Type = "summary" // without quantiles: a sum and a count
)

// Level says what a metric is about, and so which labels it begins with.
type Level int

// The levels of metrics.
const (
	Process  Level = iota // the exporter: no labels
	Scope                 // an account and region
	Endpoint              // an endpoint in it
	Variant               // a variant of one
)

var levelLabels = [...][]string{
	Process:  nil,
	Scope:    {"account_id", "region"},
	Endpoint: {"account_id", "region", "endpoint_name"},
	Variant:  {"account_id", "region", "endpoint_name", "variant_name"},
}

// Metric declares one metric: everything that the exposition, the documentation and the checks on rules and dashboards
// know of it, and how its values are found in a report. Exactly one of the extraction functions is set, by Level; a
// metric of the Process has none, because it counts as things happen.
type Metric struct {
	Name   string // without Prefix
	Type   Type
	Level  Level
	Labels []string // after those of the level
	Help   string   // what it says, in which unit
	From   string   // the AWS operation, or the CloudWatch metric and statistic, behind it
	Needs  []fleet.SourceName

	scope    func(report.Report, time.Time, put)
	endpoint func(*report.Endpoint, time.Time, put)
	variant  func(*report.Variant, put)
	orphan   func(*check.OrphanFinding, put) // beside variant, of variants that are gone
}

// FullName is the metric's name as it is exposed.
func (m Metric) FullName() string { return Prefix + m.Name }

// AllLabels are the names of all labels of the metric. endpoint_info has those of the tags beside them.
func (m Metric) AllLabels() []string {
	return append(append([]string{}, levelLabels[m.Level]...), m.Labels...)
}

// Family is a group of metrics that belong together.
type Family struct {
	Title   string
	Metrics []Metric
}

// Families is the one table of all metrics.
func Families() []Family {
	return []Family{
		{"The queue", queueMetrics},
		{"The fleet", fleetMetrics},
		{"Work done", workMetrics},
		{"Scaling state", append(append([]Metric{}, scalingMetrics...), activityMetrics...)},
		{"Policy", policyMetrics},
		{"Advice", adviceMetrics},
		{"The exporter itself", slices.Concat(exporterMetrics, processMetrics, []Metric{pageEnd})},
	}
}

// Table lists all metrics in the order of their families.
func Table() []Metric {
	var all []Metric
	for _, family := range Families() {
		all = append(all, family.Metrics...)
	}
	return all
}
