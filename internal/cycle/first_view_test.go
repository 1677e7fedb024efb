package cycle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// slow is a region of which each description takes two seconds: eight at a time, four a second.
type slow struct{ *region }

func (s slow) DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	time.Sleep(2 * time.Second)
	return s.region.DescribeEndpoint(ctx, name)
}

// slowRegion has so many endpoints.
func slowRegion(endpoints int) (*region, Scope) {
	r := newRegion("us-east-1")
	for i := range endpoints {
		r.endpoints = append(r.endpoints, fmt.Sprintf("e%03d", i))
	}
	return r, r.via("").with(func(reached *Connection) { reached.AWS.Endpoints = slow{r} })
}

func TestLoop_aFirstViewLongerThanAMinuteIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const endpoints = 600 // two and a half minutes
		w := newWheel(t)
		defer w.end()
		r, via := slowRegion(endpoints)
		began := time.Now()
		_ = w.Start(w.ctx, []Scope{via}, options())
		shown := 0
		for until(began, 8*time.Second); time.Since(began) < 149*time.Second; time.Sleep(8 * time.Second) {
			synctest.Wait()
			now := len(w.Set().Reports[0].Snapshot.Endpoints)
			if now <= shown {
				t.Errorf("after %s it shows %d endpoints, %d before", time.Since(began), now, shown)
			}
			shown = now
			source := w.source(fleet.SourceEndpoints)
			if source.Progress != (fleet.Progress{Done: now, Of: endpoints}) || source.Err != "" || !source.Fresh(time.Now()) {
				t.Errorf("after %s the source is %+v", time.Since(began), source)
			}
			want := "us-east-1 has not been observed yet: " + source.Progress.String()
			if err := w.Set().Ready(time.Now()); err == nil || err.Error() != want {
				t.Errorf("it is ready: %v, want %s", err, want)
			}
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if r := w.Set().Reports[0]; len(r.Snapshot.Endpoints) != endpoints || !r.Snapshot.Whole(time.Now()) {
			t.Errorf("in the end it shows %d endpoints, %+v", len(r.Snapshot.Endpoints), r.Snapshot.Sources)
		}
		if source := w.source(fleet.SourceEndpoints); source.Duration != endpoints/4*time.Second || source.Progress.Of != 0 {
			t.Errorf("the first view took %s, %s", source.Duration, source.Progress)
		}
		if n := strings.Count(w.out.String(), "msg=\"described "); n < 8 || n > 15 {
			t.Errorf("progress was logged %d times", n)
		}
		w.wantLogged("level=warn", 0)
		if asked := r.count("DescribeEndpoint"); asked != endpoints {
			t.Errorf("%d descriptions of %d endpoints", asked, endpoints)
		}
		if listed := r.count("ListEndpoints"); listed != 1 {
			t.Errorf("they were listed %d times", listed)
		}
	})
}

// slowPolicies is an account with so many policies that reading them takes most of a minute.
type slowPolicies struct{ observe.Scaling }

func (s slowPolicies) ScalingPolicies(ctx context.Context) ([]fleet.Policy, error) {
	time.Sleep(50 * time.Second)
	return s.Scaling.ScalingPolicies(ctx)
}

// A thousand pages of policies hold up neither targets nor alarms. What rests on policies is not judged before they are there.
func TestLoop_inAFirstViewTargetsComeBeforePolicies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "e", "f"), newWheel(t)
		defer w.end()
		a.Do(func(world *sim.World) {
			none := 0
			_, err := world.RegisterScalableTarget(sim.TargetChange{ResourceID: fleet.ResourceID("e", "v"), Min: &none, Max: &none})
			awstest.Must(t, err)
		})
		via := a.scope(false).with(func(reached *Connection) { reached.AWS.Scaling = slowPolicies{a} })
		_ = w.Start(w.ctx, []Scope{via}, options())
		failing := func() (names []string) {
			for i := range w.Set().Reports[0].Endpoints {
				for _, finding := range w.Set().Reports[0].Endpoints[i].Variants[0].Findings {
					if finding.Failed && finding.Severity != check.Info {
						names = append(names, finding.Check.Name)
					}
				}
			}
			return names
		}
		until(began, 45*time.Second)
		now, s := time.Now(), w.Set().Reports[0].Snapshot
		if !s.Fresh(fleet.SourceTargets, now) || s.Fresh(fleet.SourceScaling, now) || !s.Fresh(fleet.SourceAlarms, now) || len(s.Targets) != 1 {
			t.Errorf("before the policies: %d targets, %+v, early %+v", len(s.Targets), s.Sources, s.Early)
		}
		if got := failing(); !slices.Equal(got, []string{"max_capacity_zero"}) {
			t.Errorf("before the policies %v fail", got)
		}
		until(began, 70*time.Second)
		now, s = time.Now(), w.Set().Reports[0].Snapshot
		if !s.Fresh(fleet.SourceScaling, now) || !s.Fresh(fleet.SourceTargets, now) || !s.Early.LastAnswer.IsZero() {
			t.Errorf("with the policies: %+v, early %+v", s.Sources, s.Early)
		}
		if got := failing(); !slices.Contains(got, "no_wake_policy") {
			t.Errorf("with the policies %v fail", got)
		}
		asked := 0
		for _, call := range a.Calls() {
			if strings.HasPrefix(call, "DescribeScalableTargets") {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("targets were asked for %d times", asked)
		}
	})
}

