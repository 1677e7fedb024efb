package awsapi

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"golang.org/x/time/rate"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// results answers the queries of a request: points by the metric's endpoint, in the order that they are given.
func results(of ...cbor.Map) answer {
	list := cbor.List{}
	for _, result := range of {
		list = append(list, result)
	}
	return answer{body: cbor.Map{"MetricDataResults": list}}
}

func result(id, status string, points ...fleet.Point) cbor.Map {
	times, values := cbor.List{}, cbor.List{}
	for _, point := range points {
		times, values = append(times, stamp(point.At)), append(values, cbor.Float64(point.Value))
	}
	return cbor.Map{"Id": cbor.String(id), "StatusCode": cbor.String(status), "Timestamps": times, "Values": values}
}

func with(base cbor.Map, key string, value cbor.Value) cbor.Map {
	base[key] = value
	return base
}

func messages(code, value string) cbor.Value {
	return cbor.List{cbor.Map{"Code": cbor.String(code), "Value": cbor.String(value)}}
}

func metricFake(respond func(call int, request map[string]any) answer) *fake {
	return newFake(map[string]func(int, map[string]any) answer{"GetMetricData": respond})
}

func queue(endpoints ...string) []fleet.Query {
	var queries []fleet.Query
	for _, endpoint := range endpoints {
		queries = append(queries, fleet.Backlog.Query(endpoint))
	}
	return queries
}

func TestMetricData_asksAsDocumented(t *testing.T) {
	var asked map[string]any
	f := metricFake(func(_ int, request map[string]any) answer {
		asked = request
		return results(result("q1", "Complete"), result("q0", "Complete", fleet.Point{At: at(10, 1), Value: 7}))
	})
	queries := []fleet.Query{fleet.Backlog.Query("a"), fleet.OldestAge.Query("a")}
	series, billed, err := talkTo(t, f, nil).MetricData(t.Context(), queries, at(10, 0), at(10, 5))
	want := []fleet.Series{{Points: []fleet.Point{{At: at(10, 1), Value: 7}}, Complete: true}, {Complete: true}}
	if err != nil || billed != 2 || !reflect.DeepEqual(series, want) {
		t.Fatalf("got %+v, %d, %v", series, billed, err)
	}
	query := func(id, metric string) any {
		return map[string]any{"Id": id, "MetricStat": map[string]any{
			"Metric": map[string]any{
				"Namespace": "AWS/SageMaker", "MetricName": metric,
				"Dimensions": []any{map[string]any{"Name": "EndpointName", "Value": "a"}},
			},
			"Period": 60.0, "Stat": "Maximum",
		}}
	}
	wantAsked := map[string]any{
		"StartTime": float64(at(10, 0).Unix()), "EndTime": float64(at(10, 5).Unix()), "ScanBy": "TimestampAscending",
		"MetricDataQueries": []any{query("q0", "ApproximateBacklogSize"), query("q1", "ApproximateAgeOfOldestRequest")},
	}
	if !reflect.DeepEqual(asked, wantAsked) {
		t.Errorf("asked %v\nwant %v", asked, wantAsked)
	}
}

func TestMetricData_joinsAndSortsPages(t *testing.T) {
	point := func(minute int) fleet.Point { return fleet.Point{At: at(10, minute), Value: float64(minute)} }
	f := metricFake(func(call int, request map[string]any) answer {
		if want := []any{nil, "2", "3"}[call]; request["NextToken"] != want {
			t.Errorf("page %d asked with token %v", call, request["NextToken"])
		}
		page := [][]cbor.Map{
			{result("q0", "PartialData", point(2), point(1)), result("q1", "Complete", point(4))},
			{result("q0", "PartialData", point(3))},
			{result("q0", "Complete", point(3), point(5))},
		}[call]
		reply := results(page...)
		if call < 2 {
			reply.body.(cbor.Map)["NextToken"] = cbor.String(strconv.Itoa(call + 2))
		}
		return reply
	})
	series, billed, err := talkTo(t, f, nil).MetricData(t.Context(), queue("a", "b"), at(10, 0), at(10, 6))
	want := []fleet.Series{
		{Points: []fleet.Point{point(1), point(2), point(3), point(5)}, Complete: true},
		{Points: []fleet.Point{point(4)}, Complete: true},
	}
	if err != nil || !reflect.DeepEqual(series, want) || billed != 6 {
		t.Fatalf("got %+v, %d, %v", series, billed, err)
	}
}

