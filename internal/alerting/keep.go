package alerting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// staleAfter is how long a series is found after its newest sample, as with Prometheus.
const staleAfter = 5 * time.Minute

// The age of the oldest request is not there while nothing is queued, which the length of the queue says.
const (
	backlogSeries = "sagemaker_async_backlog_requests"
	oldestSeries  = "sagemaker_async_oldest_request_age_seconds"
)

// alwaysKept are the series that are stored whether a rule reads them or not.
var alwaysKept = strings.Join([]string{paging.PageEnd, paging.ScopeUp, paging.SourceUp, paging.EndpointInfo, backlogSeries}, "|")

// keeper remembers of each alert that fires when it was found last.
type keeper struct {
	mu     sync.Mutex
	alerts map[string]map[uint64]kept // by rule, and by the labels of the alert
}

// of is what is remembered of the alerts of a rule.
func (k *keeper) of(rule string) map[uint64]kept {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.alerts[rule]
}

// set remembers that, and nothing else of the rule.
func (k *keeper) set(rule string, alerts map[uint64]kept) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(alerts) == 0 {
		delete(k.alerts, rule)
		return
	}
	if k.alerts == nil {
		k.alerts = map[string]map[uint64]kept{}
	}
	k.alerts[rule] = alerts
}

// keep is what an evaluation has found, and those alerts of the rule that fire, were not found, and may still be true: what
// the rule reads of them is missing because AWS did not answer the exporter.
func (a *Alerting) keep(ctx context.Context, rule *rules.AlertingRule, found promql.Vector, reach time.Duration, at time.Time) (promql.Vector, error) {
	name := rule.Name() + "\n" + rule.Query().String() + "\n" + rule.Labels().String()
	before, after := a.keeper.of(name), map[uint64]kept{}
	known := knownOf(found, rule)
	looked := map[uint64]bool{}
	selectors := a.reading.Load().of(rule.Query())
	var failed error
	look := func(alert labels.Labels, last time.Time, value float64) {
		hash := alert.Hash()
		if looked[hash] || failed != nil {
			return
		}
		looked[hash] = true
		if known.has(alert) {
			after[hash] = kept{found: at}
			return
		}
		state, ok := before[hash]
		if !ok {
			state.found = last
		}
		now, why, err := a.visibility(ctx, selectors, alert, state.found, reach, at)
		if err != nil {
			failed = err
			return
		}
		next, holds := state.next(now, reach, a.options.Interval, at)
		if !holds {
			return
		}
		if !next.hidden.IsZero() && state.hidden.IsZero() {
			a.logger.With("component", "hold").Warn("an alert is held, as nobody can tell whether it has ended", "alert", rule.Name(), "err", why)
		}
		after[hash] = next
		known.add(alert)
		found = append(found, sampleOfAlert(alert, value, at))
	}
	active := rule.ActiveAlerts()
	earlier := a.earlier.all(rule)
	for _, one := range earlier { // when they were found is known of them alone
		look(one.labels, one.since, valueOf(active, one.labels))
	}
	for _, alert := range active {
		if alert.State == rules.StateFiring {
			look(alert.Labels, alert.FiredAt, alert.Value)
		}
	}
	if failed != nil {
		return nil, failed
	}
	a.keeper.set(name, after)
	a.earlier.keep(rule, func(alert labels.Labels) bool { // those that it cannot tell of yet
		return !after[alert.Hash()].hidden.IsZero()
	})
	return found, nil
}

// visibility tells whether it can be told that an alert has ended, and if not why. The alert was found last at that time.
func (a *Alerting) visibility(ctx context.Context, selectors []*parser.VectorSelector, alert labels.Labels, last time.Time, reach time.Duration, at time.Time) (visibility, error, error) {
	view, about := a.sight.scopes(), subject{}
	for _, name := range subjectLabels {
		about[name] = alert.Get(name)
	}
	for _, selector := range selectors {
		sources := a.options.SourcesOf(selector.Name)
		for _, where := range view.unseen(about, sources) {
			of := about.matchers(where.scope)
			hides, err := a.hides(ctx, selector, of, last, reach, at)
			switch {
			case err != nil:
				return visible, nil, err
			case !hides:
				continue
			}
			if about[paging.EndpointLabel] != "" && len(view.unseen(about, []string{paging.SourceEndpoints})) == 0 {
				if here, err := a.shown(ctx, series(paging.EndpointInfo, about.endpoint(where.scope)), at.Add(-staleAfter), at, true); err != nil || !here {
					return gone, nil, err
				}
			}
			if where.named {
				return hidden, fmt.Errorf("%s of %s/%s is missing: AWS did not answer the exporter", selector.Name, where.account, where.region), nil
			}
			return nowhere, fmt.Errorf("%s of %s/%s is missing: the exporter does not name that account and region", selector.Name, where.account, where.region), nil
		}
	}
	return visible, nil, nil
}

// hides tells whether a selector finds nothing now of what it found when the alert was found last.
func (a *Alerting) hides(ctx context.Context, selector *parser.VectorSelector, of []*labels.Matcher, last time.Time, reach time.Duration, at time.Time) (bool, error) {
	matchers := slices.Concat(of, selector.LabelMatchers)
	if now, err := a.shown(ctx, matchers, at.Add(-staleAfter), at, true); now || err != nil {
		return false, err
	}
	if selector.Name == oldestSeries {
		if now, err := a.shown(ctx, series(backlogSeries, of), at.Add(-staleAfter), at, true); now || err != nil {
			return false, err
		}
	}
	return a.shown(ctx, matchers, last.Add(-reach-staleAfter), last, false)
}

// shown tells whether a series has a sample in a window; still: whether the newest one does not say that the series is gone.
func (a *Alerting) shown(ctx context.Context, matchers []*labels.Matcher, from, to time.Time, still bool) (bool, error) {
	querier, err := a.storage.db.Querier(from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("looking for what is missing: %w", err)
	}
	defer func() { _ = querier.Close() }()
	for set := querier.Select(ctx, false, nil, matchers...); ; {
		if !set.Next() {
			if err := set.Err(); err != nil {
				return false, fmt.Errorf("looking for what is missing: %w", err)
			}
			return false, nil
		}
		here := false
		samples := set.At().Iterator(nil)
		for kind := samples.Next(); kind != chunkenc.ValNone; kind = samples.Next() {
			here = true
			if kind == chunkenc.ValFloat {
				_, v := samples.At()
				here = !value.IsStaleNaN(v)
			}
			if here && !still {
				return true, nil
			}
		}
		if here {
			return true, nil
		}
	}
}

// series are matchers of a series by its name.
func series(name string, more []*labels.Matcher) []*labels.Matcher {
	return append(more[:len(more):len(more)], labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name))
}

// matchers are of what is about the subject in a scope.
func (s subject) matchers(in scope) []*labels.Matcher {
	return s.matching(in, paging.EndpointLabel, paging.VariantLabel)
}

// endpoint are those of its endpoint alone.
func (s subject) endpoint(in scope) []*labels.Matcher { return s.matching(in, paging.EndpointLabel) }

func (s subject) matching(in scope, names ...string) (found []*labels.Matcher) {
	add := func(name, value string) {
		if value != "" {
			found = append(found, labels.MustNewMatcher(labels.MatchEqual, name, value))
		}
	}
	add(paging.AccountLabel, in.account)
	add(paging.RegionLabel, in.region)
	for _, name := range names {
		add(name, s[name])
	}
	return found
}
