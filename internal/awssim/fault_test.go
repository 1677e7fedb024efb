package awssim_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestFault_isAnErrorInEveryProtocol(t *testing.T) {
	server, _ := aFleet(t, 3)
	c := at(t, server)
	ctx := soon(t)
	for _, fault := range []string{"ThrottlingException", "AccessDeniedException", "ExpiredTokenException", "InternalFailure"} {
		server.SetFault("*", awssim.Fault{Code: fault})
		_, err := c.sagemaker.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{})
		said := wantCode(t, err, fault)
		if fault == "AccessDeniedException" && !strings.Contains(said, "is not authorized to perform: sagemaker:ListEndpoints") {
			t.Errorf("AWS would not say %q", said)
		}
		_, err = c.scaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: namespace})
		wantCode(t, err, fault)
		if _, err = c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}); err == nil {
			t.Errorf("%s: CloudWatch answers", fault)
		}
		if _, err = c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err == nil {
			t.Errorf("%s: STS answers", fault)
		}
	}
	server.SetFault("*", awssim.Fault{})
	if _, err := c.sagemaker.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{}); err != nil {
		t.Errorf("after the fault: %v", err)
	}
}

func TestFault_endsByItself(t *testing.T) {
	server, _ := aFleet(t, 3)
	c := at(t, server)
	server.SetFault("SageMaker.ListEndpoints", awssim.Fault{Status: 503, Times: 2})
	for i := range 3 {
		_, err := c.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{})
		if (err != nil) != (i < 2) {
			t.Errorf("request %d: %v", i+1, err)
		}
	}
}

func TestFault_mayAffectAShareOfRequests(t *testing.T) {
	const requests, times = 400, 30
	server, _ := aFleet(t, 1)
	c := at(t, server)
	failures := func(f awssim.Fault) (n int) {
		server.SetFault("SageMaker.ListEndpoints", f)
		for range requests {
			if _, err := c.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{}); err != nil {
				n++
			}
		}
		return n
	}
	if n := failures(awssim.Fault{Status: 500, Probability: .25}); n < requests/8 || n > requests*3/8 {
		t.Errorf("a quarter of %d requests is %d", requests, n)
	}
	check(t, "failures", failures(awssim.Fault{Status: 500, Probability: .25, Times: times}), times)
}

// The services that speak JSON alone call every error of the client's a 400; the older protocol says 403 of some.
func TestFault_hasTheStatusOfItsProtocol(t *testing.T) {
	server, _ := aFleet(t, 1)
	for _, test := range []struct {
		fault            awssim.Fault
		inJSON, inXML    int
		jsonName, xmlTag string
	}{
		{awssim.Fault{Code: "AccessDeniedException"}, 400, 403, "AccessDeniedException", "<Code>AccessDenied</Code>"},
		{awssim.Fault{Code: "ExpiredTokenException"}, 400, 403, "ExpiredTokenException", "<Code>ExpiredToken</Code>"},
		{awssim.Fault{Code: "ThrottlingException"}, 400, 400, "ThrottlingException", "<Code>Throttling</Code>"},
		{awssim.Fault{Code: "RequestLimitExceeded", Status: 503}, 503, 503, "RequestLimitExceeded", "<Code>RequestLimitExceeded</Code>"},
		{awssim.Fault{Code: "InternalFailure"}, 500, 500, "InternalFailure", "<Type>Receiver</Type><Code>InternalFailure</Code>"},
	} {
		server.SetFault("*", test.fault)
		status, _, text := post(t, server, jsonHeader("SageMaker.ListEndpoints"), "{}")
		if status != test.inJSON || !strings.Contains(text, `"__type":"`+test.jsonName+`"`) {
			t.Errorf("JSON: %d %s", status, text)
		}
		status, _, text = post(t, server, queryHeader, query("DescribeAlarms"))
		if status != test.inXML || !strings.Contains(text, test.xmlTag) {
			t.Errorf("query: %d %s", status, text)
		}
	}
}

