package observe

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// queries is how many minutely asks for the visit.
func (v visit) queries() int {
	n := 0
	for _, metric := range v.metrics {
		n++
		if metric.Timed() {
			n++
		}
		if metric.Longest() {
			n++
		}
	}
	if v.hosts {
		n += len(fleet.HostMetrics())
	}
	return n
}

// minutely asks for the minutes of the visits: of each metric the Sum, and where it times events how many these were
// and how long the longest took. All statistics of a metric are billed as one.
func minutely(visits []visit) []fleet.Query {
	n := 0
	for _, v := range visits {
		n += v.queries()
	}
	queries := make([]fleet.Query, 0, n)
	for _, v := range visits {
		for _, metric := range v.metrics {
			queries = appendSums(queries, metric, v.dimensions, time.Minute)
			if metric.Longest() {
				queries = append(queries, fleet.Query{Metric: metric.Of(v.dimensions), Statistic: "Maximum", Period: time.Minute})
			}
		}
		if v.hosts {
			for _, metric := range fleet.HostMetrics() {
				queries = append(queries, fleet.Query{Metric: metric.Of(v.dimensions), Statistic: "Average", Period: time.Minute})
			}
		}
	}
	return queries
}

// hourly asks for whole hours of what totals are made of.
func hourly(visits []visit) []fleet.Query {
	var queries []fleet.Query
	for _, v := range visits {
		for _, metric := range v.metrics {
			queries = appendSums(queries, metric, v.dimensions, time.Hour)
		}
	}
	return queries
}

func appendSums(queries []fleet.Query, metric fleet.WorkMetric, dimensions []fleet.Dimension, period time.Duration) []fleet.Query {
	queries = append(queries, fleet.Query{Metric: metric.Of(dimensions), Statistic: "Sum", Period: period})
	if metric.Timed() {
		queries = append(queries, fleet.Query{Metric: metric.Of(dimensions), Statistic: "SampleCount", Period: period})
	}
	return queries
}
