package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// shape is what all series of a metric have in common.
type shape struct {
	desc   *prometheus.Desc
	kind   Type
	names  []string // of the labels, in the order in which their values are given
	places []int    // where each of them stands when they are sorted by name
}

// shape makes the metric's shape, with more labels behind its own.
func (m Metric) shape(more ...string) *shape {
	names := append(m.AllLabels(), more...)
	sorted := slices.Sorted(slices.Values(names))
	s := &shape{desc: prometheus.NewDesc(m.FullName(), m.Help, names, nil), kind: m.Type, names: names}
	for _, name := range names {
		s.places = append(s.places, slices.Index(sorted, name))
	}
	return s
}

// sample is one series at one moment. It is a prometheus.Metric that shares its labels with others; client_golang's own
// constant metrics make theirs anew, which for a large fleet is most of the memory of a scrape.
type sample struct {
	*shape
	labels    []*pair
	value     float64
	histogram *fleet.Histogram // of the type Histogram
	total     *fleet.Total     // of the type Summary, and of counters since an epoch
}

// Desc names the metric.
func (s *sample) Desc() *prometheus.Desc { return s.desc }

// Write is how the registry reads the series. It cannot fail.
func (s *sample) Write(out *dto.Metric) error {
	out.Label = make([]*dto.LabelPair, len(s.labels))
	for i, label := range s.labels {
		out.Label[i] = label.dto
	}
	switch s.kind {
	case Counter:
		out.Counter = s.counter()
	case Summary:
		seconds, samples := float64(s.total.Sum)/1e6, uint64(s.total.Samples)
		out.Summary = &dto.Summary{SampleSum: &seconds, SampleCount: &samples, CreatedTimestamp: timestamppb.New(s.total.Since)}
	case Histogram:
		out.Histogram = bucketsOf(s.histogram)
	default:
		out.Gauge = &dto.Gauge{Value: &s.value}
	}
	return nil
}

func (s *sample) counter() *dto.Counter {
	if s.total == nil {
		return &dto.Counter{Value: &s.value}
	}
	events := float64(s.total.Sum)
	return &dto.Counter{Value: &events, CreatedTimestamp: timestamppb.New(s.total.Since)}
}

// upperBounds are the bounds of every histogram, in seconds.
var upperBounds = func() (seconds []float64) {
	for _, bound := range fleet.DurationBounds() {
		seconds = append(seconds, bound.Seconds())
	}
	return seconds
}()

func bucketsOf(h *fleet.Histogram) *dto.Histogram {
	sum := h.Sum.Seconds()
	out := &dto.Histogram{SampleCount: &h.Count, SampleSum: &sum, Bucket: make([]*dto.Bucket, len(upperBounds))}
	for i := range out.Bucket {
		out.Bucket[i] = &dto.Bucket{UpperBound: &upperBounds[i], CumulativeCount: &h.Buckets[i]}
	}
	return out
}
