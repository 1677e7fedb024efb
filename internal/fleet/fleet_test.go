package fleet

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestKind_isToldByTheConfig(t *testing.T) {
	served := []VariantConfig{{ModelName: "m", InstanceType: "ml.g5.xlarge"}}
	for _, test := range []struct {
		config EndpointConfig
		want   Kind
	}{
		{EndpointConfig{Async: &AsyncConfig{}, Variants: served}, KindAsync},
		{EndpointConfig{Variants: served}, KindRealTime},
		{EndpointConfig{Variants: []VariantConfig{{Serverless: true, ModelName: "m"}}}, KindServerless},
		{EndpointConfig{Variants: []VariantConfig{{InstanceType: "ml.g5.xlarge"}}}, KindInferenceComponent},
	} {
		if got := test.config.Kind(); got != test.want {
			t.Errorf("%+v: got %s, want %s", test.config, got, test.want)
		}
	}
}

func TestSplitResourceID_isTheInverse(t *testing.T) {
	endpoint, variant, ok := SplitResourceID(ResourceID("transcribe", "AllTraffic"))
	if endpoint != "transcribe" || variant != "AllTraffic" || !ok {
		t.Errorf("got %q %q %v", endpoint, variant, ok)
	}
	for _, id := range []string{"", "service/a/b", "inference-component/a", "endpoint/a", "endpoint/a/variant/b/c"} {
		if _, _, ok := SplitResourceID(id); ok {
			t.Errorf("%q is no endpoint variant", id)
		}
	}
}

func TestMetricNames_ofEveryFormOfTracking(t *testing.T) {
	backlog := &Metric{Name: "ApproximateBacklogSize"}
	for _, test := range []struct {
		name   string
		policy Policy
		want   []string
	}{
		{
			"predefined",
			Policy{Tracking: &Tracking{Predefined: "SageMakerVariantInvocationsPerInstance"}},
			[]string{"SageMakerVariantInvocationsPerInstance"},
		},
		{"customised", Policy{Tracking: &Tracking{Metric: backlog}}, []string{"ApproximateBacklogSize"}},
		{
			"metric math",
			Policy{Tracking: &Tracking{Math: []MathQuery{{Metric: backlog}, {Expression: "m1/4"}}}},
			[]string{"ApproximateBacklogSize"},
		},
		{"step", Policy{Step: &Step{}}, nil},
	} {
		if got := test.policy.MetricNames(); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestHistogram_isAValue(t *testing.T) {
	var empty Histogram
	one := empty.With(2 * time.Minute)
	two := one.With(5 * time.Hour)
	if empty.Count != 0 || one.Count != 1 || two.Count != 2 || two.Sum != 5*time.Hour+2*time.Minute {
		t.Errorf("got %+v, %+v, %+v", empty, one, two)
	}
	for i, bound := range DurationBounds() {
		want := uint64(0)
		if bound >= 2*time.Minute {
			want = 1
		}
		if two.Buckets[i] != want {
			t.Errorf("bucket %s holds %d, want %d", bound, two.Buckets[i], want)
		}
	}
}

func TestInstances_areUnknownIfOneVariantIs(t *testing.T) {
	two := 2
	known, unknown := Variant{Current: &two}, Variant{}
	if n, ok := (Endpoint{Variants: []Variant{known, known}}).Instances(); n != 4 || !ok {
		t.Errorf("got %d %v", n, ok)
	}
	for _, variants := range [][]Variant{nil, {known, unknown}} {
		if n, ok := (Endpoint{Variants: variants}).Instances(); n != 0 || ok {
			t.Errorf("%v: got %d %v", variants, n, ok)
		}
	}
}

func TestSource_failureAndAgeAreTwoThings(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	good := Source{Name: SourceAlarms, LastAttempt: at, LastSuccess: at, Expires: at.Add(10 * time.Minute)}
	failed := good
	failed.Err, failed.LastAttempt = "throttled", at.Add(5*time.Minute)
	untried := Source{Name: SourceQueue}
	snapshot := Snapshot{Sources: []Source{failed, untried}}

	if !good.Up() || failed.Up() || untried.Up() {
		t.Error("up is about the newest attempt alone")
	}
	if !snapshot.Fresh(SourceAlarms, at.Add(9*time.Minute)) || snapshot.Fresh(SourceAlarms, at.Add(10*time.Minute)) {
		t.Error("what a failed source said last is shown until it expires")
	}
	if snapshot.Fresh(SourceQueue, at) || snapshot.Fresh(SourceTags, at) {
		t.Error("nothing is fresh that was never known")
	}
	if (Snapshot{Sources: []Source{good}}).Whole(at) != true || snapshot.Whole(at) || (Snapshot{}).Whole(at) {
		t.Error("whole means that every source worked and is fresh")
	}
}

func TestShown_theTwoOfCloudWatchAreOne(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	alarms := Source{Name: SourceAlarms, LastAttempt: at}
	queue := Source{
		Name: SourceQueue, LastAttempt: at, LastSuccess: at, LastAnswer: at, Expires: at.Add(10 * time.Minute), Duration: time.Second,
	}
	work := Source{
		Name: SourceMetrics, Err: "throttled", LastAttempt: at.Add(-time.Minute), LastSuccess: at.Add(-5 * time.Minute),
		LastAnswer: at.Add(-time.Minute), Expires: at.Add(15 * time.Minute), Duration: 3 * time.Second,
	}
	want := []Source{alarms, {
		Name: SourceMetrics, Err: "throttled", LastAttempt: at, LastSuccess: at.Add(-5 * time.Minute),
		LastAnswer: at, Expires: at.Add(10 * time.Minute), Duration: 3 * time.Second,
	}}
	if got := (Snapshot{Sources: []Source{alarms, queue, work}}).Shown(); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	queue.Err, want[1].Err = "broken", "broken; throttled"
	if got := (Snapshot{Sources: []Source{alarms, queue, work}}).Shown(); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	untried := []Source{queue, {Name: SourceMetrics}}
	if got := (Snapshot{Sources: untried}).Shown(); len(got) != 1 || got[0].Up() || got[0].Fresh(at) {
		t.Errorf("one that was not tried makes the whole so, got %+v", got)
	}
}

func TestWorkMetric_isNamedAsInCloudWatch(t *testing.T) {
	if len(WorkMetrics()) != 13 || InvocationsProcessed.String() != "InvocationsProcessed" || TotalProcessingTime.String() != "TotalProcessingTime" {
		t.Errorf("got %v", WorkMetrics())
	}
	for _, metric := range WorkMetrics() {
		name := metric.String()
		if timed := strings.HasSuffix(name, "Latency") || strings.Contains(name, "Time"); metric.Timed() != timed {
			t.Errorf("%s: timed %t", name, metric.Timed())
		}
	}
}

func TestQueueMetric_queriesWhatIsExposed(t *testing.T) {
	want := map[string]string{
		"ApproximateBacklogSize": "Maximum", "ApproximateBacklogSizePerInstance": "Average",
		"ApproximateAgeOfOldestRequest": "Maximum", "HasBacklogWithoutCapacity": "Average",
	}
	for _, metric := range QueueMetrics() {
		query := metric.Query("a")
		if want[query.Metric.Name] != query.Statistic || query.Period != time.Minute || query.Metric.Namespace != "AWS/SageMaker" ||
			len(query.Metric.Dimensions) != 1 || query.Metric.Dimensions[0] != (Dimension{"EndpointName", "a"}) {
			t.Errorf("%+v", query)
		}
		delete(want, query.Metric.Name)
	}
	if len(want) > 0 {
		t.Errorf("no query for %v", want)
	}
}