func TestFault_breaksTheAnswer(t *testing.T) {
	server, _ := aFleet(t, 3)
	c := at(t, server)
	for _, kind := range []awssim.Break{awssim.CloseConnection, awssim.CutBody, awssim.MalformedBody} {
		server.SetFault("SageMaker.ListEndpoints", awssim.Fault{Break: kind})
		if _, err := c.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{}); err == nil {
			t.Errorf("%s: the answer is whole", kind)
		}
		server.SetFault("CloudWatch.DescribeAlarms", awssim.Fault{Break: kind})
		if _, err := c.cloudwatch.DescribeAlarms(soon(t), &cloudwatch.DescribeAlarmsInput{}); err == nil {
			t.Errorf("%s: CloudWatch's answer is whole", kind)
		}
	}
	for _, kind := range []awssim.Break{awssim.Hang, awssim.SlowDrip} {
		server.SetFault("SageMaker.ListEndpoints", awssim.Fault{Break: kind})
		ctx, cancel := context.WithTimeout(soon(t), 200*time.Millisecond)
		if _, err := c.sagemaker.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", kind, err)
		}
		cancel()
	}
}

func TestFault_onPages(t *testing.T) {
	server, _ := aFleet(t, 30)
	c := at(t, server)
	server.SetFault("SageMaker.ListEndpoints", awssim.Fault{Break: awssim.EmptyPage, Times: 1})
	out := must[sagemaker.ListEndpointsOutput](t)(c.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{}))
	if len(out.Endpoints) != 0 || out.NextToken == nil {
		t.Fatalf("an empty page: %+v", out)
	}
	out = must[sagemaker.ListEndpointsOutput](t)(c.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{NextToken: out.NextToken}))
	check(t, "the page behind it", len(out.Endpoints), 10)
	token := out.NextToken
	server.SetFault("SageMaker.ListEndpoints", awssim.Fault{Break: awssim.EmptyPage, Times: 1})
	out = must[sagemaker.ListEndpointsOutput](t)(c.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{NextToken: token}))
	if server.HasFault("SageMaker.ListEndpoints") || len(out.Endpoints) != 0 || aws.ToString(out.NextToken) == aws.ToString(token) {
		t.Errorf("an empty page in the middle repeats its token: %+v", out)
	}
	out = must[sagemaker.ListEndpointsOutput](t)(c.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{NextToken: out.NextToken}))
	check(t, "the page behind that", len(out.Endpoints), 10)
	server.SetFault("SageMaker.ListEndpoints", awssim.Fault{Break: awssim.RepeatedToken})
	if !server.HasFault("SageMaker.ListEndpoints") {
		t.Error("a fault that was set is not there")
	}
	out = must[sagemaker.ListEndpointsOutput](t)(c.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{NextToken: token}))
	check(t, "token", aws.ToString(out.NextToken), aws.ToString(token))
}

func TestFault_onMetricResults(t *testing.T) {
	server, clock := aFleet(t, 1)
	c := at(t, server)
	ask := func() cwtypes.MetricDataResult {
		t.Helper()
		metric := fleet.Backlog.Query("endpoint-00000").Metric
		out := must[cloudwatch.GetMetricDataOutput](t)(c.cloudwatch.GetMetricData(soon(t), &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(clock.now().Add(-30 * time.Minute)), EndTime: aws.Time(clock.now()),
			MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("a"), MetricStat: &cwtypes.MetricStat{
				Metric: &cwtypes.Metric{
					Namespace: aws.String(metric.Namespace), MetricName: aws.String(metric.Name),
					Dimensions: []cwtypes.Dimension{{Name: aws.String("EndpointName"), Value: aws.String("endpoint-00000")}},
				},
				Period: aws.Int32(60), Stat: aws.String("Maximum"),
			}}},
		}))
		return out.MetricDataResults[0]
	}
	whole := ask()
	if whole.StatusCode != cwtypes.StatusCodeComplete || len(whole.Values) < 25 {
		t.Fatalf("%s with %d datapoints", whole.StatusCode, len(whole.Values))
	}
	if !whole.Timestamps[0].After(whole.Timestamps[1]) {
		t.Error("AWS's own order is the newest first")
	}
	server.SetFault("CloudWatch.GetMetricData", awssim.Fault{Results: "PartialData", Messages: map[string]string{"ArithmeticError": "odd"}})
	if part := ask(); part.StatusCode != cwtypes.StatusCodePartialData || len(part.Values) >= len(whole.Values) || len(part.Messages) != 1 {
		t.Errorf("%s with %d datapoints, %d messages", part.StatusCode, len(part.Values), len(part.Messages))
	}
	server.SetFault("CloudWatch.GetMetricData", awssim.Fault{Results: "InternalError"})
	if none := ask(); none.StatusCode != cwtypes.StatusCodeInternalError || len(none.Values) > 0 {
		t.Errorf("%s with %d datapoints", none.StatusCode, len(none.Values))
	}
}
