package observe

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// event adds one sample of a metric of a's or another endpoint's variant v.
func (c *cloud) event(endpoint string, metric fmt.Stringer, at time.Time, value float64) {
	if c.events == nil {
		c.events = map[string][]fleet.Point{}
	}
	key := endpoint + "/v/" + metric.String()
	c.events[key] = append(c.events[key], fleet.Point{At: at, Value: value})
}

// statistic is what CloudWatch makes of events.
func (c *cloud) statistic(key, statistic string, period time.Duration, from, to time.Time) (points []fleet.Point) {
	for at := from.Truncate(period); at.Before(to); at = at.Add(period) {
		var sum, longest float64
		n := 0
		for _, event := range c.events[key] {
			if event.At.Truncate(period).Equal(at) {
				sum, longest, n = sum+event.Value, max(longest, event.Value), n+1
			}
		}
		if n > 0 {
			value := map[string]float64{"Sum": sum, "SampleCount": float64(n), "Maximum": longest, "Average": sum / float64(n)}[statistic]
			points = append(points, fleet.Point{At: at, Value: value})
		}
	}
	return points
}

func (c *cloud) MetricUnit(_ context.Context, metric fleet.Metric, _ time.Time, _ time.Duration) (string, error) {
	if unit := c.units[metric.Name]; unit != "" {
		return unit, c.call("GetMetricStatistics", metric.Name)
	}
	return "Microseconds", c.call("GetMetricStatistics", metric.Name)
}

// names of the metrics that were asked last, each once.
func (c *cloud) namesAsked() string {
	var names []string
	for _, query := range c.queries {
		if len(names) == 0 || names[len(names)-1] != query.Metric.Name {
			names = append(names, query.Metric.Name)
		}
	}
	return strings.Join(names, " ")
}

func (w *world) total(metric fleet.WorkMetric) fleet.Total {
	w.Helper()
	work := w.Snapshot().Endpoints[0].Variants[0].Work
	if work == nil {
		return fleet.Total{}
	}
	return work.Totals[metric]
}

// later observes again after a while.
func (w *world) later(d time.Duration) {
	w.Helper()
	w.at = w.at.Add(d)
	w.ask(fleet.SourceEndpoints)
	w.ask(fleet.SourceMetrics)
}

var march = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func TestMetrics_isReadBackFromTheEpochAndThenCounted(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.event("a", fleet.InvocationsProcessed, march.Add(time.Minute), 3)
	w.event("a", fleet.InvocationsProcessed, noon.Add(-20*time.Minute), 4)
	w.event("a", fleet.InvocationsProcessed, noon.Add(-time.Minute), 100)
	w.ask(fleet.SourceEndpoints)
	if w.Snapshot().Endpoints[0].Variants[0].Work != nil {
		t.Error("something is known before it was asked")
	}
	w.observe()
	total := w.total(fleet.InvocationsProcessed)
	equal(t, "since", total.Since, march)
	equal(t, "at first", total.Sum, 7)
	equal(t, "failures", w.total(fleet.InvocationFailures).Since, march)
	w.later(5 * time.Minute)
	equal(t, "from", w.from, noon.Truncate(time.Minute).Add(-15*time.Minute))
	equal(t, "once settled", w.total(fleet.InvocationsProcessed).Sum, 107)
}

func TestMetrics_paceIsThatOfTheSettledMinutes(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	for _, ago := range []time.Duration{time.Hour, 14 * time.Minute, 7 * time.Minute, time.Minute} {
		w.event("a", fleet.InvocationsProcessed, noon.Add(-ago), 6)
	}
	w.observe()
	pace := w.Snapshot().Endpoints[0].Variants[0].Work.Pace
	equal(t, "a second", pace.Value, 12.0/600)
	equal(t, "when", pace.At, noon.Truncate(time.Minute).Add(-5*time.Minute))
	equal(t, "fresh", pace.Fresh(w.at), true)
}