func TestMetricData_onlyTheFinalStatusCompleteIsComplete(t *testing.T) {
	tests := map[string]struct {
		pages    []cbor.Map
		complete bool
		err      string
	}{
		"complete":                 {[]cbor.Map{result("q0", "Complete")}, true, ""},
		"partial at the end":       {[]cbor.Map{result("q0", "PartialData")}, false, "reading metrics: 1 of 1 series are not complete (ApproximateBacklogSize 1)"},
		"partial, then left out":   {[]cbor.Map{result("q0", "PartialData"), nil}, false, "reading metrics: 1 of 1 series are not complete (ApproximateBacklogSize 1)"},
		"lost, then complete":      {[]cbor.Map{result("q0", "InternalError"), result("q0", "Complete")}, false, "reading metrics: 1 of 1 series are not complete (ApproximateBacklogSize 1)"},
		"left out":                 {[]cbor.Map{nil}, false, "reading metrics: 1 of 1 series are not complete (ApproximateBacklogSize 1)"},
		"forbidden with a message": {[]cbor.Map{with(result("q0", "Forbidden"), "Messages", messages("Forbidden", "not\nyours"))}, false, "reading metrics: 1 of 1 series are not complete (ApproximateBacklogSize 1): Forbidden: not yours"},
		"complete with a message":  {[]cbor.Map{with(result("q0", "Complete"), "Messages", messages("Info", "fine"))}, true, ""},
		"a value without a time":   {[]cbor.Map{with(result("q0", "Complete"), "Values", cbor.List{cbor.Float64(1)})}, false, "reading metrics: 1 of 1 series are not complete (ApproximateBacklogSize 1)"},
		"not asked for":            {[]cbor.Map{result("q1", "Complete")}, false, "reading metrics: cloudwatch GetMetricData: answer to a query that was not asked: check AWS_ENDPOINT_URL and proxies"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := metricFake(func(call int, _ map[string]any) answer {
				var page []cbor.Map
				if test.pages[call] != nil {
					page = []cbor.Map{test.pages[call]}
				}
				reply := results(page...)
				if call+1 < len(test.pages) {
					reply.body.(cbor.Map)["NextToken"] = cbor.String(strconv.Itoa(call))
				}
				return reply
			})
			series, _, err := talkTo(t, f, nil).MetricData(t.Context(), queue("a"), at(10, 0), at(10, 5))
			if series[0].Complete != test.complete || err == nil != (test.err == "") || err != nil && err.Error() != test.err {
				t.Errorf("got %+v, %v", series, err)
			}
		})
	}
}

func TestMetricData_messageOnTheWholeCallIsAnError(t *testing.T) {
	f := metricFake(func(int, map[string]any) answer {
		reply := results(result("q0", "Complete"))
		reply.body.(cbor.Map)["Messages"] = messages("MaxMetricsExceeded", "too many")
		return reply
	})
	series, _, err := talkTo(t, f, nil).MetricData(t.Context(), queue("a"), at(10, 0), at(10, 5))
	if !series[0].Complete || fmt.Sprint(err) != "reading metrics: CloudWatch says MaxMetricsExceeded: too many" {
		t.Errorf("got %+v, %v", series, err)
	}
}

