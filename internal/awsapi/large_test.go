package awsapi

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// volume is how much the answers of one operation were.
type volume struct{ body, values, pages, rows, total, all int }

// An honest account of 5,000 endpoints passes, with room for names and reasons that are twice as long as the model's. In
// short mode a tenth of the account is asked, and what grows with its size counts ten times.
func TestBounds_letFiveThousandEndpointsPass(t *testing.T) {
	t.Parallel()
	endpoints, times := 5_000, 1
	if testing.Short() {
		endpoints, times = 500, 10
	}
	const room = 2
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	world := sim.Fleet(fleet.Scope{AccountID: "111122223333", Region: "eu-west-1"}, now, endpoints, 1)
	now = now.Add(10 * time.Minute)
	world.Advance(now)
	server, err := awssim.Start(awssim.Options{Now: func() time.Time { return now }}, world)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	var mu sync.Mutex
	seen := map[string]*volume{}
	client := connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: "http://embedded.test", unlimited: true, http: doer(func(r *http.Request) (*http.Response, error) {
		recorder := httptest.NewRecorder()
		if r.Body == nil {
			r.Body = http.NoBody
		}
		server.Handler().ServeHTTP(recorder, r)
		response := recorder.Result()
		response.Request = r
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
		service, operation := serviceCloudWatch, path.Base(r.URL.Path)
		if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
			service, operation = serviceSageMaker, name
		}
		s, err := shapeOf(service, body)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		of := seen[operation]
		if of == nil {
			of = &volume{}
			seen[operation] = of
		}
		of.body, of.values = max(of.body, len(body)), max(of.values, s.values)
		of.pages, of.rows, of.total, of.all = of.pages+1, of.rows+s.rows, of.total+len(body), of.all+s.values
		return response, nil
	})})
	ctx := t.Context()
	list, err := client.ListEndpoints(ctx)
	if err != nil || len(list) != endpoints {
		t.Fatalf("%d endpoints, %v", len(list), err)
	}
	targets, err := client.ScalableTargets(ctx)
	if err != nil || len(targets) < endpoints {
		t.Errorf("%d targets, %v", len(targets), err)
	}
	policies, err := client.ScalingPolicies(ctx)
	if err != nil || len(policies) < 2*endpoints {
		t.Errorf("%d policies, %v", len(policies), err)
	}
	alarms, err := client.MetricAlarms(ctx)
	if err != nil || len(alarms) < 3*endpoints {
		t.Errorf("%d alarms, %v", len(alarms), err)
	}
	if _, err := client.ScheduledActions(ctx); err != nil {
		t.Error(err)
	}
	for operation, got := range seen {
		limit := bounds[operation]
		for what, pair := range map[string][2]int{
			"bytes of an answer": {got.body, limit.body}, "values of an answer": {got.values, limit.values}, "pages": {times * got.pages, limit.pages},
			"rows": {times * got.rows, limit.rows}, "bytes of all pages": {times * got.total, limit.total},
			"values of all pages": {times * got.all, limit.allValues()},
		} {
			factor := room
			if what == "pages" || what == "rows" || what == "values of an answer" || what == "values of all pages" {
				factor = 1 // names do not make them more
			}
			if pair[0] == 0 && what != "rows" || factor*pair[0] > pair[1] {
				t.Errorf("%s: %d %s, where %d are the most", operation, pair[0], what, pair[1])
			}
		}
		t.Logf("%s: %+v", operation, *got)
	}
	if len(seen) != 5 {
		t.Errorf("%d operations", len(seen))
	}
	// The queue metrics of all endpoints in an hour, each call with its pages.
	var queries []fleet.Query
	for _, endpoint := range list {
		for _, metric := range fleet.QueueMetrics() {
			queries = append(queries, metric.Query(endpoint.Name))
		}
	}
	series, _, err := client.MetricData(ctx, queries, now.Add(-time.Hour), now)
	if err != nil || len(series) != len(queries) {
		t.Errorf("%d series, %v", len(series), err)
	}
	if got := seen["GetMetricData"]; got == nil || room*got.body > bounds["GetMetricData"].body || room*got.values > bounds["GetMetricData"].values {
		t.Errorf("GetMetricData: %+v", got)
	} else {
		t.Logf("GetMetricData: %+v", *got)
	}
}
