package collector

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// textPage writes metrics in the text format of Prometheus, or in OpenMetrics, straight from their samples. The page is to the
// letter that of client_golang, and a test holds it against that; its encoder escapes every label of every series anew.
type textPage struct {
	out         io.Writer
	openMetrics bool
	buffer      []byte
}

// enough is how much is written at once.
const enough = 64 << 10

var (
	escaped = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	quoted  = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// write writes every metric that has series, and reports those that are not whole.
func (t *textPage) write(l *look, failed func(error)) error {
	for i := range l.rows {
		sorted, err := l.samples(&l.rows[i])
		if err != nil {
			failed(err)
		}
		if len(sorted) == 0 {
			continue
		}
		if err := t.family(&l.rows[i], sorted); err != nil {
			return err
		}
	}
	return t.flush()
}

func (t *textPage) flush() error {
	_, err := t.out.Write(t.buffer)
	t.buffer = t.buffer[:0]
	return err
}

// family writes one metric.
func (t *textPage) family(row *row, sorted []sample) error {
	name, help := row.FullName(), escaped.Replace(row.Help)
	family := name
	if t.openMetrics {
		help = quoted.Replace(row.Help)
		if row.Type == Counter {
			family = strings.TrimSuffix(name, "_total")
		}
	}
	t.add("# HELP ", family, " ", help, "\n# TYPE ", family, " ", string(row.Type), "\n")
	for i := range sorted {
		t.sample(name, &sorted[i])
		if len(t.buffer) >= enough {
			if err := t.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *textPage) add(parts ...string) {
	for _, part := range parts {
		t.buffer = append(t.buffer, part...)
	}
}

// sample writes the lines of one series.
func (t *textPage) sample(name string, s *sample) {
	switch {
	case s.kind == Histogram:
		for i, bound := range boundTexts(t.openMetrics) {
			count := s.histogram.Count // of the last one, which is infinite
			if i < len(s.histogram.Buckets) {
				count = s.histogram.Buckets[i]
			}
			t.series(name, "_bucket", s.labels, bound)
			t.count(count)
		}
		t.series(name, "_sum", s.labels, "")
		t.float(s.histogram.Sum.Seconds())
		t.series(name, "_count", s.labels, "")
		t.count(s.histogram.Count)
	case s.kind == Summary:
		t.series(name, "_sum", s.labels, "")
		t.float(float64(s.total.Sum) / 1e6)
		t.series(name, "_count", s.labels, "")
		t.count(uint64(s.total.Samples))
	case s.total != nil:
		t.series(name, "", s.labels, "")
		t.float(float64(s.total.Sum))
	default:
		t.series(name, "", s.labels, "")
		t.float(s.value)
	}
}

// boundTexts are the labels of the buckets of every histogram.
func boundTexts(openMetrics bool) []string {
	if openMetrics {
		return openMetricsBounds
	}
	return textBounds
}

var textBounds, openMetricsBounds = bounds(false), bounds(true)

func bounds(openMetrics bool) (texts []string) {
	for _, bound := range append(slices.Clone(upperBounds), math.Inf(1)) {
		texts = append(texts, `le="`+string(appendFloat(nil, bound, openMetrics))+`"`)
	}
	return texts
}

// series begins a line: everything before the value. The bound is that of a bucket.
func (t *textPage) series(name, suffix string, labels []*pair, bound string) {
	t.buffer = append(append(t.buffer, name...), suffix...)
	separator := byte('{')
	for _, label := range labels {
		t.buffer = append(append(t.buffer, separator), label.text...)
		separator = ','
	}
	if bound != "" {
		t.buffer = append(append(t.buffer, separator), bound...)
		separator = ','
	}
	if separator == ',' {
		t.buffer = append(t.buffer, '}')
	}
	t.buffer = append(t.buffer, ' ')
}

// float ends a line.
func (t *textPage) float(v float64) {
	t.buffer = append(appendFloat(t.buffer, v, t.openMetrics), '\n')
}

// count ends a line. In the older format a count is a float like all others.
func (t *textPage) count(n uint64) {
	if !t.openMetrics {
		t.float(float64(n))
		return
	}
	t.buffer = append(strconv.AppendUint(t.buffer, n, 10), '\n')
}

// appendFloat writes a number. In OpenMetrics it shows that it is a float.
func appendFloat(buffer []byte, v float64, openMetrics bool) []byte {
	if math.IsInf(v, 1) {
		return append(buffer, "+Inf"...)
	}
	begin := len(buffer)
	buffer = strconv.AppendFloat(buffer, v, 'g', -1, 64)
	if openMetrics && !strings.ContainsAny(string(buffer[begin:]), "e.IN") {
		buffer = append(buffer, '.', '0')
	}
	return buffer
}
