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
	reports := c.published().Reports
	to := newScrape(ch, reports)
	at := c.now()
	for i := range reports {
		for j := range c.rows {
			if fresh(&reports[i].Snapshot, c.rows[j].Needs, at) {
				c.collect(to, &c.rows[j], &reports[i], at)
			}
		}
	}
}

func fresh(snapshot *fleet.Snapshot, sources []fleet.SourceName, at time.Time) bool {
	return !slices.ContainsFunc(sources, func(name fleet.SourceName) bool { return !snapshot.Fresh(name, at) })
}

// collect sends the series of one metric of one report.
func (c *Collector) collect(to *scrape, row *row, r *report.Report, at time.Time) {
	snapshot := &r.Snapshot
	put := put{scrape: to, row: row, desc: row.desc, snapshot: snapshot, at: at}
	if row.Level == Scope {
		row.scope(*r, at, put)
		return
	}
	if row.Name == infoName {
		put.desc = c.info(row.Metric, snapshot.TagLabels)
	}
	for i := range snapshot.Endpoints {
		endpoint := &snapshot.Endpoints[i]
		if !at.Before(endpoint.Expires) {
			continue
		}
		put.endpoint = endpoint
		if row.Level == Endpoint {
			row.endpoint(endpoint, at, put)
			continue
		}
		for j := range endpoint.Variants {
			put.variant = &endpoint.Variants[j]
			row.variant(put.variant, put)
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