func TestMetrics_latenciesAreInTheUnitThatCloudWatchSays(t *testing.T) {
	w := newWorld(t, &cloud{units: map[string]string{"TimeInBacklog": "Milliseconds"}})
	w.async("a", 1)
	for _, at := range []time.Time{march, noon.Add(-10 * time.Minute), noon.Add(-10 * time.Minute)} {
		w.event("a", fleet.TimeInBacklog, at, 1500)
		w.event("a", fleet.ModelLatency, at, 1500)
	}
	w.observe()
	backlog, model := w.total(fleet.TimeInBacklog), w.total(fleet.ModelLatency)
	equal(t, "backlog", backlog.Sum, 4_500_000)
	equal(t, "backlogs", backlog.Samples, 3)
	equal(t, "model", model.Sum, 4_500)
	work := w.Snapshot().Endpoints[0].Variants[0].Work
	equal(t, "longest backlog", work.Longest[fleet.TimeInBacklog].Value, 1.5)
	equal(t, "longest model", work.Longest[fleet.ModelLatency].Value, 0.0015)
	w.later(5 * time.Minute)
	w.later(5 * time.Minute)
	equal(t, "asked for the unit", w.asked["GetMetricStatistics"], 2)
	work = w.Snapshot().Endpoints[0].Variants[0].Work
	equal(t, "longest, when it is long ago", work.Longest[fleet.TimeInBacklog], fleet.Reading{})
}

func TestMetrics_withoutAUnitNothingIsMadeUp(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{"GetMetricStatistics TimeInBacklog": errThrottled}, units: map[string]string{"ModelLatency": "None"}})
	w.async("a", 1)
	w.async("b", 1)
	for _, endpoint := range []string{"a", "b"} {
		w.event(endpoint, fleet.TimeInBacklog, noon.Add(-10*time.Minute), 1500)
		w.event(endpoint, fleet.ModelLatency, noon.Add(-10*time.Minute), 1500)
		w.event(endpoint, fleet.InvocationsProcessed, noon.Add(-10*time.Minute), 1)
	}
	w.observe()
	equal(t, "backlog", w.total(fleet.TimeInBacklog), fleet.Total{})
	equal(t, "model", w.total(fleet.ModelLatency), fleet.Total{})
	equal(t, "processed", w.total(fleet.InvocationsProcessed).Sum, 1)
	equal(t, "no data has no unit", w.total(fleet.TotalProcessingTime).Since, march)
	equal(t, "asked for units", w.asked["GetMetricStatistics"], 2)
	equal(t, "source", w.source(fleet.SourceMetrics).Err, `CloudWatch gives ModelLatency in the unit "None", which is no unit of time`)
	delete(w.fail, "GetMetricStatistics TimeInBacklog")
	w.units = nil
	w.later(time.Minute)
	equal(t, "backlog, later", w.total(fleet.TimeInBacklog).Sum, 1500)
	equal(t, "source", w.source(fleet.SourceMetrics).Err, "")
}

func TestMetrics_incompleteSeriesIsReadAgain(t *testing.T) {
	w := newWorld(t, &cloud{partial: map[string]bool{}, fail: map[string]error{}})
	w.async("a", 1)
	w.observe()
	w.event("a", fleet.InvocationsProcessed, noon.Add(time.Minute), 5)
	w.event("a", fleet.InvocationFailures, noon.Add(time.Minute), 1)
	w.partial["a/v/InvocationsProcessed"], w.fail["GetMetricData"] = true, errThrottled
	for range 10 {
		w.later(5 * time.Minute)
	}
	equal(t, "partial", w.total(fleet.InvocationsProcessed).Sum, 0)
	equal(t, "partial is dated", w.total(fleet.InvocationsProcessed).Expires, noon.Add(15*time.Minute))
	equal(t, "beside it", w.total(fleet.InvocationFailures).Sum, 1)
	equal(t, "beside it is fresh", w.total(fleet.InvocationFailures).Expires, w.at.Add(15*time.Minute))
	clear(w.partial)
	clear(w.fail)
	w.later(5 * time.Minute)
	equal(t, "made good", w.total(fleet.InvocationsProcessed).Sum, 5)
	equal(t, "revisions", w.Snapshot().LateRevisions, 0)
}

func TestMetrics_revisionsAreCounted(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.observe()
	w.event("a", fleet.InvocationsProcessed, noon.Add(-7*time.Minute), 5) // in a minute that had settled
	w.later(5 * time.Minute)
	equal(t, "total", w.total(fleet.InvocationsProcessed).Sum, 5)
	equal(t, "revisions", w.Snapshot().LateRevisions, 1)
}

