package awsapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

func TestAttempts_eachIsObservedRetriesIncluded(t *testing.T) {
	f := newFake(map[string]func(int, map[string]any) answer{
		"ListEndpoints": func(call int, _ map[string]any) answer {
			return []answer{
				awsError(500, "InternalFailure", "sorry"), awsError(503, "SomethingNew", "sorry"),
				{503, "<html>proxy</html>"},
				{200, `{"Endpoints":[]}`},
			}[call]
		},
		"DescribeScalableTargets": one(`{}`),
		"DescribeAlarms":          func(int, map[string]any) answer { return answer{body: cbor.Map{}} },
	})
	var seen record
	client := talkTo(t, f, seen.observe)
	if _, err := client.ListEndpoints(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ScalableTargets(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.MetricAlarms(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := `SageMaker.ListEndpoints InternalFailure
SageMaker.ListEndpoints other
SageMaker.ListEndpoints unreadable
SageMaker.ListEndpoints OK
ApplicationAutoScaling.DescribeScalableTargets OK
CloudWatch.DescribeAlarms OK
`
	if seen.String() != want {
		t.Errorf("got\n%swant\n%s", &seen, want)
	}
}

func TestAttempts_areBounded(t *testing.T) {
	f := failing(500, "InternalFailure", "sorry")
	_, err := talkTo(t, f, nil).ListEndpoints(t.Context())
	if f.count("ListEndpoints") != 4 || err == nil || err.Error() != "listing endpoints: InternalFailure: sorry" {
		t.Errorf("%d attempts, %v", f.count("ListEndpoints"), err)
	}
}

func TestAttempts_throttledCallIsRetriedMoreSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(map[string]func(int, map[string]any) answer{"ListEndpoints": func(call int, _ map[string]any) answer {
			if call == 0 {
				return awsError(400, "ThrottlingException", "Rate exceeded")
			}
			return answer{body: `{"Endpoints":[]}`}
		}})
		start := time.Now()
		if _, err := talkTo(t, f, nil).ListEndpoints(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited < 100*time.Millisecond || waited > 5*time.Second {
			t.Errorf("waited %s", waited)
		}
	})
}

// Who is throttled at the tags goes on to describe endpoints as fast as ever.
func TestAttempts_aThrottledOperationSlowsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := talkTo(t, newFake(map[string]func(int, map[string]any) answer{
			"ListTags":      func(int, map[string]any) answer { return awsError(400, "ThrottlingException", "Rate exceeded") },
			"ListEndpoints": one(`{"Endpoints":[]}`),
		}), nil)
		for range 5 {
			if _, err := client.ListTags(t.Context(), "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/a"); err == nil {
				t.Fatal("it is not throttled")
			}
		}
		start := time.Now()
		for range 20 {
			if _, err := client.ListEndpoints(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(start); waited > time.Second {
			t.Errorf("waited %s", waited)
		}
	})
}

// Every second attempt fails, so 20 pages are 40 attempts: 9 at once, the others at 9 a second.
func TestAttempts_limitHoldsForAttemptsAndIsNotInTheirDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const latency = 20 * time.Millisecond
		f := newFake(map[string]func(int, map[string]any) answer{"DescribeAlarms": func(call int, _ map[string]any) answer {
			time.Sleep(latency)
			if call%2 == 0 {
				return awsError(500, "InternalFailure", "sorry")
			}
			page := cbor.Map{"MetricAlarms": cbor.List{}}
			if call < 39 {
				page["NextToken"] = cbor.String(strings.Repeat("x", call))
			}
			return answer{body: page}
		}})
		var seen record
		client := talkTo(t, f, seen.observe)
		start := time.Now()
		if _, err := client.MetricAlarms(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start).Seconds(); took < 31.0/9 || took > 31.0/9+0.1 {
			t.Errorf("took %.2f s", took)
		}
		if len(seen.calls) != 40 {
			t.Errorf("observed %d attempts", len(seen.calls))
		}
		for _, call := range seen.calls {
			if call.Duration != latency {
				t.Errorf("observed %+v", call)
			}
		}
	})
}

