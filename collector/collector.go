// Package collector is the wall to Prometheus: one table that declares every metric, and a collector that reads the
// published reports by it. It never asks AWS.
package collector

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Collector exposes the published reports. It is a prometheus.Collector.
type Collector struct {
	published func() *report.Set
	now       func() time.Time
	rows      []row

	mu    sync.Mutex
	infos map[string]*prometheus.Desc // of endpoint_info, by the labels of tags
}

// row is a metric with its descriptor made.
type row struct {
	Metric
	desc *prometheus.Desc
}

// New returns a collector of what is published at the moment of each scrape.
func New(published func() *report.Set, now func() time.Time) *Collector {
	c := &Collector{published: published, now: now, infos: map[string]*prometheus.Desc{}}
	for _, metric := range Table() {
		if metric.Level != Process {
			c.rows = append(c.rows, row{metric, metric.desc()})
		}
	}
	return c
}

// Describe sends nothing: the labels of endpoint_info follow the configuration, which may change while the process
// runs. The table says what there is.
func (c *Collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends every series that may be shown now: those whose sources are fresh.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	at := c.now()
	seen := map[string]bool{}
	for _, r := range c.published().Reports {
		for _, row := range c.rows {
			if fresh(r.Snapshot, row.Needs, at) {
				c.collect(ch, row, r, at, seen)
			}
		}
	}
}

func fresh(snapshot fleet.Snapshot, sources []fleet.SourceName, at time.Time) bool {
	return !slices.ContainsFunc(sources, func(name fleet.SourceName) bool { return !snapshot.Fresh(name, at) })
}

// collect sends the series of one metric of one report.
func (c *Collector) collect(ch chan<- prometheus.Metric, row row, r report.Report, at time.Time, seen map[string]bool) {
	scope := r.Snapshot.Scope
	if row.scope != nil {
		row.scope(r, at, row.emitter(ch, row.desc, seen, scope.AccountID, scope.Region))
		return
	}
	desc, labels := row.desc, r.Snapshot.TagLabels
	if row.Name == infoName {
		desc = c.info(row.Metric, labels)
	}
	for i := range r.Snapshot.Endpoints {
		endpoint := &r.Snapshot.Endpoints[i]
		if !at.Before(endpoint.Expires) {
			continue
		}
		if row.endpoint != nil {
			emit := row.emitter(ch, desc, seen, scope.AccountID, scope.Region, endpoint.Name)
			if row.Name == infoName {
				emit = withTags(emit, labels, endpoint.Tags)
			}
			row.endpoint(endpoint, at, emit)
			continue
		}
		for j := range endpoint.Variants {
			variant := &endpoint.Variants[j]
			row.variant(variant, row.emitter(ch, desc, seen, scope.AccountID, scope.Region, endpoint.Name, variant.Name))
		}
	}
}

// info is the descriptor of endpoint_info with the labels of tags.
func (c *Collector) info(metric Metric, tags []fleet.TagLabel) *prometheus.Desc {
	var names []string
	for _, tag := range tags {
		names = append(names, tag.Label)
	}
	key := strings.Join(names, ",")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.infos[key] == nil {
		c.infos[key] = metric.desc(names...)
	}
	return c.infos[key]
}

func withTags(inner put, labels []fleet.TagLabel, tags map[string]string) put {
	return put{value: func(v float64, own ...string) {
		for _, tag := range labels {
			own = append(own, tags[tag.Key])
		}
		inner.value(v, own...)
	}}
}

// emitter sends the series of one metric that begin with the given labels. What AWS says is not trusted: a series that
// is there already would spoil the whole scrape, and so would a label that is no UTF-8.
func (r row) emitter(ch chan<- prometheus.Metric, desc *prometheus.Desc, seen map[string]bool, first ...string) put {
	send := func(own []string, series func(labels []string) (prometheus.Metric, error)) {
		labels := slices.Concat(first, own)
		for i, label := range labels {
			labels[i] = strings.ToValidUTF8(label, "\uFFFD")
		}
		key := r.Name + "\xff" + strings.Join(labels, "\xff")
		if seen[key] {
			return
		}
		seen[key] = true
		metric, err := series(labels)
		if err != nil {
			metric = prometheus.NewInvalidMetric(desc, err)
		}
		ch <- metric
	}
	return put{
		value: func(v float64, own ...string) {
			send(own, func(labels []string) (prometheus.Metric, error) {
				return prometheus.NewConstMetric(desc, r.valueType(), v, labels...)
			})
		},
		histogram: func(h fleet.Histogram, own ...string) {
			send(own, func(labels []string) (prometheus.Metric, error) {
				buckets := make(map[float64]uint64, len(h.Buckets))
				for i, bound := range fleet.DurationBounds() {
					buckets[bound.Seconds()] = h.Buckets[i]
				}
				return prometheus.NewConstHistogram(desc, h.Count, h.Sum.Seconds(), buckets, labels...)
			})
		},
	}
}
