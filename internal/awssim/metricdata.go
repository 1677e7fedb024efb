package awssim

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// What CloudWatch allows in one GetMetricData call.
const (
	mostQueries = 500
	mostPoints  = 100_800
)

// dataQuery is one entry of MetricDataQueries, which asks for a statistic: expressions are not modelled.
type dataQuery struct {
	id        string
	label     string
	metric    fleet.Metric
	statistic string
	unit      string
	period    time.Duration
	hidden    bool // ReturnData is false
}

func getMetricData(c *call) (record, error) {
	queries, err := dataQueries(c.in.items("MetricDataQueries"))
	if err != nil {
		return nil, err
	}
	from, to, err := c.window()
	if err != nil {
		return nil, err
	}
	most := mostPoints
	if c.in.has("MaxDatapoints") {
		if most = c.in.whole("MaxDatapoints"); most < 1 || most > mostPoints {
			return nil, invalid("The parameter MaxDatapoints must be between 1 and %d.", mostPoints)
		}
	}
	at := cursor{}
	if text := c.in.text("NextToken"); text != "" {
		var ok bool
		if at, ok = readCursor(c.operation, text); !ok || at.query > len(queries) {
			return nil, badToken()
		}
	}
	results, end := c.dataPage(queries, from, to, at, most)
	output := record{{"MetricDataResults", results}}
	switch {
	case c.fault.Break == EmptyPage:
		output = record{{"MetricDataResults", []any{}}, {"NextToken", renamed(at.token(c.operation))}}
	case c.fault.Break == RepeatedToken:
		output = output.with("NextToken", at.token(c.operation))
	case end.query < len(queries):
		output = output.with("NextToken", end.token(c.operation))
	}
	if c.fault.Results == "" && len(c.fault.Messages) > 0 {
		output = output.with("Messages", c.fault.messages())
	} else {
		output = output.with("Messages", []any{})
	}
	return output, nil
}

// cursor is where a page begins: at a datapoint of a query.
type cursor struct{ query, point int }

func (at cursor) token(operation string) string {
	return token(operation, at.query, strconv.Itoa(at.point))
}

func readCursor(operation, text string) (cursor, bool) {
	query, last, ok := readToken(operation, text)
	point, err := strconv.Atoi(last)
	return cursor{query, point}, ok && err == nil && point >= 0
}

// dataPage answers queries from a cursor on until it has as many datapoints as a page may have. A query that is cut off
// says PartialData, and the next page goes on with it.
func (c *call) dataPage(queries []dataQuery, from, to time.Time, at cursor, most int) ([]any, cursor) {
	ascending := c.in.text("ScanBy") == "TimestampAscending"
	results := make([]any, 0, len(queries)-at.query)
	for ; at.query < len(queries); at = (cursor{query: at.query + 1}) {
		q := &queries[at.query]
		if q.hidden {
			continue
		}
		if most == 0 {
			break
		}
		points := c.points(q.metric, q.statistic, q.unit, q.period, from, to)
		if !ascending {
			points = slices.Clone(points)
			slices.Reverse(points)
		}
		points = points[min(at.point, len(points)):]
		status := "Complete"
		cut := len(points) > most
		if cut {
			points, status = points[:most], "PartialData"
		}
		results = append(results, c.result(q, points, status))
		if cut {
			return results, cursor{at.query, at.point + most}
		}
		most -= len(points)
	}
	return results, at
}

// result is the answer to one query, spoilt when a fault says so.
func (c *call) result(q *dataQuery, points []fleet.Point, status string) record {
	var messages []any
	if c.fault.Results != "" {
		status, messages = c.fault.Results, c.fault.messages()
		if status == "PartialData" {
			points = points[:len(points)/2]
		} else if status != "Complete" {
			points = nil
		}
	}
	timestamps, values := make([]time.Time, len(points)), make([]float64, len(points))
	for i, point := range points {
		timestamps[i], values[i] = point.At, point.Value
	}
	out := record{{"Id", q.id}, {"Label", q.label}, {"Timestamps", timestamps}, {"Values", values}, {"StatusCode", status}}
	if len(messages) > 0 {
		out = append(out, field{"Messages", messages})
	}
	return out
}

// messages are the fault's messages on an answer or a result.
func (f Fault) messages() []any {
	return list(slices.Sorted(maps.Keys(f.Messages)), func(code string) any {
		return record{{"Code", code}, {"Value", f.Messages[code]}}
	})
}

var dataQueryID = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)

func dataQueries(items []args) ([]dataQuery, error) {
	if len(items) == 0 {
		return nil, fail("MissingRequiredParameterException", "The parameter MetricDataQueries is required.")
	}
	if len(items) > mostQueries {
		return nil, invalid("The collection MetricDataQueries must not have a size greater than %d.", mostQueries)
	}
	queries, seen := make([]dataQuery, len(items)), make(map[string]bool, len(items))
	for i, item := range items {
		q, err := dataQueryOf(i+1, item)
		if err != nil {
			return nil, err
		}
		if seen[q.id] {
			return nil, invalid("The values for parameter id in MetricDataQueries are not unique.")
		}
		seen[q.id] = true
		queries[i] = q
	}
	return queries, nil
}

// dataQueryOf reads the nth query, counted from 1.
func dataQueryOf(n int, in args) (dataQuery, error) {
	id, stat := in.text("Id"), in.sub("MetricStat")
	switch {
	case !dataQueryID.MatchString(id):
		return dataQuery{}, invalid("The value %s for parameter MetricDataQueries.member.%d.Id is not matching the expected "+
			"pattern ^[a-z][a-zA-Z0-9_]*$.", id, n)
	case in.has("Expression"):
		return dataQuery{}, invalid("Error in expression '%s': expressions are not modelled by the embedded AWS", id)
	case stat == nil:
		return dataQuery{}, invalid("Exactly one of MetricStat and Expression must be given for '%s'.", id)
	case !statistics.MatchString(stat.text("Stat")):
		return dataQuery{}, invalid("The value %s for parameter Stat is not supported.", stat.text("Stat"))
	}
	period, err := periodOf(stat)
	if err != nil {
		return dataQuery{}, err
	}
	metric := metricOf(stat.sub("Metric"))
	if metric.Namespace == "" || metric.Name == "" || strings.HasPrefix(metric.Namespace, ":") {
		return dataQuery{}, invalid("The parameter MetricStat.Metric of '%s' must name a namespace and a metric.", id)
	}
	label := in.text("Label")
	if label == "" {
		label = metric.Name
	}
	return dataQuery{
		id: id, label: label, metric: metric, statistic: stat.text("Stat"), unit: stat.text("Unit"), period: period,
		hidden: !in.flag("ReturnData", true),
	}, nil
}
