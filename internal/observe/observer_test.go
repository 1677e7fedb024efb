package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var noon = time.Date(2026, 3, 2, 12, 0, 30, 0, time.UTC)

// cloud is an AWS whose answers the test writes down.
type cloud struct {
	mu         sync.Mutex
	asked      map[string]int // by operation
	endpoints  map[string]fleet.EndpointDescription
	configs    map[string]fleet.EndpointConfig
	tags       map[string]map[string]string // by ARN
	points     map[string][]fleet.Point     // by endpoint and metric: "a/HasBacklogWithoutCapacity"
	partial    map[string]bool              // series that CloudWatch calls partial
	refuse     bool                         // each series has a datapoint that was refused
	events     map[string][]fleet.Point     // of the work done, each by itself: "a/v/ModelLatency"
	units      map[string]string            // of metrics
	queries    []fleet.Query                // that were asked last
	from       time.Time                    // of the last read
	targets    []fleet.Target
	policies   []fleet.Policy
	scheduled  []fleet.ScheduledAction
	alarms     []fleet.Alarm
	activities []fleet.Activity
	fail       map[string]error // by operation, or operation and name: "DescribeEndpoint b"
}

func (c *cloud) call(operation, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked == nil {
		c.asked = map[string]int{}
	}
	c.asked[operation]++
	if err := c.fail[operation+" "+name]; err != nil {
		return err
	}
	return c.fail[operation]
}

func (c *cloud) ListEndpoints(context.Context) (list []fleet.EndpointSummary, _ error) {
	for _, endpoint := range c.endpoints {
		list = append(list, endpoint.EndpointSummary)
	}
	return list, c.call("ListEndpoints", "")
}

func (c *cloud) DescribeEndpoint(_ context.Context, name string) (fleet.EndpointDescription, error) {
	if err := c.call("DescribeEndpoint", name); err != nil {
		return fleet.EndpointDescription{}, err
	}
	endpoint, ok := c.endpoints[name]
	if !ok {
		return endpoint, fleet.ErrNotFound
	}
	return endpoint, nil
}

func (c *cloud) DescribeEndpointConfig(_ context.Context, name string) (fleet.EndpointConfig, error) {
	if err := c.call("DescribeEndpointConfig", name); err != nil {
		return fleet.EndpointConfig{}, err
	}
	config, ok := c.configs[name]
	if !ok {
		return config, fleet.ErrNotFound
	}
	return config, nil
}

func (c *cloud) ListTags(_ context.Context, arn string) (map[string]string, error) {
	return c.tags[arn], c.call("ListTags", arn)
}

func (c *cloud) MetricData(_ context.Context, queries []fleet.Query, from, to time.Time) ([]fleet.Series, int, error) {
	series := make([]fleet.Series, len(queries))
	c.queries, c.from = queries, from
	for i, query := range queries {
		endpoint, _ := query.Metric.Dimension("EndpointName")
		key := endpoint + "/" + query.Metric.Name
		if variant, ok := query.Metric.Dimension("VariantName"); ok {
			key = endpoint + "/" + variant + "/" + query.Metric.Name
			series[i].Points = c.statistic(key, query.Statistic, query.Period, from, to)
		}
		series[i].Complete = !c.partial[key]
		if c.refuse {
			series[i].Refused = 1
		}
		for _, point := range c.points[key] {
			if !point.At.Before(from) && point.At.Before(to) {
				series[i].Points = append(series[i].Points, point)
			}
		}
	}
	return series, len(queries), c.call("GetMetricData", "")
}

func (c *cloud) ScalableTargets(context.Context) ([]fleet.Target, error) {
	return c.targets, c.call("DescribeScalableTargets", "")
}

func (c *cloud) ScalingPolicies(context.Context) ([]fleet.Policy, error) {
	return c.policies, c.call("DescribeScalingPolicies", "")
}

func (c *cloud) ScheduledActions(context.Context) ([]fleet.ScheduledAction, error) {
	return c.scheduled, c.call("DescribeScheduledActions", "")
}

