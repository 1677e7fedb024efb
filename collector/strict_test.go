package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

var (
	metricLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)`)
	suffixes   = map[string][]string{
		"gauge": {""}, "counter": {"_total", "_created"}, "unknown": {""}, "info": {"_info"},
		"summary": {"", "_count", "_sum", "_created"}, "histogram": {"_bucket", "_count", "_sum", "_created"},
	}
)

// strictly reads a page as OpenMetrics 1.0 wants it read, and is more severe than Prometheus: what it complains about, some
// parser refuses. It gives the names of the families.
func strictly(page string) (families map[string]string, complaints []string) {
	families = map[string]string{}
	complain := func(line, format string, args ...any) {
		complaints = append(complaints, fmt.Sprintf(format, args...)+": "+line)
	}
	names := map[string]string{} // of samples and families, by family
	series := map[string]bool{}
	family, help, sampled := "", map[string]bool{}, map[string]bool{}
	body, ended := strings.CutSuffix(page, "# EOF\n")
	if !ended {
		complain("", "the page does not end with # EOF")
	}
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if words := strings.SplitN(line, " ", 4); words[0] == "#" {
			if len(words) != 4 || !slices.Contains([]string{"HELP", "TYPE", "UNIT"}, words[1]) {
				complain(line, "neither HELP, TYPE nor UNIT")
				continue
			}
			if words[1] == "UNIT" {
				if words[2] != family || !strings.HasSuffix(family, "_"+words[3]) {
					complain(line, "the unit")
				}
				continue
			}
			if family = words[2]; sampled[family] {
				complain(line, "the family %s is there twice", family)
			}
			if words[1] == "HELP" {
				if help[family] {
					complain(line, "two HELP")
				}
				help[family] = true
				continue
			}
			if families[family] != "" {
				complain(line, "two TYPE")
			}
			families[family] = words[3]
			for _, suffix := range append(suffixes[words[3]], "") {
				if other := names[family+suffix]; other != "" && other != family {
					complain(line, "%s and %s clash at %s", family, other, family+suffix)
				}
				names[family+suffix] = family
			}
			continue
		}
		found := metricLine.FindStringSubmatch(line)
		if found == nil {
			complain(line, "no sample")
			continue
		}
		suffix, ok := strings.CutPrefix(found[1], family)
		if !ok || !slices.Contains(suffixes[families[family]], suffix) {
			complain(line, "no sample of %s, a %s", family, families[family])
		}
		sampled[family] = true
		if series[found[1]+found[2]] {
			complain(line, "the series is there twice")
		}
		series[found[1]+found[2]] = true
		labels := map[string]bool{}
		for rest := strings.TrimSuffix(strings.TrimPrefix(found[2], "{"), "}"); rest != ""; {
			pair := labelPair.FindStringSubmatch(rest)
			if pair == nil || labels[pair[1]] {
				complain(line, "labels")
				break
			}
			labels[pair[1]] = true
			rest = rest[len(pair[0]):]
		}
		value, err := strconv.ParseFloat(found[3], 64)
		if err != nil || value < 0 && (strings.HasSuffix(found[1], "_total") || strings.HasSuffix(found[1], "_count")) {
			complain(line, "the value %s", found[3])
		}
		if suffix == "_bucket" != labels["le"] {
			complain(line, "le")
		}
	}
	return families, complaints
}

// Every metric of the reports and of the process is on this page.
func TestExposition_aStrictOpenMetricsParserTakesIt(t *testing.T) {
	process := NewProcess()
	process.Configured(time.Hour, 1, 0.05)
	process.AWSCall("sagemaker", "ListEndpoints", "", time.Second)
	registry := prometheus.NewRegistry()
	registry.MustRegister(process, daemon.GoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	set := &report.Set{Reports: []report.Report{concluded(world())}}
	exposition := &Exposition{
		Reports: New(func() *report.Set { return set }, func() time.Time { return noon }), Process: registry,
		Failed: func(err error) { t.Error(err) },
	}
	request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	request.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	answer := httptest.NewRecorder()
	exposition.ServeHTTP(answer, request)
	families, complaints := strictly(answer.Body.String())
	for _, complaint := range complaints {
		t.Error(complaint)
	}
	for name, kind := range map[string]string{
		"go_memstats_alloc_bytes": "counter", "go_memstats_heap_alloc_bytes": "gauge", "go_gc_duration_seconds": "summary",
		"sagemaker_async_backlog_requests": "gauge", "sagemaker_async_wake_duration_seconds": "histogram",
	} {
		if families[name] != kind {
			t.Errorf("%s is a %q, want a %s", name, families[name], kind)
		}
	}
}

func TestStrictly_complains(t *testing.T) {
	for page, want := range map[string]string{
		"# TYPE a gauge\na 1\n": "EOF",
		"# TYPE a gauge\na 1\n# TYPE a counter\na_total 1\n# EOF\n":             "twice",
		"# TYPE a_total gauge\na_total 1\n# TYPE a counter\na_total 1\n# EOF\n": "clash",
		"# TYPE a gauge\na{b=\"1\"} 1\na{b=\"1\"} 2\n# EOF\n":                   "twice",
		"# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n# EOF\n":                         "labels",
		"# TYPE a counter\na 1\n# EOF\n":                                        "no sample of a",
		"# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\na{c=\"1\"} 1\n# EOF\n":       "no sample of b",
		"# TYPE a histogram\na_bucket 1\n# EOF\n":                               "le",
		"# TYPE a counter\na_total -1\n# EOF\n":                                 "value",
		"# TYPE a gauge\na one\n# EOF\n":                                        "value",
		"# TYPE a gauge\n\na 1\n# EOF\n":                                        "no sample",
	} {
		if _, complaints := strictly(page); len(complaints) == 0 || !strings.Contains(complaints[0], want) {
			t.Errorf("%q: got %q", page, complaints)
		}
	}
}

func TestCollect_durationsBeginWithTheFirst(t *testing.T) {
	one, two := 1, 2
	for _, tt := range []struct {
		name             string
		wakes, scaleOuts fleet.Histogram
		current, desired *int
		want             []string
	}{
		{"nothing has happened", fleet.Histogram{}, fleet.Histogram{}, &one, &one, nil},
		{"a wake is under way", fleet.Histogram{}.Begin(), fleet.Histogram{}, &one, &one, []string{"wake_duration_seconds"}},
		{"instances are on their way", fleet.Histogram{}, fleet.Histogram{}, &one, &two, []string{"scale_out_duration_seconds"}},
		{"instances go", fleet.Histogram{}, fleet.Histogram{}, &two, &one, nil},
		{"an activity is under way", fleet.Histogram{}, fleet.Histogram{}.Begin(), nil, nil, []string{"scale_out_duration_seconds"}},
		{"both were counted", fleet.Histogram{}.With(time.Minute), fleet.Histogram{}.With(time.Minute), &one, &one, []string{"scale_out_duration_seconds", "wake_duration_seconds"}},
	} {
		snapshot := world()
		endpoint := &snapshot.Endpoints[0]
		variant := &endpoint.Variants[0]
		endpoint.Wakes, variant.Activity.ScaleOuts, variant.Current, variant.Desired = tt.wakes, tt.scaleOuts, tt.current, tt.desired
		snapshot.Endpoints, endpoint.Variants = snapshot.Endpoints[:1], endpoint.Variants[:1]
		var got []string
		for _, name := range names(gather(t, noon, snapshot)) {
			if strings.HasSuffix(name, "duration_seconds") && !strings.HasPrefix(name, "exporter_") {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
