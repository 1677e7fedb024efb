package cycle

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
)

// A read of the metrics that fails at a quarter past, before the old month's totals go, is repeated in time.
func TestRetryAfter_theEndOfAMonthIsReadAgainEachMinute(t *testing.T) {
	slow := observe.Intervals{Queue: 5 * time.Minute, Metrics: 50 * time.Minute, Scaling: time.Hour}
	fast := observe.Intervals{Queue: 30 * time.Second, Metrics: 5 * time.Minute, Scaling: 5 * time.Minute}
	month := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name   string
		source fleet.SourceName
		at     time.Duration // since the month began
		every  observe.Intervals
		want   time.Duration
	}{
		{"the old total stands", fleet.SourceMetrics, 15 * time.Minute, slow, time.Minute},
		{"the last moment of it", fleet.SourceMetrics, 20*time.Minute - time.Second, slow, time.Minute},
		{"it is gone", fleet.SourceMetrics, 20 * time.Minute, slow, 5 * time.Minute},
		{"another day", fleet.SourceMetrics, 50 * time.Hour, slow, 5 * time.Minute},
		{"another source", fleet.SourceScaling, 15 * time.Minute, slow, 5 * time.Minute},
		{"a faster loop", fleet.SourceMetrics, 15 * time.Minute, fast, 30 * time.Second},
	} {
		if got := retryAfter(test.source, month.Add(test.at), test.every); got != test.want {
			t.Errorf("%s: due again after %s, want %s", test.name, got, test.want)
		}
	}
}

// working is a region whose endpoint runs an instance, and whose CloudWatch fails for a while.
type working struct {
	*region
	fails func(at time.Time) bool
	read  []time.Time // when the metrics were read
}

func (r *working) DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	one := 1
	description, err := r.region.DescribeEndpoint(ctx, name)
	description.Status = fleet.InService
	description.Variants = []fleet.VariantDescription{{Name: "v", Current: &one, Desired: &one}}
	return description, err
}

func (r *working) MetricData(_ context.Context, queries []fleet.Query, _, _ time.Time) ([]fleet.Series, int, error) {
	if !slices.ContainsFunc(queries, func(q fleet.Query) bool { return q.Metric.Name == "InvocationsProcessed" }) {
		return make([]fleet.Series, len(queries)), len(queries), nil
	}
	if r.fails(time.Now()) {
		return nil, 0, errDenied
	}
	all := make([]fleet.Series, len(queries))
	for i := range all {
		all[i].Complete = true
	}
	r.does(func() { r.read = append(r.read, time.Now()) })
	return all, len(queries), nil
}

// However seldom CloudWatch is read, and whenever it fails: if it answers again a minute before the old month's totals go,
// they are read once more after a quarter past.
func TestLoop_readsTheEndOfAMonthHoweverItFails(t *testing.T) {
	for _, every := range []observe.Intervals{
		{Queue: time.Minute, Metrics: 5 * time.Minute},
		{Queue: 5 * time.Minute, Metrics: 10 * time.Minute},
		{Queue: 10 * time.Minute, Metrics: 50 * time.Minute},
		{Queue: time.Hour, Metrics: time.Hour},
		{Queue: 7 * time.Minute, Metrics: 24 * time.Hour},
	} {
		for from := 0; from < 20; from++ {
			synctest.Test(t, func(t *testing.T) {
				month := time.Now() // a bubble begins when a month does
				r := &working{region: newRegion("us-east-1", "a"), fails: func(at time.Time) bool {
					since := at.Sub(month)
					return since >= time.Duration(from)*time.Minute && since < 18*time.Minute+30*time.Second
				}}
				w := newWheel(t)
				o := options(func(o *observe.Options) {
					o.Intervals.Queue, o.Intervals.Metrics = every.Queue, every.Metrics
				})
				time.Sleep(30 * time.Second)
				_ = w.Start(w.ctx, []Scope{{Key: "here", Name: "here", Known: r.scope, Connect: func(context.Context) (Connection, error) {
					return Connection{Scope: r.scope, AWS: observe.AWS{Endpoints: r, Tags: r, Metrics: r, Scaling: r, Alarms: r, Mutes: r, Activities: r}}, nil
				}}}, o)
				time.Sleep(time.Until(month.Add(20 * time.Minute)))
				w.end()
				r.read = append([]time.Time{month}, r.read...)
				last := r.read[len(r.read)-1].Sub(month)
				if last < 15*time.Minute {
					t.Errorf("%+v, CloudWatch fails from 00:%02d to 00:18:30: read last %s after the month began", every, from, last)
				}
			})
		}
	}
}
