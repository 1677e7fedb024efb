// Package collector is the wall to Prometheus: one table that declares every metric, a collector that reads the published
// reports by it, and the page that shows them. It never asks AWS.
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
	rows      []row // sorted by name

	mu    sync.Mutex
	infos map[string]*shape // of endpoint_info, by the labels of tags
}

// row is a metric with its shape made.
type row struct {
	Metric
	*shape
}

// New returns a collector of what is published at the moment of each scrape.
func New(published func() *report.Set, now func() time.Time) *Collector {
	c := &Collector{published: published, now: now, infos: map[string]*shape{}}
	for _, metric := range Table() {
		if metric.Level != Process {
			c.rows = append(c.rows, row{metric, metric.shape()})
		}
	}
	slices.SortFunc(c.rows, func(a, b row) int { return strings.Compare(a.Name, b.Name) })
	return c
}

// Describe sends nothing: the labels of endpoint_info follow the configuration, which may change while the process
// runs. The table says what there is.
func (c *Collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends every series that may be shown now: those whose sources are fresh.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	look := c.lookAt(c.published(), c.now())
	for i := range c.rows {
		sorted, err := look.samples(&c.rows[i])
		if err != nil {
			ch <- prometheus.NewInvalidMetric(c.rows[i].desc, err)
		}
		for _, sample := range sorted {
			sample.labels = slices.Clone(sample.labels) // a registry reads it later
			ch <- &sample
		}
	}
}

// lookAt looks at a published set at a moment.
func (c *Collector) lookAt(set *report.Set, at time.Time) *look {
	return &look{
		rows: c.rows, reports: set.Reports, at: at, info: c.info,
		labels: map[label]*pair{},
	}
}

// info is the shape of endpoint_info with the labels of tags.
func (c *Collector) info(metric Metric, tags []fleet.TagLabel) *shape {
	var names []string
	for _, tag := range tags {
		names = append(names, tag.Label)
	}
	key := strings.Join(names, ",")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.infos[key] == nil {
		c.infos[key] = metric.shape(names...)
	}
	return c.infos[key]
}
