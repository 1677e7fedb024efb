package awssim_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

func TestStart_refusesTwoWorldsOfOneScope(t *testing.T) {
	if _, err := awssim.Start(awssim.Options{}, sim.New(home, start, 1), sim.New(home, start, 2)); err == nil {
		t.Error("two worlds share an account and a region")
	}
	if _, err := awssim.Start(awssim.Options{}); err == nil {
		t.Error("a server without a world")
	}
}

// Hanging requests, half-sent bodies and idle connections all end with the server.
func TestClose_endsEveryGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	server, err := awssim.Start(awssim.Options{Now: func() time.Time { return start }}, sim.New(home, start, 1))
	if err != nil {
		t.Fatal(err)
	}
	server.SetFault("SageMaker.ListEndpoints", awssim.Fault{Break: awssim.Hang})
	server.SetFault("CloudWatch.DescribeAlarms", awssim.Fault{Break: awssim.SlowDrip, Drip: time.Hour})
	server.SetFault("ApplicationAutoScaling.*", awssim.Fault{Delay: time.Hour})
	c := at(t, server)
	var clients sync.WaitGroup
	for _, ask := range []func(context.Context) error{
		func(ctx context.Context) error {
			_, err := c.sagemaker.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{})
			return err
		},
		func(ctx context.Context) error {
			_, err := c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
			return err
		},
		func(ctx context.Context) error {
			_, err := c.scaling.DescribeScalableTargets(ctx, &aas.DescribeScalableTargetsInput{ServiceNamespace: namespace})
			return err
		},
	} {
		clients.Go(func() {
			if err := ask(soon(t)); err == nil {
				t.Error("an answer of a server that is closed")
			}
		})
	}
	idle, err := net.Dial("tcp", strings.TrimPrefix(server.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	for {
		calls := server.Calls()
		if calls["SageMaker.ListEndpoints"]+calls["CloudWatch.DescribeAlarms"]+calls["ApplicationAutoScaling.DescribeScalableTargets"] == 3 {
			break
		}
		runtime.Gosched()
	}
	if err := server.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	clients.Wait()
	if err := server.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	// The server's own have ended; those of the client's connections end on their own once the connections are closed, on a
	// busy machine not at once.
	for deadline := time.Now().Add(2 * time.Minute); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestServer_isSafeForConcurrentUse(t *testing.T) {
	server, clock := aFleet(t, 30)
	var all sync.WaitGroup
	for worker := range 6 {
		c := at(t, server)
		all.Go(func() {
			for i := range 10 {
				ctx := soon(t)
				name := fmt.Sprintf("endpoint-%05d", (worker*10+i)%30)
				_, err := c.sagemaker.DescribeEndpoint(ctx, &sagemaker.DescribeEndpointInput{EndpointName: &name})
				if err != nil {
					t.Errorf("describing: %v", err)
				}
				_, err = c.scaling.RegisterScalableTarget(ctx, &aas.RegisterScalableTargetInput{
					ServiceNamespace: namespace, ScalableDimension: dimension,
					ResourceId: aws.String(fleet.ResourceID(name, "AllTraffic")), MaxCapacity: aws.Int32(int32(5 + i)),
				})
				if err != nil {
					t.Errorf("registering: %v", err)
				}
				if _, err := c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}); err != nil {
					t.Errorf("alarms: %v", err)
				}
				in := &cloudwatch.GetMetricDataInput{
					StartTime: aws.Time(clock.now().Add(-10 * time.Minute)), EndTime: aws.Time(clock.now()),
					MetricDataQueries: []types.MetricDataQuery{backlog("a", name)},
				}
				if _, err := c.cloudwatch.GetMetricData(ctx, in); err != nil {
					t.Errorf("metrics: %v", err)
				}
				clock.move(5 * time.Second)
				server.SetLatency(time.Duration(i) * time.Microsecond)
				server.SetFault("STS.*", awssim.Fault{Delay: time.Millisecond})
				server.Do(home.Region, func(w *sim.World) {
					if err := w.Invoke(name, 1); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
	all.Wait()
	check(t, "calls", server.Calls()["SageMaker.DescribeEndpoint"], 60)
	server.ResetCalls()
	check(t, "calls after the reset", len(server.Calls()), 0)
}

func TestLatency_isAddedToEachAnswer(t *testing.T) {
	server, _ := aFleet(t, 1)
	const latency = 50 * time.Millisecond
	server.SetLatency(latency)
	began := time.Now()
	must[sagemaker.ListEndpointsOutput](t)(at(t, server).sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{}))
	if took := time.Since(began); took < latency {
		t.Errorf("an answer after %s", took)
	}
}

// Latency is waited without the lock: while one request waits for an hour, others are answered.
func TestLatency_holdsUpNobodyElse(t *testing.T) {
	server, _ := aFleet(t, 1)
	server.SetLatency(time.Hour)
	c := at(t, server)
	ctx, giveUp := context.WithCancel(soon(t))
	var slow sync.WaitGroup
	slow.Go(func() {
		if _, err := c.sagemaker.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{}); err == nil {
			t.Error("an answer within the hour")
		}
	})
	for server.Calls()["SageMaker.ListEndpoints"] == 0 {
		runtime.Gosched()
	}
	server.SetLatency(0)
	must[cloudwatch.DescribeAlarmsOutput](t)(c.cloudwatch.DescribeAlarms(soon(t), &cloudwatch.DescribeAlarmsInput{}))
	giveUp()
	slow.Wait()
}

func TestLists_showAWriteAtOnceAndTheModelsOwnChangesInTime(t *testing.T) {
	server, clock := aFleet(t, 2)
	c, ctx := at(t, server), soon(t)
	count := func() int {
		t.Helper()
		return len(must[cloudwatch.DescribeAlarmsOutput](t)(c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})).MetricAlarms)
	}
	before := count()
	must[cloudwatch.PutMetricAlarmOutput](t)(c.cloudwatch.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("a"), Namespace: aws.String("N"), MetricName: aws.String("M"), Statistic: types.StatisticSum, Period: aws.Int32(60),
		EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
	}))
	check(t, "after a write", count(), before+1)
	server.Do(home.Region, func(w *sim.World) {
		w.At(w.Now().Add(90*time.Second), func(w *sim.World) {
			if err := w.DeleteAlarms([]string{"a"}); err != nil {
				t.Error(err)
			}
		})
	})
	check(t, "before its time", count(), before+1)
	clock.move(2 * time.Minute)
	check(t, "after its time", count(), before)
}

func TestCredentials_areAskedFor(t *testing.T) {
	server, _ := aFleet(t, 1)
	_, err := connect(t, server, home.Region, aws.AnonymousCredentials{}).sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{})
	wantCode(t, err, "MissingAuthenticationTokenException")
	stranger := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "ASIANOTHANDEDOUT", SecretAccessKey: "x", SessionToken: "y"}, nil
	})
	_, err = connect(t, server, home.Region, stranger).sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{})
	wantCode(t, err, "UnrecognizedClientException")
}

func TestRequests_mayBePacked(t *testing.T) {
	server, _ := aFleet(t, 3)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(`{"MaxResults":2}`)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	header := jsonHeader("SageMaker.ListEndpoints")
	header.Set("Content-Encoding", "gzip")
	status, _, text := post(t, server, header, packed.String())
	if status != http.StatusOK || strings.Count(text, "EndpointArn") != 2 {
		t.Errorf("%d %s", status, text)
	}
}
