package collector

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// families yields every metric of the reports that has series, sorted by name, or why one of them is not whole. A family
// is good until the next one: a fleet has a hundred series for each endpoint, and one metric after the other is all that
// is in memory at once. All series are of one moment.
func (l *look) families() iter.Seq2[*dto.MetricFamily, error] {
	return func(yield func(*dto.MetricFamily, error) bool) {
		var used []*dto.Metric
		for i := range l.rows {
			family, err := l.gather(&l.rows[i], &used)
			if err != nil && !yield(nil, err) {
				return
			}
			if len(family.Metric) > 0 && !yield(family, nil) {
				return
			}
		}
	}
}

// gather gathers one metric in the memory of those before it. It does what a registry would, without the checks of
// which nothing here can fail - put mends, sorts and tells apart - but which leave as much garbage as the series
// themselves; a test holds every family against a registry's. A row that panics costs itself alone, as it would there.
func (l *look) gather(row *row, used *[]*dto.Metric) (*dto.MetricFamily, error) {
	name := row.FullName()
	kind := dto.MetricType(dto.MetricType_value[strings.ToUpper(string(row.Type))])
	family := &dto.MetricFamily{Name: &name, Help: &row.Help, Type: &kind}
	var failed error
	samples := make(chan prometheus.Metric, 256)
	go func() {
		defer close(samples)
		defer func() {
			if panicked := recover(); panicked != nil {
				failed = fmt.Errorf("gathering %s: %v", name, panicked)
			}
		}()
		l.collect(row, samples)
	}()
	n := 0
	for sample := range samples {
		if n == len(*used) {
			*used = append(*used, &dto.Metric{})
		}
		metric := (*used)[n]
		metric.Reset()
		_ = sample.Write(metric) // it cannot fail
		n++
	}
	family.Metric = (*used)[:n]
	slices.SortFunc(family.Metric, byLabels)
	return family, failed
}

// byLabels is the order of series in a registry. Those of one metric may have more labels in one scope than in another,
// after a reload.
func byLabels(a, b *dto.Metric) int {
	if len(a.Label) != len(b.Label) {
		return len(a.Label) - len(b.Label)
	}
	for i := range a.Label {
		if order := strings.Compare(a.Label[i].GetValue(), b.Label[i].GetValue()); order != 0 {
			return order
		}
	}
	return 0
}
