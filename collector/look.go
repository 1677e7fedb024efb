package collector

import (
	"hash/maphash"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
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
	labels  map[label]*dto.LabelPair
	hash    maphash.Hash
	seen    map[uint64]struct{} // series of the row that were sent
}

type label struct{ name, value string }

// collect sends the series of one metric that may be shown: of every report whose sources are fresh.
func (l *look) collect(row *row, ch chan<- prometheus.Metric) {
	clear(l.seen)
	for i := range l.reports {
		if snapshot := &l.reports[i].Snapshot; fresh(snapshot, row.Needs, l.at) {
			l.collectReport(row, &l.reports[i], ch)
		}
	}
}

func fresh(snapshot *fleet.Snapshot, sources []fleet.SourceName, at time.Time) bool {
	return !slices.ContainsFunc(sources, func(name fleet.SourceName) bool { return !snapshot.Fresh(name, at) })
}

func (l *look) collectReport(row *row, r *report.Report, ch chan<- prometheus.Metric) {
	snapshot := &r.Snapshot
	put := put{look: l, ch: ch, row: row, shape: row.shape, report: r, snapshot: snapshot}
	if row.Level == Scope {
		row.scope(*r, l.at, put)
		return
	}
	if row.Name == infoName {
		put.shape = l.info(row.Metric, snapshot.TagLabels)
	}
	for i := range r.Endpoints {
		endpoint := &r.Endpoints[i]
		if !l.at.Before(endpoint.Expires) {
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

// pair is the label of that name and value.
func (l *look) pair(name, value string) *dto.LabelPair {
	made, ok := l.labels[label{name, value}]
	if !ok {
		made = newPair(name, value)
		l.labels[label{name, value}] = made
	}
	return made
}

// newPair makes a label. A single value that is no UTF-8 would be an error of the whole scrape.
func newPair(name, value string) *dto.LabelPair {
	value = valid(value)
	return &dto.LabelPair{Name: &name, Value: &value}
}

// first tells whether the series of the row has not been sent yet, and notes that it is: what AWS says is not trusted,
// and a series that is sent twice would be an error. Series are told apart by a hash, as the registry itself does.
func (l *look) first(labels []*dto.LabelPair) bool {
	l.hash.Reset()
	for _, pair := range labels {
		_, _ = l.hash.WriteString(pair.GetValue())
		_ = l.hash.WriteByte(0xff) // in no valid UTF-8, so it separates
	}
	sum := l.hash.Sum64()
	if _, ok := l.seen[sum]; ok {
		return false
	}
	l.seen[sum] = struct{}{}
	return true
}
