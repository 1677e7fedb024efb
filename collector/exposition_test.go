package collector

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/report"
)

// exposed is the exposition of snapshots and of a process that has done something.
func exposed(snapshots ...fleet.Snapshot) (x *Exposition, failures *[]error) {
	set := &report.Set{}
	for _, snapshot := range snapshots {
		set.Reports = append(set.Reports, concluded(snapshot))
	}
	process := NewProcess()
	process.AWSCall("SageMaker", "ListEndpoints", "OK", time.Second)
	process.Configured(time.Minute, 25, 0.05)
	process.ConfigReloaded(nil, noon)
	registry := prometheus.NewRegistry()
	registry.MustRegister(process)
	failures = &[]error{}
	return &Exposition{
		Reports: New(func() *report.Set { return set }, func() time.Time { return noon }), Process: registry,
		Failed: func(err error) { *failures = append(*failures, err) },
	}, failures
}

func scraped(x http.Handler, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	x.ServeHTTP(answer, request)
	return answer
}

// accepts are the formats that clients ask for, the escapings of names among them, and where a family begins in each.
var accepts = map[string]string{
	"":                           "# HELP ",
	"text/plain;version=0.0.4":   "# HELP ",
	"text/plain;escaping=dots":   "# HELP ",
	"text/plain;escaping=values": "# HELP ",
	"application/openmetrics-text;version=1.0.0":                      "# HELP ",
	"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8": "# HELP ",
	"application/openmetrics-text;version=0.0.1":                      "# HELP ",
	protobuf + "delimited":                                            "",
	protobuf + "delimited;escaping=allow-utf-8":                       "",
	protobuf + "text":                                                 "name:",
	protobuf + "compact-text":                                         "name:",
}

const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding="

// familiesOf takes a page apart and sorts its families. The last line of OpenMetrics stands by itself.
func familiesOf(t *testing.T, page []byte, begin string) (families []string) {
	t.Helper()
	if begin == "" {
		decoder := expfmt.NewDecoder(bytes.NewReader(page), expfmt.FmtProtoDelim)
		for {
			var family dto.MetricFamily
			err := decoder.Decode(&family)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			families = append(families, family.String())
		}
	} else {
		text := strings.ReplaceAll(string(page), "# EOF", "\n"+begin+"EOF")
		for _, family := range strings.Split("\n"+text, "\n"+begin) {
			families = append(families, strings.TrimSpace(family))
		}
	}
	slices.Sort(families)
	return families
}

// unpacked is the body of an answer. What is packed has to be one gzip member: some clients read no further.
func unpacked(t *testing.T, answer *httptest.ResponseRecorder) []byte {
	t.Helper()
	if got, want := answer.Header().Get("Content-Length"), strconv.Itoa(answer.Body.Len()); got != want {
		t.Errorf("Content-Length %s, want %s", got, want)
	}
	if answer.Header().Get("Content-Encoding") != "gzip" {
		return answer.Body.Bytes()
	}
	member, err := gzip.NewReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	member.Multistream(false)
	page, err := io.ReadAll(member) // holds it against its checksum and length
	if err != nil {
		t.Fatal(err)
	}
	if answer.Body.Len() > 0 {
		t.Errorf("%d bytes follow the gzip member", answer.Body.Len())
	}
	return page
}

// plain is client_golang's own handler of the same metrics, through a registry.
func plain(x *Exposition, registry *prometheus.Registry) http.Handler {
	registry.MustRegister(x.Reports)
	end := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return []*dto.MetricFamily{pageEnd.family()}, nil })
	return promhttp.HandlerFor(prometheus.Gatherers{registry, x.Process, end}, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// What stands ready, with what follows it, is as a set of families to the letter what plain gathering shows: when it is
// rendered, when it is ready, packed or not.
func TestExposition_isPlainGathering(t *testing.T) {
	other := world() // as after a reload that the other scope has seen first
	other.Scope.Region, other.TagLabels = "us-west-2", nil
	odd := world() // values and labels that need care
	odd.Scope.Region = "eu-\"west\\-1\n\xff"
	for i, value := range []float64{math.Inf(1), 1e21, -1, .1, 123456789, 1} {
		metric := fleet.QueueMetrics()[i%len(fleet.QueueMetrics())]
		reading := odd.Endpoints[0].Queue[metric]
		reading.Value = value
		odd.Endpoints[0].Queue[metric] = reading
	}
	x, failures := exposed(world(), other, odd)
	whole := plain(x, prometheus.NewPedanticRegistry())
	for accept, begin := range accepts {
		answer := scraped(whole, "Accept", accept)
		want := familiesOf(t, answer.Body.Bytes(), begin)
		if len(want) < len(Table()) {
			t.Fatalf("%q: only %d families", accept, len(want))
		}
		for _, encoding := range []string{"gzip", "", "gzip"} {
			got := scraped(x, "Accept", accept, "Accept-Encoding", encoding)
			if got, want := got.Header().Get("Content-Type"), answer.Header().Get("Content-Type"); got != want {
				t.Errorf("%q is answered as %q, want %q", accept, got, want)
			}
			page := unpacked(t, got)
			if got := familiesOf(t, page, begin); !slices.Equal(got, want) {
				t.Errorf("%q, %q: the %d families are not the %d of plain gathering", accept, encoding, len(got), len(want))
			}
			ends := bytes.Count(page, []byte("# EOF\n"))
			if open := strings.HasPrefix(accept, "application/openmetrics"); open != (ends == 1) || open != bytes.HasSuffix(page, []byte("\n# EOF\n")) {
				t.Errorf("%q, %q: %d ends", accept, encoding, ends)
			}
		}
	}
	if len(*failures) > 0 {
		t.Errorf("failures: %v", *failures)
	}
}

func TestExposition_isReadByTheParser(t *testing.T) {
	x, _ := exposed(world())
	for range 2 {
		parser := expfmt.NewTextParser(model.LegacyValidation)
		families, err := parser.TextToMetricFamilies(bytes.NewReader(unpacked(t, scraped(x, "Accept-Encoding", "gzip"))))
		if err != nil || len(families) != len(Table()) {
			t.Errorf("%d families of %d: %v", len(families), len(Table()), err)
		}
	}
}

func TestExposition_isPackedForWhoTakesIt(t *testing.T) {
	x, _ := exposed(world())
	plain := scraped(x).Body.String()
	for offer, packed := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "br": false, "": false} {
		answer := scraped(x, "Accept-Encoding", offer)
		if got := answer.Header().Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("%q: packed %t, want %t", offer, got, packed)
		}
		if page := unpacked(t, answer); string(page) != plain {
			t.Errorf("%q: %d bytes, want %d", offer, len(page), len(plain))
		}
	}
}

