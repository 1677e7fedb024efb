package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// State is what is known at a moment.
func (a *Alerting) State(at time.Time) (paging.State, error) {
	s := paging.State{At: at, Exporter: a.exporter(), Alerts: []paging.Alert{}}
	known, external := a.reasons.cached(), labelsOf(a.options.ExternalLabels)
	for _, group := range a.manager.RuleGroups() {
		s.Rules.LastEvaluation = older(s.Rules.LastEvaluation, due(group.GetLastEvaluation(), group.Interval(), a.options.Interval))
		for _, rule := range group.Rules() {
			if err := rule.LastError(); rule.Health() == rules.HealthBad && err != nil {
				s.Rules.Failing = append(s.Rules.Failing, paging.Failing{Rule: rule.Name(), Error: err.Error()})
			}
			alerting, ok := rule.(*rules.AlertingRule)
			if !ok {
				s.Rules.Recording++
				continue
			}
			s.Rules.Alerting++
			for _, alert := range alerting.ActiveAlerts() {
				s.Alerts = append(s.Alerts, alertOf(alert, external, known))
			}
		}
	}
	if self := a.selfAlert(); self != nil {
		s.Alerts = append(s.Alerts, alertOf(self, external, known))
		if since, failed, _ := a.sight.trouble(); failed != nil {
			s.Storage = paging.Storage{Error: printable(failed.Error()), Since: since}
		}
	}
	slices.SortFunc(s.Rules.Failing, func(x, y paging.Failing) int {
		return cmp.Or(cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Error, y.Error))
	})
	slices.SortFunc(s.Alerts, byUrgency)
	return s, a.tell(&s)
}

// due is a group's newest evaluation, later by as much as its interval is longer than that of most: so all groups compare. Zero
// stays zero: it has not been evaluated yet.
func due(last time.Time, own, most time.Duration) time.Time {
	if last.IsZero() {
		return last
	}
	return last.Add(max(0, own-most))
}

