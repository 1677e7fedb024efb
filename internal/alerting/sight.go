package alerting

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	prom "github.com/prometheus/prometheus/storage"
)

// longestHold is how long after the rules can see again an alert may be held at most.
const longestHold = time.Hour

// sight is whether the rules can see what is: what was scraped can be stored, and the newest scrape succeeded. While they
// cannot, and for a while after, an alert that fires does not end because its series are missing.
type sight struct {
	mu       sync.Mutex
	failed   map[writer]error // why the storage does not take what each of them writes
	failing  time.Time        // since when
	full     error            // why a spare storage is used, since the start; nil where it is not
	began    time.Time        // then since when
	cut      error            // why the newest page was not believed although it came; nil where it was
	blind    time.Time        // since when the rules cannot see; zero while they can
	regained time.Time        // when they could see again
	lasted   time.Duration
	view     scopes    // of the newest whole page
	lost     bool      // the newest scrape failed
	back     time.Time // the newest whole page after a scrape that failed
}

// writer is one of those that store series: what one of them can store says nothing of the other.
type writer int

const (
	scrapes writer = iota
	evaluations
)

// stored notes how an attempt to store samples ended.
func (s *sight) stored(by writer, err error, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		delete(s.failed, by)
		return
	}
	if len(s.failed) == 0 {
		s.failed, s.failing = map[writer]error{}, at
	}
	s.failed[by] = err
}

// why is why the storage takes nothing; nil while it does.
func (s *sight) why() error { return cmp.Or(s.failed[scrapes], s.failed[evaluations]) }

// page notes whether the newest page that came was whole.
func (s *sight) page(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = err
}

// whole notes what the newest page says of its scopes. It is called before the page is stored, so that no rule misses a series
// without knowing why.
func (s *sight) whole(page map[scope]observed, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view = s.view.next(page, at)
	if s.lost {
		s.lost, s.back = false, at
	}
}

// fails notes that a scrape has failed, before it is stored that all of its series are gone.
func (s *sight) fails() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = true
}

// without tells whether an evaluation of that time may have found no series because the scrape before it had failed.
func (s *sight) without(at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost || at.Before(s.back)
}

// scopes are what the newest whole page says of them.
func (s *sight) scopes() scopes {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.view
}

// notWhole is why the newest page was not believed although it came.
func (s *sight) notWhole() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cut
}

// spare notes that another storage is used than was asked for.
func (s *sight) spare(full error, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full, s.began = full, at
}

// trouble is what is wrong with the storage, since when, and whether the rules see in spite of it.
func (s *sight) trouble() (since time.Time, what error, sees bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed := s.why(); failed != nil || s.full == nil {
		return s.failing, failed, false
	}
	return s.began, s.full, true
}

// storage is why the storage takes nothing.
func (s *sight) storage() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why()
}

// look notes at an evaluation whether the exporter's page was read. It tells since when the rules cannot see.
func (s *sight) look(scraped bool, at time.Time) (blind time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch sees := scraped && len(s.failed) == 0; {
	case !sees && s.blind.IsZero():
		s.blind = at
	case sees && !s.blind.IsZero():
		lasted := at.Sub(s.blind)
		if !s.regained.IsZero() && s.blind.Before(s.regained.Add(min(s.lasted, longestHold))) {
			lasted += s.lasted + s.blind.Sub(s.regained) // two gaps so near to each other are one to who looks back
		}
		s.regained, s.lasted, s.blind = at, lasted, time.Time{}
	}
	return s.blind
}

// holds tells whether an alert that fires must not end, of a rule that looks back as far as reach. Once the rules see
// again, there is a gap in what they look back at: it is waited for until it is behind them, or as long as it was.
func (s *sight) holds(reach, interval time.Duration, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.blind.IsZero():
		return true
	case s.regained.IsZero():
		return false
	}
	return at.Before(s.regained.Add(min(reach, s.lasted, longestHold) + 2*interval))
}

// watchedStorage notes how each attempt to store something ends.
type watchedStorage struct {
	prom.AppendableV2
	sight *sight
	by    writer
	now   func() time.Time
}

// AppenderV2 is one attempt.
func (w watchedStorage) AppenderV2(ctx context.Context) prom.AppenderV2 {
	return &watchedAppender{AppenderV2: w.AppendableV2.AppenderV2(ctx), of: w}
}

type watchedAppender struct {
	prom.AppenderV2
	of    watchedStorage
	count int
	lost  dropped
}

// Append counts: an attempt to store nothing always succeeds, and what is refused here does not fail later.
func (w *watchedAppender) Append(
	ref prom.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts prom.AppendV2Options,
) (prom.SeriesRef, error) {
	w.count++
	stored, err := w.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
	if !value.IsStaleNaN(v) { // one of those may come late, and is not missed
		w.lost.add(err)
	}
	return stored, err
}

