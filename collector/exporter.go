package collector

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

var sourceLabels = []string{"source"}

var exporterMetrics = []Metric{
	{
		Name: "up", Type: Gauge, Level: Scope,
		Help: "1 if the newest observation of the account and region is whole and fresh, 0 if a source is down or too old.", From: "every source",
		scope: func(r report.Report, at time.Time, put put) {
			if r.Tried() { // before, it is neither up nor down
				put.flag(r.Snapshot.Whole(at))
			}
		},
	},
	{
		Name: "exporter_source_up", Type: Gauge, Level: Scope, Labels: sourceLabels,
		Help: "1 if the newest observation of the source worked and is fresh, 0 if not. Absent before the first has ended.", From: "every operation of the source",
		scope: ofSources(func(s fleet.Source, at time.Time, put put) {
			if !s.LastAttempt.IsZero() {
				put.flag(s.Up() && s.Fresh(at), string(s.Name))
			}
		}),
	},
	{
		Name: "exporter_source_last_success_timestamp_seconds", Type: Gauge, Level: Scope, Labels: sourceLabels,
		Help: "When the source last answered completely, in Unix seconds; absent before the first time.", From: "every operation of the source",
		scope: ofSources(func(s fleet.Source, _ time.Time, put put) { put.when(s.LastSuccess, string(s.Name)) }),
	},
	{
		Name: "exporter_source_duration_seconds", Type: Gauge, Level: Scope, Labels: sourceLabels,
		Help: "How long the newest observation of the source took, in seconds.", From: "every operation of the source",
		scope: ofSources(func(s fleet.Source, _ time.Time, put put) { put.value(s.Duration.Seconds(), string(s.Name)) }),
	},
	{
		Name: "exporter_source_refused", Type: Gauge, Level: Scope, Labels: sourceLabels,
		Help: "Items and datapoints of the newest answer of the source that cannot be, such as a minimum above its maximum, and that were left out.", From: "every operation of the source",
		scope: ofSources(func(s fleet.Source, _ time.Time, put put) {
			if !s.LastAttempt.IsZero() {
				put.value(float64(s.Refused), string(s.Name))
			}
		}),
	},
	{
		Name: "exporter_source_lifetime_seconds", Type: Gauge, Level: Scope, Labels: sourceLabels,
		Help: "For how many seconds what the source said is shown; then its series disappear. Absent before it has said anything.", From: "the configuration",
		scope: ofSources(func(s fleet.Source, _ time.Time, put put) {
			if !s.LastAnswer.IsZero() {
				put.value(s.Expires.Sub(s.LastAnswer).Seconds(), string(s.Name))
			}
		}),
	},
	{
		Name: "exporter_source_expires_timestamp_seconds", Type: Gauge, Level: Scope, Labels: sourceLabels,
		Help: "When everything that the source said will have disappeared unless it says something before, in Unix seconds: its lifetime after it last answered, be it in part. Absent before it has said anything.", From: "every operation of the source",
		scope: ofSources(func(s fleet.Source, _ time.Time, put put) { put.when(s.Expires, string(s.Name)) }),
	},
	{
		Name: "exporter_late_revisions_total", Type: Counter, Level: Scope,
		Help: "Minutes of counters that CloudWatch changed after they had settled (five minutes), since the process started; what the daily read finds in older hours of a metric counts as one. They never lower a counter while the process runs.", From: "GetMetricData",
		scope: func(r report.Report, _ time.Time, put put) { put.value(float64(r.Snapshot.LateRevisions)) },
	},
	{
		Name: "exporter_cloudwatch_metrics_billed_total", Type: Counter, Level: Scope,
		Help: "Metrics requested of CloudWatch since the process started, counted as AWS bills them (GetMetricData).", From: "GetMetricData",
		scope: func(r report.Report, _ time.Time, put put) { put.value(float64(r.Snapshot.BilledMetrics)) },
	},
	{
		Name: "exporter_cloudwatch_estimated_cost_dollars_total", Type: Counter, Level: Scope,
		Help: "Estimated price in dollars of the metrics requested since the process started: 0.01 for a thousand (GetMetricData).", From: "GetMetricData",
		scope: func(r report.Report, _ time.Time, put put) {
			put.value(float64(r.Snapshot.BilledMetrics) * fleet.DollarsPerMetric)
		},
	},
	{
		Name: "exporter_polling_stretch_factor", Type: Gauge, Level: Scope,
		Help: "By how much the budget makes the intervals of polling longer, the most stretched of them; 1 unless it does (polling.monthlyBudgetDollars).", From: "the configuration",
		scope: func(r report.Report, _ time.Time, put put) {
			if r.Snapshot.Stretch > 0 { // nothing is polled before the scope is reached
				put.value(r.Snapshot.Stretch)
			}
		},
	},
}

// ofSources shows each source that has been tried.
func ofSources(show func(fleet.Source, time.Time, put)) func(report.Report, time.Time, put) {
	return func(r report.Report, at time.Time, put put) {
		for _, source := range r.Snapshot.Shown() {
			if !source.LastAttempt.IsZero() {
				show(source, at, put)
			}
		}
	}
}
