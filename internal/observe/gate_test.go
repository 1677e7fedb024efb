package observe

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// points are minutes from the given one on; one below 0 is missing.
func points(from time.Time, values ...float64) (list []fleet.Point) {
	for i, value := range values {
		if value >= 0 {
			list = append(list, fleet.Point{At: from.Add(time.Duration(i) * time.Minute), Value: value})
		}
	}
	return list
}

const missing = -1

// A gate that was read twice: first ten minutes, then those and the three after them.
func TestGate_emptyIsEveryMinuteSinceTheReadBefore(t *testing.T) {
	from := noon.Truncate(time.Minute)
	minute := func(i int) time.Time { return from.Add(time.Duration(i) * time.Minute) }
	idle := sight{none: true, described: minute(12), seen: minute(12)}
	all := fleet.QueueMetrics()[1:]
	for name, c := range map[string]struct {
		first, second []float64
		asks          []fleet.QueueMetric
		whole, since  int // minutes
	}{
		"empty all the time":         {[]float64{0, 0, 0, 0}, []float64{0, 0, 0, 0, 0, 0, 0}, nil, 6, 0},
		"a queue now":                {[]float64{0, 0, 0, 0}, []float64{0, 0, 0, 0, 0, 0, 2}, all, 6, 7},
		"a queue between the reads":  {[]float64{0, 0, 0, 0}, []float64{0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, all, 9, 5},
		"a queue before the read":    {[]float64{0, 2, 0, 0, 0, 0}, []float64{0, 2, 0, 0, 0, 0, 0}, nil, 6, 2},
		"a queue a moment ago":       {[]float64{0, 0, 0, 2}, []float64{0, 0, 0, 2, 0, 0}, all, 5, 4},
		"a minute is not there yet":  {[]float64{0, 0, 0, 0}, []float64{0, 0, 0, 0, missing, 0, 0}, nil, 3, 0},
		"a queue after a hole":       {[]float64{0, 0, 0, 0}, []float64{0, 0, 0, 0, missing, 0, 3}, all, 3, 0},
		"it has come":                {[]float64{0, 0, 0, missing, 0, 0}, []float64{0, 0, 0, 0, 0, 0, 0}, nil, 6, 0},
		"it had a queue":             {[]float64{0, 0, 0, missing, 0, 0}, []float64{0, 0, 0, 4, 0, 0, 0, 0}, all, 7, 4},
		"data begins":                {nil, []float64{missing, missing, missing, missing, 0, 0}, nil, 5, 4},
		"never any":                  {nil, nil, all, -1, -1},
		"data ended":                 {[]float64{0, 0}, []float64{0, 0}, all, 1, 0},
		"one is missing for long":    {[]float64{0, 0}, []float64{0, 0, missing, 0, 0, 0, 0, 0, 0, 0}, all, 1, 0},
		"it is not the first minute": {[]float64{missing, 0, 0, 0}, []float64{missing, 0, 0, 0, 0, 0}, nil, 5, 1},
	} {
		before := gate{}.with(points(from, c.first...), from)
		now := before.with(points(from, c.second...), from)
		at := func(moment time.Time) int {
			if moment.IsZero() {
				return -1
			}
			return int(moment.Sub(from) / time.Minute)
		}
		equal(t, name+": whole", at(now.whole), c.whole)
		equal(t, name+": since", at(now.since), c.since)
		end := max(8, len(c.second)) // the moment at which the second was read
		equal(t, name+": asks", fmt.Sprint(now.asks(before, idle, minute(end))), fmt.Sprint(c.asks))
	}
}

// What was empty before the minutes that are read stays known, unless some between were never read.
func TestGate_emptySinceLongAgo(t *testing.T) {
	g, from := gate{}, noon.Truncate(time.Minute)
	for i := range 100 {
		at := from.Add(time.Duration(i) * time.Minute)
		g = g.with(points(at, slices.Repeat([]float64{0}, 9)...), at)
	}
	equal(t, "since", g.since, from)
	at := from.Add(100 * time.Minute)
	equal(t, "waited", g.waited(at.Add(10*time.Minute), 0), from.Add(-time.Minute))
	equal(t, "waited, after an outage", g.waited(at.Add(time.Hour), 0), at.Add(time.Hour))
	at = at.Add(8 * time.Minute) // one minute was not read
	equal(t, "since, after a gap", g.with(points(at.Add(time.Minute), 0, 0), at.Add(time.Minute)).since, at.Add(time.Minute))
	equal(t, "since, without one", g.with(points(at, 0, 0), at).since, from)
}

func TestGate_withoutCapacityIsNotAskedWhileAnInstanceHasRun(t *testing.T) {
	from := noon.Truncate(time.Minute)
	minute := func(i int) time.Time { return from.Add(time.Duration(i) * time.Minute) }
	g := gate{}.with(points(from, 0, 0, 0, 0, 0, 0, 0, 5), from) // the queue is in minute 7
	for name, c := range map[string]struct {
		s           sight
		asks, shows bool // whether the metric is asked, and whether what was said of the minute before is shown
	}{
		"has run":                 {sight{running: true, since: minute(4), described: minute(8), seen: minute(8)}, false, false},
		"has started lately":      {sight{running: true, since: minute(5), described: minute(8), seen: minute(8)}, true, true},
		"had no queue before":     {sight{running: true, since: minute(0), described: minute(7), seen: minute(9)}, true, true},
		"was described in it":     {sight{queued: true, running: true, since: minute(0), described: minute(7), seen: minute(9)}, false, true},
		"was described before":    {sight{queued: true, running: true, since: minute(0), described: minute(7).Add(-1), seen: minute(9)}, true, true},
		"none runs":               {sight{none: true, described: minute(8), seen: minute(8)}, true, true},
		"nothing is known of any": {sight{described: minute(8), seen: minute(8)}, true, true},
	} {
		asks := g.asks(gate{}, c.s, minute(9))
		equal(t, name, slices.Contains(asks, fleet.WithoutCapacity), c.asks)
		queue := c.s.derive(fleet.Queue{
			fleet.Backlog:         {At: minute(7), Value: 5, Expires: minute(13)},
			fleet.WithoutCapacity: {At: minute(6), Value: 1, Expires: minute(12)},
		}, from)
		equal(t, name+": what is shown is 1", queue[fleet.WithoutCapacity].Value == 1, c.shows)
		equal(t, name+": each instance's is asked", slices.Contains(asks, fleet.BacklogPerInstance), true)
	}
}

// The others follow from an empty queue, unless CloudWatch itself has said something of that minute or a later one.
func TestGate_whatFollowsFromAnEmptyQueue(t *testing.T) {
	from := noon.Truncate(time.Minute)
	minute := func(i int) time.Time { return from.Add(time.Duration(i) * time.Minute) }
	running := sight{running: true, seen: minute(7)}
	gate := fleet.Reading{At: minute(7), Expires: minute(13)}
	old := fleet.Queue{
		gate, {At: minute(6), Value: 3, Expires: minute(12)}, {At: minute(5), Value: 60, Expires: minute(11)}, {At: minute(5), Value: 1, Expires: minute(11)},
	}
	queue := running.derive(old, from)
	equal(t, "each instance's", queue[fleet.BacklogPerInstance], gate)
	equal(t, "age", queue[fleet.OldestAge], fleet.Reading{At: minute(5), Value: 60})
	equal(t, "without capacity", queue[fleet.WithoutCapacity], gate)

	queue = sight{none: true, seen: minute(7)}.derive(old, minute(6))
	equal(t, "at zero, each instance's", queue[fleet.BacklogPerInstance], fleet.Reading{At: minute(6), Value: 3})
	equal(t, "at zero, age", queue[fleet.OldestAge], fleet.Reading{})

	outdated := sight{running: true, seen: minute(7).Add(-time.Second)}
	equal(t, "described before, each instance's", outdated.derive(old, from)[fleet.BacklogPerInstance], old[fleet.BacklogPerInstance])
	g := gate1(minute)
	equalLists(t, "described before, asked", g.asks(g, outdated, minute(9)), fleet.BacklogPerInstance)
	equal(t, "described then, asked", len(g.asks(g, running, minute(9))), 0)

	said := old
	said[fleet.WithoutCapacity].At = minute(7)
	equal(t, "said by CloudWatch", running.derive(said, from)[fleet.WithoutCapacity], said[fleet.WithoutCapacity])
	old[fleet.Backlog].Expires = time.Time{}
	equal(t, "from a gate that is not shown", running.derive(old, from), old)
}

// gate1 is a gate that was empty until minute 7.
func gate1(minute func(int) time.Time) gate {
	return gate{}.with(points(minute(0), 0, 0, 0, 0, 0, 0, 0, 0), minute(0))
}

func TestGate_minutesOfAnEmptyQueueHaveCapacity(t *testing.T) {
	from := noon.Truncate(time.Minute)
	joined := withEmpty(points(from, missing, missing, 1, 1, missing, missing, 0), points(from, 0, missing, 4, 0, 0, 5))
	equalLists(t, "joined", joined, points(from, 0, missing, 1, 1, 0, missing, 0)...)
}

// CloudWatch may show a minute before the endpoint is described after it: what the description says follows in the same turn.
func TestGate_aMinuteThatIsShownSoonCostsNoMore(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.async("a", 2)
	turn := func() (asked bool) {
		w.at = w.at.Add(time.Minute)
		w.minutes("a", fleet.Backlog, w.at, slices.Repeat([]float64{4}, 30)...)
		w.ask(fleet.SourceQueue)
		asked = slices.ContainsFunc(w.queries, func(q fleet.Query) bool { return q.Metric.Name == fleet.WithoutCapacity.String() })
		w.ask(fleet.SourceEndpoints)
		return asked
	}
	w.observe()
	for range 5 {
		turn()
	}
	for range 20 {
		equal(t, "asked while an instance runs", turn(), false)
		queue := w.queue("a")
		equal(t, "shown", queue[fleet.WithoutCapacity], fleet.Reading{At: queue[fleet.Backlog].At, Expires: queue[fleet.Backlog].Expires})
	}
	w.async("a", 0)
	w.minutes("a", fleet.WithoutCapacity, w.at.Add(2*time.Minute), 1, 1)
	equal(t, "asked in the turn in which the last one goes", turn(), false)
	equal(t, "what is shown is of that minute", w.queue("a")[fleet.WithoutCapacity].At.Equal(w.queue("a")[fleet.Backlog].At), false)
	equal(t, "asked in the next", turn(), true)
	equal(t, "shown", w.queue("a")[fleet.WithoutCapacity].Value, 1)
}
