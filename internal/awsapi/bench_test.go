package awsapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
)

// running are endpoints of one variant that all run.
type running struct {
	observe.Endpoints
	n int
}

func (r running) ListEndpoints(context.Context) (list []fleet.EndpointSummary, _ error) {
	for i := range r.n {
		list = append(list, fleet.EndpointSummary{Name: fmt.Sprint("endpoint-", i), Status: "InService"})
	}
	return list, nil
}

func (r running) DescribeEndpoint(_ context.Context, name string) (fleet.EndpointDescription, error) {
	return fleet.EndpointDescription{
		EndpointSummary: fleet.EndpointSummary{Name: name, Status: "InService"}, Async: &fleet.AsyncConfig{},
		Variants: []fleet.VariantDescription{{Name: "AllTraffic", Current: aws.Int(1), Desired: aws.Int(1)}},
	}, nil
}

// recorded answers GetMetricData without a server: each query has a datapoint in each of the last minutes.
type recorded struct {
	at     time.Time
	bodies map[int][]byte // by the number of queries
}

func (r *recorded) Do(request *http.Request) (*http.Response, error) {
	asked, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	n := bytes.Count(asked, []byte("MetricStat"))
	if r.bodies[n] == nil {
		results := make(cbor.List, n)
		for i := range results {
			var times, values cbor.List
			for minute := range 15 {
				times = append(times, &cbor.Tag{ID: 1, Value: cbor.Float64(r.at.Add(time.Duration(minute-15) * time.Minute).Unix())})
				values = append(values, cbor.Float64(100+minute))
			}
			results[i] = cbor.Map{
				"Id": cbor.String("q" + strconv.Itoa(i)), "StatusCode": cbor.String("Complete"), "Timestamps": times, "Values": values,
			}
		}
		r.bodies[n] = cbor.Encode(cbor.Map{"MetricDataResults": results})
	}
	header := http.Header{"Smithy-Protocol": {"rpc-v2-cbor"}, "Content-Type": {"application/cbor"}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(bytes.NewReader(r.bodies[n])), Request: request}, nil
}

// spoken remembers what an observer asks.
type spoken struct {
	*Client
	queries  *[]fleet.Query
	from, to *time.Time
}

func (s spoken) MetricData(ctx context.Context, queries []fleet.Query, from, to time.Time) ([]fleet.Series, int, error) {
	*s.queries, *s.from, *s.to = append(*s.queries, queries...), from, to
	return s.Client.MetricData(ctx, queries, from, to)
}

func (s spoken) MetricUnit(context.Context, fleet.Metric, time.Time, time.Duration) (string, error) {
	return "Microseconds", nil
}

// BenchmarkTiers is what a refresh of the two tiers of CloudWatch's metrics costs the processor, and beside it what the
// SDK needs to ask the same queries in full calls and to read the answers, which is the least.
func BenchmarkTiers(b *testing.B) {
	const endpoints = 500
	now := time.Date(2026, 3, 20, 12, 20, 0, 0, time.UTC)
	client, err := Connect(b.Context(), Access{}, Options{
		BaseURL: "http://embedded.test", http: &recorded{now, map[int][]byte{}}, unlimited: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	client.points.SetLimit(1e12)
	client.points.SetBurst(1e12)
	var queries []fleet.Query
	var from, to time.Time
	observer := observe.New(fleet.Scope{}, observe.AWS{
		Endpoints: running{n: endpoints}, Metrics: spoken{client, &queries, &from, &to},
	}, func() time.Time { return now }, observe.Options{
		Intervals: observe.Intervals{Queue: time.Minute, Metrics: 5 * time.Minute, Instances: time.Minute},
	})
	ask := func(source fleet.SourceName) {
		answer := observer.Question(source)(b.Context())
		if answer.Err != nil {
			b.Fatal(answer.Err)
		}
		observer.Learn(answer)
	}
	ask(fleet.SourceEndpoints)
	ask(fleet.SourceMetrics) // it is read back
	for _, tier := range []struct {
		name    string
		sources []fleet.SourceName
	}{
		{"queue", []fleet.SourceName{fleet.SourceQueue}},
		{"all", []fleet.SourceName{fleet.SourceQueue, fleet.SourceMetrics}},
	} {
		b.Run(tier.name, func(b *testing.B) {
			b.ReportAllocs()
			began := processorTime()
			for b.Loop() {
				queries = queries[:0]
				for _, source := range tier.sources {
					ask(source)
				}
			}
			b.ReportMetric(float64(len(queries)), "queries")
			b.ReportMetric(milliseconds(processorTime()-began)/float64(b.N), "cpu-ms/op")
		})
		b.Run(tier.name+"-sdk", func(b *testing.B) {
			b.ReportAllocs()
			asked, began := append([]fleet.Query{}, queries...), processorTime()
			for b.Loop() {
				for rest := asked; len(rest) > 0; rest = rest[min(len(rest), maxQueries):] {
					full := &batch{}
					for i := range min(len(rest), maxQueries) {
						full.queries = append(full.queries, i)
					}
					if _, err := client.getMetricData(b.Context(), &cloudwatch.GetMetricDataInput{
						MetricDataQueries: requestsOf(full, rest), StartTime: &from, EndTime: &to,
					}); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(milliseconds(processorTime()-began)/float64(b.N), "cpu-ms/op")
		})
	}
}

// processorTime is what this process has had: calls run side by side, so the time that passes says little.
func processorTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // it cannot fail for the process itself
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
