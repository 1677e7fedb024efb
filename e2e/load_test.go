//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// mostHalfOpen is how many connections that never become requests are opened, if the machine lets that many be.
const mostHalfOpen = 10_000

func TestServe_answersBesideClientsThatDoNothing(t *testing.T) {
	e := start(t, nil, "--demo")
	address := strings.TrimPrefix(e.url, "http://")
	var limit syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	idle := int(min(mostHalfOpen, limit.Cur-min(limit.Cur, 500)))
	before := value(e.metrics(), "process_open_fds ")
	for range idle {
		client, err := net.Dial("tcp", address)
		must(t, err)
		defer client.Close()
		_, err = io.WriteString(client, "GET /metrics HTTP/1.1\r\nHost: x\r\n") // and no end
		must(t, err)
	}
	for range 20 {
		client, err := net.Dial("tcp", address)
		must(t, err)
		defer client.Close()
		_, err = io.WriteString(client, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
		must(t, err)
		go func() { // until it is closed
			for byByte := bufio.NewReaderSize(client, 16); ; time.Sleep(time.Second) {
				if _, err := byByte.ReadByte(); err != nil {
					return
				}
			}
		}()
	}
	began := time.Now()
	page := e.metrics()
	took := time.Since(began)
	valid(t, page)
	t.Logf("beside %d half-open connections and 20 that read a byte a second /metrics takes %s; %.0f descriptors, %.0f MiB resident",
		idle, took.Round(time.Millisecond), value(page, "process_open_fds "), value(page, "process_resident_memory_bytes ")/(1<<20))
	e.eventually("rid of clients that do nothing", soon, func() error {
		if open := value(e.metrics(), "process_open_fds "); open > before+100 {
			return fmt.Errorf("%v descriptors, %v before", open, before)
		}
		return nil
	})
}

// hammered is for how long TestServe_manyScrapes scrapes; make soak does it for longer.
const hammered = 3 * time.Second

func TestServe_manyScrapes(t *testing.T) { hammer(t, start(t, nil, "--demo"), hammered) }

// each is the time between two scrapes of hammer.
const each = time.Second / 200

// hammer scrapes two hundred times a second; a machine that cannot do that takes longer, and says so. How long an answer takes is told and fails nothing.
func hammer(t *testing.T, e *exporter, long time.Duration) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	var (
		scrapes sync.WaitGroup
		failed  atomic.Int64
		mu      sync.Mutex
		took    []time.Duration
	)
	free := make(chan struct{}, 64) // who has to wait for a place does not measure the exporter
	start := time.Now()
	for i := range int(long / each) {
		time.Sleep(time.Until(start.Add(time.Duration(i) * each)))
		free <- struct{}{}
		scrapes.Go(func() {
			defer func() { <-free }()
			began := time.Now()
			response, err := client.Get(e.url + "/metrics")
			if err != nil {
				failed.Add(1)
				return
			}
			defer response.Body.Close()
			page, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(page), "sagemaker_async_up{") {
				failed.Add(1)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(began))
		})
	}
	scrapes.Wait()
	page := e.metrics()
	valid(t, page)
	slices.Sort(took)
	if failed.Load() > 0 || len(took) == 0 {
		t.Fatalf("%d scrapes of %d failed", failed.Load(), len(took))
	}
	t.Logf("%d scrapes in %s: half take %s or less, 99 of 100 %s; %.0f MiB resident, %.0f goroutines", len(took), time.Since(start).Round(time.Millisecond), took[len(took)/2].Round(100*time.Microsecond),
		took[len(took)*99/100].Round(100*time.Microsecond), value(page, "process_resident_memory_bytes ")/(1<<20), value(page, "go_goroutines "))
}

// valid parses a page as a scraper does.
func valid(t testing.TB, page string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	if families, err := parser.TextToMetricFamilies(strings.NewReader(page)); err != nil || len(families) < 50 {
		t.Fatalf("a page of %d families: %v", len(families), err)
	}
}