// older is the earlier of two moments: the group that is most behind says when the rules were evaluated. One that has not been
// evaluated yet, which is zero, says nothing: the groups begin one after the other.
func older(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// alertOf is an alert as it is sent.
func alertOf(alert *rules.Alert, external labels.Labels, known byEndpoint) paging.Alert {
	builder := labels.NewBuilder(alert.Labels)
	external.Range(func(l labels.Label) {
		if !alert.Labels.Has(l.Name) {
			builder.Set(l.Name, l.Value)
		}
	})
	one := paging.Alert{
		State: paging.Pending, Labels: builder.Labels().Map(), Annotations: known.added(alert.Labels, alert.Annotations).Map(), ActiveAt: alert.ActiveAt,
	}
	if alert.State == rules.StateFiring {
		one.State, one.FiredAt = paging.Firing, alert.FiredAt
	}
	return one
}

// severities are those that the rules give, the worst first.
var severities = []string{"critical", "warning", "info"}

// byUrgency sorts what fires first, then by severity, name and labels.
func byUrgency(x, y paging.Alert) int {
	severity := func(a paging.Alert) int {
		if i := slices.Index(severities, a.Labels["severity"]); i >= 0 {
			return i
		}
		return len(severities)
	}
	return cmp.Or(
		cmp.Compare(x.State, y.State), // firing comes before pending
		cmp.Compare(severity(x), severity(y)),
		cmp.Compare(x.Labels[labels.AlertName], y.Labels[labels.AlertName]),
		labels.Compare(labels.FromMap(x.Labels), labels.FromMap(y.Labels)),
	)
}

// exporter is how the newest scrape went.
func (a *Alerting) exporter() paging.Exporter {
	e := paging.Exporter{URL: a.options.Exporter.String()}
	target := a.target()
	if target == nil {
		e.Error = "it was not asked yet"
		return e
	}
	e.Up, e.LastScrape = target.Health() == scrape.HealthGood, target.LastScrape()
	switch failed, cut := target.LastError(), a.sight.notWhole(); {
	case failed != nil:
		e.Error = failed.Error()
	case cut != nil:
		e.Up, e.Error = false, cut.Error()
	}
	return e
}

// target is the exporter, once it is known to the scraper.
func (a *Alerting) target() *scrape.Target {
	for _, targets := range a.scraper.TargetsActive() {
		for _, target := range targets {
			return target
		}
	}
	return nil
}

// tell adds what Prometheus' notifier counts, for each Alertmanager by itself. What one of them was not told another one
// was, so no more alerts are lost than the one that missed the fewest has missed.
func (a *Alerting) tell(s *paging.State) error {
	families, err := a.options.Registry.Gather()
	if err != nil {
		return fmt.Errorf("reading the counters: %w", err)
	}
	found := map[string]*paging.Alertmanager{}
	dropped, queued := map[*paging.Alertmanager]uint64{}, map[*paging.Alertmanager]uint64{}
	for _, at := range a.sender.Alertmanagers() {
		found[at.String()] = &paging.Alertmanager{URL: at.String(), Error: a.taken.problem(at.String())}
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			var to *paging.Alertmanager
			for _, label := range metric.GetLabel() {
				if label.GetName() == "alertmanager" {
					to = found[label.GetValue()]
				}
			}
			if to == nil {
				continue
			}
			count := uint64(metric.GetCounter().GetValue())
			switch family.GetName() {
			case "prometheus_notifications_sent_total":
				to.Sent += count
			case "prometheus_notifications_errors_total":
				to.Sent += count // it was sent those too, and did not take them
				to.Failed += count
			case "prometheus_notifications_dropped_total":
				dropped[to] = count
			case "prometheus_notifications_queue_length":
				queued[to] = uint64(metric.GetGauge().GetValue())
			}
		}
	}
	s.Alertmanagers = []paging.Alertmanager{}
	for _, to := range found {
		if len(s.Alertmanagers) == 0 {
			s.Dropped = dropped[to]
		}
		s.Dropped, s.Queued = min(s.Dropped, dropped[to]), max(s.Queued, queued[to])
		s.Alertmanagers = append(s.Alertmanagers, *to)
	}
	slices.SortFunc(s.Alertmanagers, func(x, y paging.Alertmanager) int { return cmp.Compare(x.URL, y.URL) })
	return nil
}

// longestPause is how old the newest scrape may be, or four intervals if those are longer: series are found for five minutes.
const longestPause = 10 * time.Second

// evaluate evaluates one group of rules, as Prometheus does.
func (a *Alerting) evaluate(ctx context.Context, group *rules.Group, at time.Time) {
	newest := a.exporter()
	// After the clock was set forward, or the process was held, what was scraped last is too old to be found.
	scraped := newest.Up && at.Sub(newest.LastScrape) < max(longestPause, 4*a.options.Interval)
	blind := a.sight.look(scraped, at)
	a.earlier.looked(a.sight.storage() != nil || !scraped && !newest.LastScrape.IsZero())
	a.tellOfItself(ctx, at)
	rules.DefaultEvalIterationFunc(context.WithValue(ctx, groupKey{}, group), group, at)
	if scraped && blind.IsZero() && ctx.Err() == nil {
		a.ready.evaluated(rules.GroupKey(group.File(), group.Name()))
	}
}

// Ready is nil once each group of rules without an interval of its own has been evaluated over a scrape that succeeded, and
// while the rules can see; else it says why not. Healthy is only about the storage: what the exporter does not say, another process of this command would
// not be told either, and would have forgotten what fires.
func (a *Alerting) Ready() error {
	if err := a.storageError(); err != nil {
		return err
	}
	if e := a.exporter(); !e.Up {
		return errors.New("the exporter at " + e.URL + " was not scraped: " + cmp.Or(e.Error, "it was not asked yet"))
	}
	if waits := a.ready.waits(); waits > 0 {
		return fmt.Errorf("%d group(s) of rules were not evaluated yet", waits)
	}
	return nil
}
