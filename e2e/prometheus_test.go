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
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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
	p := launch(t, exec.Command(program, args...))
	stop = sync.OnceFunc(func() { _ = p.end() })
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", program, p.log)
		}
	})
	eventually(t, program+" ready", soon, func() error {
		if err := p.alive(); err != nil {
			return err
		}
		response, err := client.Get(url + "/-/ready")
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

// nextPort is where freeAddress goes on looking.
var nextPort atomic.Int32

// freeAddress is a loopback address on which nobody listens, and which no other test gets: it is below those that systems
// hand out by themselves, so it stays free while a program that uses it is down.
func freeAddress(t *testing.T) string {
	t.Helper()
	const first, last = 20000, 32000
	for range last - first {
		port := first + (os.Getpid()*37+int(nextPort.Add(1)))%(last-first)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			defer listener.Close()
			return listener.Addr().String()
		}
	}
	t.Fatal("no address is free")
	return ""
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
	response, err := client.Get(p.url + path + "?" + parameters.Encode())
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

// scrapeFor is how far back Prometheus is asked for what it has seen: all of a test.
const scrapeFor = 15 * time.Minute

// seenAll waits until all of some queries have found something. The demo's clock runs sixty times as fast, so an hour and a
// half of it, in which everything has happened, are 90 seconds.
func (p *prometheus) seenAll(what string, e *exporter, queries []string) {
	p.Helper()
	e.eventually(what, 2*soon, func() error {
		queries = slices.DeleteFunc(queries, func(query string) bool { return len(p.query(query)) > 0 })
		if len(queries) > 0 {
			time.Sleep(time.Second)
			return fmt.Errorf("nothing is found by %q", queries)
		}
		return nil
	})
}

// Everything that the program can show is scraped. A scrape may be late, and on a busy machine it is, but it never fails for
// another reason.
func TestPrometheus_scrapesTheDemoWithoutAnError(t *testing.T) {
	t.Parallel()
	e := start(t, nil, "--demo", "--demo.speed=60", "--reconcile", everyEndpoint) // so that there is something of every metric
	p := startPrometheus(t, strings.TrimPrefix(e.url, "http://"))
	queries := []string{
		`sum(sagemaker_async_wake_duration_seconds_count) > 0`, `sum(sagemaker_async_scale_out_duration_seconds_count) > 0`,
		`sagemaker_async_up == 1`, `sum_over_time(up[15m]) > 30`,
	}
	for _, metric := range collector.Table() {
		name := metric.FullName()
		if metric.Type == collector.Histogram || metric.Type == collector.Summary {
			name += "_count"
		}
		queries = append(queries, fmt.Sprintf("last_over_time(%s[15m])", name))
	}
	p.seenAll("showing every metric, a wake and a scale-out", e, queries)
	if failed := p.query(`max_over_time((up == 0 and scrape_duration_seconds < 0.9)[15m:1s])`); len(failed) > 0 {
		t.Errorf("a scrape failed, and it was not late: %v", failed)
	}
}