func (c *cloud) MetricAlarms(context.Context) ([]fleet.Alarm, error) {
	return c.alarms, c.call("DescribeAlarms", "")
}

func (c *cloud) AlarmsNamed(_ context.Context, names []string) (found []fleet.Alarm, _ error) {
	for _, alarm := range c.alarms {
		if slices.Contains(names, alarm.Name) {
			found = append(found, alarm)
		}
	}
	return found, c.call("DescribeAlarms by name", "")
}

func (c *cloud) ScalingActivities(_ context.Context, enough func([]fleet.Activity, int) bool) (read []fleet.Activity, _ error) {
	for pages := 1; len(read) < len(c.activities); pages++ {
		read = append(read, c.activities[len(read):min(len(read)+page, len(c.activities))]...)
		if err := c.call("DescribeScalingActivities", ""); err != nil {
			return nil, err
		}
		if enough(read, pages) {
			break
		}
	}
	return read, nil
}

// async adds an asynchronous endpoint with one variant to the cloud.
func (c *cloud) async(name string, instances int) {
	c.add(name, fleet.EndpointConfig{
		Name: name + "-config", Async: &fleet.AsyncConfig{},
		Variants: []fleet.VariantConfig{{Name: "v", InstanceType: "ml.g5.xlarge", ModelName: "m"}},
	}, instances)
}

func (c *cloud) add(name string, config fleet.EndpointConfig, instances int) {
	if c.endpoints == nil {
		c.endpoints, c.configs = map[string]fleet.EndpointDescription{}, map[string]fleet.EndpointConfig{}
	}
	c.configs[config.Name] = config
	c.endpoints[name] = fleet.EndpointDescription{
		EndpointSummary: fleet.EndpointSummary{Name: name, ARN: "arn:" + name, Status: "InService"},
		ConfigName:      config.Name,
		Variants:        []fleet.VariantDescription{{Name: "v", Current: &instances, Desired: &instances}},
	}
}

// minutes publishes one value a minute for a metric, the last one in the minute before at.
func (c *cloud) minutes(endpoint string, metric fleet.QueueMetric, at time.Time, values ...float64) {
	if c.points == nil {
		c.points = map[string][]fleet.Point{}
	}
	key := endpoint + "/" + metric.String()
	c.points[key] = nil
	for i, value := range values {
		start := at.Truncate(time.Minute).Add(time.Duration(i-len(values)) * time.Minute)
		c.points[key] = append(c.points[key], fleet.Point{At: start, Value: value})
	}
}

// world is an observer of a cloud with a clock that the test sets.
type world struct {
	*testing.T
	*cloud
	*Observer
	at time.Time
}

func newWorld(t *testing.T, c *cloud, change ...func(*Options)) *world {
	t.Helper()
	options := Options{
		Intervals: Intervals{
			Queue: time.Minute, Metrics: 5 * time.Minute, Instances: time.Minute, Scaling: 5 * time.Minute, Tags: 10 * time.Minute,
		},
		MaxStaleness: 10 * time.Minute,
	}
	for _, do := range change {
		do(&options)
	}
	w := &world{T: t, cloud: c, at: noon}
	w.Observer = New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"},
		AWS{Endpoints: c, Tags: c, Metrics: c, Scaling: c, Alarms: c, Activities: c, Watched: c},
		func() time.Time { return w.at }, options)
	return w
}

// observe asks every source in turn.
func (w *world) observe() fleet.Snapshot {
	w.Helper()
	sources := w.Sources()
	slices.SortFunc(sources, func(a, b fleet.SourceName) int { // endpoints first: others are asked of them
		return strings.Compare(fmt.Sprint(a != fleet.SourceEndpoints), fmt.Sprint(b != fleet.SourceEndpoints))
	})
	for _, source := range sources {
		w.ask(source)
	}
	return w.Snapshot()
}

func (w *world) ask(source fleet.SourceName) {
	w.Helper()
	if !w.Answerable(source) {
		w.Fatalf("%s cannot be asked yet", source)
	}
	w.Learn(w.Question(source)(w.Context()))
}