// Commit fails where the file system takes no more. A sample of a scrape that was refused is as bad; two rules may give one
// series two values, and Prometheus says so of the rule.
func (w *watchedAppender) Commit() error {
	err := w.AppenderV2.Commit()
	switch {
	case err == nil && w.lost.lost > 0 && w.of.by == scrapes:
		w.of.sight.stored(w.of.by, &w.lost, w.of.now())
	case err != nil || w.count > 0:
		w.of.sight.stored(w.of.by, err, w.of.now())
	}
	return err
}

// groupKey is where the context of an evaluation has its group.
type groupKey struct{}

// holding answers a rule's expression with what it finds, and while the rules cannot see also with what its alerts that
// fire were found by: to the rule they are still true, so that it goes on sending them.
func (a *Alerting) holding(query rules.QueryFunc) rules.QueryFunc {
	return func(ctx context.Context, text string, at time.Time) (promql.Vector, error) {
		found, err := query(ctx, text, at)
		if err == nil {
			err = few(ctx, text, len(found))
		}
		rule := a.asking(ctx, text)
		if err != nil || rule == nil {
			return found, err
		}
		_, absence, own := reachOf(rule.Query())
		reach := a.reading.Load().reach(rule.Query())
		switch failed := a.sight.storage(); {
		case own && failed == nil: // it reads of the scrape itself, which cannot be missing
			if !a.sight.holds(0, 0, at) {
				a.earlier.keep(rule, func(labels.Labels) bool { return false })
			}
			return found, nil
		case absence && failed != nil:
			found = nil // everything is absent then
		case absence:
			reach = 0
		}
		// A scrape may have failed since this evaluation began, and have taken all series away.
		if !a.sight.without(at) && !a.sight.holds(reach, a.options.Interval, at) {
			return a.keep(ctx, rule, found, reach, at)
		}
		return held(found, rule, a.earlier.of(rule), at), nil
	}
}

// asking is the alerting rule that is being evaluated, if the text is its expression.
func (a *Alerting) asking(ctx context.Context, text string) *rules.AlertingRule {
	group, ok := ctx.Value(groupKey{}).(*rules.Group)
	detail := rules.FromOriginContext(ctx)
	if !ok || detail.Kind != rules.KindAlerting || detail.Query != text {
		return nil
	}
	for _, one := range group.Rules() {
		rule, ok := one.(*rules.AlertingRule)
		if ok && rule.Name() == detail.Name && rule.Query().String() == text && labels.Equal(rule.Labels(), detail.Labels) {
			return rule
		}
	}
	return nil
}

// held is what was found, and the alerts of the rule that fire and were not, those of the process before among them.
func held(found promql.Vector, rule *rules.AlertingRule, before []labels.Labels, at time.Time) promql.Vector {
	known, active := knownOf(found, rule), rule.ActiveAlerts()
	add := func(alert labels.Labels, value float64) {
		if !known.has(alert) {
			known.add(alert)
			found = append(found, sampleOfAlert(alert, value, at))
		}
	}
	for _, alert := range active {
		if alert.State == rules.StateFiring {
			add(alert.Labels, alert.Value)
		}
	}
	for _, alert := range before {
		add(alert, valueOf(active, alert))
	}
	return found
}

// valueOf is the value of an alert of the process before: one that waits again, as after each restart, has its value from
// before.
func valueOf(active []*rules.Alert, alert labels.Labels) float64 {
	for _, one := range active {
		if labels.Equal(one.Labels, alert) {
			return one.Value
		}
	}
	return unknown
}

// sampleOfAlert is what a rule has to find so that it has this alert.
func sampleOfAlert(alert labels.Labels, value float64, at time.Time) promql.Sample {
	return promql.Sample{T: at.UnixMilli(), F: value, Metric: labels.NewBuilder(alert).Del(labels.AlertName).Labels()}
}

// known are the alerts that an evaluation of a rule has found, without the labels that the rule gives.
type known struct {
	added  []string
	hashes map[uint64]bool
}

func knownOf(found promql.Vector, rule *rules.AlertingRule) known {
	k := known{[]string{model.MetricNameLabel, labels.AlertName}, make(map[uint64]bool, len(found))}
	rule.Labels().Range(func(l labels.Label) { k.added = append(k.added, l.Name) })
	for _, sample := range found {
		k.add(sample.Metric)
	}
	return k
}

func (k known) hash(of labels.Labels) uint64 {
	return labels.NewBuilder(of).Del(k.added...).Labels().Hash()
}

func (k known) has(alert labels.Labels) bool { return k.hashes[k.hash(alert)] }

func (k known) add(alert labels.Labels) { k.hashes[k.hash(alert)] = true }

// reachOf is how far back an expression looks at series, whether it asks if one is absent, and whether it reads nothing
// but what a scrape says of itself.
func reachOf(expression parser.Expr) (reach time.Duration, absence, own bool) {
	own = true
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch node := node.(type) {
		case *parser.MatrixSelector:
			reach = max(reach, node.Range)
		case *parser.SubqueryExpr:
			reach = max(reach, node.Range)
		case *parser.VectorSelector:
			own = own && node.Name == "up"
		case *parser.Call:
			absence = absence || node.Func.Name == "absent" || node.Func.Name == "absent_over_time"
		}
		return nil
	})
	return reach, absence, own
}