// Nobody waits for the queue until the last endpoint is described.
func TestLoop_theQueueOfAFirstViewIsAskedAsEndpointsAreDescribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWheel(t)
		defer w.end()
		_, via := slowRegion(200)
		_ = w.Start(w.ctx, []Scope{via}, options())
		time.Sleep(21 * time.Second)
		synctest.Wait()
		unread := 0
		snapshot := w.Set().Reports[0].Snapshot
		for _, endpoint := range snapshot.Endpoints {
			if endpoint.Queue[fleet.Backlog].Expires.IsZero() {
				unread++
			}
		}
		if n := len(snapshot.Endpoints); n < 60 || n == 200 || unread > 0 {
			t.Errorf("after 21 seconds it shows %d endpoints, %d without their queue", n, unread)
		}
	})
}

// gates is a region whose CloudWatch knows a backlog of every endpoint; it notes when the queue of the first one was asked.
type gates struct {
	*region
	first []time.Time
}

func (g *gates) EndpointsWithBacklog(context.Context) ([]string, int, error) {
	return g.endpoints, 1, nil
}

func (g *gates) MetricData(ctx context.Context, queries []fleet.Query, from, to time.Time) ([]fleet.Series, int, error) {
	for _, query := range queries {
		if query.Metric.Name == fleet.Backlog.String() && query.Metric.Dimensions[0].Value == g.endpoints[0] {
			g.does(func() { g.first = append(g.first, time.Now()) })
		}
	}
	return g.region.MetricData(ctx, queries, from, to)
}

// What was read of new endpoints between two turns of the queue does not move the turns.
func TestLoop_theTurnsOfTheQueueStayWhereTheyAreInAFirstView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, w := time.Now(), newWheel(t)
		defer w.end()
		r, via := slowRegion(900)
		aws := &gates{region: r}
		via = via.with(func(reached *Connection) { reached.AWS.Backlogs, reached.AWS.Metrics = aws, aws })
		_ = w.Start(w.ctx, []Scope{via}, options())
		until(began, 220*time.Second)
		synctest.Wait()
		want := []time.Time{began, began.Add(time.Minute), began.Add(2 * time.Minute), began.Add(3 * time.Minute)}
		if !slices.EqualFunc(aws.first, want, time.Time.Equal) {
			t.Errorf("its queue was asked at %v, want %v", aws.first, want)
		}
		w.wantLogged("level=warn", 0)
	})
}

// A failure is told when all have been tried.
func TestLoop_aFirstViewTellsWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWheel(t)
		defer w.end()
		r, via := slowRegion(300)
		began := time.Now()
		_ = w.Start(w.ctx, []Scope{via}, options())
		until(began, 29*time.Second)
		r.does(func() { r.fail["DescribeEndpoint"] = errDenied })
		until(began, 31*time.Second)
		r.does(func() { delete(r.fail, "DescribeEndpoint") })
		until(began, 74*time.Second)
		if source := w.source(fleet.SourceEndpoints); source.Err != "" {
			t.Errorf("before all were tried it says %s", source.Err)
		}
		until(began, 80*time.Second)
		if source := w.source(fleet.SourceEndpoints); !strings.HasPrefix(source.Err, "8 of 300 failed") {
			t.Errorf("it says %q", source.Err)
		}
		until(began, 4*time.Minute) // nothing says that these endpoints are in service: all are described again
		w.wantLogged("msg=\"up again\" during=endpoints", 1)
		w.wantLogged("8 of 300 failed", 1)
	})
}

