package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prometheus/common/model"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/iac"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/report"
)

// recommendOptions are the arguments and flags of recommend.
type recommendOptions struct {
	endpoint    string // empty: the whole fleet
	output      string // the file for the policies; empty: none
	schedule    bool   // look for a schedule
	choice      string // which choice --format writes; empty: the first
	latency     span   // zero: the endpoint's objective
	service     span   // zero: from history
	concurrency int    // 0: from the endpoint's configuration or from history
	days        int
	most        int // the highest maximum to recommend; 0: any
}

// problem is what is wrong with them.
func (o recommendOptions) problem() error {
	switch {
	case o.days < 1 || o.days > advise.MostDays:
		return fmt.Errorf("--days: %d is not between 1 and %d: CloudWatch keeps single minutes for that long", o.days, advise.MostDays)
	case o.most < 0 || o.most > 1000:
		return fmt.Errorf("--max-capacity: %d is not between 1 and 1000: write for example 5", o.most)
	case o.concurrency < 0 || o.concurrency > 1000:
		return fmt.Errorf("--concurrency: %d is not between 1 and 1000: write for example 4, the requests that an instance works on at the same time", o.concurrency)
	case o.endpoint == "" && (o.service > 0 || o.concurrency > 0):
		return errors.New("--service-time and --concurrency were measured of one endpoint: name it")
	case o.endpoint == "" && o.schedule:
		return errors.New("--schedule is of one endpoint: name it")
	case o.schedule && o.choice != "":
		return errors.New("--choice is of the values of a policy, and --schedule has one proposal: give one of them")
	case o.endpoint == "" && o.choice != "":
		return errors.New("--choice is of one endpoint: name it; of the fleet the cheapest policy that keeps the objective is written")
	case o.endpoint != "" && o.output != "":
		return errors.New("--output is for the policies of the whole fleet: leave the endpoint out, or redirect what is printed")
	}
	return nil
}

// span is a length of time on the command line, as Go or Prometheus writes it, above zero.
type span time.Duration

// Set reads it.
func (s *span) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		var days model.Duration
		days, err = model.ParseDuration(text)
		d = time.Duration(days)
	}
	if err != nil || d <= 0 || d > 365*24*time.Hour {
		return fmt.Errorf("%q is not a length of time: write for example 10m or 90s", text)
	}
	*s = span(d)
	return nil
}

// String is the form that Set reads.
func (s *span) String() string { return fleet.Short(time.Duration(*s)) }

// recommend observes one endpoint, reads its history, and says which values its policy should have.
func recommend(ctx context.Context, o options, stdout, stderr io.Writer) error {
	seen, err := sightOf(ctx, o, o.recommend.endpoint, stderr, planSources...)
	if err != nil {
		return err
	}
	defer seen.world.close()
	elsewhere := errors.Join(seen.elsewhere, incomplete([]report.Report{*seen.report}, nil))
	name, scope := seen.place.Endpoint, seen.report.Snapshot.Scope
	advice := subjectOf(seen.report, name, o.recommend)
	if _, err := fmt.Fprintln(o.saying(stdout, stderr), advise.Cost(name, advice.History.Variants, o.recommend.days)); err != nil {
		return err
	}
	if err := seen.read(ctx, seen.reached(scope).AWS, &advice, o.recommend.days); err != nil {
		return errors.Join(elsewhere, err)
	}
	if o.recommend.schedule {
		return errors.Join(elsewhere, seen.schedule(ctx, advice, stdout))
	}
	if advice.Estimates, err = advise.Look(advice.History, advice.Given); err == nil {
		advice.Choices, err = advise.Recommend(advice.Estimates, advice.Wish)
	}
	if err != nil {
		return errors.Join(elsewhere, fmt.Errorf("%s: %w", name, err))
	}
	switch {
	case o.format != "":
		choice := chosen(advice.Choices, o.recommend.choice)
		entry := func(fleet.Scope) string { return choice.Entry(name) }
		err = seen.writeSteps(stdout, []report.Report{*seen.report}, entry, []string{name + ", " + choice.Name + ": " + choice.Trade})
	case o.json:
		err = advice.JSON(stdout)
	default:
		err = advice.Text(stdout)
	}
	return errors.Join(elsewhere, err)
}

// schedule looks for a pattern in the history, and proposes scheduled actions.
func (s *sight) schedule(ctx context.Context, advice advise.Advice, stdout io.Writer) error {
	name := s.place.Endpoint
	endpoint := s.report.Endpoint(name)
	if endpoint == nil {
		return notKnown(name)
	}
	subject := s.subject(s.report, endpoint)
	subject.Advice = advice
	found, err := subject.Morning(ctx.Err)
	switch {
	case err != nil:
		return fmt.Errorf("%s: no schedule: %w", name, err)
	case s.options.format != "":
		target := endpoint.Variants[0].Target // a morning is of one variant
		if target == nil {
			return fmt.Errorf("%s: no scheduled action without a scalable target: give it a policy first, by plan and apply", name)
		}
		return iac.Schedule{Scope: found.Scope, Target: *target, Actions: found.Actions, Reasons: found.Reasons()}.Write(stdout, iac.Format(s.options.format))
	case s.options.json:
		return found.JSON(stdout)
	}
	return found.Text(stdout)
}