func (w *world) source(name fleet.SourceName) fleet.Source {
	w.Helper()
	source, ok := w.Snapshot().Source(name)
	if !ok {
		w.Fatalf("no source %s", name)
	}
	return source
}

func names(snapshot fleet.Snapshot) (names []string) {
	for _, endpoint := range snapshot.Endpoints {
		names = append(names, endpoint.Name)
	}
	return names
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func equalLists[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

var errThrottled = errors.New("throttled")

func TestObserve_everySourceOfAQuietScope(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("b", 1)
	w.async("a", 0)
	snapshot := w.observe()
	equalLists(t, "endpoints", names(snapshot), "a", "b")
	equal(t, "whole", snapshot.Whole(w.at), true)
	equal(t, "type", snapshot.Endpoints[0].Variants[0].Types[0], "ml.g5.xlarge")
	if _, ok := snapshot.Source(fleet.SourceTags); ok {
		t.Error("tags are a source although nothing selects or labels by them")
	}
	equal(t, "tags read", w.asked["ListTags"], 0)
}

func TestObserve_metricsWaitForEndpoints(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{"ListEndpoints": errThrottled}})
	equal(t, "before the endpoints", w.Answerable(fleet.SourceQueue), false)
	w.ask(fleet.SourceEndpoints)
	w.ask(fleet.SourceQueue)
	equal(t, "metrics", w.source(fleet.SourceQueue).Err, errEndpointsUnknown.Error())
	equal(t, "endpoints", w.source(fleet.SourceEndpoints).Err, "throttled")
	equal(t, "asked of CloudWatch", w.asked["GetMetricData"], 0)
}

func TestObserve_otherKindsAreCountedAndLeftAlone(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("async", 1)
	w.add("real", fleet.EndpointConfig{Name: "r", Variants: []fleet.VariantConfig{{Name: "v", ModelName: "m"}}}, 1)
	w.add("free", fleet.EndpointConfig{Name: "s", Variants: []fleet.VariantConfig{{Name: "v", Serverless: true}}}, 1)
	w.add("parts", fleet.EndpointConfig{Name: "i", Variants: []fleet.VariantConfig{{Name: "v"}}}, 1)
	snapshot := w.observe()
	equalLists(t, "endpoints", names(snapshot), "async")
	for _, kind := range []fleet.Kind{fleet.KindRealTime, fleet.KindServerless, fleet.KindInferenceComponent} {
		equal(t, string(kind), snapshot.Ignored[kind], 1)
	}
	described := w.asked["DescribeEndpoint"]
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceEndpoints)
	equal(t, "described in the next turn", w.asked["DescribeEndpoint"]-described, 1)
	w.at = w.at.Add(time.Hour)
	w.ask(fleet.SourceEndpoints)
	equal(t, "described after an hour", w.asked["DescribeEndpoint"]-described, 5)
	equal(t, "configurations asked for, each once", w.asked["DescribeEndpointConfig"], 4)
}

func TestObserve_aDeletedConfigHidesNoEndpoint(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	described := w.cloud.endpoints["a"]
	described.Async = &fleet.AsyncConfig{S3FailurePath: "s3://failed"}
	w.cloud.endpoints["a"] = described
	delete(w.configs, "a-config")
	snapshot := w.observe()
	equalLists(t, "endpoints", names(snapshot), "a")
	equal(t, "failure path", snapshot.Endpoints[0].Async.S3FailurePath, "s3://failed")
}

func TestObserve_oneFailingEndpointCostsNoOther(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.async("a", 1)
	w.async("b", 1)
	w.observe()
	w.fail["DescribeEndpoint b"] = errThrottled
	w.change("b", inStatus("Updating"))
	w.async("a", 4)
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceEndpoints)
	snapshot := w.Snapshot()
	equalLists(t, "endpoints", names(snapshot), "a", "b")
	equal(t, "instances of a", *snapshot.Endpoints[0].Variants[0].Current, 4)
	equal(t, "source", w.source(fleet.SourceEndpoints).Err, "1 of 2 failed, the first: throttled")
	for range 40 { // b is not seen for forty minutes: it is too old, a is not
		w.at = w.at.Add(time.Minute)
		w.ask(fleet.SourceEndpoints)
	}
	equalLists(t, "endpoints", names(w.Snapshot()), "a")
}

