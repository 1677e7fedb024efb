package collector

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/sagemaker-async/exporter/internal/report"
)

// Exposition is the page that Prometheus scrapes. What the reports show is rendered once for each format, on the first
// request for it, and stands ready until a new set is published or something on it becomes too old. What changes by
// itself is gathered at each scrape and follows it.
type Exposition struct {
	Reports *Collector
	Process prometheus.Gatherer // few series, none of the reports' metrics among them
	Failed  func(error)         // told of what could not be gathered or written; the rest is nevertheless shown

	mu     sync.Mutex
	newest *edition // nil before the first request
}

// ServeHTTP answers in the format that the request asks for - text, OpenMetrics or protobuf - packed if it takes gzip.
func (x *Exposition) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	page, rest := x.page(format), x.rest(format)
	length, send := page.size, page.unpack
	header := w.Header()
	header.Set("Content-Type", string(format))
	header.Add("Vary", "Accept")
	header.Add("Vary", "Accept-Encoding")
	if takesGzip(r.Header) {
		header.Set("Content-Encoding", "gzip")
		length, send, rest = len(page.begin), page.send, page.end(rest)
	}
	header.Set("Content-Length", strconv.Itoa(length+len(rest)))
	if r.Method == http.MethodHead {
		return
	}
	if send(w) == nil { // if not, the client has gone
		_, _ = w.Write(rest)
	}
}

// page is what the reports show now, in a format.
func (x *Exposition) page(format expfmt.Format) *page {
	edition, set := x.edition()
	format = heldAs(format)
	return edition.page(format, func() *page {
		return packed(func(out io.Writer) { x.render(out, format, edition.look(set)) })
	})
}

// render writes what the reports show.
func (x *Exposition) render(out io.Writer, format expfmt.Format, l *look) {
	kind := format.FormatType()
	if kind != expfmt.TypeTextPlain && kind != expfmt.TypeOpenMetrics {
		x.write(expfmt.NewEncoder(out, format), l.families())
		return
	}
	page := textPage{out: out, openMetrics: kind == expfmt.TypeOpenMetrics}
	if err := page.write(l, x.Failed); err != nil {
		x.Failed(err)
	}
}

// edition is what is to be shown now, with its set. The one before it is forgotten with all of its pages; who is still reading one
// reads it to the end.
func (x *Exposition) edition() (*edition, *report.Set) {
	x.mu.Lock()
	defer x.mu.Unlock()
	set, at := x.Reports.published(), x.Reports.now()
	if !x.newest.shows(set, at) {
		x.newest = newEdition(x.Reports, set, at)
	}
	return x.newest, set
}

// rest is what follows the page: the metrics of the process, the series that ends every page, and the last line where the
// format has one.
func (x *Exposition) rest(format expfmt.Format) []byte {
	var out bytes.Buffer
	encoder := expfmt.NewEncoder(&out, format)
	x.write(encoder, func(yield func(*dto.MetricFamily, error) bool) {
		families, err := x.Process.Gather()
		if err != nil && !yield(nil, err) {
			return
		}
		for _, family := range families {
			if !yield(family, nil) {
				return
			}
		}
	})
	x.write(encoder, func(yield func(*dto.MetricFamily, error) bool) { yield(pageEnd.family(), nil) })
	if end, ok := encoder.(expfmt.Closer); ok {
		_ = end.Close() // memory takes every line
	}
	return out.Bytes()
}

// write encodes the families. What fails costs itself alone.
func (x *Exposition) write(encoder expfmt.Encoder, families iter.Seq2[*dto.MetricFamily, error]) {
	for family, err := range families {
		if err == nil {
			if err = encoder.Encode(family); err != nil {
				err = fmt.Errorf("writing %s: %w", family.GetName(), err)
			}
		}
		if err != nil {
			x.Failed(err)
		}
	}
}

// heldAs is the format in which a page is held. Clients name versions and escapings too, which make other headers but not
// other pages, because no name of ours needs an escape. So pages are few, whatever clients ask for, and clients of
// different age share one.
func heldAs(format expfmt.Format) expfmt.Format { return expfmt.NewFormat(format.FormatType()) }

// takesGzip tells whether the client offers to unpack the answer.
func takesGzip(header http.Header) bool {
	for _, offer := range strings.Split(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		if name, quality, _ := strings.Cut(strings.ReplaceAll(offer, " ", ""), ";"); name == "gzip" {
			return quality == "" || strings.Trim(quality, "q=0.") != "" // q=0 refuses it
		}
	}
	return false
}
