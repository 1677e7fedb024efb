package collector

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// samples are all series of one metric, sorted, and why they are not whole. They are good until the next metric is asked for:
// a fleet has a hundred series for each endpoint, and one metric after the other is all that is in memory at once. What AWS
// says is not trusted: of two series with the same labels, which would be an error of the whole page, the first is kept. A row
// that panics costs itself alone, as it would in a registry.
func (l *look) samples(row *row) (sorted []sample, failed error) {
	l.sent, l.pairs = l.sent[:0], l.pairs[:0]
	defer func() {
		if panicked := recover(); panicked != nil {
			failed = fmt.Errorf("gathering %s: %v", row.FullName(), panicked)
		}
		slices.SortStableFunc(l.sent, byLabels)
		l.sent = slices.CompactFunc(l.sent, func(a, b sample) bool { return byLabels(a, b) == 0 })
		sorted = l.sent
	}()
	l.collect(row)
	return nil, nil
}

// families yields every metric of the reports that has series, sorted by name, or why one of them is not whole. A family
// is good until the next one. All series are of one moment.
func (l *look) families() iter.Seq2[*dto.MetricFamily, error] {
	return func(yield func(*dto.MetricFamily, error) bool) {
		var used []*dto.Metric
		for i := range l.rows {
			row := &l.rows[i]
			sorted, err := l.samples(row)
			if err != nil && !yield(nil, err) {
				return
			}
			if len(sorted) > 0 && !yield(family(row, sorted, &used), nil) {
				return
			}
		}
	}
}

// family is one metric, in the memory of those before it. It is what a registry would make of it; a test holds every family
// against a registry's.
func family(row *row, sorted []sample, used *[]*dto.Metric) *dto.MetricFamily {
	name, kind := row.FullName(), dto.MetricType(dto.MetricType_value[strings.ToUpper(string(row.Type))])
	for i := range sorted {
		if i == len(*used) {
			*used = append(*used, &dto.Metric{})
		}
		(*used)[i].Reset()
		_ = sorted[i].Write((*used)[i]) // it cannot fail
	}
	return &dto.MetricFamily{Name: &name, Help: &row.Help, Type: &kind, Metric: (*used)[:len(sorted)]}
}

// byLabels is the order of series in a registry. Those of one metric may have more labels in one scope than in another,
// after a reload.
func byLabels(a, b sample) int {
	if len(a.labels) != len(b.labels) {
		return len(a.labels) - len(b.labels)
	}
	for i := range a.labels {
		if a.labels[i] == b.labels[i] { // they are made once
			continue
		}
		if order := strings.Compare(a.labels[i].value, b.labels[i].value); order != 0 {
			return order
		}
	}
	return 0
}
