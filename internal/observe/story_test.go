package observe

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// happening is what CloudWatch shows of a minute from a moment on, besides what it showed before.
type happening struct {
	at, visible time.Time
	value       float64
	samples     int
}

// lateCloud is a cloud whose metrics come late, in part or not at all.
type lateCloud struct {
	*cloud
	now        *time.Time
	happenings map[string][]happening // by "a/InvocationsProcessed"
	missing    func(key string) bool  // of this answer
}

func (c lateCloud) MetricData(_ context.Context, queries []fleet.Query, from, to time.Time) ([]fleet.Series, int, error) {
	all := make([]fleet.Series, len(queries))
	for i, query := range queries {
		endpoint, _ := query.Metric.Dimension("EndpointName")
		key := endpoint + "/" + query.Metric.Name
		all[i] = fleet.Series{Points: c.points(key, query, from, to), Complete: !c.missing(key)}
	}
	return all, len(queries), c.call("GetMetricData", "")
}

func (c lateCloud) points(key string, query fleet.Query, from, to time.Time) (points []fleet.Point) {
	sums := map[time.Time]float64{}
	for _, h := range c.happenings[key] {
		if h.at.Before(from) || !h.at.Before(to) || h.visible.After(*c.now) {
			continue
		}
		if query.Statistic == "SampleCount" {
			h.value = float64(h.samples)
		}
		sums[h.at.Truncate(query.Period)] += h.value
	}
	for at, sum := range sums {
		points = append(points, fleet.Point{At: at, Value: sum})
	}
	slices.SortFunc(points, func(a, b fleet.Point) int { return a.At.Compare(b.At) })
	return points
}

// told are the metrics of a story: one that counts while instances run, one that times, and one that counts at zero.
var told = []fleet.WorkMetric{fleet.InvocationsProcessed, fleet.ModelLatency, fleet.ExpiredRequests}

// life is what an endpoint does: it is there, or not, and has instances or none.
type life struct {
	until time.Time
	there bool
	awake bool
}

// witness is an exporter that runs from time to time.
type witness struct {
	*world
	due   map[fleet.SourceName]time.Time
	shown map[string]fleet.Total // newest, by endpoint and metric
}

// story is a few endpoints and the exporters that count their work.
type story struct {
	*testing.T
	*rand.Rand
	lateCloud
	at        time.Time
	quiet     time.Time // from then on nothing happens, and nothing fails
	lives     map[string]life
	waits     map[string]bool // endpoints with a queue
	created   map[string]time.Time
	witnesses [3]*witness
	highest   map[string]fleet.Total // that any exporter showed, by endpoint, metric and epoch
	broken    time.Time              // AWS fails until then
}

func (s *story) up(least, most time.Duration) time.Duration {
	return least + time.Duration(s.Int64N(int64(most-least)/int64(time.Second)))*time.Second
}

func (s *story) oneIn(n int) bool { return s.IntN(n) == 0 }

// tell is a story of two days and the two after it, in which data still comes late.
func tell(t *testing.T, seed uint64) {
	s := &story{
		T: t, Rand: rand.New(rand.NewPCG(seed, 1)), lives: map[string]life{}, waits: map[string]bool{}, created: map[string]time.Time{}, highest: map[string]fleet.Total{},
	}
	s.lateCloud = lateCloud{cloud: &cloud{fail: map[string]error{}}, now: &s.at, happenings: map[string][]happening{}}
	s.missing = func(string) bool { return s.at.Before(s.quiet) && s.oneIn(20) }
	s.at = march.Add(s.up(30*time.Hour, 40*24*time.Hour))
	if s.oneIn(2) {
		s.at = march.AddDate(0, 1, 0).Add(-s.up(0, 50*time.Hour))
	}
	s.quiet = s.at.Add(48 * time.Hour)
	for i := range s.witnesses {
		s.restart(i)
	}
	for next := s.at; s.at.Before(s.quiet.Add(50 * time.Hour)); s.at = s.soonest(next) {
		if !s.at.Before(next) {
			s.live()
			next = s.at.Truncate(time.Minute).Add(time.Minute)
		}
		for i, w := range s.witnesses {
			if s.at.Before(s.quiet) && s.oneIn(30000) {
				s.restart(i)
				continue
			}
			w.look(s)
		}
	}
	s.truth()
}

