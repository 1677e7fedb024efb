package collector

import (
	"hash/maphash"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// scrape is one collection. It remembers which series it has sent: what AWS says is not trusted, and a series that is
// sent twice would be an error of the whole scrape. Series are told apart by a hash, as the registry itself does.
type scrape struct {
	ch   chan<- prometheus.Metric
	hash maphash.Hash
	seen map[uint64]struct{}
}

func newScrape(ch chan<- prometheus.Metric, reports []report.Report) *scrape {
	endpoints := 0
	for i := range reports {
		endpoints += len(reports[i].Snapshot.Endpoints)
	}
	const usual = 64 // series of one endpoint; only saves the map from growing
	return &scrape{ch: ch, seen: make(map[uint64]struct{}, usual*endpoints)}
}

// first tells whether the series has not been sent yet, and notes that it is.
func (s *scrape) first(name string, labels []string) bool {
	s.hash.Reset()
	_, _ = s.hash.WriteString(name)
	for _, label := range labels {
		_ = s.hash.WriteByte(0xff) // in no valid UTF-8, so it separates
		_, _ = s.hash.WriteString(label)
	}
	sum := s.hash.Sum64()
	if _, ok := s.seen[sum]; ok {
		return false
	}
	s.seen[sum] = struct{}{}
	return true
}

// put sends the series of one metric about one scope, endpoint or variant. The row gives the value and the metric's own
// labels; those of the level come by themselves.
type put struct {
	scrape   *scrape
	row      *row
	desc     *prometheus.Desc
	snapshot *fleet.Snapshot
	endpoint *fleet.Endpoint // of the levels Endpoint and Variant
	variant  *fleet.Variant  // of the level Variant
	at       time.Time
}

// knows tells whether what the source said last may still be shown.
func (p put) knows(source fleet.SourceName) bool { return p.snapshot.Fresh(source, p.at) }

// value sends one series. What is not a number is no data.
func (p put) value(v float64, own ...string) {
	if math.IsNaN(v) {
		return
	}
	if labels := p.labels(own); p.scrape.first(p.row.Name, labels) {
		p.send(prometheus.NewConstMetric(p.desc, p.row.valueType(), v, labels...))
	}
}

// histogram sends one series of durations, in seconds.
func (p put) histogram(h fleet.Histogram, own ...string) {
	labels := p.labels(own)
	if !p.scrape.first(p.row.Name, labels) {
		return
	}
	buckets := make(map[float64]uint64, len(h.Buckets))
	for i, bound := range fleet.DurationBounds() {
		buckets[bound.Seconds()] = h.Buckets[i]
	}
	p.send(prometheus.NewConstHistogram(p.desc, h.Count, h.Sum.Seconds(), buckets, labels...))
}

// flag sends 1 or 0.
func (p put) flag(on bool, own ...string) {
	v := 0.0
	if on {
		v = 1
	}
	p.value(v, own...)
}

// when sends a moment in Unix seconds, unless it is not known.
func (p put) when(at time.Time, own ...string) {
	if !at.IsZero() {
		p.value(float64(at.UnixMilli())/1000, own...)
	}
}

// count sends a number, unless it is not known.
func (p put) count(n *int, own ...string) {
	if n != nil {
		p.value(float64(*n), own...)
	}
}

// tags are the values of the labels of tags, empty for what the endpoint has not, or what is not known any more.
func (p put) tags() []string {
	values := make([]string, len(p.snapshot.TagLabels))
	if p.knows(fleet.SourceTags) {
		for i, tag := range p.snapshot.TagLabels {
			values[i] = p.endpoint.Tags[tag.Key]
		}
	}
	return values
}

// labels are the values of all labels, in the order of Metric.AllLabels. A single label that is no UTF-8 would be an
// error of the whole scrape.
func (p put) labels(own []string) []string {
	labels := make([]string, 0, len(levelLabels[Variant])+len(own))
	labels = append(labels, p.snapshot.Scope.AccountID, p.snapshot.Scope.Region)
	if p.row.Level >= Endpoint {
		labels = append(labels, p.endpoint.Name)
	}
	if p.row.Level >= Variant {
		labels = append(labels, p.variant.Name)
	}
	labels = append(labels, own...)
	for i, label := range labels {
		labels[i] = valid(label)
	}
	return labels
}

func (p put) send(metric prometheus.Metric, err error) {
	if err != nil {
		metric = prometheus.NewInvalidMetric(p.desc, err)
	}
	p.scrape.ch <- metric
}
