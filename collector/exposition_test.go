package collector

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// exposed is the exposition of snapshots and of a process that has done something.
func exposed(snapshots ...fleet.Snapshot) (x *Exposition, failures *[]error) {
	set := &report.Set{}
	for _, snapshot := range snapshots {
		set.Reports = append(set.Reports, report.Build(snapshot))
	}
	process := NewProcess()
	process.AWSCall("SageMaker", "ListEndpoints", "OK", time.Second)
	process.Configured(time.Minute, 25)
	process.ConfigReloaded(nil, noon)
	registry := prometheus.NewRegistry()
	registry.MustRegister(process)
	failures = &[]error{}
	return &Exposition{
		Reports: New(func() *report.Set { return set }, func() time.Time { return noon }), Process: registry,
		Failed: func(err error) { *failures = append(*failures, err) },
	}, failures
}

func scraped(x http.Handler, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	x.ServeHTTP(answer, request)
	return answer
}

// What is written metric by metric is to the letter what a registry that holds everything would show.
func TestExposition_isThePageOfARegistry(t *testing.T) {
	x, failures := exposed(world())
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(x.Reports)
	whole := promhttp.HandlerFor(prometheus.Gatherers{registry, x.Process}, promhttp.HandlerOpts{EnableOpenMetrics: true})
	for _, accept := range []string{
		"", "text/plain;version=0.0.4", "application/openmetrics-text;version=1.0.0",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
	} {
		got, want := scraped(x, "Accept", accept), scraped(whole, "Accept", accept)
		if got.Body.String() != want.Body.String() || want.Body.Len() < 10_000 {
			t.Errorf("%q: the page of %d bytes is not the registry's of %d", accept, got.Body.Len(), want.Body.Len())
		}
		if got, want := got.Header().Get("Content-Type"), want.Header().Get("Content-Type"); got != want {
			t.Errorf("%q is answered as %q, want %q", accept, got, want)
		}
	}
	if len(*failures) > 0 {
		t.Errorf("failures: %v", *failures)
	}
}

func TestExposition_isPackedForWhoTakesIt(t *testing.T) {
	x, _ := exposed(world())
	plain := scraped(x).Body.String()
	for offer, packed := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "br": false, "": false} {
		answer := scraped(x, "Accept-Encoding", offer)
		if got := answer.Header().Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("%q: packed %t, want %t", offer, got, packed)
			continue
		}
		var body io.Reader = answer.Body
		if packed {
			unpacked, err := gzip.NewReader(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = unpacked
		}
		if page, err := io.ReadAll(body); err != nil || string(page) != plain {
			t.Errorf("%q: %d bytes, want %d: %v", offer, len(page), len(plain), err)
		}
	}
}

func TestExposition_whatFailsCostsItselfAlone(t *testing.T) {
	x, failures := exposed(world())
	broken := errors.New("broken")
	x.Process = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, broken })
	page := scraped(x).Body.String()
	if !strings.Contains(page, "sagemaker_async_up{") || strings.Contains(page, "aws_requests_total") {
		t.Errorf("the reports are not shown, or what failed is:\n%s", page)
	}
	if len(*failures) != 1 || !errors.Is((*failures)[0], broken) {
		t.Errorf("failures: %v", *failures)
	}
}

func TestExposition_whatCannotBeWrittenCostsItselfAlone(t *testing.T) {
	x, failures := exposed(world())
	name := "a_family_without_series"
	x.Process = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return []*dto.MetricFamily{{Name: &name}}, nil })
	if page := scraped(x).Body.String(); !strings.Contains(page, "sagemaker_async_variant_info{") {
		t.Errorf("the page ends early:\n%s", page)
	}
	if len(*failures) != 1 || !strings.Contains((*failures)[0].Error(), "writing "+name) {
		t.Errorf("failures: %v", *failures)
	}
}

func TestExposition_endsWhenTheClientHasGone(t *testing.T) {
	x, failures := exposed(world())
	ctx, leave := context.WithCancel(t.Context())
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", http.NoBody)
	gone := &leaving{discard: discard{header: http.Header{}}, leave: leave}
	x.ServeHTTP(gone, request)
	if gone.writes != 1 || len(*failures) > 0 {
		t.Errorf("%d writes, failures %v", gone.writes, *failures)
	}
}

// leaving is a client that goes away at the first write; as the server does, it ends the request.
type leaving struct {
	discard
	leave  context.CancelFunc
	writes int
}

func (l *leaving) Write([]byte) (int, error) {
	l.writes++
	l.leave()
	return 0, io.ErrClosedPipe
}

// BenchmarkScrape compares the exposition with client_golang's own handler, which holds the whole page.
func BenchmarkScrape(b *testing.B) {
	x, _ := exposed(fleetOf(500))
	registry := prometheus.NewRegistry()
	registry.MustRegister(x.Reports)
	for name, handler := range map[string]http.Handler{
		"exposition": x, "registry": promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	} {
		b.Run(name, func(b *testing.B) {
			request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(&discard{header: http.Header{}}, request)
			}
		})
	}
}

// discard is a client that reads and forgets.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

func TestExposition_familiesAreSorted(t *testing.T) {
	x, _ := exposed(world())
	var order []string
	for family, err := range x.families() {
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, family.GetName())
	}
	if len(order) != len(Table()) || !slices.IsSorted(order) {
		t.Errorf("%d of %d metrics, in the order %v", len(order), len(Table()), order)
	}
}