func TestMetrics_whatCannotHaveHappenedIsNotAsked(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.observe()
	w.later(5 * time.Minute)
	equal(t, "while instances run", len(w.queries), 8+5*2+2+5)
	w.event("a", fleet.InvocationsProcessed, w.at.Add(time.Minute), 5) // its last work
	w.async("a", 0)
	w.later(5 * time.Minute)
	equal(t, "while the last minutes settle", len(w.queries), 8+5*2+2)
	w.later(10 * time.Minute)
	equal(t, "the last work", w.total(fleet.InvocationsProcessed).Sum, 5)
	billed := w.Snapshot().BilledMetrics
	w.later(5 * time.Minute)
	equal(t, "asleep", w.namesAsked(), "ExpiredRequests NotificationFailures")
	equal(t, "billed", w.Snapshot().BilledMetrics-billed, 2)
	equal(t, "fresh nevertheless", w.total(fleet.InvocationsProcessed).Expires, w.at.Add(15*time.Minute))
	for range 100 {
		w.later(5 * time.Minute)
	}
	w.event("a", fleet.InvocationsProcessed, w.at.Add(-2*time.Hour), 7) // nobody saw the instance
	w.async("a", 1)
	w.later(5 * time.Minute)
	equal(t, "nothing is lost", w.total(fleet.InvocationsProcessed).Sum, 12)
}

func TestMetrics_theMonthTurnsByTheClock(t *testing.T) {
	for name, instances := range map[string]int{"asleep": 0, "working": 1} {
		w := newWorld(t, &cloud{})
		w.async("a", instances)
		w.event("a", fleet.InvocationsProcessed, march, 5)
		april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
		if instances > 0 {
			w.event("a", fleet.InvocationsProcessed, april, 70)
		}
		w.at = april.Add(-9 * time.Minute)
		w.observe()
		w.later(8 * time.Minute)
		for minute := range 40 {
			w.at = april.Add(time.Duration(minute) * time.Minute)
			if minute%10 == 7 {
				w.later(0)
			}
			total := w.total(fleet.InvocationsProcessed).At(w.at)
			since, sum := march, int64(5)
			switch {
			case minute >= 30 && instances > 0:
				since, sum = april, 70
			case minute >= 20:
				since, sum = april, 0
			}
			equal(t, fmt.Sprint(name, ": since, minute ", minute), total.Since, since)
			equal(t, fmt.Sprint(name, ": sum, minute ", minute), total.Sum, sum)
			equal(t, fmt.Sprint(name, ": fresh, minute ", minute), total.Fresh(w.at), true)
		}
	}
}

// However long the interval is, the end of a month is read in time.
func TestDue_readsTheEndOfAMonth(t *testing.T) {
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for _, interval := range []time.Duration{10 * time.Second, 5 * time.Minute, 7 * time.Minute, 20 * time.Minute, time.Hour, 36 * time.Hour} {
		intervals, read, n := Intervals{Metrics: interval}, false, 0
		for at := april.Add(-3*time.Hour - 13*time.Second); at.Before(april.Add(20 * time.Minute)); at = intervals.Due(fleet.SourceMetrics, at) {
			read, n = read || !at.Before(april.Add(15*time.Minute)), n+1
		}
		if most := int(4*time.Hour/interval) + 2; !read || n > most {
			t.Errorf("%s: read %t, asked %d times", interval, read, n)
		}
	}
}

func TestMetrics_anOutageCostsFewCalls(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{"GetMetricData": errThrottled}, partial: map[string]bool{}})
	for i := range 400 {
		name := fmt.Sprint("e", i)
		w.async(name, 1)
		for _, metric := range fleet.WorkMetrics() {
			w.partial[name+"/v/"+metric.String()] = true
		}
	}
	w.ask(fleet.SourceEndpoints)
	w.ask(fleet.SourceMetrics)
	equal(t, "reads", w.asked["GetMetricData"], 2) // hours and minutes of the first portion
	clear(w.fail)
	clear(w.partial)
	w.ask(fleet.SourceMetrics)
	if reads := w.asked["GetMetricData"] - 2; reads != 2*5 {
		t.Errorf("%d reads of 400 endpoints", reads)
	}
	equal(t, "read", w.total(fleet.InvocationsProcessed).Since, march)
}

func TestMetrics_utilisationIsARatio(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 2)
	w.event("a", fleet.GPUUtilization, noon.Add(-3*time.Minute), 50)
	w.event("a", fleet.GPUUtilization, noon.Add(-2*time.Minute), 80)
	w.observe()
	hosts := w.Snapshot().Endpoints[0].Variants[0].Work.Hosts
	equal(t, "gpu", hosts[fleet.GPUUtilization].Value, 0.8)
	equal(t, "cpu", hosts[fleet.CPUUtilization].Known(), false)
}

