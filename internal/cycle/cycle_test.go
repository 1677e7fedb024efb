package cycle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/report"
)

var errDenied = errors.New("access denied: the role lacks cloudwatch:DescribeAlarms")

// region is one account in one region with named endpoints.
type region struct {
	scope     fleet.Scope
	mu        sync.Mutex
	endpoints []string
	asked     map[string]int
	connect   error // why connecting fails
	fail      map[string]error
	hang      map[string]bool // operations that answer only when the caller gives up
}

func newRegion(name string, endpoints ...string) *region {
	return &region{
		scope:     fleet.Scope{AccountID: "111122223333", Region: name},
		endpoints: endpoints, asked: map[string]int{}, fail: map[string]error{}, hang: map[string]bool{},
	}
}

// does changes the region while its cycle runs.
func (r *region) does(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func (r *region) call(ctx context.Context, operation string) error {
	r.mu.Lock()
	r.asked[operation]++
	err, hang := r.fail[operation], r.hang[operation]
	r.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

func (r *region) count(operation string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[operation]
}

// via is the scope as the configuration names it.
func (r *region) via(role string) Scope {
	return Scope{
		Key: r.scope.Region + " " + role, Name: r.scope.Region + " " + role, Known: fleet.Scope{Region: r.scope.Region},
		Connect: func(ctx context.Context) (Connection, error) {
			if err := r.call(ctx, "Connect"); err != nil {
				return Connection{}, err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			return Connection{
				Scope: r.scope,
				AWS:   observe.AWS{Endpoints: r, Tags: r, Metrics: r, Scaling: r, Alarms: r, Mutes: r, Activities: r},
			}, r.connect
		},
	}
}

// with is the scope where a part of what is reached is another one.
func (s Scope) with(change func(*Connection)) Scope {
	connect := s.Connect
	s.Connect = func(ctx context.Context) (Connection, error) {
		reached, err := connect(ctx)
		change(&reached)
		return reached, err
	}
	return s
}

func (r *region) ListEndpoints(ctx context.Context) (list []fleet.EndpointSummary, _ error) {
	r.mu.Lock()
	for _, name := range r.endpoints {
		list = append(list, fleet.EndpointSummary{Name: name, ARN: "arn:" + name})
	}
	r.mu.Unlock()
	return list, r.call(ctx, "ListEndpoints")
}

func (r *region) DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	description := fleet.EndpointDescription{
		EndpointSummary: fleet.EndpointSummary{Name: name, ARN: "arn:" + name}, Async: &fleet.AsyncConfig{},
	}
	return description, r.call(ctx, "DescribeEndpoint")
}

func (r *region) DescribeEndpointConfig(context.Context, string) (fleet.EndpointConfig, error) {
	return fleet.EndpointConfig{}, fleet.ErrNotFound
}

func (r *region) ListTags(ctx context.Context, _ string) (map[string]string, error) {
	return nil, r.call(ctx, "ListTags")
}

// MetricData says that every queue has been empty for long.
func (r *region) MetricData(ctx context.Context, queries []fleet.Query, from, to time.Time) ([]fleet.Series, int, error) {
	series := make([]fleet.Series, len(queries))
	for i, query := range queries {
		for at := from.Truncate(time.Minute); query.Metric.Name == fleet.Backlog.String() && at.Before(to); at = at.Add(time.Minute) {
			series[i].Points = append(series[i].Points, fleet.Point{At: at})
		}
		series[i].Complete = true
	}
	return series, len(queries), r.call(ctx, "GetMetricData")
}

func (r *region) MetricUnit(ctx context.Context, _ fleet.Metric, _ time.Time, _ time.Duration) (string, error) {
	return "Microseconds", r.call(ctx, "GetMetricStatistics")
}

func (r *region) MuteRules(ctx context.Context) ([]fleet.MuteRule, error) {
	return nil, r.call(ctx, "ListAlarmMuteRules")
}

func (r *region) MuteRule(context.Context, string) (fleet.MuteRule, error) {
	return fleet.MuteRule{}, fleet.ErrNotFound
}

func (r *region) ScalableTargets(ctx context.Context) ([]fleet.Target, error) {
	return nil, r.call(ctx, "DescribeScalableTargets")
}

func (r *region) ScalingPolicies(context.Context) ([]fleet.Policy, error) { return nil, nil }

func (r *region) ScheduledActions(context.Context) ([]fleet.ScheduledAction, error) { return nil, nil }

func (r *region) MetricAlarms(ctx context.Context) ([]fleet.Alarm, error) {
	return nil, r.call(ctx, "DescribeAlarms")
}

func (r *region) ScalingActivities(ctx context.Context, _ func([]fleet.Activity, int) bool) ([]fleet.Activity, error) {
	return nil, r.call(ctx, "DescribeScalingActivities")
}

// wheel is a group with everything around it, inside a bubble of virtual time.
type wheel struct {
	*testing.T
	*Group
	*Board
	out  *bytes.Buffer
	stop context.CancelFunc
	ctx  context.Context
}

func newWheel(t *testing.T) *wheel {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out := &bytes.Buffer{}
	board := NewBoard()
	w := &wheel{T: t, Board: board, out: out, ctx: ctx, stop: stop}
	w.Group = NewGroup(NewClock(1), board, level.NewFilter(log.NewLogfmtLogger(log.NewSyncWriter(out)), level.AllowInfo()))
	return w
}

// end stops the cycles and waits for them: the bubble fails the test if anything is left.
func (w *wheel) end() { w.stop(); w.Wait() }

func options(change ...func(*observe.Options)) Options {
	o := observe.Options{
		Intervals: observe.Intervals{
			Queue: time.Minute, Metrics: 5 * time.Minute, Instances: time.Minute, Scaling: 5 * time.Minute, Tags: 10 * time.Minute,
		},
		MaxStaleness: 10 * time.Minute,
	}
	for _, do := range change {
		do(&o)
	}
	return Options{Observe: o}
}

// shown names the endpoints on the board, by region.
func (w *wheel) shown() string {
	var all []string
	for _, r := range w.Set().Reports {
		var names []string
		for _, endpoint := range r.Snapshot.Endpoints {
			names = append(names, endpoint.Name)
		}
		all = append(all, r.Snapshot.Scope.Region+":"+strings.Join(names, ","))
	}
	return strings.Join(all, " ")
}

func (w *wheel) wantShown(when, want string) {
	w.Helper()
	if got := w.shown(); got != want {
		w.Errorf("%s: the board shows %q, want %q", when, got, want)
	}
}

func (w *wheel) source(name fleet.SourceName) fleet.Source {
	source, _ := w.Set().Reports[0].Snapshot.Source(name)
	return source
}

func (w *wheel) wantLogged(line string, times int) {
	w.Helper()
	synctest.Wait()
	if got := strings.Count(w.out.String(), line); got != times {
		w.Errorf("%q was logged %d times, want %d, in:\n%s", line, got, times, w.out)
	}
}

func TestLoop_publishesWithinTheFirstTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east := newWheel(t), newRegion("us-east-1", "a", "b")
		defer w.end()
		if err := w.Set().Ready(time.Now()); err == nil {
			t.Error("ready before anything was observed")
		}
		if err := w.Start(w.ctx, []Scope{east.via("")}, options()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.wantShown("after the first turn", "us-east-1:a,b")
		if err := w.Set().Ready(time.Now()); err != nil {
			t.Error(err)
		}
		if !w.Set().Reports[0].Snapshot.Whole(time.Now()) {
			t.Error("the first observation is not whole")
		}
	})
}

