package observe

import (
	"context"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/ledger"
)

// portion is how many queries are asked at once: as many as four calls hold. Their answers are made small before the
// next portion is asked, so that a large fleet does not need the memory of all its datapoints.
const portion = 2_000

// reader asks CloudWatch for counters, latencies and utilisation, and makes amounts of its datapoints.
type reader struct {
	aws      Metrics
	at       time.Time
	interval time.Duration
	units    units
	unitless map[fleet.WorkMetric]bool // asked for in vain by this reader

	billed   int
	findings []finding
	hosts    []hostFinding
	err      error // the first one
	refused  error // the first datapoints that were left out
}

// finding is what was read of one metric of one variant. It is complete.
type finding struct {
	resource       string
	metric         fleet.WorkMetric
	read           ledger.Read
	hours, minutes []ledger.Point
	longest        fleet.Reading
}

// hostFinding is the utilisation of one variant.
type hostFinding struct {
	resource string
	metric   fleet.HostMetric
	reading  fleet.Reading
}

// visit reads visits of one kind, portion by portion. A portion that brings nothing at all is the last one: an outage
// costs a few calls, not all of them.
func (r *reader) visit(ctx context.Context, visits []visit) {
	var read ledger.Read
	for _, v := range visits {
		read = read.With(v.read)
	}
	for len(visits) > 0 {
		n, queries := 0, 0
		for n < len(visits) && (n == 0 || queries+visits[n].queries() <= portion) {
			queries += visits[n].queries()
			n++
		}
		before := len(r.findings)
		r.read(ctx, visits[:n], read)
		if len(r.findings) == before && r.err != nil {
			return
		}
		visits = visits[n:]
	}
}

// read reads one portion, all of it by the same read.
func (r *reader) read(ctx context.Context, visits []visit, read ledger.Read) {
	hours := answers{}
	if !read.Hours.Empty() {
		if hours.series = r.ask(ctx, hourly(visits), read.Hours); hours.series == nil {
			return
		}
	}
	minutes := answers{series: r.ask(ctx, minutely(visits), read.Minutes)}
	if minutes.series == nil {
		return
	}
	for _, v := range visits {
		for _, metric := range v.metrics {
			r.find(ctx, v, metric, read, &hours, &minutes)
		}
		if v.hosts {
			for _, metric := range fleet.HostMetrics() {
				if s := minutes.next(); s.Complete {
					r.hosts = append(r.hosts, hostFinding{v.resource, metric, utilisation(s.Points, r.at, r.interval)})
				}
			}
		}
	}
}

// ask reads a span and notes what went wrong; nil says that nothing was answered.
func (r *reader) ask(ctx context.Context, queries []fleet.Query, span ledger.Span) []fleet.Series {
	series, billed, err := r.aws.MetricData(ctx, queries, span.From.Time(), span.To.Time())
	r.billed += billed
	r.fail(err)
	if r.refused == nil {
		r.refused = refusedIn(queries, series)
	}
	if len(series) != len(queries) {
		return nil
	}
	return series
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// answers are taken one by one, in the order of the queries.
type answers struct{ series []fleet.Series }

func (a *answers) next() fleet.Series {
	if len(a.series) == 0 { // whole hours were not asked for
		return fleet.Series{Complete: true}
	}
	first := a.series[0]
	a.series = a.series[1:]
	return first
}

// find takes the answers on one metric, and keeps them if they are complete.
func (r *reader) find(ctx context.Context, v visit, metric fleet.WorkMetric, read ledger.Read, hours, minutes *answers) {
	hourly, minutely := takeSums(hours, metric), takeSums(minutes, metric)
	var longest fleet.Series
	if metric.Longest() {
		longest = minutes.next()
	}
	if !hourly.complete() || !minutely.complete() {
		return
	}
	unit := int64(1)
	if metric.Timed() && (len(hourly.sum.Points) > 0 || len(minutely.sum.Points) > 0) {
		if unit = r.unit(ctx, v, metric, hourly.sum.Points, minutely.sum.Points); unit == 0 {
			return
		}
	}
	f := finding{resource: v.resource, metric: metric, read: read}
	var good, alsoGood bool
	f.hours, good = hourly.amounts(unit, true)
	f.minutes, alsoGood = minutely.amounts(unit, false)
	if !good || !alsoGood {
		if r.refused == nil {
			r.refused = &refused{metrics: []string{metric.String() + " of " + v.resource}, count: 1}
		}
		return
	}
	f.longest = longestOf(longest.Points, unit, read.Minutes.To)
	r.findings = append(r.findings, f)
}

// unit is how many microseconds a unit of the metric has, 0 if it cannot be known now.
func (r *reader) unit(ctx context.Context, v visit, metric fleet.WorkMetric, hours, minutes []fleet.Point) int64 {
	if r.units[metric] != 0 || r.unitless[metric] {
		return r.units[metric]
	}
	points, period := minutes, time.Minute
	if len(points) == 0 {
		points, period = hours, time.Hour
	}
	if err := r.units.learn(ctx, r.aws, metric, v.dimensions, points[len(points)-1].At, period); err != nil {
		r.unitless[metric] = true
		r.fail(err)
	}
	r.billed++
	return r.units[metric]
}

// sums are the two series behind a total.
type sums struct {
	sum, samples fleet.Series // samples only where the metric times events
	timed        bool
}

func takeSums(from *answers, metric fleet.WorkMetric) sums {
	s := sums{sum: from.next(), timed: metric.Timed()}
	if s.timed {
		s.samples = from.next()
	}
	return s
}

func (s sums) complete() bool { return s.sum.Complete && (!s.timed || s.samples.Complete) }

// amounts makes whole numbers of the datapoints, of minutes or hours: events, or microseconds. It is false when there is a
// number that can be no Sum.
func (s sums) amounts(unit int64, hours bool) ([]ledger.Point, bool) {
	if len(s.sum.Points) == 0 {
		return nil, true
	}
	points := make([]ledger.Point, 0, len(s.sum.Points))
	samples := s.samples.Points
	for _, point := range s.sum.Points {
		sum, ok := ledger.Whole(point.Value*float64(unit), hours)
		if !ok {
			return nil, false
		}
		amount := ledger.Amount{Sum: sum}
		for len(samples) > 0 && samples[0].At.Before(point.At) {
			samples = samples[1:]
		}
		if len(samples) > 0 && samples[0].At.Equal(point.At) {
			if amount.Samples, ok = ledger.Whole(samples[0].Value, hours); !ok {
				return nil, false
			}
		}
		points = append(points, ledger.Point{At: ledger.MinuteOf(point.At), Amount: amount})
	}
	return points, true
}

// longestOf is the Maximum of the newest settled minute with data, in seconds. Its minute is one of those that each
// read reaches back to.
func longestOf(points []fleet.Point, unit int64, to ledger.Minute) fleet.Reading {
	settled := ledger.Recent(to)
	for i := len(points) - 1; i >= 0; i-- {
		switch minute := ledger.MinuteOf(points[i].At); {
		case minute < settled.From:
			return fleet.Reading{}
		case minute < settled.To:
			return fleet.Reading{At: points[i].At, Value: points[i].Value * float64(unit) / 1e6}
		}
	}
	return fleet.Reading{}
}

// utilisation is the newest reading, as a ratio.
func utilisation(points []fleet.Point, asked time.Time, interval time.Duration) fleet.Reading {
	reading := newest(points, asked, interval)
	reading.Value /= 100
	return reading
}