// completing answers each query with one point: the number in its endpoint's name.
func completing(t *testing.T, each func(ids, endpoints []string)) func(int, map[string]any) answer {
	t.Helper()
	return func(_ int, request map[string]any) answer {
		var list []cbor.Map
		var ids, endpoints []string
		for _, query := range request["MetricDataQueries"].([]any) {
			id := query.(map[string]any)["Id"].(string)
			metric := query.(map[string]any)["MetricStat"].(map[string]any)["Metric"].(map[string]any)
			endpoint := metric["Dimensions"].([]any)[0].(map[string]any)["Value"].(string)
			n, err := strconv.Atoi(endpoint)
			if err != nil {
				t.Error(err)
			}
			ids, endpoints = append(ids, id), append(endpoints, endpoint)
			list = append(list, result(id, "Complete", fleet.Point{At: at(10, 0), Value: float64(n)}))
		}
		each(ids, endpoints)
		return results(list...)
	}
}

func TestMetricData_batchesFiveHundredWithEachMetricInOneCall(t *testing.T) {
	// Three statistics of each of 400 metrics, asked statistic by statistic: 166 metrics fit into a call.
	var queries []fleet.Query
	for _, statistic := range []string{"Average", "Maximum", "Minimum"} {
		for endpoint := range 400 {
			query := fleet.Backlog.Query(strconv.Itoa(endpoint))
			query.Statistic = statistic
			queries = append(queries, query)
		}
	}
	var mu sync.Mutex
	var sizes []int
	calls := map[string]int{}
	valid := regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)
	f := metricFake(completing(t, func(ids, endpoints []string) {
		mu.Lock()
		defer mu.Unlock()
		sizes = append(sizes, len(ids))
		slices.Sort(ids)
		if len(slices.Compact(ids)) != len(endpoints) || slices.ContainsFunc(ids, func(id string) bool { return !valid.MatchString(id) }) {
			t.Errorf("ids %v", ids)
		}
		slices.Sort(endpoints)
		for _, endpoint := range slices.Compact(endpoints) {
			calls[endpoint]++
		}
	}))
	series, billed, err := talkTo(t, f, nil).MetricData(t.Context(), queries, at(10, 0), at(10, 5))
	if err != nil || billed != 400 {
		t.Fatalf("billed %d, %v", billed, err)
	}
	for i, one := range series {
		if !one.Complete || len(one.Points) != 1 || one.Points[0].Value != float64(i%400) {
			t.Fatalf("series %d: %+v", i, one)
		}
	}
	slices.Sort(sizes)
	if !reflect.DeepEqual(sizes, []int{204, 498, 498}) {
		t.Errorf("calls of %v queries", sizes)
	}
	for endpoint, n := range calls {
		if n != 1 {
			t.Errorf("endpoint %s in %d calls", endpoint, n)
		}
	}
}

func TestBatchesOf_limits(t *testing.T) {
	statistic := func(name string) fleet.Query {
		query := fleet.Backlog.Query("a")
		query.Statistic = name
		return query
	}
	many := func(n int, period time.Duration) (queries []fleet.Query) {
		for i := range n {
			query := fleet.Backlog.Query(strconv.Itoa(i))
			query.Period = period
			queries = append(queries, query)
		}
		return queries
	}
	tests := map[string]struct {
		queries []fleet.Query
		window  time.Duration
		sizes   []int
		billed  int
	}{
		"the queue of 500 endpoints":       {many(2000, time.Minute), 5 * time.Minute, []int{500, 500, 500, 500}, 2000},
		"five statistics are one":          {[]fleet.Query{statistic("1"), statistic("2"), statistic("3"), statistic("4"), statistic("5")}, time.Hour, []int{5}, 1},
		"six are two":                      {[]fleet.Query{statistic("1"), statistic("2"), statistic("3"), statistic("4"), statistic("5"), statistic("6")}, time.Hour, []int{6}, 2},
		"a day by the minute":              {many(100, time.Minute), 24 * time.Hour, []int{70, 30}, 100},
		"one that is too long by itself":   {many(2, time.Minute), 71 * 24 * time.Hour, []int{1, 1}, 2},
		"the same by the hour is not long": {many(2, time.Hour), 71 * 24 * time.Hour, []int{2}, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var sizes []int
			billed := 0
			for _, b := range batchesOf(test.queries, at(10, 0), at(10, 0).Add(test.window)) {
				sizes = append(sizes, len(b.queries))
				billed += b.billed
			}
			if !reflect.DeepEqual(sizes, test.sizes) || billed != test.billed {
				t.Errorf("got calls of %v, %d billed", sizes, billed)
			}
		})
	}
}

