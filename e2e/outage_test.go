//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

const otherRegion = "eu-west-1"

// outageSpeed divides the durations of the rules. The clock of the exporter is the machine's here, because these alerts
// compare its timestamps with Prometheus' time(). It is slow enough that a busy machine sees each state before it passes.
const outageSpeed = 60

// One region's endpoints cannot be read any more. Until what is known is stale, that is a ticket; then it is a page that
// silences the endpoints of that region and of no other, and none of their pages is closed.
func TestPaging_staleSourceSilencesItsRegionAlone(t *testing.T) {
	t.Parallel()
	aws := twoRegions(t)
	broken := &atomic.Bool{}
	e := start(t, append(aws.Env(), "AWS_ENDPOINT_URL="+denying(t, aws, broken)), "--aws.region="+region, "--aws.region="+otherRegion,
		"--poll.interval=10s", "--poll.scaling-interval=10s", "--poll.max-staleness=10s", "--reconcile", "--reconcile.endpoints=transcribe-live")
	p := watch(t, outageSpeed, e)

	stuck := firing{"SageMakerAsyncWakeAlarmBroken", "account_id=111122223333 region=us-east-1 endpoint_name=summarize"}
	elsewhere := firing{"SageMakerAsyncWakePolicyMissing", "account_id=111122223333 region=eu-west-1 endpoint_name=narrate"}
	source := "account_id=111122223333 region=us-east-1 source=endpoints"
	stale := firing{"SageMakerAsyncSourceStale", source}
	stalled := firing{"SageMakerAsyncReconcileStalled", "account_id=111122223333 region=us-east-1"}
	p.does("pages", map[firing]string{stuck: pages, elsewhere: pages, stale: "", stalled: ""})

	broken.Store(true)
	p.does("a ticket of the source", map[firing]string{
		{"SageMakerAsyncSourceDown", source}: tickets, stuck: pages, elsewhere: pages, stale: "",
	})
	p.does("a page of the source, which silences", map[firing]string{stale: pages, stuck: silenced, elsewhere: pages})
	p.listen()
	for about, told := range p.told {
		if told[pages] == "resolved" && slices.ContainsFunc(scenarios, func(s scenario) bool { return s.endpoint == about.endpoint }) {
			t.Errorf("the page of %v was closed, because nobody knows any more", about)
		}
	}
	for about, does := range p.state() {
		if does != silenced && strings.Contains(about.labels, "region=us-east-1 endpoint_name=") {
			t.Errorf("%v is told to %s although its source is stale", about, does)
		}
	}
	p.does("a ticket of reconcile, the page still open", map[firing]string{stale: pages, elsewhere: pages, stalled: tickets})

	broken.Store(false)
	p.does("the same as before", map[firing]string{stale: "", stuck: pages, elsewhere: pages, stalled: ""})
}

// does waits until Alertmanager does with some alerts what it should: "" is for one that does not fire.
func (p *paging) does(what string, want map[firing]string) {
	p.t.Helper()
	eventually(p.t, what, soon, func() error {
		state := p.state()
		var wrong []string
		for about, does := range want {
			if state[about] != does {
				wrong = append(wrong, fmt.Sprintf("%v: %q, want %q", about, state[about], does))
			}
		}
		if len(wrong) > 0 {
			return errors.New(strings.Join(wrong, "; "))
		}
		return nil
	})
}

// twoRegions are the demo, and another region with an endpoint that nothing wakes.
func twoRegions(t *testing.T) *awssim.Server {
	t.Helper()
	now := time.Now()
	here := sim.Demo(now.Add(-sim.DemoHistory))
	there := sim.New(fleet.Scope{AccountID: here.Scope().AccountID, Region: otherRegion}, now.Add(-time.Hour), 1)
	must(t, there.AddEndpoint(sim.EndpointSpec{Name: "narrate", Config: fleet.EndpointConfig{
		Name: "narrate-config", Async: &fleet.AsyncConfig{S3OutputPath: "s3://narrate/ok/", S3FailurePath: "s3://narrate/failed/"},
		Variants: []fleet.VariantConfig{{Name: "AllTraffic", InstanceType: "ml.g5.xlarge", ModelName: "narrate"}},
	}}))
	must(t, there.Invoke("narrate", 3))
	here.Advance(now)
	there.Advance(now)
	aws, err := awssim.Start(awssim.Options{}, here, there)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	return aws
}

// denying is in front of an AWS, and denies SageMaker's calls in the first region while it is told to.
func denying(t *testing.T, aws *awssim.Server, deny *atomic.Bool) (url string) {
	t.Helper()
	answers := aws.Handler()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if deny.Load() && strings.Contains(r.Header.Get("Authorization"), "/"+region+"/sagemaker/") {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"AccessDeniedException","Message":"denied by the test"}`)
			return
		}
		answers.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return front.URL
}