// soonest is when the next thing happens.
func (s *story) soonest(next time.Time) time.Time {
	for _, w := range s.witnesses {
		for _, due := range w.due {
			if due.Before(next) {
				next = due
			}
		}
	}
	if next.After(s.at) {
		return next
	}
	return s.at.Add(time.Second)
}

// live is a minute of the cloud.
func (s *story) live() {
	for _, name := range []string{"a", "b"} {
		was := s.lives[name]
		if !s.at.Before(was.until) && s.at.Before(s.quiet) {
			now := life{until: s.at.Add(s.up(2*time.Minute, 6*time.Hour)), there: !s.oneIn(8), awake: s.oneIn(2)}
			switch {
			case name == "b": // sleeps, and runs while nobody can look
				now = life{there: true, awake: s.at.Before(s.broken) && !was.awake, until: s.at.Add(s.up(3*time.Minute, 30*time.Minute))}
				if !now.awake && s.at.Before(s.broken) {
					now.until = s.broken.Add(time.Minute)
				}
			case s.oneIn(2):
				now.until = s.at.Add(s.up(3*time.Minute, 30*time.Minute))
			}
			s.change(name, was, now)
		}
		if s.lives[name].awake && s.at.After(s.quiet) {
			s.change(name, s.lives[name], life{there: true})
		}
		if s.oneIn(60) {
			s.waits[name] = s.oneIn(3)
		}
		s.waits[name] = s.waits[name] && s.at.Before(s.quiet)
		if s.lives[name].there {
			s.queue(name)
		}
		if s.lives[name].there && s.at.Before(s.quiet) {
			s.work(name, s.lives[name].awake)
		}
	}
	if s.at.Before(s.quiet) && s.oneIn(900) {
		s.broken = s.at.Add(s.up(10*time.Minute, 8*time.Hour))
	}
	clear(s.fail)
	if s.at.Before(s.broken) && s.at.Before(s.quiet) {
		s.fail["ListEndpoints"], s.fail["GetMetricData"], s.fail["DescribeScalingActivities"] = errThrottled, errThrottled, errThrottled
	}
}

func (s *story) change(name string, was, now life) {
	s.lives[name] = now
	delete(s.endpoints, name)
	if !now.there {
		return
	}
	instances := 0
	if now.awake {
		instances = 1
	}
	s.async(name, instances)
	if !was.there {
		s.created[name] = s.at
	}
	endpoint := s.endpoints[name]
	endpoint.Created, endpoint.LastModified = s.created[name], s.created[name]
	s.endpoints[name] = endpoint
	if was.there && was.awake != now.awake {
		s.activities = append([]fleet.Activity{{
			ID: fmt.Sprint(name, len(s.activities)), ResourceID: fleet.ResourceID(name, "v"), Status: "Successful",
			Start: s.at.Add(-time.Minute), End: s.at,
		}}, s.activities...)
	}
}

// queue publishes the backlog of the minute that begins.
func (s *story) queue(name string) {
	late, backlog := s.up(0, 3*time.Minute), 0.0
	if s.oneIn(200) {
		late = s.up(0, time.Hour)
	}
	if s.waits[name] {
		backlog = 1
	}
	at, key := s.at.Truncate(time.Minute), name+"/"+fleet.Backlog.String()
	s.happenings[key] = append(s.happenings[key], happening{at, at.Add(time.Minute + late), backlog, 1})
}

// work publishes what was done in the minute that begins. Without instances and a queue nothing is.
func (s *story) work(name string, awake bool) {
	for _, metric := range told {
		if !awake && (!metric.AtZero() || !s.waits[name]) || !s.oneIn(3) {
			continue
		}
		for range 1 + s.IntN(2) {
			late := s.up(0, 3*time.Minute)
			switch s.IntN(30) {
			case 0, 1:
				late = s.up(0, 3*time.Hour)
			case 2:
				late = s.up(0, 24*time.Hour)
			}
			at := s.at.Truncate(time.Minute)
			key := name + "/" + metric.String()
			s.happenings[key] = append(s.happenings[key], happening{at, at.Add(time.Minute + late), float64(1 + s.IntN(9)), 1})
		}
	}
}

