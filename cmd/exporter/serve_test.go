package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// buffer may be written and read at the same time.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// running is the whole exporter running inside of the test.
type running struct {
	*testing.T
	url    string
	out    *buffer
	stop   context.CancelFunc
	status chan int
}

var listening = regexp.MustCompile(`address(?:=|":")([0-9.:]+)`) // of the line "Listening on", in logfmt or JSON

// launch runs the program on a free loopback port until the test ends; it must then leave with status 0.
func launch(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &running{T: t, out: &buffer{}, stop: stop, status: make(chan int, 1)}
	go func() {
		p.status <- run(ctx, append([]string{"--web.listen-address=127.0.0.1:0"}, args...), p.out, p.out)
	}()
	t.Cleanup(func() {
		stop()
		if status := <-p.status; status != 0 {
			t.Errorf("it left with status %d", status)
		}
		if t.Failed() {
			t.Logf("its output:\n%s", p.out)
		}
	})
	p.eventually("listening", func() error {
		found := listening.FindStringSubmatch(p.out.String())
		if found == nil {
			return fmt.Errorf("it says:\n%s", p.out)
		}
		p.url = "http://" + found[1]
		return nil
	})
	return p
}

// eventually tries until what must become true is true. That takes a second, and on a busy machine a minute.
func (p *running) eventually(what string, try func() error) {
	p.Helper()
	err := try()
	for deadline := time.Now().Add(3 * time.Minute); err != nil; err = try() {
		if time.Now().After(deadline) {
			p.Fatalf("not %s; the last that was seen: %v", what, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (p *running) ready() {
	p.Helper()
	p.eventually("ready", func() error { _, err := p.get("/-/ready"); return err })
}

func (p *running) get(path string, header ...string) (string, error) {
	request, err := http.NewRequest(http.MethodGet, p.url+path, nil)
	if err != nil {
		return "", err
	}
	if len(header) == 2 {
		request.Header.Set(header[0], header[1])
	}
	return answer(http.DefaultClient.Do(request))
}

func answer(response *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return string(body), err
}

// series are the values on the page by name and labels.
func (p *running) series() map[string]float64 {
	p.Helper()
	page, err := p.get("/metrics")
	if err != nil {
		p.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		p.Fatal(err)
	}
	found := map[string]float64{}
	for name, family := range families {
		for _, metric := range family.Metric {
			var labels []string
			for _, label := range metric.Label {
				labels = append(labels, label.GetName()+"="+label.GetValue())
			}
			key := strings.TrimPrefix(name, "sagemaker_async_") + " " + strings.Join(labels, ",")
			found[key] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
		}
	}
	return found
}

// want fails until the page has the series with the value.
func (p *running) want(series string, value float64) {
	p.Helper()
	p.eventually(series, func() error {
		got, ok := p.series()[series]
		if !ok || got != value {
			return fmt.Errorf("it is %v (there: %v), want %v", got, ok, value)
		}
		return nil
	})
}

// embed serves worlds as AWS, and points the environment of the test at it.
func embed(t *testing.T, worlds ...*sim.World) *awssim.Server {
	t.Helper()
	server, err := awssim.Start(awssim.Options{Now: time.Now}, worlds...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	for _, variable := range server.Env() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	return server
}

// small is a world with a few endpoints.
func small(region string, endpoints int) *sim.World {
	return sim.Fleet(fleet.Scope{AccountID: "111122223333", Region: region}, time.Now().Add(-20*time.Minute), endpoints, 1)
}

func configFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestServe_showsTheDemo(t *testing.T) {
	p := launch(t, "--demo")
	p.ready()
	const account = "account_id=111122223333,endpoint_name="
	series := p.series()
	for name, want := range map[string]float64{
		"up account_id=111122223333,region=us-east-1":                                                                                               1,
		"backlog_without_capacity " + account + "summarize,region=us-east-1":                                                                        1,
		"instances_current " + account + "summarize,region=us-east-1,variant_name=AllTraffic":                                                       0,
		"scaling_suspended " + "account_id=111122223333,activity=scale_out,endpoint_name=translate-paused,region=us-east-1,variant_name=AllTraffic": 1,
		"scalable_target_registered " + account + "tts-redeployed,region=us-east-1,variant_name=AllTraffic":                                         0,
		"instances_desired " + account + "llm-capacity,region=us-east-1,variant_name=AllTraffic":                                                    1,
		"instances_current " + account + "llm-capacity,region=us-east-1,variant_name=AllTraffic":                                                    0,
		"scaling_activity_in_progress " + account + "llm-capacity,region=us-east-1,variant_name=AllTraffic":                                         1,
	} {
		if got, ok := series[name]; !ok || got != want {
			t.Errorf("%s is %v (there: %v), want %v", name, got, ok, want)
		}
	}
	for name := range series {
		if strings.Contains(name, "search-realtime") || strings.Contains(name, "rank-serverless") || strings.Contains(name, "chat-components") {
			t.Errorf("%s is not about an asynchronous endpoint", name)
		}
	}
	if said := p.out.String(); !strings.Contains(said, "async=13 ignored_real_time=1 ignored_serverless=1 ignored_inference_component=1") ||
		!strings.Contains(said, "aws --endpoint-url http://127.0.0.1:") {
		t.Errorf("it says:\n%s", said)
	}
}

func TestServe_negotiatesTheFormat(t *testing.T) {
	p := launch(t, "--demo")
	p.ready()
	for accept, end := range map[string]string{
		"application/openmetrics-text;version=1.0.0": "# EOF\n",
		"text/plain;version=0.0.4":                   "\n",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited": "",
	} {
		page, err := p.get("/metrics", "Accept", accept)
		if err != nil || len(page) < 10_000 || !strings.HasSuffix(page, end) || !strings.Contains(page, "sagemaker_async_up") {
			t.Errorf("%s: %d bytes, %v", accept, len(page), err)
		}
	}
}

func TestServe_twoInstancesInOneProcess(t *testing.T) {
	one, two := launch(t, "--demo"), launch(t, "--demo")
	for _, p := range []*running{one, two} {
		p.ready()
		p.want("up account_id=111122223333,region=us-east-1", 1)
	}
	if one.url == two.url {
		t.Error("both listen on the same address")
	}
}

func TestServe_aMissingPermissionCostsOneSource(t *testing.T) {
	server := embed(t, small("us-east-1", 3))
	server.SetFault("CloudWatch.DescribeAlarms", awssim.Fault{Code: "AccessDeniedException"})
	p := launch(t, "--aws.region=us-east-1", "--poll.interval=10s", "--poll.scaling-interval=10s")
	p.ready()
	p.want("up account_id=111122223333,region=us-east-1", 0)
	p.want("exporter_source_up account_id=111122223333,region=us-east-1,source=alarms", 0)
	for _, source := range []string{"endpoints", "metrics", "scaling", "activities"} {
		p.want("exporter_source_up account_id=111122223333,region=us-east-1,source="+source, 1)
	}
	p.want("scalable_targets account_id=111122223333,region=us-east-1", 3)
	if said := strings.Count(p.out.String(), "the role lacks cloudwatch:DescribeAlarms"); said != 1 {
		t.Errorf("the missing action was named %d times", said)
	}
}

func TestServe_aSlowAndADeadScopeCostNoOther(t *testing.T) {
	server := embed(t, small("us-east-1", 5), small("eu-west-1", 5))
	target, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	forward.ErrorLog = nil
	forward.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/sagemaker/") {
			_, _ = io.Copy(io.Discard, r.Body) // before, the server does not notice that the client goes away
			<-r.Context().Done()               // SageMaker in this region answers nobody
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	t.Setenv("AWS_ENDPOINT_URL", slow.URL)
	p := launch(t, "--config.file="+configFile(t, `
scopes:
  - region: us-east-1
  - region: eu-west-1
  - region: us-east-1
    roleARN: arn:aws:iam::999999999999:role/gone
    externalID: planted-secret
`))
	p.eventually("the good scope is shown", func() error {
		page, err := p.get("/metrics")
		if err == nil && strings.Count(page, "sagemaker_async_endpoint_info{") != 5 {
			err = fmt.Errorf("the good scope's five endpoints are not there")
		}
		return err
	})
	p.want("up account_id=111122223333,region=us-east-1", 1)
	p.want("up account_id=999999999999,region=us-east-1", 0)
	p.ready()
	p.want("up account_id=111122223333,region=eu-west-1", 0)
	if said := p.out.String(); strings.Count(said, "cannot assume role arn:aws:iam::999999999999:role/gone") != 1 || strings.Contains(said, "planted-secret") {
		t.Errorf("it says:\n%s", said)
	}
}

func TestReload_underLoadLosesNoSeries(t *testing.T) {
	server := embed(t, small("us-east-1", 40))
	const good = "scopes: [{region: us-east-1}]\n"
	file := configFile(t, good)
	p := launch(t, "--config.file="+file)
	p.ready()
	server.SetLatency(30 * time.Millisecond) // so that reloads meet observations that are under way
	ctx, stop := context.WithCancel(t.Context())
	var scrapers sync.WaitGroup
	scrapes := make(chan int, 4)
	for range 4 {
		scrapers.Go(func() {
			n := 0
			for ; ctx.Err() == nil; n++ {
				page, err := p.get("/metrics")
				if err != nil || strings.Count(page, "sagemaker_async_endpoint_info{") != 40 ||
					strings.Count(page, "sagemaker_async_scalable_target_registered{") != 40 {
					t.Errorf("scrape %d has lost series: %v", n, err)
					break
				}
			}
			scrapes <- n
		})
	}
	reload := func() (string, error) { return answer(http.Post(p.url+"/-/reload", "", nil)) }
	for i := range 15 {
		if err := os.WriteFile(file, []byte(good+fmt.Sprintf("polling: {scaling: %dm}\n", 5+i)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := reload(); err != nil {
			t.Errorf("reload %d: %v", i, err)
		}
	}
	p.want("exporter_config_last_reload_successful ", 1)
	if err := os.WriteFile(file, []byte("polling: {queue: 1s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := reload(); err == nil || !strings.Contains(err.Error(), "500") || !strings.Contains(err.Error(), file+":1: 1s is below the minimum of 10s") {
		t.Errorf("a bad file: %s %v", said, err)
	}
	p.want("exporter_config_last_reload_successful ", 0)
	stop()
	scrapers.Wait()
	for range 4 {
		if n := <-scrapes; n < 3 {
			t.Errorf("only %d scrapes", n)
		}
	}
}

func TestReload_changesWhatIsObserved(t *testing.T) {
	embed(t, small("us-east-1", 4))
	file := configFile(t, "scopes: [{region: us-east-1}]\n")
	p := launch(t, "--config.file="+file)
	p.ready()
	p.want("endpoint_info account_id=111122223333,endpoint_config_name=endpoint-00003-config-1,endpoint_name=endpoint-00003,region=us-east-1", 1)
	text := "scopes: [{region: us-east-1}]\ndiscovery: {exclude: [endpoint-00003], tagLabels: [team], tags: {env: prod}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := answer(http.Post(p.url+"/-/reload", "", nil)); err != nil {
		t.Fatal(err)
	}
	p.want("endpoint_info account_id=111122223333,endpoint_config_name=endpoint-00002-config-1,endpoint_name=endpoint-00002,region=us-east-1,tag_team=team-2", 1)
	p.want("exporter_source_up account_id=111122223333,region=us-east-1,source=tags", 1)
	for series := range p.series() {
		if strings.Contains(series, "endpoint-00003") {
			t.Errorf("%s is excluded", series)
		}
	}
}

func TestReload_doesNotTakeAwayTheLastPolicy(t *testing.T) {
	embed(t, small("us-east-1", 2))
	const scopes = "scopes: [{region: us-east-1}]\n"
	file := configFile(t, scopes+"policies: [{endpoints: endpoint-00001}]\n")
	p := launch(t, "--reconcile", "--config.file="+file)
	p.ready()
	reload := func(text string) error {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := answer(http.Post(p.url+"/-/reload", "", nil))
		return err
	}
	const gone = scopes + "discovery: {exclude: [endpoint-00001]}\n"
	if err := reload(gone); err == nil || !strings.Contains(err.Error(), "--reconcile: no endpoint is selected") {
		t.Errorf("got %v", err)
	}
	p.want("exporter_config_last_reload_successful ", 0)
	p.want("endpoint_info account_id=111122223333,endpoint_config_name=endpoint-00001-config-1,endpoint_name=endpoint-00001,region=us-east-1", 1)
	if err := reload(gone + "policies: [{endpoints: endpoint-00000}]\n"); err != nil {
		t.Error(err)
	}
	p.want("exporter_config_last_reload_successful ", 1)
}
