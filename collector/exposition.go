package collector

import (
	"compress/gzip"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Exposition is the page that Prometheus scrapes. It makes and writes one metric after the other, so that a scrape needs
// the memory of the largest metric and not of the whole page: with a hundred series for each endpoint the handler of
// client_golang, which holds everything at once, would be most of the process.
type Exposition struct {
	Reports *Collector
	Process prometheus.Gatherer // few series, gathered at once
	Failed  func(error)         // told of what could not be gathered or written; the rest is nevertheless shown
}

// ServeHTTP answers in the format that the request asks for - text, OpenMetrics or protobuf - packed if it takes gzip.
func (x *Exposition) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	header := w.Header()
	header.Set("Content-Type", string(format))
	header.Add("Vary", "Accept")
	header.Add("Vary", "Accept-Encoding")
	var out io.Writer = w
	if takesGzip(r.Header) {
		header.Set("Content-Encoding", "gzip")
		packed := packers.Get().(*gzip.Writer)
		packed.Reset(w)
		defer packers.Put(packed)
		defer packed.Close() // a client that has gone needs no end
		out = packed
	}
	encoder := expfmt.NewEncoder(out, format)
	for family, err := range x.families() {
		if err != nil {
			x.Failed(err)
			continue
		}
		if err := encoder.Encode(family); err != nil {
			if r.Context().Err() != nil {
				return // the client has gone: the server ends the request's context when a write fails
			}
			x.Failed(fmt.Errorf("writing %s: %w", family.GetName(), err))
		}
	}
	if end, ok := encoder.(expfmt.Closer); ok {
		_ = end.Close() // it writes the last line; a client that has gone does not miss it
	}
}

// packers are kept, because each has a megabyte of tables.
var packers = sync.Pool{New: func() any {
	packer, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // a level that exists
	return packer
}}

// takesGzip tells whether the client offers to unpack the answer.
func takesGzip(header http.Header) bool {
	for _, offer := range strings.Split(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		if name, quality, _ := strings.Cut(strings.ReplaceAll(offer, " ", ""), ";"); name == "gzip" {
			return quality == "" || strings.Trim(quality, "q=0.") != "" // q=0 refuses it
		}
	}
	return false
}

// families yields every metric that there is to show, sorted by name, or why one of them is not whole. All series of the
// reports are of one moment.
func (x *Exposition) families() iter.Seq2[*dto.MetricFamily, error] {
	return func(yield func(*dto.MetricFamily, error) bool) {
		process, err := x.Process.Gather()
		if err != nil && !yield(nil, err) {
			return
		}
		look := x.Reports.look()
		for i := range x.Reports.rows {
			row := &x.Reports.rows[i]
			for len(process) > 0 && process[0].GetName() < row.FullName() {
				if !yield(process[0], nil) {
					return
				}
				process = process[1:]
			}
			families, err := gatherRow(look, row)
			if err != nil && !yield(nil, fmt.Errorf("gathering %s: %w", row.FullName(), err)) {
				return
			}
			for _, family := range families { // one, or none without a series
				if !yield(family, nil) {
					return
				}
			}
		}
		for _, family := range process {
			if !yield(family, nil) {
				return
			}
		}
	}
}

// gatherRow gathers one metric through a registry of its own, which checks and sorts its series.
func gatherRow(look *look, row *row) ([]*dto.MetricFamily, error) {
	registry := prometheus.NewRegistry()
	if err := registry.Register(oneRow{look, row}); err != nil {
		return nil, err
	}
	return registry.Gather()
}

// oneRow is a prometheus.Collector of one metric.
type oneRow struct {
	look *look
	row  *row
}

func (oneRow) Describe(chan<- *prometheus.Desc) {}

func (r oneRow) Collect(ch chan<- prometheus.Metric) { r.look.collect(r.row, ch) }