func TestLoop_asksAtTwoSpeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east := newWheel(t), newRegion("us-east-1", "a")
		defer w.end()
		_ = w.Start(w.ctx, []Scope{east.via("")}, options())
		time.Sleep(10*time.Minute + time.Second)
		for operation, want := range map[string]int{"GetMetricData": 11, "ListEndpoints": 11, "DescribeAlarms": 3, "ListTags": 0} {
			if got := east.count(operation); got != want {
				t.Errorf("%s was asked %d times in ten minutes, want %d", operation, got, want)
			}
		}
	})
}

// Every source is taken in as soon as it answers, and metrics are asked at whole intervals after the first time.
func TestLoop_metricsAreTakenInAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(3*time.Minute + 7*time.Second)
		w, east := newWheel(t), newRegion("us-east-1", "a")
		defer w.end()
		_ = w.Start(w.ctx, []Scope{east.via("")}, options())
		synctest.Wait()
		first := time.Now()
		next := first.Truncate(5 * time.Minute).Add(5 * time.Minute)
		for _, step := range []struct{ at, known time.Time }{{first, first}, {next.Add(-time.Second), first}, {next.Add(time.Second), next}} {
			time.Sleep(time.Until(step.at))
			synctest.Wait()
			if got := w.source(fleet.SourceMetrics).LastAttempt; !got.Equal(step.known) {
				t.Errorf("at %s it knows the metrics of %s, want of %s", step.at, got, step.known)
			}
		}
	})
}

