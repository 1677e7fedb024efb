package alerting

import (
	"context"
	"fmt"
	"math"
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

// earlier are the alerts that fired when the process before this one ended. They matter only if this one cannot see from
// its start: then they are held as if it had found them itself. If it can, it finds by itself what still fires.
type earlier struct {
	mu     sync.Mutex
	alerts map[string][]labels.Labels // by name
	blind  bool                       // that this process could not see is certain
}

// The series that Prometheus' rules leave of an alert.
const alertsSeries, alertState = "ALERTS", "alertstate"

// readEarlier reads what fired last, as the storage has it.
func readEarlier(ctx context.Context, db prom.Queryable, at time.Time) (*earlier, error) {
	e := &earlier{alerts: map[string][]labels.Labels{}}
	querier, err := db.Querier(at.Add(-longestHold).UnixMilli(), at.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("reading what fired: %w", err)
	}
	defer func() { _ = querier.Close() }()
	set := querier.Select(ctx, false, nil,
		labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, alertsSeries), labels.MustNewMatcher(labels.MatchEqual, alertState, "firing"))
	for set.Next() {
		last, any := 0.0, false
		samples := set.At().Iterator(nil)
		for kind := samples.Next(); kind != chunkenc.ValNone; kind = samples.Next() {
			if kind == chunkenc.ValFloat {
				_, last = samples.At()
				any = true
			}
		}
		if any && !value.IsStaleNaN(last) { // else it ended while somebody looked
			of := labels.NewBuilder(set.At().Labels()).Del(model.MetricNameLabel, alertState).Labels()
			name := of.Get(labels.AlertName)
			e.alerts[name] = append(e.alerts[name], of)
		}
	}
	if err := set.Err(); err != nil {
		return nil, fmt.Errorf("reading what fired: %w", err)
	}
	return e, nil
}

// looked notes at an evaluation whether the rules see, or certainly do not: before the first scrape neither is known. Who
// sees at first needs none of it.
func (e *earlier) looked(sees, blind bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.blind = e.blind || blind; sees && !e.blind {
		e.alerts = nil
	}
}

// of are the alerts of a rule, once it is certain that this process could not see.
func (e *earlier) of(rule *rules.AlertingRule) (found []labels.Labels) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.blind {
		return nil
	}
	for _, alert := range e.alerts[rule.Name()] {
		is := true
		rule.Labels().Range(func(l labels.Label) { // rules may have one name and differ in their severity
			is = is && (strings.Contains(l.Value, "{{") || alert.Get(l.Name) == l.Value)
		})
		if is {
			found = append(found, alert)
		}
	}
	return found
}

// end forgets the alerts of a rule: it sees by itself again.
func (e *earlier) end(rule *rules.AlertingRule) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.blind {
		delete(e.alerts, rule.Name())
	}
}

// unknown is the value of an alert of an earlier process: the storage has only that it fired.
var unknown = math.NaN()
