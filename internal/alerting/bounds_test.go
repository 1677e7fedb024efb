package alerting

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// busy is a page with many series of one metric.
func busy(series int) string {
	var page strings.Builder
	for i := range series {
		fmt.Fprintf(&page, "sagemaker_async_backlog_requests{account_id=\"1\",region=\"r\",endpoint_name=\"e%d\"} 5\n", i)
	}
	return " " + page.String() + end
}

// A template that lists the fleet would be made for each endpoint of it.
func TestRules_aTemplateListsFew(t *testing.T) {
	t.Parallel()
	at, got := alertmanager(t, http.StatusOK)
	var page atomic.Value
	page.Store(busy(mostInTemplate + 1))
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Interval = moody(t, &page), []*url.URL{at}, time.Second
		o.Rules = []string{ruleFile(t, `      - alert: All
        expr: count(sagemaker_async_backlog_requests) > 0
        annotations: {summary: '{{ range query "sagemaker_async_backlog_requests" }}{{ .Labels.endpoint_name }} {{ end }}'}
      - alert: Few
        expr: count(sagemaker_async_backlog_requests) > 0
        annotations: {summary: '{{ range query "topk(100, sagemaker_async_backlog_requests)" }}{{ .Labels.endpoint_name }} {{ end }}'}
`)}
	})
	run(t, a)
	all := until(t, got, "the alert with all", called("All", false))
	if want := "a query of a template finds 101 series: write one that finds 100 at most, for example with topk"; !strings.Contains(all.Annotations["summary"], want) {
		t.Errorf("it says %q", all.Annotations["summary"])
	}
	few := until(t, got, "the alert with few", called("Few", false))
	if names := strings.Fields(few.Annotations["summary"]); len(names) != mostInTemplate {
		t.Errorf("it names %d: %s", len(names), few.Annotations["summary"])
	}
}

// A rule without an aggregation has as many alerts as there are series.
func TestRules_ofTooManyAlertsARuleFailsAndSaysSo(t *testing.T) {
	t.Parallel()
	at, got := alertmanager(t, http.StatusOK)
	var page atomic.Value
	page.Store(busy(mostAlerts + 1))
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Interval = moody(t, &page), []*url.URL{at}, 10*time.Second
		o.Rules = []string{ruleFile(t, "      - {alert: Each, expr: sagemaker_async_backlog_requests > 0}\n      - {alert: Any, expr: count(sagemaker_async_backlog_requests) > 0}\n")}
	})
	run(t, a)
	until(t, got, "the alert of another rule", func(m message) bool {
		if m.Labels["alertname"] == "Each" {
			t.Fatal("an alert of a rule that has too many")
		}
		return called("Any", false)(m)
	})
	s, err := a.State(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rules.Failing) != 1 || !strings.Contains(s.Rules.Failing[0].Error, "it finds 10001 alerts: write an expression that finds 10000 at most") {
		t.Errorf("failing: %+v", s.Rules.Failing)
	}
}
