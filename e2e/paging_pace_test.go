//go:build e2e

package e2e

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/sagemaker-async/exporter/internal/awssim"
)

// A story is told on a fast clock, and the durations of the rules and of Alertmanager are shorter by as much. Prometheus does
// not hurry: when a busy machine lets it scrape or evaluate too seldom, alerts resolve in between, and what then fires says
// nothing about the rules. So a story that goes wrong on a machine that was too slow for its clock is told again on a slow one.

// paces are the speeds of that clock. At the first one an hour of the demo is a minute, and the shortest window of a rule, five
// minutes, has seven scrapes. A faster one saves two minutes, and beside the other tests two processors do not keep up with it: then
// the story takes four times as long as at this pace. At the last one a test fails in any case.
var paces = []float64{60, 30}

// shortestWindow is that of the rules.
const shortestWindow = 5 * time.Minute

// bearable is the longest time between two scrapes with which each window still has two of them.
func bearable(pace float64) time.Duration {
	return time.Duration(float64(shortestWindow) / pace / 2)
}

// scrapeEach is the interval between scrapes and evaluations. It is the patience with each scrape, too, so it is longer where
// the clock is slower.
func scrapeEach(pace float64) string {
	return model.Duration(time.Duration(float64(shortestWindow) / pace / 7).Round(time.Millisecond)).String()
}

// atSomePace tells a story at one pace after the other, until the machine has kept up with one.
func atSomePace(t *testing.T, tell func(t *testing.T, pace float64)) {
	t.Helper()
	for _, pace := range paces {
		kept := true
		t.Run(fmt.Sprintf("%g times as fast", pace), func(t *testing.T) {
			t.Cleanup(func() { kept = !t.Skipped() })
			tell(t, pace)
		})
		if kept {
			return
		}
	}
}

// wrong notes something that is not as it should be; judge says what it means.
func (p *paging) wrong(format string, args ...any) {
	p.found = append(p.found, fmt.Sprintf(format, args...))
}

// judge fails the test if something was wrong, unless the machine did not keep up and there is a slower clock.
func (p *paging) judge() {
	p.t.Helper()
	if len(p.found) == 0 {
		return
	}
	lag := p.lag()
	for _, found := range p.found {
		p.t.Log(found)
	}
	if lag > bearable(p.pace) && p.pace > paces[len(paces)-1] {
		p.t.Skipf("the machine does not keep up with a clock that is %g times as fast: there were %s between two scrapes", p.pace, lag.Round(time.Millisecond))
	}
	p.t.Fatalf("this is wrong: %q; the longest time between two scrapes was %s", p.found, lag.Round(time.Millisecond))
}

// until waits until something is true.
func (p *paging) until(what string, try func() error) {
	p.t.Helper()
	deadline := time.Now().Add(soon)
	for err := try(); err != nil; err = try() {
		if time.Now().After(deadline) {
			p.wrong("not %s within %s; the last that was seen: %v", what, soon, err)
			p.judge()
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.judge()
}

// sleep waits for a time of the story, which itself is what is tested. Where a window was lost meanwhile there is nothing to
// wait for.
func (p *paging) sleep(aws *awssim.Server, until time.Time) {
	p.t.Helper()
	for left := time.Duration(1); left > 0; {
		if lag := p.lag(); lag > 2*bearable(p.pace) && p.pace > paces[len(paces)-1] {
			p.wrong("a window of a rule had no scrape")
			p.judge()
		}
		left = time.Duration(float64(until.Sub(clockOf(aws))) / p.pace)
		time.Sleep(min(max(left, 0), time.Second))
	}
}

// lag is the longest time between two good scrapes of an exporter.
func (p byPrometheus) lag() (longest time.Duration) {
	p.Helper()
	series, err := p.ask("/api/v1/query", `up{job="sagemaker-async-exporter"}[20m]`, map[string][]string{})
	must(p.T, err)
	for _, s := range series {
		last := 0.0
		for _, sample := range s.Values {
			at, _ := sample[0].(float64)
			if good, _ := strconv.ParseFloat(fmt.Sprint(sample[1]), 64); good == 1 {
				if last > 0 {
					longest = max(longest, time.Duration((at-last)*float64(time.Second)))
				}
				last = at
			}
		}
	}
	return longest
}

func (c *alerting) lag() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.longest
}