// A metric a minute is $0.432 a month, in each of two regions; the embedded endpoints have no variant, so no metrics but the queue's.
func TestLoop_aBudgetIsKeptOverAllScopes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east, west := newWheel(t), newRegion("us-east-1", "a"), newRegion("us-west-2", "a")
		defer w.end()
		budget := func(dollars float64) Options {
			return options(func(o *observe.Options) { o.Budget = dollars })
		}
		_ = w.Start(w.ctx, []Scope{east.via(""), west.via("")}, budget(0.432))
		time.Sleep(90 * time.Second)
		before := east.count("GetMetricData")
		time.Sleep(time.Hour)
		if got := east.count("GetMetricData") - before; got != 30 {
			t.Errorf("asked %d times in an hour, want each two minutes", got)
		}
		if got := w.Set().Reports[0].Snapshot.Stretch; got != 2 {
			t.Errorf("stretched by %v", got)
		}
		w.wantLogged("as often as the budget allows", 2)
		if err := w.Reload([]Scope{east.via(""), west.via("")}, budget(0)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := w.Set().Reports[0].Snapshot.Stretch; got != 1 {
			t.Errorf("without a budget it is stretched by %v", got)
		}
	})
}

func TestLoop_aHungSourceHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east := newWheel(t), newRegion("us-east-1", "a")
		defer w.end()
		east.hang["DescribeAlarms"] = true
		_ = w.Start(w.ctx, []Scope{east.via("")}, options())
		time.Sleep(4*time.Minute + time.Second)
		if age := time.Since(w.source(fleet.SourceQueue).LastSuccess); age > time.Minute {
			t.Errorf("the metrics are %s old", age)
		}
		if attempt := w.source(fleet.SourceAlarms).LastAttempt; !attempt.IsZero() {
			t.Errorf("the hung call ended at %s", attempt)
		}
		time.Sleep(time.Minute)
		if source := w.source(fleet.SourceAlarms); source.Up() || !strings.Contains(source.Err, "deadline") {
			t.Errorf("after its deadline the source is %+v", source)
		}
	})
}

func TestLoop_aFailedSourceIsDueInTheNextTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east := newWheel(t), newRegion("us-east-1", "a")
		defer w.end()
		east.fail["DescribeAlarms"] = errDenied
		_ = w.Start(w.ctx, []Scope{east.via("")}, options())
		time.Sleep(3*time.Minute + time.Second)
		if got := east.count("DescribeAlarms"); got != 4 {
			t.Errorf("asked %d times in three minutes, want 4", got)
		}
		w.wantLogged(errDenied.Error(), 1)
		east.does(func() { delete(east.fail, "DescribeAlarms") })
		time.Sleep(time.Minute)
		w.wantLogged("up again", 1)
		time.Sleep(4 * time.Minute)
		if got := east.count("DescribeAlarms"); got != 5 {
			t.Errorf("asked %d times although it works again, want 5", got)
		}
	})
}

