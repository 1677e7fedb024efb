package advise

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	// MostDays is for how many days CloudWatch keeps single minutes.
	MostDays = 15
	// settled is the age, after its end, at which CloudWatch has said its last word about a minute.
	settled = 5 * time.Minute
	// margin keeps the oldest minute within what CloudWatch answers at a period of a minute while it is being asked.
	margin = 10 * time.Minute
)

// Span is what to read at the given moment, of so many days and not from before the endpoint's creation.
func Span(at, created time.Time, days int) (from, to time.Time) {
	to = at.Add(-settled).Truncate(time.Minute)
	from = to.Add(-time.Duration(min(days, MostDays)) * 24 * time.Hour)
	if oldest := at.Add(-MostDays * 24 * time.Hour).Add(margin); from.Before(oldest) {
		from = oldest
	}
	if from.Before(created) {
		from = created
	}
	from = from.Truncate(time.Minute)
	if from.After(to) {
		from = to
	}
	return from, to
}

// question is one statistic of one metric, and where its datapoints belong.
type question struct {
	query fleet.Query
	timed fleet.WorkMetric // of which metric of time it is, if unit is true
	unit  bool
	put   func(m *Minute, value float64, unit time.Duration)
}

// questions are all of a history, in their order. Up to five statistics of a metric are billed as one.
func questions(endpoint string, variants []string) []question {
	queue := func(metric fleet.QueueMetric, statistic string, of func(*Minute) *Gauge) question {
		query := metric.Query(endpoint)
		query.Statistic = statistic
		return question{query: query, put: func(m *Minute, v float64, _ time.Duration) { *of(m) = Gauge{v, true} }}
	}
	all := []question{
		queue(fleet.Backlog, "Average", func(m *Minute) *Gauge { return &m.Backlog }),
		queue(fleet.Backlog, "Maximum", func(m *Minute) *Gauge { return &m.MostBacklog }),
		queue(fleet.BacklogPerInstance, "Average", func(m *Minute) *Gauge { return &m.PerInstance }),
		queue(fleet.OldestAge, "Maximum", func(m *Minute) *Gauge { return &m.OldestAge }),
		queue(fleet.WithoutCapacity, "Average", func(m *Minute) *Gauge { return &m.WithoutCapacity }),
	}
	for _, variant := range variants {
		dimensions := fleet.VariantDimensions(endpoint, variant)
		for _, metric := range []fleet.WorkMetric{fleet.InvocationsProcessed, fleet.InvocationFailures, fleet.ExpiredRequests} {
			all = append(all, question{query: ask(metric, dimensions, "Sum"), put: func(m *Minute, v float64, _ time.Duration) {
				*m.counted(metric) += int(math.Round(v))
			}})
		}
		for _, metric := range []fleet.WorkMetric{fleet.TotalProcessingTime, fleet.TimeInBacklog, fleet.ModelLatency} {
			all = append(all,
				question{query: ask(metric, dimensions, "Sum"), unit: true, timed: metric, put: func(m *Minute, v float64, unit time.Duration) {
					m.took(metric).Sum += time.Duration(v * float64(unit))
				}},
				question{query: ask(metric, dimensions, "SampleCount"), put: func(m *Minute, v float64, _ time.Duration) {
					m.took(metric).Count += int(math.Round(v))
				}})
		}
	}
	return all
}

// counted is where the events of a metric belong.
func (m *Minute) counted(metric fleet.WorkMetric) *int {
	switch metric {
	case fleet.InvocationFailures:
		return &m.Failures
	case fleet.ExpiredRequests:
		return &m.Expired
	default:
		return &m.Processed
	}
}

// took is where the times of a metric belong.
func (m *Minute) took(metric fleet.WorkMetric) *Timed {
	switch metric {
	case fleet.TimeInBacklog:
		return &m.Waited
	case fleet.ModelLatency:
		return &m.Model
	default:
		return &m.Total
	}
}

func ask(metric fleet.WorkMetric, dimensions []fleet.Dimension, statistic string) fleet.Query {
	return fleet.Query{Metric: metric.Of(dimensions), Statistic: statistic, Period: time.Minute}
}

// Queries are what to ask CloudWatch (GetMetricData) for the history of an endpoint with these variants.
func Queries(endpoint string, variants []string) []fleet.Query {
	asked := questions(endpoint, variants)
	queries := make([]fleet.Query, len(asked))
	for i := range asked {
		queries[i] = asked[i].query
	}
	return queries
}

// Metrics is how many metrics Queries request, as AWS bills them.
func Metrics(queries []fleet.Query) (n int) {
	for i := range queries {
		if !slices.ContainsFunc(queries[:i], func(q fleet.Query) bool { return q.Metric.Equal(queries[i].Metric) }) {
			n++
		}
	}
	return n
}

// Unit finds the unit of a metric's datapoints, of which there is one in the minute that begins at the given moment.
type Unit func(metric fleet.Metric, at time.Time) (time.Duration, error)

// Learn makes a history of the answers to Queries, one to each, in the span that was asked. An answer that is not
// complete is an error: what is missing would be taken for nothing that happened. AWS's pages contradict each other on
// the units of times, so each is asked for once where there is a datapoint.
func (h History) Learn(series []fleet.Series, unit Unit) (History, error) {
	asked := questions(h.Endpoint, h.Variants)
	if len(series) != len(asked) {
		return History{}, fmt.Errorf("reading the history of %s: %d answers to %d questions", h.Endpoint, len(series), len(asked))
	}
	units := map[fleet.WorkMetric]time.Duration{}
	minutes := make([]Minute, max(0, int(h.To.Sub(h.From)/time.Minute)))
	for i, one := range asked {
		answer := series[i]
		if !answer.Complete {
			return History{}, fmt.Errorf("reading the history of %s: the answer on %s is not complete", h.Endpoint, one.query.Metric.Name)
		}
		if one.unit && units[one.timed] == 0 && len(answer.Points) > 0 {
			found, err := unit(one.query.Metric, answer.Points[len(answer.Points)-1].At)
			if err != nil {
				return History{}, fmt.Errorf("reading the history of %s: %w", h.Endpoint, err)
			}
			units[one.timed] = found
		}
		for _, point := range answer.Points {
			if at := int(point.At.Sub(h.From) / time.Minute); at >= 0 && at < len(minutes) {
				minutes[at].At = point.At
				one.put(&minutes[at], point.Value, units[one.timed])
			}
		}
	}
	h.Minutes = slices.DeleteFunc(minutes, func(m Minute) bool { return m.At.IsZero() })
	h.Minutes = h.withIdle()
	return h, nil
}