// slowQueues is a CloudWatch that takes four seconds for the queues: two for the gate, and two for the others of those that wait.
type slowQueues struct {
	*region
	queued []string
}

func (s slowQueues) EndpointsWithBacklog(context.Context) ([]string, int, error) {
	return s.endpoints, 1, nil
}

func (s slowQueues) MetricData(_ context.Context, queries []fleet.Query, _, to time.Time) ([]fleet.Series, int, error) {
	time.Sleep(2 * time.Second)
	answers := make([]fleet.Series, len(queries))
	for i, query := range queries {
		waiting := 0.0
		if slices.Contains(s.queued, query.Metric.Dimensions[0].Value) {
			waiting = 5
		}
		answers[i] = fleet.Series{Complete: true, Points: []fleet.Point{{At: to.Add(-time.Minute), Value: waiting}}}
	}
	return answers, len(queries), nil
}

// The queue of thousands of endpoints takes seconds to read: to describe endpoints in any order meanwhile takes the calls from
// those with a queue.
func TestLoop_aFirstViewWaitsForASlowQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, w := time.Now(), newWheel(t)
		defer w.end()
		r, via := slowRegion(100)
		aws := slowQueues{r, r.endpoints[90:]}
		via = via.with(func(reached *Connection) { reached.AWS.Backlogs, reached.AWS.Metrics = aws, aws })
		_ = w.Start(w.ctx, []Scope{via}, options())
		until(began, 9*time.Second) // four for the queue, four for ten descriptions
		var described []string
		for _, endpoint := range w.Set().Reports[0].Snapshot.Endpoints {
			if !endpoint.DescribedAt.IsZero() {
				described = append(described, endpoint.Name)
			}
		}
		if !slices.Equal(described, aws.queued) {
			t.Errorf("after nine seconds %v are described, want %v", described, aws.queued)
		}
	})
}

// straggling is a region in which one description takes forty seconds, for example because AWS throttles it again and again.
type straggling struct{ slow }

func (s straggling) DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	if name == "e003" {
		time.Sleep(38 * time.Second)
	}
	return s.slow.DescribeEndpoint(ctx, name)
}

// A batch ends with its slowest description. What is described by then does not wait for that, and the log goes on.
func TestLoop_aFirstViewShowsWhatIsDescribedBesideASlowOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, w := time.Now(), newWheel(t)
		defer w.end()
		const endpoints = 100
		r, via := slowRegion(endpoints)
		via = via.with(func(reached *Connection) { reached.AWS.Endpoints = straggling{slow{r}} })
		_ = w.Start(w.ctx, []Scope{via}, options())
		until(began, 7*time.Second)
		synctest.Wait()
		shown := w.Set().Reports[0].Snapshot.Endpoints
		if n := len(shown); n < 14 {
			t.Errorf("after seven seconds it shows %d endpoints", n)
		}
		for _, endpoint := range shown {
			if endpoint.Queue[fleet.Backlog].Expires.IsZero() {
				t.Errorf("the queue of %s is not shown", endpoint.Name)
			}
		}
		if source := w.source(fleet.SourceEndpoints); source.Progress != (fleet.Progress{Done: len(shown), Of: endpoints}) {
			t.Errorf("it says %s", source.Progress)
		}
		until(began, 25*time.Second)
		synctest.Wait()
		if n := len(w.Set().Reports[0].Snapshot.Endpoints); n < 77 {
			t.Errorf("after 25 seconds it shows %d endpoints: the others wait for the slow one", n)
		}
		until(began, 50*time.Second)
		synctest.Wait()
		if r := w.Set().Reports[0]; len(r.Snapshot.Endpoints) != endpoints || !r.Snapshot.Whole(time.Now()) {
			t.Errorf("in the end it shows %d endpoints, %+v", len(r.Snapshot.Endpoints), r.Snapshot.Sources)
		}
		if asked := r.count("DescribeEndpoint"); asked != endpoints {
			t.Errorf("%d descriptions of %d endpoints", asked, endpoints)
		}
		if n := strings.Count(w.out.String(), "msg=\"described "); n < 3 || n > 4 { // it ends after forty seconds
			t.Errorf("progress was logged %d times", n)
		}
	})
}
