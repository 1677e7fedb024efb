package awssim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// The fleet of a load run. The figures have the SDK's own share of the time in them, which is most of it.
const large = 5000

// aLargeFleet has a clock that runs, as in a load run: bringing the world to the present is part of every request.
func aLargeFleet(b *testing.B) (account, func() time.Time) {
	b.Helper()
	began := time.Now()
	now := func() time.Time { return start.Add(time.Hour).Add(time.Since(began)) }
	world := sim.Fleet(home, start, large, 1)
	world.Advance(now())
	return at(b, serve(b, awssim.Options{Now: now}, world)), now
}

// The largest GetMetricData call: five minutes of 500 series.
func BenchmarkGetMetricData(b *testing.B) {
	c, now := aLargeFleet(b)
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(now().Add(-8 * time.Minute)), EndTime: aws.Time(now())}
	for i := range 500 {
		in.MetricDataQueries = append(in.MetricDataQueries, backlog(fmt.Sprint("q", i), fmt.Sprintf("endpoint-%05d", i)))
	}
	for b.Loop() {
		out, err := c.cloudwatch.GetMetricData(b.Context(), in)
		if err != nil || len(out.MetricDataResults) != 500 || out.MetricDataResults[499].StatusCode != types.StatusCodeComplete {
			b.Fatal(err)
		}
	}
}

func BenchmarkDescribeEndpoint(b *testing.B) {
	c, _ := aLargeFleet(b)
	in := &sagemaker.DescribeEndpointInput{EndpointName: aws.String("endpoint-00007")}
	for b.Loop() {
		if _, err := c.sagemaker.DescribeEndpoint(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

// All policies, ten to a page: the worst case of paging.
func BenchmarkDescribeScalingPolicies(b *testing.B) {
	c, _ := aLargeFleet(b)
	for b.Loop() {
		pages := 0
		for p := aas.NewDescribeScalingPoliciesPaginator(c.scaling, &aas.DescribeScalingPoliciesInput{ServiceNamespace: namespace}); p.HasMorePages(); pages++ {
			if _, err := p.NextPage(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		if pages != 2*large/10 {
			b.Fatalf("%d pages", pages)
		}
	}
}

func BenchmarkDescribeAlarms(b *testing.B) {
	c, _ := aLargeFleet(b)
	for b.Loop() {
		pages := 0
		for p := cloudwatch.NewDescribeAlarmsPaginator(c.cloudwatch, &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(100)}); p.HasMorePages(); pages++ {
			if _, err := p.NextPage(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		if pages != 3*large/100 {
			b.Fatalf("%d pages", pages)
		}
	}
}
