package observe

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// modelled is the AWS of a world.
type modelled struct {
	*sim.World
	keeps func(fleet.Query) bool // what CloudWatch never has of a queue is left out
	asked map[string]int         // by metric
}

func (m modelled) ListEndpoints(context.Context) ([]fleet.EndpointSummary, error) {
	return m.Endpoints(), nil
}

func (m modelled) DescribeEndpoint(_ context.Context, name string) (fleet.EndpointDescription, error) {
	return m.World.DescribeEndpoint(name)
}

func (m modelled) DescribeEndpointConfig(_ context.Context, name string) (fleet.EndpointConfig, error) {
	return m.World.DescribeEndpointConfig(name)
}

func (m modelled) MetricData(_ context.Context, queries []fleet.Query, from, to time.Time) ([]fleet.Series, int, error) {
	all := make([]fleet.Series, len(queries))
	for i, q := range queries {
		m.asked[q.Metric.Name]++
		all[i] = fleet.Series{Complete: true}
		if m.keeps(q) {
			all[i].Points = m.Datapoints(q.Metric, q.Statistic, q.Period, from, to)
		}
	}
	return all, len(queries), nil
}

func (m modelled) MetricUnit(_ context.Context, metric fleet.Metric, _ time.Time, _ time.Duration) (string, error) {
	return m.Unit(metric), nil
}

func (m modelled) AlarmsNamed(_ context.Context, names []string) ([]fleet.Alarm, error) {
	return slices.DeleteFunc(m.Alarms(), func(a fleet.Alarm) bool { return !slices.Contains(names, a.Name) }), nil
}

func (m modelled) ScalingActivities(_ context.Context, enough func([]fleet.Activity, int) bool) ([]fleet.Activity, error) {
	all := m.World.ScalingActivities()
	for pages := 1; pages*page < len(all); pages++ {
		if enough(all[:pages*page], pages) {
			return all[:pages*page], nil
		}
	}
	return all, nil
}

// race is an exporter that asks the gate, beside what one shows that asks everything each minute.
type race struct {
	*testing.T
	modelled
	gated *Observer
	all   *Observer       // it never asks the queue, so that all of its counters are asked
	wakes map[string]wake // as one sees them that asks everything; nil: they are not compared
	most  time.Duration   // how far CloudWatch showed another metric before the gate
}

// The race detector makes a day take five times as long, and sees the same on each: make test-long runs one day with it, and
// two weeks without.
var days = flag.Int("days", 1, "how many days TestGate_losesNothing runs, unless tests are short")

// TestGate_losesNothing runs days or weeks of the demo's account, and of endpoints that get a few requests at any time, some of
// which nobody serves in time.
func TestGate_losesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		assumes sim.Assumptions
		keeps   func(fleet.Query) bool
		idle    time.Duration
		most    time.Duration // that CloudWatch may show another metric before the gate, or that it is asked later
	}{
		"as it is":                 {sim.Assumptions{}, everything, 0, 2 * time.Minute},
		"all metrics equally late": {sim.Assumptions{SlowMetrics: true, TrackingWakes: true}, everything, 0, 0},
		"the gate has no data":     {sim.Assumptions{}, func(q fleet.Query) bool { return q.Metric.Name != fleet.Backlog.String() }, 0, 7 * time.Minute},
		"idle every five minutes":  {sim.Assumptions{}, everything, 5 * time.Minute, 7 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lasts := time.Duration(*days) * 24 * time.Hour
			if testing.Short() {
				lasts = 8 * time.Hour
			}
			r := newRace(t, c.assumes, c.keeps, c.idle)
			if name == "the gate has no data" {
				r.wakes = nil // at zero instances HasBacklogWithoutCapacity is then read every five minutes
			}
			r.run(lasts, c.most)
		})
	}
}

func everything(fleet.Query) bool { return true }

func newRace(t *testing.T, assumes sim.Assumptions, keeps func(fleet.Query) bool, idle time.Duration) *race {
	w := sim.Demo(march.Add(20*24*time.Hour + 7*time.Second))
	w.Assume(assumes)
	one := 1
	for i, spec := range []sim.EndpointSpec{
		{Name: "expires", Work: sim.Work{Service: time.Minute, TTL: 20 * time.Minute, NotificationFailureRate: .5}},
		{Name: "served", Instances: 1, Work: sim.Work{Service: 20 * time.Second, TTL: 5 * time.Minute, NotificationFailureRate: .3}},
	} {
		spec.Config = fleet.EndpointConfig{
			Name: fmt.Sprint("config-", i), Async: &fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: &one},
			Variants: []fleet.VariantConfig{{Name: "v", InstanceType: "ml.g5.xlarge", ModelName: "m"}},
		}
		if err := w.AddEndpoint(spec); err != nil {
			t.Fatal(err)
		}
	}
	m := modelled{w, keeps, map[string]int{}}
	r := &race{T: t, modelled: m, wakes: map[string]wake{}}
	start := func(m modelled) *Observer {
		options := newWorld(t, &cloud{}).options
		options.Intervals.Idle = idle
		return New(w.Scope(), AWS{Endpoints: m, Metrics: m, Activities: m, Watched: m}, w.Now, options)
	}
	r.gated = start(m)
	m.asked = map[string]int{} // those of the other do not count
	r.all = start(m)
	return r
}

