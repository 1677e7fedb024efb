package alerting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"

	"github.com/sagemaker-async/exporter/internal/paging"
)

const (
	// patience is how long alerts wait for the exporter's reasons, once in an interval at most; then they go without.
	patience = 3 * time.Second
	// What an answer may be: a thousand endpoints have half a megabyte, and each reason is cut before it is sent anyway.
	longestReasons = 8 << 20
	mostReasons    = 10_000
	longestPage    = 2_000 // bytes of a URL
)

// reasons are why endpoints do or do not scale, as the exporter says it.
type reasons struct {
	url      string
	tuning   Tuning
	keep     time.Duration // how long an answer, or that there is none, is good for
	now      func() time.Time
	logger   *slog.Logger
	requests prometheus.Counter
	failures prometheus.Counter

	mu     sync.Mutex
	client *http.Client
	asked  time.Time
	known  byEndpoint
	failed bool // the newest question
}

func newReasons(o Options, config commonconfig.HTTPClientConfig) (*reasons, error) {
	at := *o.Exporter
	at.Path, at.RawQuery = prefix(o.Exporter)+paging.ReasonsPath, url.Values{"format": {"json"}}.Encode()
	r := &reasons{
		url: at.String(), tuning: o.Tuning, keep: o.Interval, now: time.Now, logger: o.Logger.With("component", "explain"),
		requests: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sagemaker_async_alerting_explain_requests_total",
			Help: "How often the exporter was asked why endpoints do or do not scale, for the pages about them.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sagemaker_async_alerting_explain_failures_total",
			Help: "How often it gave no good answer in time, so that pages went without.",
		}),
	}
	if err := r.use(config); err != nil {
		return nil, err
	}
	o.Registry.MustRegister(r.requests, r.failures)
	return r, nil
}

// use asks by another HTTP client from now on.
func (r *reasons) use(config commonconfig.HTTPClientConfig) error {
	client, err := commonconfig.NewClientFromConfig(config, "explain")
	if err != nil {
		return fmt.Errorf("--exporter.config.file: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client = client
	return nil
}

// before gives alerts their reasons before they are told. The alerts that are given are Prometheus' own, so what is told are
// copies. A resolved alert speaks of what was: it gets no reason, which would be of what is now.
func (r *reasons) before(tell rules.NotifyFunc) rules.NotifyFunc {
	return func(ctx context.Context, expression string, alerts ...*rules.Alert) {
		if !slices.ContainsFunc(alerts, hasReason) {
			tell(ctx, expression, alerts...)
			return
		}
		known := r.get(ctx)
		told := make([]*rules.Alert, len(alerts))
		for i, alert := range alerts {
			one := *alert
			if hasReason(alert) {
				one.Annotations = known.added(one.Labels, one.Annotations)
			}
			told[i] = &one
		}
		tell(ctx, expression, told...)
	}
}

// hasReason says whether there may be a reason for an alert.
func hasReason(alert *rules.Alert) bool {
	_, ok := endpointOf(alert.Labels)
	return ok && alert.ResolvedAt.IsZero()
}

// byEndpoint are reasons by their endpoint; none of them is ever changed.
type byEndpoint map[endpoint]paging.Reason

// added are the annotations of an alert, with its reason if that is known.
func (b byEndpoint) added(of, annotations labels.Labels) labels.Labels {
	about, _ := endpointOf(of)
	reason, ok := b[about]
	if !ok {
		return annotations
	}
	return annotated(of.Get("layer"), annotations, reason)
}

// get asks the exporter, unless that was done in this interval. Whoever comes meanwhile waits for the same answer.
func (r *reasons) get(ctx context.Context) byEndpoint {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asked.IsZero() && r.now().Sub(r.asked) < r.keep {
		return r.known
	}
	r.requests.Inc()
	found, err := r.ask(ctx)
	switch {
	case err != nil:
		r.failures.Inc()
		r.logger.Warn("pages go without the reason", "during", "asking the exporter why", "err", err)
	case r.failed:
		r.logger.Info("pages have the reason again")
	}
	r.asked, r.known, r.failed = r.now(), found, err != nil
	return found
}

// cached are the reasons as they were last asked for.
func (r *reasons) cached() byEndpoint {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known
}

func (r *reasons) ask(ctx context.Context) (byEndpoint, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", paging.ReasonsPath, err)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", paging.ReasonsPath, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asking for %s: the exporter answers %s", paging.ReasonsPath, response.Status)
	}
	found, err := readReasons(response.Body)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", paging.ReasonsPath, err)
	}
	for about, reason := range found {
		if len(reason.Page) > longestPage {
			reason.Page = ""
		}
		reason.Page = r.tuning.runbook(reason.Page)
		found[about] = reason
	}
	return found, nil
}

// readReasons reads a list, one reason after the other, so that no more of it is in memory than is kept.
func readReasons(from io.Reader) (byEndpoint, error) {
	bounded := &io.LimitedReader{R: from, N: longestReasons}
	decoder := json.NewDecoder(bounded)
	bad := func(err error) (byEndpoint, error) {
		if bounded.N == 0 {
			return nil, fmt.Errorf("it is longer than %d MiB", longestReasons>>20)
		}
		return nil, err
	}
	switch begin, err := decoder.Token(); {
	case err != nil:
		return bad(err)
	case begin != json.Delim('['):
		return nil, errors.New("it is not a list")
	}
	found := byEndpoint{}
	for n := 1; decoder.More(); n++ {
		if n > mostReasons {
			return nil, fmt.Errorf("it has more than %d reasons", mostReasons)
		}
		var reason paging.Reason
		if err := decoder.Decode(&reason); err != nil {
			return bad(err)
		}
		if reason.EndpointName == "" {
			return nil, fmt.Errorf("reason %d is about no endpoint", n)
		}
		reason.Explanation, reason.AWSMessage = printable(reason.Explanation), printable(reason.AWSMessage)
		found[endpoint{reason.AccountID, reason.Region, reason.EndpointName}] = reason
	}
	if _, err := decoder.Token(); err != nil {
		return bad(err)
	}
	return found, nil
}
