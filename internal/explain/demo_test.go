package explain_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// began is when the demo's story begins; it tells the same each time if that is a whole hour.
var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// demo is the modelled AWS of the demo, observed without a wire.
type demo struct {
	*sim.World
	fail map[fleet.SourceName]error
	only string // the one endpoint that is observed; empty: all
}

func newDemo() *demo { return &demo{World: sim.Demo(began), fail: map[fleet.SourceName]error{}} }

// named is a pattern that matches one name.
type named string

func (n named) Match(name string) bool { return n == ".*" || string(n) == name }
func (n named) String() string         { return string(n) }

// look is a complete observation of the demo at a moment of its story, with what is concluded from it. The endpoints that
// the pattern names are selected.
func (d *demo) look(t *testing.T, story time.Duration, selected ...named) report.Report {
	t.Helper()
	d.Advance(began.Add(story))
	rules := report.Rules{Objective: func(string) (time.Duration, time.Duration) { return 30 * time.Minute, 6 * time.Hour }}
	for _, name := range selected {
		rules.Policies = append(rules.Policies, policy.ByName(name))
	}
	options := observe.Options{
		Intervals: observe.Intervals{Queue: time.Minute, Metrics: 5 * time.Minute, Instances: time.Minute, Scaling: 5 * time.Minute, Tags: 10 * time.Minute},
		Selected:  func(name string) bool { return d.only == "" || name == d.only }, MaxStaleness: 10 * time.Minute, Tagged: rules.Policies.Reads,
	}
	o := observe.New(d.Scope(), observe.AWS{Endpoints: d, Tags: d, Metrics: d, Scaling: d, Alarms: d, Activities: d}, d.Now, options)
	sources := o.Sources()
	slices.SortStableFunc(sources, func(a, b fleet.SourceName) int { // the endpoints first: others are asked of them
		return map[bool]int{true: -1}[a == fleet.SourceEndpoints] - map[bool]int{true: -1}[b == fleet.SourceEndpoints]
	})
	for _, source := range sources {
		answer := o.Question(source)(t.Context())
		if answer.Err != nil && len(d.fail) == 0 {
			t.Fatal(answer.Err)
		}
		o.Learn(answer)
	}
	return report.Build(o.Snapshot(), rules, report.NewPast())
}

func answer[T any](d *demo, source fleet.SourceName, found T, err error) (T, error) {
	if d.fail[source] != nil {
		err = d.fail[source]
	}
	return found, err
}

func (d *demo) ListEndpoints(context.Context) ([]fleet.EndpointSummary, error) {
	return answer(d, fleet.SourceEndpoints, d.Endpoints(), nil)
}

func (d *demo) DescribeEndpoint(_ context.Context, name string) (fleet.EndpointDescription, error) {
	found, err := d.World.DescribeEndpoint(name)
	return answer(d, fleet.SourceEndpoints, found, err)
}

func (d *demo) DescribeEndpointConfig(_ context.Context, name string) (fleet.EndpointConfig, error) {
	found, err := d.World.DescribeEndpointConfig(name)
	return answer(d, fleet.SourceEndpoints, found, err)
}

func (d *demo) ListTags(_ context.Context, arn string) (map[string]string, error) {
	tags, err := d.World.ListTags(arn)
	if tags == nil {
		tags = map[string]string{}
	}
	return answer(d, fleet.SourceTags, tags, err)
}

func (d *demo) MetricData(_ context.Context, queries []fleet.Query, from, to time.Time) ([]fleet.Series, int, error) {
	source := fleet.SourceMetrics
	if len(queries) > 0 && slices.ContainsFunc(fleet.QueueMetrics(), func(m fleet.QueueMetric) bool { return m.String() == queries[0].Metric.Name }) {
		source = fleet.SourceQueue
	}
	all := make([]fleet.Series, len(queries))
	for i, q := range queries {
		all[i] = fleet.Series{Points: d.Datapoints(q.Metric, q.Statistic, q.Period, from, to), Complete: d.fail[source] == nil}
	}
	return all, len(queries), d.fail[source]
}

func (d *demo) MetricUnit(_ context.Context, metric fleet.Metric, _ time.Time, _ time.Duration) (string, error) {
	if unit := d.Unit(metric); unit != "" {
		return unit, nil
	}
	return "", errors.New("no data")
}

func (d *demo) ScalableTargets(context.Context) ([]fleet.Target, error) {
	return answer(d, fleet.SourceScaling, d.World.ScalableTargets(), nil)
}

func (d *demo) ScalingPolicies(context.Context) ([]fleet.Policy, error) {
	return answer(d, fleet.SourceScaling, d.World.ScalingPolicies(), nil)
}

func (d *demo) ScheduledActions(context.Context) ([]fleet.ScheduledAction, error) {
	return answer(d, fleet.SourceScaling, d.World.ScheduledActions(), nil)
}

func (d *demo) MetricAlarms(context.Context) ([]fleet.Alarm, error) {
	return answer(d, fleet.SourceAlarms, d.Alarms(), nil)
}

func (d *demo) ScalingActivities(context.Context, func([]fleet.Activity, int) bool) ([]fleet.Activity, error) {
	return answer(d, fleet.SourceActivities, d.World.ScalingActivities(), nil)
}
