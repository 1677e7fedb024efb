package autoscaling

import (
	"fmt"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Input is one metric that an alarm reads.
type Input struct {
	ID        string // of the query of metric math; empty without
	Metric    fleet.Metric
	Statistic string
	Unit      string // empty: whatever there is
	never     bool   // AWS never publishes it, or not in the unit
}

func inputOf(id string, m fleet.Metric, statistic, unit string) Input {
	published, ok, known := Published(m)
	return Input{id, m, statistic, unit, known && (!ok || unit != "" && unit != published)}
}

// Watch is what an alarm watches: one metric, or metric math over several.
type Watch struct {
	Inputs  []Input
	Period  time.Duration
	formula *node           // nil: the one input
	queries map[string]node // what names stand for
	problem string          // why the formula is not understood
	reach   int             // the periods that CloudWatch looks at
}

// longestWindow is the longest time that CloudWatch lets an alarm evaluate.
const longestWindow = 7 * 24 * time.Hour

// Compile reads what an alarm watches. A formula that is not understood makes a watch whose values are unknown, and so does
// a window that CloudWatch takes from nobody.
func Compile(a *fleet.Alarm) *Watch {
	w := &Watch{Period: max(a.Period, time.Second), reach: Range(a)}
	if a.EvaluationPeriods > int(longestWindow/w.Period) {
		w.problem, w.formula, w.reach = "it evaluates more than the seven days that CloudWatch allows", &node{}, 1
		return w
	}
	if len(a.Math) == 0 {
		w.Inputs = []Input{inputOf("", a.Metric, a.Statistic, a.Unit)}
		return w
	}
	w.queries = map[string]node{}
	returned := ""
	for _, query := range a.Math {
		if query.ReturnData == nil || *query.ReturnData {
			if returned != "" {
				w.problem = "more than one query of the metric math returns data"
			}
			returned = query.ID
		}
		if query.Metric != nil {
			w.Inputs = append(w.Inputs, inputOf(query.ID, *query.Metric, query.Statistic, query.Unit))
			continue
		}
		parsed, err := parse(query.Expression)
		if err != nil {
			w.problem = fmt.Sprintf("the metric math %s is not understood: %v", query.Expression, err)
			continue
		}
		w.queries[query.ID] = parsed
	}
	if returned == "" && w.problem == "" {
		w.problem = "no query of the metric math returns data"
	}
	w.formula = &node{kind: name, text: returned}
	return w
}

// Read tells what an input shows in the period so many periods ago; the newest complete one is 0.
type Read func(input, ago int) Value

// At is the value so many periods ago.
func (w *Watch) At(ago int, read Read) Value {
	switch {
	case w.formula == nil:
		return read(0, ago)
	case w.problem != "":
		return Unknown(w.problem)
	}
	e := evaluator{w, read, 0}
	return e.series(*w.formula, ago).value
}

// Simple tells whether the alarm watches one metric as it is.
func (w *Watch) Simple() bool { return w.formula == nil }

// find is the index of the input of an id.
func (w *Watch) find(id string) int {
	for i, input := range w.Inputs {
		if input.ID == id {
			return i
		}
	}
	return -1
}

// named are the inputs whose id has a text in it, as METRICS finds them.
func (w *Watch) named(text string) (indices []int) {
	for i, input := range w.Inputs {
		if strings.Contains(input.ID, text) {
			indices = append(indices, i)
		}
	}
	return indices
}