func TestObserve_anOutageCostsFewCalls(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{"DescribeEndpoint": errThrottled}})
	for i := range 200 {
		w.async(fmt.Sprint("e", i), 1)
	}
	w.ask(fleet.SourceEndpoints)
	if asked := w.asked["DescribeEndpoint"]; asked > 2*hopeless {
		t.Errorf("%d calls although none worked", asked)
	}
	equal(t, "source", w.source(fleet.SourceEndpoints).Err, "200 of 200 failed, the first: throttled")
}

func TestObserve_aFailedSourceKeepsWhatItSaid(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.async("a", 1)
	w.targets = []fleet.Target{{ResourceID: "endpoint/a/variant/v", MaxCapacity: 5}}
	w.observe()
	w.fail["DescribeScalingPolicies"] = errThrottled
	w.at = w.at.Add(5 * time.Minute)
	snapshot := w.observe()
	equal(t, "max", snapshot.Endpoints[0].Variants[0].Target.MaxCapacity, 5)
	source := w.source(fleet.SourceScaling)
	equal(t, "up", source.Up(), false)
	equal(t, "last success", source.LastSuccess, noon)
	equal(t, "expires", source.Expires, noon.Add(15*time.Minute)) // three intervals are longer than the staleness
	equal(t, "fresh just before", source.Fresh(noon.Add(15*time.Minute-1)), true)
	equal(t, "fresh then", source.Fresh(noon.Add(15*time.Minute)), false)
}

func TestObserve_deletedEndpointIsForgotten(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 0)
	w.async("b", 0)
	w.minutes("a", fleet.WithoutCapacity, w.at, 0, 1, 1)
	w.observe()
	delete(w.cloud.endpoints, "a")
	w.at = w.at.Add(time.Minute)
	snapshot := w.observe()
	equalLists(t, "endpoints", names(snapshot), "b")
	equal(t, "queues kept", len(w.queues), 1)
	equal(t, "wakes kept", len(w.wakes), 1)
}

func TestSelect_byNameAndTag(t *testing.T) {
	speech := func(o *Options) {
		o.Selected = func(name string) bool { return name != "skip" }
		o.Tags = map[string]string{"team": "speech"}
	}
	w := newWorld(t, &cloud{fail: map[string]error{}}, speech)
	for _, name := range []string{"mine", "theirs", "untagged", "skip"} {
		w.async(name, 1)
	}
	w.cloud.tags = map[string]map[string]string{"arn:mine": {"team": "speech"}, "arn:theirs": {"team": "ocr"}}
	w.ask(fleet.SourceEndpoints)
	equalLists(t, "before the tags are known", names(w.Snapshot()))
	snapshot := w.observe()
	equalLists(t, "selected", names(snapshot), "mine")
	equal(t, "tag", snapshot.Endpoints[0].Tags["team"], "speech")
	equal(t, "queries", len(w.selected()), 1)

	w.fail["ListTags"] = errThrottled // tags that were known stay known
	w.at = w.at.Add(time.Minute)
	snapshot = w.observe()
	equalLists(t, "selected", names(snapshot), "mine")
	equal(t, "source", w.source(fleet.SourceTags).Err, "3 of 3 failed, the first: throttled")

	w.Configure(Options{Intervals: w.options.Intervals, MaxStaleness: time.Hour})
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceEndpoints)
	equalLists(t, "after a reload without selection", names(w.Snapshot()), "mine", "skip", "theirs", "untagged")
}

func TestUnreached_everySourceIsDown(t *testing.T) {
	options := Options{TagLabels: []fleet.TagLabel{{Key: "team", Label: "tag_team"}}}
	snapshot := Unreached(fleet.Scope{Region: "eu-west-1"}, options, noon, errThrottled)
	equal(t, "sources", len(snapshot.Sources), 7)
	for _, source := range snapshot.Sources {
		equal(t, "up", source.Up(), false)
		equal(t, "err", source.Err, "throttled")
	}
}