func TestExposition_tellsTheLengthWithoutThePage(t *testing.T) {
	x, _ := exposed(world())
	for _, encoding := range []string{"", "gzip"} {
		request := httptest.NewRequest(http.MethodHead, "/metrics", http.NoBody)
		request.Header.Set("Accept-Encoding", encoding)
		answer := httptest.NewRecorder()
		x.ServeHTTP(answer, request)
		got, want := answer.Header().Get("Content-Length"), scraped(x, "Accept-Encoding", encoding).Header().Get("Content-Length")
		if got != want || answer.Body.Len() > 0 {
			t.Errorf("%q: length %q with %d bytes, want %q without", encoding, got, answer.Body.Len(), want)
		}
	}
}

func TestExposition_whatFailsCostsItselfAlone(t *testing.T) {
	x, failures := exposed(world())
	broken := errors.New("broken")
	x.Process = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, broken })
	page := scraped(x).Body.String()
	if !strings.Contains(page, "sagemaker_async_up{") || strings.Contains(page, "aws_requests_total") {
		t.Errorf("the reports are not shown, or what failed is:\n%s", page)
	}
	if len(*failures) != 1 || !errors.Is((*failures)[0], broken) {
		t.Errorf("failures: %v", *failures)
	}
}

func TestExposition_whatCannotBeWrittenCostsItselfAlone(t *testing.T) {
	x, failures := exposed(world())
	name := "a_family_without_series"
	x.Process = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return []*dto.MetricFamily{{Name: &name}}, nil })
	if page := scraped(x).Body.String(); !strings.Contains(page, "sagemaker_async_variant_info{") {
		t.Errorf("the page ends early:\n%s", page)
	}
	if len(*failures) != 1 || !strings.Contains((*failures)[0].Error(), "writing "+name) {
		t.Errorf("failures: %v", *failures)
	}
}

func TestExposition_aRowThatPanicsCostsItselfAloneAndIsSaidOncePerSet(t *testing.T) {
	x, failures := exposed(world())
	rendered(x, func() { panic("no such thing") })
	for range 3 {
		page := scraped(x).Body.String()
		if strings.Contains(page, "sagemaker_async_up{") || !strings.Contains(page, "sagemaker_async_variant_info{") {
			t.Error("the page is more or less than what can be shown")
		}
	}
	if len(*failures) != 1 || (*failures)[0].Error() != "gathering sagemaker_async_up: no such thing" {
		t.Errorf("failures: %v", *failures)
	}
}

func TestExposition_familiesOfTheReportsAreSorted(t *testing.T) {
	x, _ := exposed(world())
	var order []string
	edition, set := x.edition()
	for family, err := range edition.look(set).families() {
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, family.GetName())
	}
	if want := len(Table()) - len(processMetrics) - 1; len(order) != want || !slices.IsSorted(order) {
		t.Errorf("%d of %d metrics, in the order %v", len(order), want, order)
	}
}

// Whatever the format, the page ends with one series, so that one that was cut anywhere is without it.
func TestExposition_everyPageEndsWithItsEnd(t *testing.T) {
	for accept := range accepts {
		x, _ := exposed(world())
		page := scraped(x, "Accept", accept).Body.String()
		at := strings.LastIndex(page, paging.PageEnd)
		rest := page[max(0, at):]
		if at < 0 || strings.Contains(strings.ReplaceAll(rest, paging.PageEnd, ""), "sagemaker_async_") {
			t.Errorf("%s: it ends with %q", accept, page[max(0, len(page)-200):])
		}
		if strings.HasPrefix(accept, "text/plain") && !strings.HasSuffix(page, "\n"+paging.PageEnd+" 1\n") {
			t.Errorf("%s: it ends with %q", accept, page[max(0, len(page)-200):])
		}
	}
}
