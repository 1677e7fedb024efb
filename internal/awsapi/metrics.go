package awsapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// What AWS allows in one GetMetricData call, and how it bills.
const (
	maxQueries             = 500
	maxPoints              = 100_800
	statisticsPerBilled    = 5
	parallelMetricDataCall = 4
)

// MetricData answers each query at the same index, from inclusive, to exclusive, in as few GetMetricData calls as AWS
// allows, with all statistics of a metric in the same call, because up to five of them are billed as one. Up to four
// calls run at once.
//
// A series is Complete only if CloudWatch's last word on it is so; then it is good even beside an error. The error
// names the metrics that are not complete and repeats what CloudWatch says.
//
// Billed counts a metric for each five statistics in each call that AWS answered. Whether AWS bills the further pages of
// a call is not known. Each is a request for all of the call's metrics and is counted as one, so that the estimate is
// rather above the bill than below it.
func (c *Client) MetricData(
	ctx context.Context, queries []fleet.Query, from, to time.Time,
) (series []fleet.Series, billed int, err error) {
	series = make([]fleet.Series, len(queries))
	if len(queries) == 0 {
		return series, 0, nil
	}
	if !from.Before(to) {
		return series, 0, errors.New("reading metrics: the window is empty")
	}
	batches := batchesOf(queries, from, to)
	errs := make([]error, len(batches))
	counts := make([]int, len(batches))
	var group errgroup.Group
	group.SetLimit(parallelMetricDataCall)
	for i, batch := range batches {
		group.Go(func() error {
			counts[i], errs[i] = c.metricData(ctx, batch, queries, series, from, to)
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs: one failed call does not end the others
	for _, count := range counts {
		billed += count
	}
	if err := join(append(errs, incomplete(queries, series, batches, errs))...); err != nil {
		return series, billed, fmt.Errorf("reading metrics: %w", err)
	}
	return series, billed, nil
}

// batch is one GetMetricData call.
type batch struct {
	queries []int // indexes into the caller's queries
	points  int   // the most datapoints that the answer can have
	billed  int   // metrics, as AWS counts them

	said  []string         // CloudWatch's messages on the whole call
	notes map[int][]string // and those on single queries, by position in the call
	read  int              // datapoints, in all pages so far
}

// say keeps one of CloudWatch's messages. An error repeats three of them; an answer may hold any number.
func (b *batch) say(message types.MessageData) {
	if len(b.said) < longest {
		b.said = append(b.said, textOf(message))
	}
}

// note keeps what is wrong with a query.
func (b *batch) note(at int, text string) {
	if !slices.Contains(b.notes[at], text) && len(b.notes[at]) < 2*mostNotes {
		b.notes[at] = append(b.notes[at], text)
	}
}

// batchesOf spreads the queries over as few calls as AWS's limits allow, in the order of their first metric. A metric
// with more statistics than fit into a call is split; a query with more datapoints than fit gets a call of its own, and
// is read in pages.
func batchesOf(queries []fleet.Query, from, to time.Time) []*batch {
	byMetric := make(map[string]int, len(queries))
	groups := make([]batch, 0, len(queries))
	var key []byte
	for i, query := range queries {
		key = appendKey(key[:0], query.Metric)
		at, ok := byMetric[string(key)]
		points := pointsOf(query, from, to)
		if !ok || len(groups[at].queries) == maxQueries || groups[at].points+points > maxPoints {
			at = len(groups)
			byMetric[string(key)] = at
			groups = append(groups, batch{})
		}
		groups[at].queries = append(groups[at].queries, i)
		groups[at].points += points
	}
	var batches []*batch
	for _, group := range groups {
		last := len(batches) - 1
		if last < 0 || len(batches[last].queries)+len(group.queries) > maxQueries || batches[last].points+group.points > maxPoints {
			batches = append(batches, &batch{queries: make([]int, 0, min(maxQueries, len(queries))), notes: map[int][]string{}})
			last++
		}
		batches[last].queries = append(batches[last].queries, group.queries...)
		batches[last].points += group.points
		batches[last].billed += (len(group.queries) + statisticsPerBilled - 1) / statisticsPerBilled
	}
	return batches
}

func appendKey(key []byte, metric fleet.Metric) []byte {
	key = append(append(append(key, metric.Namespace...), 0), metric.Name...)
	for _, dimension := range metric.Dimensions {
		key = append(append(append(append(key, 0), dimension.Name...), 0), dimension.Value...)
	}
	return key
}

// pointsOf is how many periods begin in the window: CloudWatch moves its start back to a whole one.
func pointsOf(query fleet.Query, from, to time.Time) int {
	if query.Period <= 0 {
		return 1
	}
	return int((to.Sub(from.Truncate(query.Period)) + query.Period - 1) / query.Period)
}

// ids are the names of the queries in a call.
var ids = func() (ids [maxQueries]*string) {
	for i := range ids {
		ids[i] = aws.String("q" + strconv.Itoa(i))
	}
	return ids
}()

// metricData makes one call with all its pages and fills in its series, which no other call touches.
func (c *Client) metricData(
	ctx context.Context, b *batch, queries []fleet.Query, series []fleet.Series, from, to time.Time,
) (billed int, err error) {
	limiter := c.points
	if to.Sub(from) > older {
		limiter = c.older
	}
	if err := wait(ctx, limiter, min(b.points, limiter.Burst())); err != nil {
		return 0, explain(err)
	}
	input := cloudwatch.GetMetricDataInput{
		MetricDataQueries: requestsOf(b, queries),
		StartTime:         aws.Time(from),
		EndTime:           aws.Time(to),
		ScanBy:            types.ScanByTimestampAscending,
	}
	statuses := make([]types.StatusCode, len(b.queries))
	most := mostPoints(b.points)
	err = pages(ctx, "GetMetricData", mostPages(len(b.queries), b.points), func(ctx context.Context, token *string) (*string, error) {
		input.NextToken = token
		out, err := c.getMetricData(ctx, &input)
		if err != nil {
			return nil, err
		}
		billed += b.billed
		for _, message := range out.Messages {
			b.say(message)
		}
		for i := range out.MetricDataResults {
			result := &out.MetricDataResults[i]
			at, ok := position(aws.ToString(result.Id), len(b.queries))
			if !ok {
				return nil, &badAnswer{serviceCloudWatch, "GetMetricData", "answer to a query that was not asked", true}
			}
			if b.read += len(result.Timestamps); b.read > most {
				return nil, tooMuch("GetMetricData", "more than %d datapoints, where %d were asked for at most", most, b.points)
			}
			one := &series[b.queries[at]]
			if strayed := appendPoints(one, result, queries[b.queries[at]], from, to); strayed {
				statuses[at] = types.StatusCodeInternalError
				b.note(at, "a datapoint is outside of the time that was asked for")
			}
			if !lost(statuses[at]) {
				statuses[at] = result.StatusCode
			}
			if len(result.Timestamps) != len(result.Values) {
				statuses[at] = types.StatusCodeInternalError
			}
			for _, message := range result.Messages {
				b.note(at, textOf(message))
			}
		}
		return out.NextToken, nil
	})
	for at, i := range b.queries {
		series[i].Points = inOrder(series[i].Points)
		series[i].Complete = err == nil && statuses[at] == types.StatusCodeComplete
	}
	return billed, err
}

func requestsOf(b *batch, queries []fleet.Query) []types.MetricDataQuery {
	requests := make([]types.MetricDataQuery, len(b.queries))
	stats := make([]types.MetricStat, len(b.queries))
	metrics := make([]types.Metric, len(b.queries))
	periods := make([]int32, len(b.queries))
	for at, i := range b.queries {
		query := &queries[i]
		periods[at] = int32(query.Period / time.Second)
		metrics[at] = types.Metric{Namespace: &query.Metric.Namespace, MetricName: &query.Metric.Name}
		for d := range query.Metric.Dimensions {
			dimension := &query.Metric.Dimensions[d]
			metrics[at].Dimensions = append(metrics[at].Dimensions, types.Dimension{Name: &dimension.Name, Value: &dimension.Value})
		}
		stats[at] = types.MetricStat{Metric: &metrics[at], Period: &periods[at], Stat: &query.Statistic}
		requests[at] = types.MetricDataQuery{Id: ids[at], MetricStat: &stats[at]}
	}
	return requests
}

// position is the inverse of ids.
func position(id string, count int) (int, bool) {
	at, err := strconv.Atoi(strings.TrimPrefix(id, "q"))
	return at, err == nil && at >= 0 && at < count && *ids[at] == id
}

// lost tells whether a page's status says that its datapoints are missing for good. PartialData is none of these: it
// also says that the next page has more.
func lost(status types.StatusCode) bool {
	return status == types.StatusCodeInternalError || status == types.StatusCodeForbidden
}

// appendPoints takes in the datapoints of a page. One that cannot be is left out and counted: all metrics that are read
// here are amounts, so none is negative, infinite or no number, and none has a time outside of all calendars. It tells
// whether there is one outside of the window, of which CloudWatch moves the start back to a whole period.
func appendPoints(to *fleet.Series, result *types.MetricDataResult, query fleet.Query, from, end time.Time) (strayed bool) {
	n := min(len(result.Timestamps), len(result.Values))
	to.Points = slices.Grow(to.Points, n)
	first, most := from, query.Most()
	if query.Period > 0 {
		first = from.Truncate(query.Period)
	}
	for i := range n {
		at, value := result.Timestamps[i].UTC(), result.Values[i]
		switch {
		case !(value >= 0 && value <= most) || !isTime(at):
			to.Refused++
		case at.Before(first) || !at.Before(end):
			strayed = true
		default:
			to.Points = append(to.Points, fleet.Point{At: at, Value: value})
		}
	}
	return strayed
}

// inOrder sorts the points of all pages; of a minute that two pages have, the later page's value stays.
func inOrder(points []fleet.Point) []fleet.Point {
	ordered := true
	for i := 1; i < len(points) && ordered; i++ {
		ordered = points[i-1].At.Before(points[i].At)
	}
	if ordered {
		return points
	}
	slices.SortStableFunc(points, func(a, b fleet.Point) int { return a.At.Compare(b.At) })
	kept := points[:0]
	for i, point := range points {
		if i+1 == len(points) || !points[i+1].At.Equal(point.At) {
			kept = append(kept, point)
		}
	}
	return kept
}

func textOf(message types.MessageData) string {
	return oneLine(strings.Trim(aws.ToString(message.Code)+": "+aws.ToString(message.Value), ": "))
}

// mostNotes is how many different messages of CloudWatch an error repeats.
const mostNotes = 3

// incomplete is the error of those series that CloudWatch answered, but not completely: how many, of which metrics, and
// CloudWatch's messages on them. A message on a whole call is an error even where every series is complete: it says
// that a limit was reached.
func incomplete(queries []fleet.Query, series []fleet.Series, batches []*batch, errs []error) error {
	missing, total := map[string]int{}, 0
	notes := map[string]bool{}
	for number, b := range batches {
		for _, text := range b.said {
			notes[text] = true
		}
		if errs[number] != nil {
			continue // the call's own error speaks for its series
		}
		for at, i := range b.queries {
			if series[i].Complete {
				continue
			}
			missing[queries[i].Metric.Name]++
			total++
			for _, text := range b.notes[at] {
				notes[text] = true
			}
		}
	}
	said := slices.Sorted(maps.Keys(notes))
	if len(said) > mostNotes {
		said = append(said[:mostNotes], "...")
	}
	switch {
	case total == 0 && len(said) == 0:
		return nil
	case total == 0:
		return &unfinished{"CloudWatch says " + strings.Join(said, "; ")}
	}
	names := slices.Sorted(maps.Keys(missing))
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, missing[name])
	}
	text := fmt.Sprintf("%d of %d series are not complete (%s)", total, len(queries), strings.Join(names, ", "))
	if len(said) > 0 {
		text += ": " + strings.Join(said, "; ")
	}
	return &unfinished{text}
}

// unfinished is the error of series that CloudWatch did not answer completely.
type unfinished struct{ text string }

func (u *unfinished) Error() string { return u.text }