func (r *race) run(lasts, most time.Duration) {
	chance := rand.New(rand.NewPCG(uint64(lasts), 7))
	end := r.Now().Add(lasts)
	for turn := 0; r.Now().Before(end); turn++ {
		r.Advance(r.Now().Add(time.Minute))
		for name, each := range map[string]int{"expires": 200, "served": 40, "ocr-nightly": 400} {
			if chance.IntN(each) == 0 {
				if err := r.Invoke(name, 1+chance.IntN(6)); err != nil {
					r.Fatal(err)
				}
			}
		}
		sources := []fleet.SourceName{fleet.SourceEndpoints}
		if turn%5 == 0 {
			sources = append(sources, fleet.SourceActivities, fleet.SourceMetrics)
		}
		for _, source := range sources {
			r.all.Learn(r.all.Question(source)(r.Context()))
		}
		r.gated.Learn(r.gated.Question(fleet.SourceEndpoints)(r.Context()))
		if r.wakes != nil {
			r.watch()
		}
		alarms := map[string][]fleet.Trigger{}
		for _, alarm := range r.Alarms() {
			name, _ := alarm.Metric.Dimension("EndpointName")
			alarms[name] = append(alarms[name], fleet.Trigger{Alarm: alarm.Name, State: "ALARM"})
		}
		r.gated.Watch(alarms)
		r.gated.Learn(r.gated.Question(fleet.SourceQueue)(r.Context()))
		for _, source := range sources[1:] {
			r.gated.Learn(r.gated.Question(source)(r.Context()))
		}
		r.compare(turn%5 == 0)
		if r.Failed() {
			r.Fatalf("at %s, turn %d", r.Now(), turn)
		}
	}
	if r.most > most {
		r.Errorf("the gate was behind by %s, want %s at most", r.most, most)
	}
	turns := int(lasts/time.Minute) * len(r.gated.selected())
	for _, metric := range fleet.QueueMetrics() {
		r.Logf("%s: asked in %.0f%% of all turns", metric, 100*float64(r.asked[metric.String()])/float64(turns))
	}
}

// points are what CloudWatch shows of a queue metric now.
func (r *race) points(name string, metric fleet.QueueMetric) []fleet.Point {
	to := r.Now().Truncate(time.Minute)
	q := metric.Query(name)
	if !r.keeps(q) {
		return nil
	}
	return r.Datapoints(q.Metric, q.Statistic, q.Period, to.Add(-window), to)
}

// watch follows wakes as they are seen by one that asks everything.
func (r *race) watch() {
	for name, known := range r.gated.endpoints {
		if known.kind() != fleet.KindAsync {
			continue
		}
		if known.describedAt.Equal(r.Now()) {
			n := 0
			for _, variant := range known.description.Variants {
				n += *variant.Current
			}
			r.wakes[name] = r.wakes[name].instances(n, r.Now())
		}
		r.wakes[name] = r.wakes[name].queue(r.points(name, fleet.WithoutCapacity))
	}
}

func (r *race) compare(work bool) {
	gated, all := r.gated.Snapshot(), r.all.Snapshot()
	for i, endpoint := range gated.Endpoints {
		for _, metric := range fleet.QueueMetrics() {
			r.reading(endpoint, metric, newest(r.points(endpoint.Name, metric), r.Now(), time.Minute))
		}
		if got, want := endpoint.Wakes, r.wakes[endpoint.Name].duration; r.wakes != nil && (got.Count != want.Count || got.Sum != want.Sum) {
			r.Errorf("%s: wakes: got %+v, want %+v", endpoint.Name, got, want)
		}
		for j, variant := range endpoint.Variants {
			for k, total := range variant.Work.Totals {
				got, want := total.At(r.Now()), all.Endpoints[i].Variants[j].Work.Totals[k].At(r.Now())
				if got.Since != want.Since || got.Sum != want.Sum || got.Samples != want.Samples {
					r.Errorf("%s: %s: got %+v, want %+v", endpoint.Name, fleet.WorkMetric(k), got, want)
				}
				if work && !total.Fresh(r.Now()) {
					r.Errorf("%s: %s is too old", endpoint.Name, fleet.WorkMetric(k))
				}
			}
		}
	}
}

// reading compares what is shown of one metric with what one shows that asks it each minute.
func (r *race) reading(endpoint fleet.Endpoint, metric fleet.QueueMetric, want fleet.Reading) {
	got, gate, of := endpoint.Queue[metric], endpoint.Queue[fleet.Backlog], endpoint.Name+": "+metric.String()
	if got.Fresh(r.Now()) {
		q := metric.Query(endpoint.Name)
		truth := r.Published(q.Metric, q.Statistic, got.At, got.At.Add(time.Minute))
		if len(truth) == 1 && truth[0].Value != got.Value {
			r.Errorf("%s: got %v at %s, in truth it was %v", of, got.Value, got.At, truth[0].Value)
		}
	}
	switch {
	case !want.Fresh(r.Now()), got.Fresh(r.Now()) && !got.At.Before(want.At):
	case gate.Fresh(r.Now()) && gate.Value == 0 && !gate.At.Before(want.At): // it is absent, because the queue is empty
	case gate.Known() && !gate.At.Before(want.At):
		r.Errorf("%s: got %+v, want %+v; the gate is %+v", of, got, want, gate)
	case gate.Known() || got.Known():
		r.most = max(r.most, want.At.Sub(r.since(endpoint.Name, metric, later(gate.At, got.At))))
	}
}

// since is the minute before the first one after the given moment that CloudWatch shows now. In between it has none: the age
// of the oldest request is absent while the queue is empty.
func (r *race) since(name string, metric fleet.QueueMetric, known time.Time) time.Time {
	for _, point := range r.points(name, metric) {
		if point.At.After(known) {
			return point.At.Add(-time.Minute)
		}
	}
	return known
}