func TestLoop_saysOnceAtDebugThatMuteRulesAreMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east := newWheel(t), newRegion("us-east-1", "a")
		defer w.end()
		w.Group = NewGroup(NewClock(1), w.Board, log.NewLogfmtLogger(log.NewSyncWriter(w.out)))
		east.fail["ListAlarmMuteRules"] = errDenied
		_ = w.Start(w.ctx, []Scope{east.via("")}, options())
		time.Sleep(16 * time.Minute)
		if asked := east.count("ListAlarmMuteRules"); asked != 4 {
			t.Errorf("asked %d times in a quarter of an hour", asked)
		}
		w.wantLogged("level=debug scope=\"us-east-1 \" msg=\"source works without a part of it\" during=alarms", 1)
		if source := w.source(fleet.SourceAlarms); !source.Up() || source.Lacks != errDenied.Error() {
			t.Errorf("the source is %+v", source)
		}
	})
}

// racing is an error of whichever endpoint failed first.
type racing struct{ of int }

func (r racing) Error() string {
	return fmt.Sprintf("%d of 9 failed, the first: endpoint e%d: throttled", r.of, r.of)
}

func (r racing) Kind() string { return "throttled" }

func TestLoop_anOutageIsOneWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east := newWheel(t), newRegion("us-east-1", "a")
		defer w.end()
		east.fail["DescribeAlarms"] = racing{0}
		_ = w.Start(w.ctx, []Scope{east.via("")}, options())
		for minute := range 60 {
			time.Sleep(time.Minute)
			east.does(func() { east.fail["DescribeAlarms"] = racing{minute} })
		}
		w.wantLogged("during=alarms", 1)
		east.does(func() { delete(east.fail, "DescribeAlarms") })
		time.Sleep(5 * time.Minute)
		w.wantLogged("up again", 1)
	})
}

// strange is an error that is of another kind each time.
type strange struct{ text string }

func (s strange) Error() string { return s.text }

func (s strange) Kind() string { return s.text }

func TestComplain_endsWhereEachErrorIsOfAnotherKind(t *testing.T) {
	var out bytes.Buffer
	c := &Cycle{complaints: complaints{}, logger: log.NewLogfmtLogger(&out)}
	said := func() int { return strings.Count(out.String(), "level=warn") }
	for i := range 3 * mostKinds {
		c.complain("alarms", strange{fmt.Sprint("strange ", i)})
	}
	if got := said(); got != mostKinds || len(c.complaints["alarms"]) != mostKinds {
		t.Errorf("%d warnings", got)
	}
	c.recovered("alarms")
	if c.complain("alarms", strange{"strange 1"}); said() != mostKinds+1 {
		t.Errorf("%d warnings after it worked", said())
	}
}

func TestStart_noScopeAtAllIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east, west := newWheel(t), newRegion("us-east-1"), newRegion("us-west-2")
		defer w.end()
		east.fail["Connect"] = errors.New("no credentials")
		west.hang["Connect"] = true
		began := time.Now()
		err := w.Start(w.ctx, []Scope{east.via(""), west.via("")}, options())
		if err == nil || !strings.Contains(err.Error(), "us-east-1 : no credentials") || strings.Count(err.Error(), "\n") != 1 {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestStart_aFailingScopeBesideAWorkingOneKeepsTrying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east, west := newWheel(t), newRegion("us-east-1", "a"), newRegion("us-west-2", "b")
		defer w.end()
		west.fail["Connect"] = errors.New("role cannot be assumed")
		if err := w.Start(w.ctx, []Scope{east.via(""), west.via("")}, options()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		w.wantShown("while one fails", "us-west-2: us-east-1:a")
		w.wantLogged("role cannot be assumed", 1)
		if err := w.Set().Ready(time.Now()); err != nil {
			t.Errorf("one good scope is enough: %v", err)
		}
		west.does(func() { delete(west.fail, "Connect") })
		time.Sleep(time.Minute)
		synctest.Wait()
		w.wantShown("when it works", "us-east-1:a us-west-2:b")
		w.wantLogged("up again", 1)
	})
}

func TestStart_aScopeThatDoesNotAnswerHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east, west := newWheel(t), newRegion("us-east-1", "a"), newRegion("us-west-2", "b")
		defer w.end()
		west.hang["Connect"] = true
		started := make(chan error, 1)
		go func() { started <- w.Start(w.ctx, []Scope{west.via(""), east.via("")}, options()) }()
		synctest.Wait()
		w.wantShown("while the other does not answer", "us-east-1:a")
		if err := <-started; err != nil {
			t.Error(err)
		}
		w.wantShown("when it has been given up", "us-west-2: us-east-1:a") // its account is not known
	})
}

func TestStart_theSameAccountAndRegionTwiceIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east := newWheel(t), newRegion("us-east-1", "a")
		defer w.end()
		if err := w.Start(w.ctx, []Scope{east.via("one"), east.via("two")}, options()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		w.wantLogged("remove one of the two", 1)
		if got := east.count("GetMetricData"); got > 6 {
			t.Errorf("CloudWatch was asked %d times in five minutes", got)
		}
	})
}

func TestReload_losesNoSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east, west := newWheel(t), newRegion("us-east-1", "a", "b"), newRegion("us-west-2", "c")
		defer w.end()
		_ = w.Start(w.ctx, []Scope{east.via("old")}, options())
		synctest.Wait()

		east.does(func() { east.hang["ListEndpoints"] = true })
		time.Sleep(90 * time.Second) // a turn is under way
		_ = w.Reload([]Scope{east.via("old"), west.via("")}, options())
		synctest.Wait()
		w.wantShown("a reload in the middle of a turn, with one scope more", "us-east-1:a,b us-west-2:c")

		east.does(func() { delete(east.hang, "ListEndpoints") })
		notB := func(o *observe.Options) { o.Selected = func(name string) bool { return name != "b" } }
		_ = w.Reload([]Scope{east.via("old"), west.via("")}, options(notB))
		time.Sleep(time.Minute)
		w.wantShown("narrower", "us-east-1:a us-west-2:c")

		east.does(func() { east.hang["Connect"] = true })
		_ = w.Reload([]Scope{east.via("new"), west.via("")}, options())
		synctest.Wait()
		w.wantShown("while the new way is tried", "us-east-1:a us-west-2:c")
		east.does(func() { delete(east.hang, "Connect") })
		time.Sleep(2 * time.Minute)
		w.wantShown("by the new way", "us-east-1:a,b us-west-2:c")

		_ = w.Reload([]Scope{west.via("")}, options())
		w.wantShown("one scope less", "us-west-2:c")
	})
}

func TestReload_doesNotWaitForAHungCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, east := newWheel(t), newRegion("us-east-1", "a")
		defer w.end()
		_ = w.Start(w.ctx, []Scope{east.via("")}, options())
		synctest.Wait()
		east.does(func() { east.hang["GetMetricData"], east.hang["ListEndpoints"] = true, true })
		time.Sleep(2 * time.Minute)
		began := time.Now()
		for range 3 {
			_ = w.Reload([]Scope{east.via("")}, options())
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("reloading took %s", took)
		}
	})
}

func TestOnce_observesEverySourceOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		east, board := newRegion("us-east-1", "a"), NewBoard()
		c := New(east.via(""), NewClock(1), options(), board, log.NewNopLogger())
		if err := c.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		east.does(func() { east.fail["ListEndpoints"] = errDenied })
		c.Once(t.Context(), OncePatience)
		c.Once(t.Context(), OncePatience)
		if !board.Set().Reports[0].Tried() {
			t.Error("a source was not tried")
		}
		for _, operation := range []string{"ListEndpoints", "DescribeAlarms", "DescribeScalingActivities"} {
			if got := east.count(operation); got != 2 {
				t.Errorf("%s was asked %d times, want 2", operation, got)
			}
		}
	})
}

