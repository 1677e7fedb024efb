package advise

import (
	"errors"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// begin is when the worlds of these tests begin, away from whole hours.
var begin = time.Date(2026, 11, 25, 9, 17, 23, 0, time.UTC)

// learn reads the history of an endpoint from a world, as the command does from AWS.
func learn(t *testing.T, w *sim.World, endpoint string, days int) History {
	t.Helper()
	description, err := w.DescribeEndpoint(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	h := History{Endpoint: endpoint}
	for _, v := range description.Variants {
		h.Variants = append(h.Variants, v.Name)
	}
	config, err := w.DescribeEndpointConfig(description.ConfigName)
	if err != nil {
		t.Fatal(err)
	}
	if n := config.Async.MaxConcurrentInvocationsPerInstance; n != nil {
		h.Concurrency = *n
	}
	h.From, h.To = Span(w.Now(), description.Created, days)
	h.Activities = h.Own(w.ScalingActivities())
	var series []fleet.Series
	for _, q := range Queries(endpoint, h.Variants) {
		series = append(series, fleet.Series{Points: w.Datapoints(q.Metric, q.Statistic, q.Period, h.From, h.To), Complete: true})
	}
	h, err = h.Learn(series, func(m fleet.Metric, _ time.Time) (time.Duration, error) {
		one, ok := fleet.UnitOfTime(w.Unit(m))
		if !ok {
			return 0, errors.New("no unit")
		}
		return one, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// demo is the demo's world, so long after its story began.
func demo(after time.Duration) *sim.World {
	w := sim.Demo(begin)
	w.Advance(begin.Add(after))
	return w
}

func TestLearn_hasWhatWasPublished(t *testing.T) {
	w := demo(sim.DemoHistory)
	h := learn(t, w, "transcribe-live", 15)
	if want := w.Now().Add(-5 * time.Minute).Truncate(time.Minute); !h.To.Equal(want) || h.From.After(begin) {
		t.Errorf("from %s to %s", h.From, h.To)
	}
	dimensions := fleet.VariantDimensions("transcribe-live", "AllTraffic")
	of := func(metric fleet.WorkMetric, statistic string) (sum float64) {
		for _, point := range w.Published(metric.Of(dimensions), statistic, h.From, h.To) {
			sum += point.Value
		}
		return sum
	}
	var got struct {
		processed, failures, expired int
		total, waited, model         Timed
		known                        int
	}
	for i, m := range h.Minutes {
		if i > 0 && !m.At.After(h.Minutes[i-1].At) {
			t.Fatalf("%s comes behind %s", m.At, h.Minutes[i-1].At)
		}
		got.processed, got.failures, got.expired = got.processed+m.Processed, got.failures+m.Failures, got.expired+m.Expired
		for _, sum := range []struct{ to, from *Timed }{{&got.total, &m.Total}, {&got.waited, &m.Waited}, {&got.model, &m.Model}} {
			sum.to.Sum, sum.to.Count = sum.to.Sum+sum.from.Sum, sum.to.Count+sum.from.Count
		}
		if n, ok := m.Instances(); ok && n >= 1 && n <= 8 {
			got.known++
		}
	}
	for name, pair := range map[string][2]float64{
		"processed": {float64(got.processed), of(fleet.InvocationsProcessed, "Sum")},
		"failures":  {float64(got.failures), of(fleet.InvocationFailures, "Sum")},
		"expired":   {float64(got.expired), of(fleet.ExpiredRequests, "Sum")},
		"total ms":  {float64(got.total.Sum.Milliseconds()), of(fleet.TotalProcessingTime, "Sum")},
		"waited ms": {float64(got.waited.Sum.Milliseconds()), of(fleet.TimeInBacklog, "Sum")},
		"model us":  {float64(got.model.Sum.Microseconds()), of(fleet.ModelLatency, "Sum")},
		"timed":     {float64(got.total.Count), of(fleet.TotalProcessingTime, "SampleCount")},
		"models":    {float64(got.model.Count), of(fleet.ModelLatency, "SampleCount")},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, published were %v", name, pair[0], pair[1])
		}
	}
	if got.processed < 1000 || got.known < 120 {
		t.Errorf("%d processed, instances known in %d minutes", got.processed, got.known)
	}
	if len(h.Activities) == 0 {
		t.Error("no activities")
	}
}

func TestLearn_takesNothingThatIsNotComplete(t *testing.T) {
	h := History{Endpoint: "e", Variants: []string{"v"}, From: begin, To: begin.Add(time.Hour)}
	series := make([]fleet.Series, len(Queries("e", h.Variants)))
	if _, err := h.Learn(series, nil); err == nil {
		t.Error("what is missing was taken for nothing that happened")
	}
	if _, err := h.Learn(series[1:], nil); err == nil {
		t.Error("an answer is missing")
	}
	for i := range series {
		series[i].Complete = true
	}
	series[len(series)-1].Points = []fleet.Point{{At: begin.Add(-time.Minute), Value: 1}, {At: begin.Add(time.Hour), Value: 1}}
	if learned, err := h.Learn(series, func(fleet.Metric, time.Time) (time.Duration, error) { return time.Second, nil }); err != nil || len(learned.Minutes) > 0 {
		t.Errorf("%+v, %v: these minutes are not of the span", learned.Minutes, err)
	}
}

func TestQueries_areTenMetrics(t *testing.T) {
	if n := Metrics(Queries("e", []string{"v"})); n != 10 {
		t.Errorf("%d metrics of one variant", n)
	}
	if n := Metrics(Queries("e", []string{"v", "w"})); n != 16 {
		t.Errorf("%d metrics of two variants", n)
	}
}

func TestSpan_isWhatCloudWatchAnswersByTheMinute(t *testing.T) {
	long := begin.Add(-100 * 24 * time.Hour)
	for _, test := range []struct {
		days     int
		created  time.Time
		from, to string
	}{
		{15, long, "2026-11-10 09:27", "2026-11-25 09:12"},
		{99, long, "2026-11-10 09:27", "2026-11-25 09:12"},
		{1, long, "2026-11-24 09:12", "2026-11-25 09:12"},
		{1, begin.Add(-time.Hour), "2026-11-25 08:17", "2026-11-25 09:12"},
		{1, begin.Add(time.Hour), "2026-11-25 09:12", "2026-11-25 09:12"},
	} {
		from, to := Span(begin, test.created, test.days)
		const form = "2006-01-02 15:04"
		if from.Format(form) != test.from || to.Format(form) != test.to {
			t.Errorf("%d days: %s to %s", test.days, from, to)
		}
	}
}
