package collector

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sagemaker-async/exporter/internal/report"
)

// rendered counts how often the page is rendered, and lets a test look in.
func rendered(x *Exposition, look func()) *atomic.Int32 {
	var times atomic.Int32
	row := &x.Reports.rows[slices.IndexFunc(x.Reports.rows, func(r row) bool { return r.Name == "up" })]
	show := row.scope
	row.scope = func(r report.Report, at time.Time, put put) {
		times.Add(1)
		look()
		show(r, at, put)
	}
	return &times
}

func nothing() {}

func TestExposition_isRenderedOncePerSetAndFormat(t *testing.T) {
	x, _ := exposed(world())
	times := rendered(x, nothing)
	for range 3 {
		for accept := range accepts {
			scraped(x, "Accept", accept, "Accept-Encoding", "gzip")
			scraped(x, "Accept", accept)
		}
	}
	if got := times.Load(); got != 5 { // text, OpenMetrics, three forms of protobuf
		t.Errorf("rendered %d times", got)
	}
	other := *x.Reports.published()
	x.Reports.published = func() *report.Set { return &other }
	scraped(x)
	scraped(x)
	if got := times.Load(); got != 6 || len(x.newest.pages) != 1 {
		t.Errorf("rendered %d times, %d pages of the new set", got, len(x.newest.pages))
	}
}

func TestExposition_whatClientsAskForDoesNotFillMemory(t *testing.T) {
	x, _ := exposed(world())
	for i := range 9 {
		for _, escaping := range []string{"allow-utf-8", "underscores", "dots", "values", strconv.Itoa(i)} {
			for _, format := range []string{
				"text/plain", "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=1.0.0",
				protobuf + "delimited", protobuf + "text", protobuf + "compact-text",
			} {
				scraped(x, "Accept", fmt.Sprintf("%s;escaping=%s;charset=c%d;q=0.%d", format, escaping, i, i+1))
			}
		}
	}
	if got := len(x.newest.pages); got != 5 { // text, OpenMetrics, three forms of protobuf
		t.Errorf("%d pages are held", got)
	}
}

func TestExposition_showsWhatChangesBySecond(t *testing.T) {
	x, _ := exposed(world())
	process := NewProcess()
	registry := prometheus.NewRegistry()
	registry.MustRegister(process)
	x.Process = registry
	times := rendered(x, nothing)
	for want := 1; want <= 3; want++ {
		process.AWSCall("SageMaker", "ListEndpoints", "OK", time.Second)
		page := string(unpacked(t, scraped(x, "Accept-Encoding", "gzip")))
		if !strings.Contains(page, fmt.Sprintf("service=\"SageMaker\"} %d\n", want)) {
			t.Errorf("call %d is not shown", want)
		}
	}
	if got := times.Load(); got != 1 {
		t.Errorf("rendered %d times", got)
	}
}

func TestExposition_aNewSetReplacesThePage(t *testing.T) {
	x, _ := exposed(world())
	scraped(x)
	renamed := world()
	renamed.Endpoints[0].Name = "renamed"
	set := &report.Set{Reports: []report.Report{concluded(renamed)}}
	x.Reports.published = func() *report.Set { return set }
	if page := scraped(x).Body.String(); !strings.Contains(page, "renamed") || strings.Contains(page, `"transcribe"`) {
		t.Error("the page is not that of the new set")
	}
}

// The set before is as large as the new one. It must not stay in memory until somebody scrapes again.
func TestExposition_holdsNoSetThatIsNoLongerPublished(t *testing.T) {
	x, _ := exposed(world())
	scraped(x)
	before := weak.Make(x.Reports.published())
	other := &report.Set{Reports: []report.Report{concluded(world())}}
	x.Reports.published = func() *report.Set { return other }
	runtime.GC()
	if before.Value() != nil {
		t.Error("the set before is still held")
	}
	if x.newest == nil {
		t.Error("there is no edition that could hold it")
	}
}

// A ready page must not keep alive what has become too old. At each moment at which something expires, one after the
// other, and just before it, the page is what plain gathering shows then.
func TestExposition_anExpiryReplacesThePage(t *testing.T) {
	snapshot := world()
	for i := range snapshot.Sources {
		snapshot.Sources[i].Expires = noon.Add(time.Duration(20-i) * time.Minute)
	}
	snapshot.Sources[6].Expires = snapshot.Sources[3].Expires // the two of CloudWatch are shown as one
	for i := range snapshot.Endpoints[0].Queue {              // before the readings of the work, all of one minute
		snapshot.Endpoints[0].Queue[i].Expires = noon.Add(time.Duration(1+i) * time.Minute)
	}
	second := snapshot.Endpoints[0]
	second.Name, second.Expires = "unseen", noon.Add(8*time.Minute)
	snapshot.Endpoints = append(snapshot.Endpoints, second)
	x, _ := exposed(snapshot)
	whole := plain(x, prometheus.NewPedanticRegistry())
	times := rendered(x, nothing)
	shown := func(at time.Time) []string {
		x.Reports.now = func() time.Time { return at }
		before := times.Load()
		want := familiesOf(t, scraped(whole).Body.Bytes(), "# HELP ")
		times.Store(before) // plain gathering renders too
		got := familiesOf(t, unpacked(t, scraped(x, "Accept-Encoding", "gzip")), "# HELP ")
		if !slices.Equal(got, want) {
			t.Errorf("%s after noon the page is not what plain gathering shows", at.Sub(noon))
		}
		return got
	}
	last := shown(noon)
	changes := 0
	for next := x.Reports.published().ChangesAt(noon); !next.IsZero(); next = x.Reports.published().ChangesAt(next) {
		if before := shown(next.Add(-1)); !slices.Equal(before, last) {
			t.Errorf("the page has changed before %s", next.Sub(noon))
		}
		now := shown(next)
		if slices.Equal(now, last) {
			t.Errorf("nothing changes %s after noon", next.Sub(noon))
		}
		last = now
		if changes++; changes > 100 {
			t.Fatal("the next change is never the last")
		}
	}
	if changes != 4+1+2+6 || times.Load() != int32(1+changes) {
		t.Errorf("%d changes, rendered %d times", changes, times.Load())
	}
	if again := shown(noon); slices.Equal(again, last) {
		t.Error("the clock was put back, and what is young again is not shown")
	}
}