func TestMetricData_failedCallLeavesTheOthersGood(t *testing.T) {
	var queries []fleet.Query
	for i := range 1200 {
		queries = append(queries, fleet.Backlog.Query(strconv.Itoa(i)))
	}
	good := completing(t, func([]string, []string) {})
	f := metricFake(func(call int, request map[string]any) answer {
		first := request["MetricDataQueries"].([]any)[0]
		if strings.Contains(fmt.Sprint(first), "Value:500") {
			return awsError(400, "InvalidParameterValue", "no")
		}
		return good(call, request)
	})
	series, billed, err := talkTo(t, f, nil).MetricData(t.Context(), queries, at(10, 0), at(10, 5))
	if fmt.Sprint(err) != "reading metrics: InvalidParameterValue: no" || billed != 700 {
		t.Errorf("billed %d, %v", billed, err)
	}
	for i, one := range series {
		if one.Complete != (i < 500 || i >= 1000) {
			t.Fatalf("series %d: %+v", i, one)
		}
	}
}

func TestMetricData_sameErrorIsSaidOnce(t *testing.T) {
	var queries []fleet.Query
	for i := range 1200 {
		queries = append(queries, fleet.Backlog.Query(strconv.Itoa(i)))
	}
	client := talkTo(t, failing(400, "AccessDenied", "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: cloudwatch:GetMetricData because no identity-based policy allows it"), nil)
	_, billed, err := client.MetricData(t.Context(), queries, at(10, 0), at(10, 5))
	if fmt.Sprint(err) != "reading metrics: access denied: the role lacks cloudwatch:GetMetricData" || billed != 0 {
		t.Errorf("billed %d, %v", billed, err)
	}
}

func TestMetricData_nothingAsked(t *testing.T) {
	f := metricFake(nil)
	client := talkTo(t, f, nil)
	if series, billed, err := client.MetricData(t.Context(), nil, at(10, 0), at(10, 5)); len(series) != 0 || billed != 0 || err != nil {
		t.Errorf("got %v, %d, %v", series, billed, err)
	}
	if _, _, err := client.MetricData(t.Context(), queue("a"), at(10, 0), at(10, 0)); err == nil {
		t.Error("an empty window is no error")
	}
	if f.count("GetMetricData") != 0 {
		t.Error("AWS was asked")
	}
}

// BenchmarkMetricData is a steady refresh of the queue metrics of 500 endpoints: 4 calls, 2,000 queries, 5 minutes. The
// answers are made beforehand, so that only the client is measured.
func BenchmarkMetricData(b *testing.B) {
	var queries []fleet.Query
	for endpoint := range 500 {
		for _, metric := range fleet.QueueMetrics() {
			queries = append(queries, metric.Query("endpoint-with-a-usual-name-"+strconv.Itoa(endpoint)))
		}
	}
	var list []cbor.Map
	for i := range maxQueries {
		var points []fleet.Point
		for minute := range 5 {
			points = append(points, fleet.Point{At: at(10, minute), Value: math.Sqrt(float64(i + minute))})
		}
		list = append(list, with(result("q"+strconv.Itoa(i), "Complete", points...), "Label", cbor.String("ApproximateBacklogSize")))
	}
	body := cbor.Encode(results(list...).body.(cbor.Value))
	client := connect(b, Access{}, Options{BaseURL: "http://embedded.test", http: canned(body), unlimited: true})
	client.points.SetLimit(rate.Inf)
	b.ReportAllocs()
	for b.Loop() {
		series, billed, err := client.MetricData(b.Context(), queries, at(10, 0), at(10, 5))
		if err != nil || billed != len(queries) || len(series[1999].Points) != 5 {
			b.Fatal(billed, err)
		}
	}
}

// canned answers everything with one CBOR body.
func canned(body []byte) doer {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Smithy-Protocol": {"rpc-v2-cbor"}, "Content-Type": {"application/cbor"}},
			Body:   io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	}
}