// saying is where what reading costs is said, beside what is printed for tools.
func (o options) saying(stdout, stderr io.Writer) io.Writer {
	if o.format != "" || o.json {
		return stderr
	}
	return stdout
}

// subjectOf is what the observation says of the endpoint, and what is wished for it.
func subjectOf(r *report.Report, name string, o recommendOptions) advise.Advice {
	advice := advise.Advice{
		Scope: r.Snapshot.Scope, History: advise.History{Endpoint: name},
		Given: advise.Given{Service: time.Duration(o.service), Concurrency: o.concurrency},
		Wish:  advise.Wish{Latency: time.Duration(o.latency), Most: o.most},
	}
	if endpoint := r.Endpoint(name); endpoint != nil {
		advice.History.From = endpoint.Created
		if n := endpoint.Async.MaxConcurrentInvocationsPerInstance; n != nil {
			advice.History.Concurrency = *n
		}
		if advice.Wish.Latency == 0 {
			advice.Wish.Latency, advice.Wish.Defaulted = endpoint.Latency, endpoint.Defaulted
		}
		for j := range endpoint.Variants {
			variant := &endpoint.Variants[j]
			advice.History.Variants = append(advice.History.Variants, variant.Name)
			for _, n := range []*int{variant.Current, variant.Desired} {
				if n != nil {
					advice.Running = max(advice.Running, *n)
				}
			}
			if j == 0 {
				advice.Present = advise.Present(variant.Variant, variant.Behavior)
				if len(variant.Types) > 0 {
					advice.Wish.Price = r.Prices[variant.Types[0]]
				}
			}
		}
		advice.Wish.Variants = len(endpoint.Variants)
	}
	return advice
}

// youngError says that an endpoint has no history yet.
type youngError struct{ endpoint string }

func (e *youngError) Error() string {
	return e.endpoint + ": the endpoint is too young: it has no minute yet that CloudWatch has settled"
}

// historyPatience bounds the reading of an endpoint's history, in real time.
const historyPatience = 3 * time.Minute

// mostPages bounds the pages of scaling activities, which are those of the whole account and region.
const mostPages = 20

// read asks for the history of the endpoint, whose creation its From says.
func (l *looking) read(ctx context.Context, aws observe.AWS, advice *advise.Advice, days int) error {
	from, _ := advise.Span(l.world.clock.Now(), advice.History.From, days)
	activities, err := activitiesSince(ctx, aws, from)
	if err != nil {
		return err
	}
	return l.readMinutes(ctx, aws, advice, days, activities)
}

// activitiesSince are the scaling activities of the whole account and region, newest first.
func activitiesSince(ctx context.Context, aws observe.AWS, from time.Time) ([]fleet.Activity, error) {
	ctx, cancel := context.WithTimeout(ctx, historyPatience)
	defer cancel()
	return aws.Activities.ScalingActivities(ctx, func(read []fleet.Activity, pages int) bool {
		return pages >= mostPages || len(read) > 0 && read[len(read)-1].Start.Before(from)
	})
}

// readMinutes asks for the history of the endpoint, but for the activities, which are those of its account and region.
func (l *looking) readMinutes(ctx context.Context, aws observe.AWS, advice *advise.Advice, days int, activities []fleet.Activity) error {
	h := advice.History
	h.From, h.To = advise.Span(l.world.clock.Now(), h.From, days)
	if !h.From.Before(h.To) {
		return &youngError{h.Endpoint}
	}
	ctx, cancel := context.WithTimeout(ctx, historyPatience)
	defer cancel()
	h.Activities = h.Own(activities)
	series, billed, err := aws.Metrics.MetricData(ctx, advise.Queries(h.Endpoint, h.Variants), h.From, h.To)
	advice.Requested += billed
	if err != nil {
		return err
	}
	advice.History, err = h.Learn(series, func(metric fleet.Metric, at time.Time) (time.Duration, error) {
		advice.Requested++
		unit, err := aws.Metrics.MetricUnit(ctx, metric, at, time.Minute)
		if err != nil {
			return 0, err
		}
		one, ok := fleet.UnitOfTime(unit)
		if !ok {
			return 0, fmt.Errorf("CloudWatch gives %s in the unit %q, which is no unit of time", metric.Name, unit)
		}
		return one, nil
	})
	return err
}