func TestMetrics_deletedEndpointIsForgotten(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.async("b", 1)
	w.observe()
	delete(w.cloud.endpoints, "a")
	w.later(time.Minute)
	equal(t, "books", len(w.metrics.books), 1)
	equal(t, "awake", len(w.awake), 1)
}

// What CloudWatch took back shows in no total of this process, also when its endpoint was gone or not selected meanwhile.
func TestMetrics_aTotalOutlivesItsEndpointUntilTheMonthIsOver(t *testing.T) {
	w := newWorld(t, &cloud{})
	selected := true
	w.options.Selected = func(string) bool { return selected }
	took := "a/v/" + fleet.InvocationsProcessed.String()
	w.async("a", 1)
	w.event("a", fleet.InvocationsProcessed, noon.Add(-time.Hour), 10)
	w.observe()
	equal(t, "at first", w.total(fleet.InvocationsProcessed).Sum, 10)
	for _, back := range []func(bool){
		func(there bool) { selected = there },
		func(there bool) {
			delete(w.cloud.endpoints, "a")
			if there {
				w.async("a", 1)
			}
		},
	} {
		back(false)
		w.later(time.Minute)
		equal(t, "endpoints", len(w.Snapshot().Endpoints), 0)
		w.events[took][0].Value--
		back(true)
		w.later(time.Minute)
		equal(t, "after it came back", w.total(fleet.InvocationsProcessed).Sum, 10)
	}
	w.event("a", fleet.InvocationsProcessed, noon.Add(-time.Hour), 3)
	w.later(24 * time.Hour)
	equal(t, "made up for", w.total(fleet.InvocationsProcessed).Sum, 11)

	delete(w.cloud.endpoints, "a")
	w.later(time.Minute)
	equal(t, "books while the month lasts", len(w.metrics.books), 1)
	w.later(40 * 24 * time.Hour)
	equal(t, "books after it", len(w.metrics.books), 0)
}

// One that starts shows at least what any other showed before, whatever the intervals.
func TestMetrics_aProcessThatStartsIsNotBehind(t *testing.T) {
	c := &cloud{}
	old := newWorld(t, c, func(o *Options) { o.Intervals.Metrics = time.Minute })
	old.async("a", 1)
	for minute := range 60 {
		old.event("a", fleet.InvocationsProcessed, noon.Add(time.Duration(minute-50)*time.Minute), 1)
	}
	for minute := range 9 {
		old.at = noon.Add(time.Duration(minute) * time.Minute)
		old.observe()
		for _, interval := range []time.Duration{time.Minute, 7 * time.Minute, time.Hour} {
			fresh := newWorld(t, c, func(o *Options) { o.Intervals.Metrics = interval })
			fresh.at = old.at
			fresh.observe()
			equal(t, interval.String(), fresh.total(fleet.InvocationsProcessed).Sum, old.total(fleet.InvocationsProcessed).Sum)
		}
	}
	equal(t, "counted", old.total(fleet.InvocationsProcessed).Sum, 50-5+8)
}

// Late data costs no metric more within the hour, and thirteen a day.
func TestMetrics_lateReadsAskForNothingElse(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.observe()
	billed, hours := w.Snapshot().BilledMetrics, 0
	for range 24 * 12 {
		w.later(5 * time.Minute)
		if w.from.Before(w.at.Add(-3 * time.Hour)) {
			hours++
		}
	}
	equal(t, "late reads", hours, 24)
	perTurn := uint64(8 + 5*2 + 2 + 5) // this cloud bills each statistic
	equal(t, "metrics", w.Snapshot().BilledMetrics-billed, 24*12*perTurn+8+5*2)
}

// An endpoint that is deleted and made again goes on counting under its name.
func TestMetrics_madeAgainItGoesOnCounting(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.event("a", fleet.InvocationsProcessed, noon.Add(-20*time.Minute), 4)
	w.observe()
	gone := w.cloud.endpoints["a"]
	delete(w.cloud.endpoints, "a")
	w.event("a", fleet.InvocationsProcessed, noon.Add(-2*time.Minute), 10) // its last work
	w.later(5 * time.Minute)
	gone.Created = w.at
	w.cloud.endpoints["a"] = gone
	w.event("a", fleet.InvocationsProcessed, w.at.Add(time.Minute), 100)
	w.later(15 * time.Minute)
	equal(t, "total", w.total(fleet.InvocationsProcessed).Sum, 114)
	equal(t, "since", w.total(fleet.InvocationsProcessed).Since, march)
}