func TestClock_runsFasterThanTheMachines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := NewClock(60)
		began := clock.Now()
		time.Sleep(time.Second)
		if got := clock.Now().Sub(began); got != time.Minute {
			t.Errorf("a second is %s", got)
		}
		real := time.Now()
		<-clock.After(10 * time.Minute)
		if got := time.Since(real); got != 10*time.Second {
			t.Errorf("ten minutes took %s", got)
		}
	})
}

func reportOf(scope fleet.Scope) report.Report {
	return report.Build(fleet.Snapshot{Scope: scope}, report.Rules{}, report.NewPast())
}

func TestBoard_isSortedAndImmutable(t *testing.T) {
	b := NewBoard()
	before := b.Set()
	for _, name := range []string{"us-west-2", "eu-west-1"} {
		b.put(name, reportOf(fleet.Scope{AccountID: "2", Region: name}))
	}
	b.put("other", reportOf(fleet.Scope{AccountID: "1", Region: "us-east-1"}))
	var got []string
	for _, r := range b.Set().Reports {
		got = append(got, r.Snapshot.Scope.AccountID+" "+r.Snapshot.Scope.Region)
	}
	if want := []string{"1 us-east-1", "2 eu-west-1", "2 us-west-2"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(before.Reports) != 0 {
		t.Error("a set that was taken before has changed")
	}
}

// A source that hangs is asked once, like every other one, and keeps nothing for longer than the stated patience.
func TestOnce_asksEachSourceExactlyOnceAndEndsInTime(t *testing.T) {
	for _, operation := range []string{"", "DescribeEndpoint", "ListEndpoints", "ListTags", "GetMetricData", "DescribeScalableTargets", "DescribeAlarms"} {
		synctest.Test(t, func(t *testing.T) {
			r := newRegion("us-east-1", "a")
			if operation != "" {
				r.hang[operation] = true
			}
			o, board := options(func(o *observe.Options) { o.Tagged = func(string) bool { return true } }), NewBoard()
			c := New(r.via(""), NewClock(1), o, board, log.NewNopLogger())
			if err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			c.Once(t.Context(), OncePatience)
			if took := time.Since(began); took > OncePatience || operation != "" && took == 0 {
				t.Errorf("%s hangs: it takes %s", operation, took)
			}
			for _, asked := range []string{"ListEndpoints", "DescribeScalableTargets", "DescribeAlarms"} {
				if n := r.count(asked); n != 1 {
					t.Errorf("%q hangs: %s was asked %d times", operation, asked, n)
				}
			}
			shown := board.Set().Reports[0]
			if !shown.Tried() {
				t.Errorf("%q hangs: not every source says how it went: %+v", operation, shown.Snapshot.Sources)
			}
		})
	}
}

// A reload may replace every scope, so that none runs for a moment: that is no end.
func TestReload_thatReplacesEveryScopeEndsNothing(t *testing.T) {
	for range 20 {
		w := newWheel(t)
		one, other := newRegion("us-east-1", "a"), newRegion("eu-west-1", "b")
		if err := w.Start(w.ctx, []Scope{one.via("")}, options()); err != nil {
			t.Fatal(err)
		}
		over := make(chan struct{})
		go func() {
			defer close(over)
			w.Wait()
		}()
		for i := range 50 {
			scopes := []Scope{one.via(""), other.via("")}
			if err := w.Reload(scopes[i%2:i%2+1], options()); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case <-over:
			t.Fatal("the group is over, and its context is not")
		default:
		}
		w.stop()
		<-over
		if err := w.Reload([]Scope{one.via("")}, options()); err == nil {
			t.Error("a reload starts a scope after the end")
		}
	}
}
