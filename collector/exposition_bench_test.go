package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// BenchmarkScrape is a scrape of fleets of several sizes: of a page that stands ready, of one that is rendered first, and
// beside them of client_golang's own handler, which holds everything at once. Bytes are what goes over the wire; series
// are those of the reports.
func BenchmarkScrape(b *testing.B) {
	for _, endpoints := range []int{10, 100, 500, 1000, 5000} {
		x, _ := exposed(fleetOf(endpoints))
		whole := plain(x, prometheus.NewRegistry())
		series := strings.Count(scraped(x).Body.String(), "\n"+Prefix)
		for _, client := range []struct{ name, accept, encoding string }{
			{"text", "", ""},
			{"text-gzip", "", "gzip"},
			{"openmetrics-gzip", "application/openmetrics-text;version=1.0.0", "gzip"},
			{"protobuf", protobuf + "delimited", ""},
			{"protobuf-gzip", protobuf + "delimited", "gzip"},
		} {
			request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
			request.Header.Set("Accept", client.accept)
			request.Header.Set("Accept-Encoding", client.encoding)
			for _, way := range []struct {
				name    string
				handler http.Handler
				before  func()
			}{
				{"ready", x, nothing},
				{"rendered", x, func() { x.newest = nil }},
				{"registry", whole, nothing},
			} {
				b.Run(fmt.Sprintf("%s/%s/%d", way.name, client.name, endpoints), func(b *testing.B) {
					bytes := 0
					way.handler.ServeHTTP(&discard{header: http.Header{}}, request) // what stands ready is ready
					b.ReportAllocs()
					for b.Loop() {
						way.before()
						answer := &discard{header: http.Header{}}
						way.handler.ServeHTTP(answer, request)
						bytes = answer.bytes
					}
					b.ReportMetric(float64(bytes), "bytes")
					b.ReportMetric(float64(series), "series")
				})
			}
		}
	}
}

// discard is a client that reads, counts and forgets.
type discard struct {
	header http.Header
	bytes  int
}

func (d *discard) Header() http.Header { return d.header }

func (d *discard) Write(p []byte) (int, error) {
	d.bytes += len(p)
	return len(p), nil
}

func (d *discard) WriteHeader(int) {}