func TestAttempts_limitLetsAFleetThrough(t *testing.T) {
	tests := map[string]struct {
		operation string
		calls     int
		latency   time.Duration
		within    time.Duration
	}{
		"ten endpoints at once":                 {"SageMaker.DescribeEndpoint", 10, 0, 0},
		"500 endpoints in half a minute":        {"SageMaker.DescribeEndpoint", 500, 0, 25 * time.Second},
		"1,000 policies are as fast as AWS is":  {"ApplicationAutoScaling.DescribeScalingPolicies", 100, 50 * time.Millisecond, 5 * time.Second},
		"the queue metrics of 500 are at once":  {"CloudWatch.GetMetricData", 4, 0, 0},
		"1,500 alarms take less than a second":  {"CloudWatch.DescribeAlarms", 15, 50 * time.Millisecond, time.Second},
		"500 targets are as fast as AWS can be": {"ApplicationAutoScaling.DescribeScalableTargets", 10, 50 * time.Millisecond, 500 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := newAttempts(Options{}).limits[test.operation]
				start := time.Now()
				for range test.calls {
					if err := wait(t.Context(), limiter, 1); err != nil {
						t.Fatal(err)
					}
					time.Sleep(test.latency)
				}
				if took := time.Since(start); took > test.within {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

func TestAttempts_waitingForTheLimitEndsWithTheContext(t *testing.T) {
	f := newFake(nil)
	var seen record
	client := connect(t, Access{}, Options{BaseURL: "http://embedded.test", http: f, Observe: seen.observe})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		limiter := limit{1, 1}.limiter(0)
		if err := wait(ctx, limiter, 1); err != nil {
			t.Fatal(err)
		}
		if err := wait(ctx, limiter, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := client.ListEndpoints(ctx); !errors.Is(err, context.DeadlineExceeded) || err.Error() != "listing endpoints: no answer in time" {
		t.Errorf("got %v", err)
	}
	if len(seen.calls) != 0 {
		t.Errorf("observed %v", seen.calls)
	}
}

func TestAttempts_hungCallEnds(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	var seen record
	client := connect(t, Access{}, Options{BaseURL: server.URL, Observe: seen.observe, attempt: 20 * time.Millisecond, backoff: noBackoff})
	_, err := client.ListEndpoints(t.Context())
	if err == nil || err.Error() != "listing endpoints: no answer from "+server.URL+" in time" {
		t.Errorf("got %v", err)
	}
	if want := strings.Repeat("SageMaker.ListEndpoints timeout\n", 4); seen.String() != want {
		t.Errorf("got\n%s", &seen)
	}
}

func TestAttempts_answerCutOffIsATimeoutToo(t *testing.T) {
	release := make(chan struct{})
	// The SDK closes the question once the answer begins; net/http breaks the connection when it has not yet seen the
	// question's end by then.
	asked := make(chan struct{}, maxAttempts)
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { asked <- struct{}{} },
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-asked
		_, _ = w.Write([]byte(`{"Endpoints":[`))
		w.(http.Flusher).Flush()
		<-release
	}))
	defer server.Close()
	defer close(release)
	var seen record
	client := connect(t, Access{}, Options{BaseURL: server.URL, Observe: seen.observe, attempt: 20 * time.Millisecond, backoff: noBackoff})
	_, err := client.ListEndpoints(ctx)
	if err == nil || err.Error() != "listing endpoints: no answer from "+server.URL+" in time" {
		t.Errorf("got %v", err)
	}
	if want := strings.Repeat("SageMaker.ListEndpoints timeout\n", 4); seen.String() != want {
		t.Errorf("got\n%s", &seen)
	}
}

func TestAttempts_brokenAnswerIsRetried(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"Endpoints":[`))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	var seen record
	client := connect(t, Access{}, Options{BaseURL: server.URL, Observe: seen.observe, backoff: noBackoff})
	_, err := client.ListEndpoints(t.Context())
	if err == nil || err.Error() != "listing endpoints: the connection to "+server.URL+" broke in the middle of an answer" {
		t.Errorf("got %v", err)
	}
	if want := strings.Repeat("SageMaker.ListEndpoints connection\n", 4); seen.String() != want {
		t.Errorf("got\n%s", &seen)
	}
}

func TestAttempts_canceledIsNotRetried(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := doer(func(r *http.Request) (*http.Response, error) {
		cancel()
		return nil, r.Context().Err()
	})
	var seen record
	client := connect(t, Access{}, Options{BaseURL: "http://embedded.test", http: f, Observe: seen.observe, backoff: noBackoff})
	_, err := client.ListEndpoints(ctx)
	if !errors.Is(err, context.Canceled) || err.Error() != "listing endpoints: canceled" || seen.String() != "SageMaker.ListEndpoints canceled\n" {
		t.Errorf("got %v, %s", err, &seen)
	}
}

func TestOperations_areSortedAndNameTheirActions(t *testing.T) {
	list := Operations()
	if !slices.IsSortedFunc(list, func(a, b Operation) int {
		return strings.Compare(a.Service+"."+a.Name, b.Service+"."+b.Name)
	}) {
		t.Error("not sorted")
	}
	for _, operation := range list {
		prefix, name, _ := strings.Cut(operation.Action, ":")
		if operation.Action != "" && (name != operation.Name || !strings.EqualFold(strings.ReplaceAll(prefix, "-", ""), operation.Service) &&
			prefix != "application-autoscaling") {
			t.Errorf("%+v", operation)
		}
	}
}

func TestCodeOf_isAClosedSet(t *testing.T) {
	if got := codeOf(errors.New("anything else")); got != CodeOther {
		t.Errorf("got %q", got)
	}
	for _, codes := range []map[string]bool{deniedCodes, expiredCodes, unknownKeyCodes, badSignatureCodes} {
		for code := range codes {
			if !knownCodes[code] {
				t.Errorf("%s is explained, but not known", code)
			}
		}
	}
}

func TestAttempts_pausesFollowTheClockOfTheObservedWorld(t *testing.T) {
	const fast = 400
	for range 100 {
		pause, err := pauses(Options{Speed: fast}).BackoffDelay(20, nil)
		if err != nil || pause < 0 || pause > maxBackoff/fast {
			t.Fatalf("a pause of %s, %v: want %s at most", pause, err, maxBackoff/fast)
		}
	}
	for _, real := range []Options{{}, {Speed: 1}} {
		if pauses(real) != nil {
			t.Errorf("%+v: the pauses are not the SDK's own", real)
		}
	}
}

func TestOperation_mostIsItsLimit(t *testing.T) {
	for _, operation := range Operations() {
		atOnce, later := operation.Most(0), operation.Most(time.Minute)
		attempts, name := newAttempts(Options{}), operation.Service+"."+operation.Name
		burst, perMinute := attempts.limits[name].Burst(), int(60*attempts.limits[name].Limit())
		if more := attempts.more[name]; more != nil {
			burst, perMinute = burst+more.Burst(), perMinute+int(60*more.Limit())
		}
		if atOnce != burst || later-atOnce != perMinute {
			t.Errorf("%s: %d at once and %d in a minute", operation.Name, atOnce, later)
		}
	}
	if most := (Operation{Name: "Unknown"}).Most(time.Minute); most != 0 {
		t.Errorf("an operation that is never called: %d", most)
	}
}