// The same while an answer is on its way: what was read for an account that is forgotten by then is not all that there is.
func TestMetrics_madeAgainDuringAReadNothingIsShownInPart(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.event("a", fleet.InvocationsProcessed, march, 1000)
	w.event("a", fleet.InvocationsProcessed, noon.Add(-10*time.Minute), 4)
	w.observe()
	w.at = w.at.Add(5 * time.Minute)
	answer := w.Question(fleet.SourceMetrics)(w.Context())
	for _, instances := range []int{-1, 1} {
		delete(w.cloud.endpoints, "a")
		if instances > 0 {
			w.async("a", instances)
		}
		w.ask(fleet.SourceEndpoints)
	}
	w.Learn(answer)
	equal(t, "at first", w.total(fleet.InvocationsProcessed), fleet.Total{})
	w.later(5 * time.Minute)
	equal(t, "then", w.total(fleet.InvocationsProcessed).Sum, 1004)
}

// What came late of a variant that has scaled to zero is found by the daily read, and then it costs nothing any more.
func TestMetrics_lateDataOfAVariantAtZeroIsFoundOnceADay(t *testing.T) {
	w := newWorld(t, &cloud{}, func(o *Options) { o.Intervals.Instances = time.Hour })
	w.async("a", 1)
	w.observe()
	w.async("a", 0)
	for range 4 {
		w.later(5 * time.Minute)
	}
	equal(t, "at zero", w.namesAsked(), "ExpiredRequests NotificationFailures")
	w.event("a", fleet.InvocationsProcessed, noon.Add(-time.Minute), 5) // it comes now
	asked := map[int]int{}
	for range 72 {
		w.later(time.Hour)
		asked[len(w.queries)]++
	}
	equal(t, "total", w.total(fleet.InvocationsProcessed).Sum, 5)
	equal(t, "revisions", w.Snapshot().LateRevisions, 1)
	equal(t, "asked of everything", asked[8+5*2+2], 2)
	equal(t, "asked of what may happen at zero", asked[2], 72-2)
	equal(t, "load", w.Snapshot().Load.Metrics, 2)
}

// However late it comes, as long as that is no more than a day, and in the middle of a month.
func TestMetrics_lateDataOfAVariantAtZeroIsCountedWithinADay(t *testing.T) {
	for _, late := range []int{1, 6, 12, 18, 23} {
		w := newWorld(t, &cloud{}, func(o *Options) { o.Intervals.Instances = time.Hour })
		w.async("a", 1)
		w.observe()
		w.async("a", 0)
		for range late {
			w.later(time.Hour)
		}
		w.event("a", fleet.InvocationsProcessed, noon.Add(-time.Minute), 5) // it comes now
		for range 25 {
			w.later(time.Hour)
		}
		equal(t, fmt.Sprintf("total of what came %d hours late", late), w.total(fleet.InvocationsProcessed).Sum, 5)
	}
}

// The service time of the last hours is known without a question of its own, and while nothing is asked because all sleep.
func TestMetrics_knowsHowLongRequestsTookLately(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	for i := range 40 {
		w.event("a", fleet.TotalProcessingTime, noon.Add(time.Duration(i-90)*time.Minute), 30_000_000)
		w.event("a", fleet.TimeInBacklog, noon.Add(time.Duration(i-90)*time.Minute), 10_000_000)
	}
	w.event("a", fleet.TotalProcessingTime, noon.Add(-30*time.Hour), 1_000_000)
	w.ask(fleet.SourceEndpoints)
	w.observe()
	lately := func() (took, waited fleet.Total) {
		work := w.Snapshot().Endpoints[0].Variants[0].Work
		return work.Took, work.Waited
	}
	took, waited := lately()
	equal(t, "took", took.Sum, 40*30_000_000)
	equal(t, "samples", took.Samples, 40)
	equal(t, "waited", waited.Sum, 40*10_000_000)
	equal(t, "since", took.Since, noon.Truncate(time.Hour).Add(-24*time.Hour))
	w.async("a", 0)
	for range 4 {
		w.later(10 * time.Minute)
	}
	expires := func() time.Time { took, _ := lately(); return took.Expires }
	before := expires()
	w.later(22 * time.Hour)
	took, _ = lately()
	equal(t, "a day later", took.Samples, 10) // those of 10:30 to 10:59 are older than this hour and the 23 before it
	if !expires().After(before) {
		t.Error("what did not have to be asked is too old")
	}
	w.later(2 * time.Hour)
	took, _ = lately()
	equal(t, "in the end", took.Samples, 0)
}
