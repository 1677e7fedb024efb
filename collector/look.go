package collector

import (
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// look is one look at the published reports: one moment, row by row. A fleet has a hundred series for each endpoint, all
// with much the same labels, so the labels are made once and shared.
type look struct {
	rows    []row
	reports []report.Report
	at      time.Time
	info    func(Metric, []fleet.TagLabel) *shape
	labels  map[label]*pair
	sent    []sample // series of the row
	pairs   []*pair  // their labels
}

type label struct{ name, value string }

// collect sends the series of one metric that may be shown: of every report whose sources are fresh.
func (l *look) collect(row *row) {
	for i := range l.reports {
		if snapshot := &l.reports[i].Snapshot; fresh(snapshot, row.Needs, l.at) {
			l.collectReport(row, &l.reports[i])
		}
	}
}

// restsOnScaling tells whether a row shows what scales an endpoint.
func restsOnScaling(needs []fleet.SourceName) bool {
	return slices.Contains(needs, fleet.SourceScaling) || slices.Contains(needs, fleet.SourceTargets) || slices.Contains(needs, fleet.SourceAlarms)
}

func fresh(snapshot *fleet.Snapshot, sources []fleet.SourceName, at time.Time) bool {
	return !slices.ContainsFunc(sources, func(name fleet.SourceName) bool { return !snapshot.Fresh(name, at) })
}

func (l *look) collectReport(row *row, r *report.Report) {
	snapshot := &r.Snapshot
	put := put{look: l, row: row, shape: row.shape, report: r, snapshot: snapshot}
	if row.Level == Scope {
		row.scope(*r, l.at, put)
		return
	}
	if row.Name == infoName {
		put.shape = l.info(row.Metric, snapshot.TagLabels)
	}
	for i := range r.Endpoints {
		endpoint := &r.Endpoints[i]
		if !l.at.Before(endpoint.Expires) || endpoint.Unread && restsOnScaling(row.Needs) {
			continue
		}
		put.endpoint = endpoint
		if row.Level == Endpoint {
			row.endpoint(endpoint, l.at, put)
			continue
		}
		for j := range endpoint.Variants {
			put.variant = &endpoint.Variants[j]
			row.variant(put.variant, put)
		}
	}
	if row.orphan != nil {
		for i := range r.Orphans {
			orphan := &r.Orphans[i]
			put.endpoint = &report.Endpoint{Endpoint: &fleet.Endpoint{EndpointSummary: fleet.EndpointSummary{Name: orphan.Endpoint}}}
			put.variant = &report.Variant{Variant: &fleet.Variant{Name: orphan.Variant}}
			row.orphan(orphan, put)
		}
	}
}

// pair is one label, and its text in both text formats.
type pair struct {
	value, text string
	dto         *dto.LabelPair
}

// pair is the label of that name and value.
func (l *look) pair(name, value string) *pair {
	made, ok := l.labels[label{name, value}]
	if !ok {
		made = newPair(name, value)
		l.labels[label{name, value}] = made
	}
	return made
}

// newPair makes a label. A single value that is no UTF-8 would be an error of the whole scrape.
func newPair(name, value string) *pair {
	value = valid(value)
	return &pair{value: value, text: name + `="` + quoted.Replace(value) + `"`, dto: &dto.LabelPair{Name: &name, Value: &value}}
}
