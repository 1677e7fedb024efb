//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/collector"
)

// prometheus scrapes exporters each second.
type prometheus struct {
	*testing.T
	url string
}

func startPrometheus(t *testing.T, addresses ...string) *prometheus {
	t.Helper()
	return startPrometheusOf(t, "prometheus", addresses...)
}

// startPrometheusOf runs another Prometheus than the one that is installed.
func startPrometheusOf(t *testing.T, program string, addresses ...string) *prometheus {
	t.Helper()
	return runPrometheusOf(t, program, fmt.Sprintf("global: {scrape_interval: 1s, scrape_timeout: 1s}\n"+
		"scrape_configs: [{job_name: exporter, static_configs: [{targets: [%s]}]}]\n", strings.Join(addresses, ", ")))
}

func runPrometheus(t *testing.T, config string, args ...string) *prometheus {
	t.Helper()
	return runPrometheusOf(t, "prometheus", config, args...)
}

func runPrometheusOf(t *testing.T, program, config string, args ...string) *prometheus {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "prometheus.yml")
	must(t, os.WriteFile(file, []byte(config), 0o600))
	address := freeAddress(t)
	p := &prometheus{T: t, url: "http://" + address}
	serving(t, p.url, program, append([]string{
		"--config.file=" + file, "--storage.tsdb.path=" + filepath.Join(dir, "data"),
		"--web.listen-address=" + address,
	}, args...)...)
	return p
}

// serving runs a program until the test ends, or until what it returns is called, and waits until it is ready.
func serving(t *testing.T, url, program string, args ...string) (stop func()) {
	t.Helper()
	command := exec.Command(program, args...)
	out := &lockedBuffer{}
	command.Stdout, command.Stderr = out, out
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	stop = sync.OnceFunc(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", program, out)
		}
	})
	eventually(t, program+" is ready", 30*time.Second, func() error {
		response, err := http.Get(url + "/-/ready")
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
	return stop
}

// freeAddress is a loopback address that nobody listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// promSeries is a series of an answer: with one value of an instant query, and several of a range.
type promSeries struct {
	Metric map[string]string
	Value  [2]any
	Values [][2]any
}

// ask evaluates an expression by one of the paths of the API. The error is that of the expression.
func (p *prometheus) ask(path, expression string, parameters url.Values) ([]promSeries, error) {
	p.Helper()
	parameters.Set("query", expression)
	response, err := http.Get(p.url + path + "?" + parameters.Encode())
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct{ Result []promSeries }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		p.Fatal(err)
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s: %s", expression, answer.Error)
	}
	return answer.Data.Result, nil
}

// askRange evaluates an expression over a stretch of time, at each step of so many seconds.
func (p *prometheus) askRange(expression string, from, to time.Time, step int) ([]promSeries, error) {
	p.Helper()
	return p.ask("/api/v1/query_range", expression, url.Values{
		"step": {strconv.Itoa(step)}, "start": {strconv.FormatInt(from.Unix(), 10)}, "end": {strconv.FormatInt(to.Unix(), 10)},
	})
}

// query evaluates an instant query and returns the value of each series by its labels.
func (p *prometheus) query(expression string) map[string]string {
	p.Helper()
	result, err := p.ask("/api/v1/query", expression, url.Values{})
	if err != nil {
		p.Fatal(err)
	}
	found := map[string]string{}
	for _, series := range result {
		labels, _ := json.Marshal(series.Metric)
		found[string(labels)] = fmt.Sprint(series.Value[1])
	}
	return found
}

// scrapeFor is how long Prometheus scrapes the demo. Its clock runs sixty times as fast, so ten minutes of the demo are
// ten seconds; the rest lets events happen that histograms and counters wait for.
const scrapeFor = 90 * time.Second

func TestPrometheus_scrapesTheDemoWithoutAnError(t *testing.T) {
	e := start(t, nil, "--demo", "--demo.speed=60", "--reconcile", everyEndpoint) // so that there is something of every metric
	p := startPrometheus(t, strings.TrimPrefix(e.url, "http://"))
	time.Sleep(scrapeFor) // the time itself is what is tested
	if failed := p.query(`min_over_time(up[2m]) == 0`); len(failed) > 0 {
		t.Errorf("a scrape failed: %v", failed)
	}
	if scrapes := p.query(`count_over_time(up[5m]) < 80`); len(scrapes) > 0 {
		t.Errorf("there were too few scrapes: %v", scrapes)
	}
	if partial := p.query(`sagemaker_async_up == 0`); len(partial) > 0 {
		t.Errorf("the newest observation is not whole: %v", partial)
	}
	for _, metric := range collector.Table() {
		name := metric.FullName()
		if metric.Type == collector.Histogram || metric.Type == collector.Summary {
			name += "_count"
		}
		if len(p.query(fmt.Sprintf("last_over_time(%s[5m])", name))) == 0 {
			t.Errorf("%s never appeared", name)
		}
	}
	if wakes := p.query(`sum(sagemaker_async_wake_duration_seconds_count) > 0`); len(wakes) == 0 {
		t.Error("no wake was measured in an hour and a half of the demo")
	}
	if outs := p.query(`sum(sagemaker_async_scale_out_duration_seconds_count) > 0`); len(outs) == 0 {
		t.Error("no scale-out was measured in an hour and a half of the demo")
	}
}