// restart runs an exporter anew, perhaps with another configuration.
func (s *story) restart(i int) {
	w := newWorld(s.T, s.cloud, s.configured)
	w.aws.Metrics, w.at = s.lateCloud, s.at
	w.now = func() time.Time { return s.at }
	first := s.at.Add(s.up(0, time.Hour))
	s.witnesses[i] = &witness{w, map[fleet.SourceName]time.Time{
		fleet.SourceEndpoints: first, fleet.SourceQueue: first, fleet.SourceMetrics: first.Add(time.Second), fleet.SourceActivities: first,
	}, map[string]fleet.Total{}}
}

func (s *story) configured(o *Options) {
	pick := func(of ...time.Duration) time.Duration { return of[s.IntN(len(of))] }
	o.Intervals.Metrics = pick(time.Minute, 5*time.Minute, 7*time.Minute, 15*time.Minute, time.Hour)
	o.Intervals.Queue = pick(time.Minute, 5*time.Minute, 7*time.Minute, 30*time.Minute)
	o.Intervals.Instances = pick(time.Minute, time.Minute, 10*time.Minute, 2*time.Hour)
	o.Intervals.Scaling = pick(5*time.Minute, time.Hour)
}

// look asks what is due.
func (w *witness) look(s *story) {
	s.Helper()
	for _, source := range []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceActivities, fleet.SourceQueue, fleet.SourceMetrics} {
		if s.at.Before(w.due[source]) {
			continue
		}
		w.due[source] = w.options.Intervals.Due(source, s.at)
		answer := w.Question(source)(s.Context())
		if answer.Err != nil && w.due[source].After(s.at.Add(time.Minute)) {
			w.due[source] = s.at.Add(time.Minute)
		}
		w.Learn(answer)
		if s.at.Before(s.quiet) && s.oneIn(500) { // a reload, or a budget
			s.configured(&w.options)
		}
	}
	w.hold(s)
}

// hold holds what is shown against what was shown before, by this exporter and, where one has just begun, by any.
func (w *witness) hold(s *story) {
	s.Helper()
	for _, endpoint := range w.Snapshot().Endpoints {
		if endpoint.Variants[0].Work == nil {
			continue
		}
		for _, metric := range told {
			total := endpoint.Variants[0].Work.Totals[metric].At(s.at)
			if total.Since.IsZero() {
				continue
			}
			name := endpoint.Name + "/" + metric.String()
			was, known := w.shown[name]
			of := name + total.Since.String()
			if known && total.Since.Equal(was.Since) && (total.Sum < was.Sum || total.Samples < was.Samples) {
				s.Fatalf("%s: %s fell from %+v to %+v", s.at, name, was, total)
			}
			if highest := s.highest[of]; !known && (total.Sum < highest.Sum || total.Samples < highest.Samples) {
				s.Fatalf("%s: %s: one that starts shows %+v, one before showed %+v", s.at, name, total, highest)
			}
			w.shown[name] = total
			if highest := s.highest[of]; total.Sum > highest.Sum || total.Samples > highest.Samples {
				s.highest[of] = total
			}
		}
	}
}

// truth holds the totals against what was published; whatever came late has come, and was to be found by now.
func (s *story) truth() {
	for i, w := range s.witnesses {
		for name, total := range w.shown {
			if !s.lives[name[:1]].there {
				continue
			}
			var sum float64
			var samples int64
			for _, h := range s.happenings[name] {
				if !h.at.Before(total.Since) {
					sum, samples = sum+h.value, samples+int64(h.samples)
				}
			}
			if _, zero := fleet.Shows(s.at); zero {
				continue
			}
			if float64(total.Sum) != sum || total.Samples != 0 && total.Samples != samples {
				s.Errorf("exporter %d, metrics each %s, instances each %s: %s is %d of %d since %s, want %v of %d", i, w.options.Intervals.Metrics,
					w.options.Intervals.Instances, name, total.Sum, total.Samples, total.Since, sum, samples)
			}
		}
	}
}

func TestStory_exportersCountWhatIsPublishedWhateverHappens(t *testing.T) {
	first, stories := uint64(0), uint64(2)
	if !testing.Short() {
		stories = 20
	}
	if more := os.Getenv("OBSERVE_STORIES"); more != "" { // the first seed and how many: a search that takes its time
		if _, err := fmt.Sscan(more, &first, &stories); err != nil {
			t.Fatal(err)
		}
	}
	for seed := first; seed < first+stories; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { tell(t, seed) })
	}
}
