package collector

import (
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// put sends the series of one metric about one scope, endpoint or variant. The row gives the value and the metric's own
// labels; those of the level come by themselves.
type put struct {
	*look
	row      *row
	shape    *shape
	report   *report.Report
	snapshot *fleet.Snapshot  // of the report
	endpoint *report.Endpoint // of the levels Endpoint and Variant
	variant  *report.Variant  // of the level Variant
}

// knows tells whether what the source said last may still be shown.
func (p put) knows(source fleet.SourceName) bool { return p.snapshot.Fresh(source, p.at) }

// value sends one series. What is not a number is no data.
func (p put) value(v float64, own ...string) {
	if math.IsNaN(v) {
		return
	}
	p.send(sample{value: v}, own)
}

// histogram sends one series of durations, in seconds, once the first has begun.
func (p put) histogram(h fleet.Histogram, own ...string) {
	if !h.Begun {
		return
	}
	p.send(sample{histogram: &h}, own)
}

// total sends what was counted since an epoch while it may be shown: events, or microseconds as seconds.
func (p put) total(t fleet.Total) {
	t = t.At(p.at)
	if !t.Fresh(p.at) {
		return
	}
	p.send(sample{total: &t}, nil)
}

// reading sends the newest value of a metric while it is young enough.
func (p put) reading(r fleet.Reading) {
	if r.Fresh(p.at) {
		p.value(r.Value)
	}
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

// send sends a series. Its labels are sorted by name: those of the level, and the metric's own in the order of
// Metric.AllLabels.
func (p put) send(s sample, own []string) {
	begin, next := len(p.pairs), 0
	p.pairs = slices.Grow(p.pairs, len(p.shape.names))[:begin+len(p.shape.names)]
	s.shape, s.labels = p.shape, p.pairs[begin:len(p.pairs):len(p.pairs)]
	add := func(value string) {
		s.labels[p.shape.places[next]] = p.pair(p.shape.names[next], value)
		next++
	}
	add(p.snapshot.Scope.AccountID)
	add(p.snapshot.Scope.Region)
	if p.row.Level >= Endpoint {
		add(p.endpoint.Name)
	}
	if p.row.Level >= Variant {
		add(p.variant.Name)
	}
	for _, value := range own {
		add(value)
	}
	p.sent = append(p.sent, s)
}
