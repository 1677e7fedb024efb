package alerting

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// queueOf is what a page says of a scope in which the source metrics is up, or not, with the queue of an endpoint; empty: it is not
// known.
func queueOf(region, queue string, up int) string {
	of := `account_id="1",region="` + region + `"`
	page := fmt.Sprintf("%s{%s} %d\n%s{%s,source=\"endpoints\"} 1\n%s{%s,source=\"metrics\"} %d\n%s{%s,endpoint_name=\"e\"} 1\n",
		paging.ScopeUp, of, up, paging.SourceUp, of, paging.SourceUp, of, up, paging.EndpointInfo, of)
	if queue != "" {
		page += fmt.Sprintf("%s{%s,endpoint_name=\"e\"} %s\n", backlogSeries, of, queue)
	}
	return page
}

// queueRule is a rule as people write it: it does not look back, and does not keep firing.
const queueRule = "      - {alert: Queue, expr: 'endpoint_queue > 0', labels: {severity: critical}}\n      - {record: endpoint_queue, expr: 'max by (account_id, region, endpoint_name) (sagemaker_async_backlog_requests)'}\n"

func sourcesOfTest(series string) []string {
	if series == backlogSeries {
		return []string{"endpoints", "metrics"}
	}
	return nil
}

// queues reads the alerts Queue until one of a region is as wanted. None of another region may end.
func queues(t *testing.T, got chan message, what, region string, resolved bool) {
	t.Helper()
	until(t, got, what, func(m message) bool {
		if m.Labels["alertname"] != "Queue" || m.Labels["region"] != region {
			if m.Labels["alertname"] == "Queue" && m.Labels["region"] == "r1" && m.resolved() {
				t.Fatalf("waiting for %s: what nobody sees has ended", what)
			}
			return false
		}
		if m.resolved() && !resolved {
			t.Fatalf("waiting for %s: it ended", what)
		}
		return m.resolved() == resolved
	})
}

// The page is whole, and what it does not say is missing because AWS does not answer: that ends nothing. It does where AWS answers.
func TestKeep_nothingEndsInARegionThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	at, got := alertmanager(t, http.StatusOK)
	var page atomic.Value
	say := func(parts ...string) { page.Store(" " + strings.Join(parts, "") + end) }
	exporter, path, file := moody(t, &page), t.TempDir(), ruleFile(t, queueRule)
	begin := func() func() {
		return run(t, newAlerting(t, func(o *Options) {
			o.Exporter, o.Alertmanagers, o.Rules, o.StoragePath, o.SourcesOf, o.Interval = exporter, []*url.URL{at}, []string{file}, path, sourcesOfTest, time.Second/2
		}))
	}
	say(queueOf("r1", "5", 1), queueOf("r2", "5", 1))
	stop := begin()
	queues(t, got, "the alert of r1", "r1", false)
	queues(t, got, "the alert of r2", "r2", false)

	held := func(what string) {
		t.Helper()
		for range 4 {
			queues(t, got, what, "r1", false)
		}
	}
	say(queueOf("r1", "", 0), queueOf("r2", "0", 1))
	queues(t, got, "the end in r2, which answers", "r2", true)
	held("r1, of which a source is down")
	say(queueOf("r2", "0", 1))
	held("r1, which a new exporter does not know yet")
	say(paging.ScopeUp+"{account_id=\"\",region=\"r1\"} 0\n", queueOf("r2", "5", 1))
	held("r1, of which a new exporter does not even know the account")
	queues(t, got, "the alert of r2 again", "r2", false)

	stop()
	for len(got) > 0 {
		<-got
	}
	stop = begin()
	held("r1, after a restart")
	queues(t, got, "the alert of r2 after a restart", "r2", false)

	say(queueOf("r1", "5", 1), queueOf("r2", "5", 1))
	held("r1, which answers again and still has a queue")
	say(queueOf("r1", "0", 1), queueOf("r2", "5", 1))
	queues(t, got, "the end in r1", "r1", true)
	stop()
}

// An endpoint that is no more is no reason to hold what was said of it, though a source of its region is down.
func TestKeep_whatIsDeletedEnds(t *testing.T) {
	t.Parallel()
	at, got := alertmanager(t, http.StatusOK)
	var page atomic.Value
	page.Store(" " + queueOf("r2", "5", 1) + end)
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules, o.SourcesOf = moody(t, &page), []*url.URL{at}, []string{ruleFile(t, queueRule)}, sourcesOfTest
	})
	run(t, a)
	queues(t, got, "the alert", "r2", false)
	without := strings.ReplaceAll(queueOf("r2", "", 0), paging.EndpointInfo, "another")
	page.Store(" " + without + end)
	queues(t, got, "its end", "r2", true)
}
