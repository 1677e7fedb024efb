package alerting

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/rules"
	prom "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// earlier are the alerts that fired when the process before this one ended. They matter only as long as this one has not
// seen from its start whether they have ended: then they are held as if it had found them itself. If it has, it finds by
// itself what still fires.
type earlier struct {
	mu     sync.Mutex
	alerts map[string][]fired // by name
	blind  bool               // that this process could not see is certain
}

// fired is an alert of the process before.
type fired struct {
	labels labels.Labels
	since  time.Time // when it began to fire, as far as is stored
}

// The series that Prometheus' rules leave of an alert.
const alertsSeries, alertState = "ALERTS", "alertstate"

// readEarlier reads what fired in the last hour, as the storage has it.
func readEarlier(ctx context.Context, db prom.Queryable, at time.Time) (*earlier, error) {
	e := &earlier{alerts: map[string][]fired{}}
	querier, err := db.Querier(at.Add(-longestUnseen).UnixMilli(), at.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("reading what fired: %w", err)
	}
	defer func() { _ = querier.Close() }()
	set := querier.Select(ctx, false, nil,
		labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, alertsSeries), labels.MustNewMatcher(labels.MatchEqual, alertState, "firing"))
	for set.Next() {
		var first, last int64 // of the newest time in which it fired; it ended if that is none
		samples := set.At().Iterator(nil)
		for kind := samples.Next(); kind != chunkenc.ValNone; kind = samples.Next() {
			if kind != chunkenc.ValFloat {
				continue
			}
			when, v := samples.At()
			if first == 0 {
				first = when
			}
			if last = when; value.IsStaleNaN(v) {
				first = 0
			}
		}
		if first != 0 && last >= at.Add(-longestHold).UnixMilli() {
			of := labels.NewBuilder(set.At().Labels()).Del(model.MetricNameLabel, alertState).Labels()
			name := of.Get(labels.AlertName)
			e.alerts[name] = append(e.alerts[name], fired{of, time.UnixMilli(first)})
		}
	}
	if err := set.Err(); err != nil {
		return nil, fmt.Errorf("reading what fired: %w", err)
	}
	return e, nil
}

// looked notes at an evaluation that the rules certainly do not see: before the first scrape that is not known.
func (e *earlier) looked(blind bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.blind = e.blind || blind
}

// of are the alerts of a rule, once it is certain that this process could not see.
func (e *earlier) of(rule *rules.AlertingRule) (found []labels.Labels) {
	e.mu.Lock()
	blind := e.blind
	e.mu.Unlock()
	if !blind {
		return nil
	}
	for _, one := range e.all(rule) {
		found = append(found, one.labels)
	}
	return found
}

// all are the alerts of a rule of which it is not known yet whether they have ended.
func (e *earlier) all(rule *rules.AlertingRule) (found []fired) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, one := range e.alerts[rule.Name()] {
		if isOf(one.labels, rule) {
			found = append(found, one)
		}
	}
	return found
}

// keep forgets the alerts of a rule but some: it sees the others by itself again.
func (e *earlier) keep(rule *rules.AlertingRule, some func(labels.Labels) bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	left := slices.DeleteFunc(e.alerts[rule.Name()], func(one fired) bool { return isOf(one.labels, rule) && !some(one.labels) })
	if e.alerts[rule.Name()] = left; len(left) == 0 {
		delete(e.alerts, rule.Name())
	}
}

// isOf tells whether an alert is of a rule of its name: rules may have one name and differ in their severity.
func isOf(alert labels.Labels, rule *rules.AlertingRule) bool {
	is := true
	rule.Labels().Range(func(l labels.Label) { is = is && (strings.Contains(l.Value, "{{") || alert.Get(l.Name) == l.Value) })
	return is
}

// unknown is the value of an alert of an earlier process: the storage has only that it fired.
var unknown = math.NaN()
