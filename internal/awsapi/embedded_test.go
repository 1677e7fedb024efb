package awsapi_test

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// embedded is the demo's AWS with a clock that stands still, and a client of it.
type embedded struct {
	*awssim.Server
	*awsapi.Client
	now time.Time

	mu    sync.Mutex
	calls []awsapi.Call
}

func onEmbedded(t *testing.T) *embedded {
	t.Helper()
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	e := &embedded{now: began.Add(sim.DemoHistory)}
	world := sim.Demo(began)
	world.Advance(e.now)
	var err error
	if e.Server, err = awssim.Start(awssim.Options{Now: func() time.Time { return e.now }}, world); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	e.Client, err = awsapi.Connect(t.Context(), awsapi.Access{Region: "us-east-1"}, awsapi.Options{
		BaseURL: e.URL(),
		Observe: func(c awsapi.Call) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.calls = append(e.calls, c)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// truth reads the model behind the wire.
func truth[T any](e *embedded, read func(*sim.World) T) (value T) {
	e.Do("us-east-1", func(w *sim.World) { value = read(w) })
	return value
}

func same[T any](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if reflect.ValueOf(want).Len() == 0 {
		t.Errorf("%s: the model has none, so nothing is compared", what)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

// Everything that the model knows survives the wire, in both directions, over all pages.
func TestEmbedded_theWireLosesNothing(t *testing.T) {
	e := onEmbedded(t)
	ctx := t.Context()

	account, err := e.Identify(ctx)
	same(t, "account", account, err, "111122223333")
	if err := e.Probe(ctx); err != nil {
		t.Error(err)
	}
	byName := func(a, b fleet.EndpointSummary) int { return cmp.Compare(a.Name, b.Name) }
	endpoints, err := e.ListEndpoints(ctx)
	slices.SortFunc(endpoints, byName)
	want := truth(e, (*sim.World).Endpoints)
	slices.SortFunc(want, byName)
	same(t, "endpoints", endpoints, err, want)

	for _, summary := range want {
		got, err := e.DescribeEndpoint(ctx, summary.Name)
		description := truth(e, func(w *sim.World) fleet.EndpointDescription { d, _ := w.DescribeEndpoint(summary.Name); return d })
		same(t, summary.Name, []fleet.EndpointDescription{got}, err, []fleet.EndpointDescription{description})
		config, err := e.DescribeEndpointConfig(ctx, got.ConfigName)
		wantConfig := truth(e, func(w *sim.World) fleet.EndpointConfig { c, _ := w.DescribeEndpointConfig(got.ConfigName); return c })
		same(t, got.ConfigName, []fleet.EndpointConfig{config}, err, []fleet.EndpointConfig{wantConfig})
		tags, err := e.ListTags(ctx, summary.ARN)
		wantTags := truth(e, func(w *sim.World) map[string]string { t, _ := w.ListTags(summary.ARN); return t })
		if err != nil || len(tags) != len(wantTags) || len(tags) > 0 && !reflect.DeepEqual(tags, wantTags) {
			t.Errorf("tags of %s: %v %v, want %v", summary.Name, tags, err, wantTags)
		}
	}

	targets, err := e.ScalableTargets(ctx)
	same(t, "targets", targets, err, truth(e, (*sim.World).ScalableTargets))
	policies, err := e.ScalingPolicies(ctx)
	same(t, "policies", policies, err, truth(e, (*sim.World).ScalingPolicies))
	scheduled, err := e.ScheduledActions(ctx)
	same(t, "scheduled actions", scheduled, err, truth(e, (*sim.World).ScheduledActions))
	alarms, err := e.MetricAlarms(ctx)
	same(t, "alarms", alarms, err, truth(e, (*sim.World).Alarms))
	activities, err := e.ScalingActivities(ctx, func([]fleet.Activity, int) bool { return false })
	same(t, "activities", activities, err, truth(e, (*sim.World).ScalingActivities))
}

func TestEmbedded_metricDataIsTheModels(t *testing.T) {
	e := onEmbedded(t)
	var queries []fleet.Query
	for _, name := range []string{"transcribe-live", "summarize", "diffusion", "nobody"} {
		for _, metric := range fleet.QueueMetrics() {
			queries = append(queries, metric.Query(name))
		}
	}
	from := e.now.Add(-time.Hour)
	series, billed, err := e.MetricData(t.Context(), queries, from, e.now)
	if err != nil || billed != len(queries) {
		t.Fatalf("billed %d of %d: %v", billed, len(queries), err)
	}
	points := 0
	for i, query := range queries {
		want := truth(e, func(w *sim.World) []fleet.Point {
			return w.Datapoints(query.Metric, query.Statistic, query.Period, from, e.now)
		})
		points += len(want)
		if !series[i].Complete || len(series[i].Points) != len(want) || len(want) > 0 && !reflect.DeepEqual(series[i].Points, want) {
			t.Errorf("%v:\ngot  %+v\nwant %+v", query, series[i], want)
		}
	}
	if points < 300 {
		t.Errorf("only %d datapoints were compared", points)
	}
}

func TestEmbedded_unitIsTheModels(t *testing.T) {
	e := onEmbedded(t)
	dimensions := fleet.VariantDimensions("transcribe-live", "AllTraffic")
	for metric, want := range map[fleet.WorkMetric]string{fleet.ModelLatency: "Microseconds", fleet.TimeInBacklog: "Milliseconds"} {
		unit, err := e.MetricUnit(t.Context(), metric.Of(dimensions), e.now.Add(-time.Hour), time.Hour)
		if err != nil || unit != want {
			t.Errorf("%s: %q %v", metric, unit, err)
		}
	}
	_, err := e.MetricUnit(t.Context(), fleet.ModelLatency.Of(dimensions), e.now.Add(time.Hour), time.Hour)
	if !errors.Is(err, fleet.ErrNotFound) || err.Error() != "asking for the unit of ModelLatency: not found" {
		t.Errorf("without a datapoint: %v", err)
	}
	e.SetFault("CloudWatch.GetMetricStatistics", awssim.Fault{Code: "AccessDenied"})
	_, err = e.MetricUnit(t.Context(), fleet.ModelLatency.Of(dimensions), e.now.Add(-time.Hour), time.Hour)
	if err == nil || !strings.Contains(err.Error(), "cloudwatch:GetMetricStatistics") {
		t.Errorf("denied: %v", err)
	}
}

func TestEmbedded_whatIsMissingIsNotFound(t *testing.T) {
	e := onEmbedded(t)
	if _, err := e.DescribeEndpoint(t.Context(), "gone"); !errors.Is(err, fleet.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := e.DescribeEndpointConfig(t.Context(), "gone"); !errors.Is(err, fleet.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestEmbedded_aMissingPermissionIsNamed(t *testing.T) {
	e := onEmbedded(t)
	e.SetFault("*", awssim.Fault{Code: "AccessDeniedException"})
	ctx := t.Context()
	for action, ask := range map[string]func() error{
		"sagemaker:ListEndpoints":                          func() error { _, err := e.ListEndpoints(ctx); return err },
		"sagemaker:DescribeEndpoint":                       func() error { _, err := e.DescribeEndpoint(ctx, "embed"); return err },
		"sagemaker:DescribeEndpointConfig":                 func() error { _, err := e.DescribeEndpointConfig(ctx, "x"); return err },
		"sagemaker:ListTags":                               func() error { _, err := e.ListTags(ctx, "arn:x"); return err },
		"application-autoscaling:DescribeScalableTargets":  func() error { _, err := e.ScalableTargets(ctx); return err },
		"application-autoscaling:DescribeScalingPolicies":  func() error { _, err := e.ScalingPolicies(ctx); return err },
		"application-autoscaling:DescribeScheduledActions": func() error { _, err := e.ScheduledActions(ctx); return err },
		"application-autoscaling:DescribeScalingActivities": func() error {
			_, err := e.ScalingActivities(ctx, func([]fleet.Activity, int) bool { return true })
			return err
		},
		"cloudwatch:ListMetrics":        func() error { _, _, err := e.EndpointsWithBacklog(ctx); return err },
		"cloudwatch:ListAlarmMuteRules": func() error { _, err := e.MuteRules(ctx); return err },
		"cloudwatch:GetAlarmMuteRule":   func() error { _, err := e.MuteRule(ctx, "nightly"); return err },
		"cloudwatch:DescribeAlarms":     func() error { _, err := e.MetricAlarms(ctx); return err },
		"cloudwatch:GetMetricData": func() error {
			_, _, err := e.MetricData(ctx, []fleet.Query{fleet.Backlog.Query("embed")}, e.now.Add(-time.Hour), e.now)
			return err
		},
	} {
		err := ask()
		var denied *awsapi.Denied
		if !errors.As(err, &denied) || denied.Action != action || !strings.HasSuffix(err.Error(), "the role lacks "+action) {
			t.Errorf("%s: got %v", action, err)
		}
	}
	if err := e.Probe(ctx); err != nil {
		t.Errorf("that access is denied is an answer: %v", err)
	}
}

func TestEmbedded_everyAttemptIsObserved(t *testing.T) {
	e := onEmbedded(t)
	e.SetFault("SageMaker.ListEndpoints", awssim.Fault{Code: "ThrottlingException", Times: 1})
	if _, err := e.ListEndpoints(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var codes []string
	for _, call := range e.calls {
		codes = append(codes, call.Service+"."+call.Operation+" "+call.Code)
	}
	if want := []string{"SageMaker.ListEndpoints ThrottlingException", "SageMaker.ListEndpoints OK"}; !slices.Equal(codes, want) {
		t.Errorf("got %v, want %v", codes, want)
	}
}
