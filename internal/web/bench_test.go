package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
)

// BenchmarkStatus is the page of fleets of which nothing is scaled, where a policy selects one endpoint in ten or each of
// them: those have failing checks and four steps to make. It is asked for whole, and for one endpoint.
func BenchmarkStatus(b *testing.B) {
	for name, fleet := range map[string]struct {
		endpoints int
		selected  string
	}{"10": {10, ".*"}, "500": {500, ".*0"}, "500-selected": {500, ".*"}} {
		set := bare(b, fleet.endpoints, fleet.selected)
		handler, err := New(Options{
			TelemetryPath: "/metrics", Metrics: http.NotFoundHandler(), Now: func() time.Time { return at },
			Published: func() *report.Set { return set },
		})
		if err != nil {
			b.Fatal(err)
		}
		for _, query := range []string{"", "?q=endpoint-0007"} {
			b.Run(name+query, func(b *testing.B) {
				bytes := 0
				b.ReportAllocs()
				for b.Loop() {
					answer := httptest.NewRecorder()
					handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, StatusPath+query, http.NoBody))
					bytes = answer.Body.Len()
				}
				b.ReportMetric(float64(bytes), "bytes")
			})
		}
	}
}

// A page of hundreds leaves what is folded to the pages of the endpoints.
func TestStatus_ofHundredsIsSmall(t *testing.T) {
	s := newSite(t)
	s.set = bare(t, 500, ".*")
	page := s.get(StatusPath).Body.String()
	if strings.Contains(page, "<details>") || !strings.Contains(page, `<a href="status/111122223333/us-east-1/endpoint-0007">1 critical check, 5 steps`) {
		t.Errorf("it has details: %d bytes", len(page))
	}
	if len(page) > 1_000_000 {
		t.Errorf("it has %d bytes", len(page))
	}
	if few := s.get(StatusPath + "?q=endpoint-000").Body.String(); !strings.Contains(few, "<details>") {
		t.Error("a page of few has none")
	}
}

// BenchmarkReasons is why each of 500 endpoints does or does not scale, as the alerting command asks for it.
func BenchmarkReasons(b *testing.B) {
	set := bare(b, 500, ".*")
	handler, err := New(Options{
		TelemetryPath: "/metrics", Metrics: http.NotFoundHandler(), Now: func() time.Time { return at },
		Published: func() *report.Set { return set },
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, query := range []string{"", "?format=json", "?format=json&endpoint=endpoint-0499"} {
		b.Run(query, func(b *testing.B) {
			bytes := 0
			b.ReportAllocs()
			for b.Loop() {
				answer := httptest.NewRecorder()
				handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, paging.ReasonsPath+query, http.NoBody))
				bytes = answer.Body.Len()
			}
			b.ReportMetric(float64(bytes), "bytes")
		})
	}
}

// bare is a set of one scope with so many endpoints that nothing scales, of which a policy selects some.
func bare(tb testing.TB, endpoints int, selected string) *report.Set {
	tb.Helper()
	pattern, err := config.ParsePattern(selected)
	if err != nil {
		tb.Fatal(err)
	}
	one := 1
	snapshot := fleet.Snapshot{Scope: fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, At: at}
	for _, name := range []fleet.SourceName{
		fleet.SourceActivities, fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceQueue, fleet.SourceScaling,
		fleet.SourceTags, fleet.SourceMetrics,
	} {
		snapshot.Sources = append(snapshot.Sources, fleet.Source{Name: name, LastAttempt: at, LastSuccess: at, Expires: at.Add(time.Hour)})
	}
	for i := range endpoints {
		value := fleet.Reading{At: at.Add(-2 * time.Minute), Value: float64(i), Expires: at.Add(time.Minute)}
		snapshot.Endpoints = append(snapshot.Endpoints, fleet.Endpoint{
			EndpointSummary: fleet.EndpointSummary{Name: fmt.Sprintf("endpoint-%04d", i), Status: "InService"},
			Tags:            map[string]string{}, History: busy(i), Queue: fleet.Queue{value, value, value, value}, Expires: at.Add(time.Hour), DescribedAt: at,
			Variants: []fleet.Variant{{Name: "AllTraffic", Current: &one, Desired: &one, Types: []string{"ml.g5.xlarge"}}},
		})
	}
	rules := report.Rules{Policies: policy.Policies{policy.ByName(pattern)}}
	return &report.Set{Reports: []report.Report{report.Build(snapshot, rules, report.NewPast())}}
}

// busy is a history in which something changes in each minute.
func busy(seed int) (history *fleet.History) {
	points := make([]fleet.Point, 180)
	for i := range points {
		points[i] = fleet.Point{At: at.Add(time.Duration(i-180) * time.Minute), Value: float64((i*7 + seed) % 50)}
	}
	return history.With(points, at, 1)
}