// The one who renders is held up until all others have asked for the page: they wait for it and make none themselves.
func TestExposition_manyScrapesAtOnceRenderOnce(t *testing.T) {
	const scrapes = 8
	x, failures := exposed(world())
	set := x.Reports.published()
	var asked sync.WaitGroup
	asked.Add(scrapes)
	x.Reports.published = func() *report.Set { asked.Done(); return set }
	times := rendered(x, asked.Wait)
	pages := make([]string, scrapes)
	var all sync.WaitGroup
	for i := range pages {
		all.Go(func() { pages[i] = scraped(x).Body.String() })
	}
	all.Wait()
	if got := times.Load(); got != 1 {
		t.Errorf("rendered %d times", got)
	}
	if len(pages[0]) < 10_000 || len(slices.Compact(pages)) != 1 || len(*failures) > 0 {
		t.Errorf("the pages differ, or are not whole; failures %v", *failures)
	}
}

func TestExposition_aClientThatHasGoneSpoilsNothing(t *testing.T) {
	x, failures := exposed(world())
	times := rendered(x, nothing)
	for _, encoding := range []string{"", "gzip"} {
		ctx, leave := context.WithCancel(t.Context())
		request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", http.NoBody)
		request.Header.Set("Accept-Encoding", encoding)
		gone := &leaving{discard: discard{header: http.Header{}}, leave: leave}
		x.ServeHTTP(gone, request)
		if gone.writes != 1 || len(*failures) > 0 {
			t.Errorf("%q: %d writes, failures %v", encoding, gone.writes, *failures)
		}
	}
	got, want := familiesOf(t, scraped(x).Body.Bytes(), "# HELP "), familiesOf(t, scraped(plain(x, prometheus.NewPedanticRegistry())).Body.Bytes(), "# HELP ")
	if !slices.Equal(got, want) {
		t.Error("the next client does not get the whole page")
	}
	if got := times.Load(); got != 2 { // once by plain gathering
		t.Errorf("rendered %d times", got-1)
	}
}

// leaving is a client that goes away at the first write; as the server does, it ends the request.
type leaving struct {
	discard
	leave  context.CancelFunc
	writes int
}

func (l *leaving) Write([]byte) (int, error) {
	l.writes++
	l.leave()
	return 0, io.ErrClosedPipe
}

// A client that stops reading holds up neither others nor the next set, and gets the page that it has begun.
func TestExposition_aSlowClientHoldsUpNobody(t *testing.T) {
	for _, encoding := range []string{"", "gzip"} {
		x, _ := exposed(world())
		first := unpacked(t, scraped(x, "Accept-Encoding", encoding))
		slow := &slow{ResponseRecorder: httptest.NewRecorder(), writes: make(chan struct{}), goOn: make(chan struct{})}
		request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
		request.Header.Set("Accept-Encoding", encoding)
		var reading sync.WaitGroup
		reading.Go(func() { x.ServeHTTP(slow, request) })
		<-slow.writes
		if page := unpacked(t, scraped(x, "Accept-Encoding", encoding)); !bytes.Equal(page, first) {
			t.Errorf("%q: another client gets another page", encoding)
		}
		set := &report.Set{}
		x.Reports.published = func() *report.Set { return set }
		if page := unpacked(t, scraped(x, "Accept-Encoding", encoding)); bytes.Contains(page, []byte("transcribe")) {
			t.Errorf("%q: the new set is not shown", encoding)
		}
		close(slow.goOn)
		reading.Wait()
		if page := unpacked(t, slow.ResponseRecorder); !bytes.Equal(page, first) {
			t.Errorf("%q: the slow client gets %d bytes of %d", encoding, len(page), len(first))
		}
	}
}

// slow is a client that reads nothing before it is told to go on.
type slow struct {
	*httptest.ResponseRecorder
	once   sync.Once
	writes chan struct{} // closed at the first write
	goOn   chan struct{}
}

func (s *slow) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.writes) })
	<-s.goOn
	return s.ResponseRecorder.Write(p)
}
