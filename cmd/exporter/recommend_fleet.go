package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/cycle"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/savings"
	"github.com/sagemaker-async/exporter/internal/simulate"
)

// recommendFleet observes the fleet, reads the history of each endpoint, and says what it costs and what other policies would
// have cost instead.
func recommendFleet(ctx context.Context, o options, stdout, stderr io.Writer) error {
	file, err := openOutput(o.recommend.output, o.configFile)
	if err != nil {
		return err
	}
	defer file.close()
	l, err := begin(ctx, o, stderr, false)
	if err != nil {
		return err
	}
	defer l.world.close()
	found, reports, failures := l.fleet(ctx, stdout, stderr)
	switch {
	case ctx.Err() != nil:
		return l.shown(found, stderr)
	case found == nil:
		return failures
	}
	switch {
	case o.format != "":
		err = l.writeSteps(stdout, reports, found.PoliciesOf, found.Reasons())
	case o.json:
		err = found.JSON(stdout)
	default:
		err = found.Text(stdout)
	}
	return errors.Join(failures, err, file.write(found.Policies()))
}

// shown prints what an interrupted recommend has ready. Nothing else is written for a part of the fleet.
func (l *looking) shown(found *savings.Fleet, stderr io.Writer) error {
	if found == nil {
		return l.interrupted(nil)
	}
	ready := found.Read()
	if len(ready.Rows) == 0 {
		return l.interrupted(nil)
	}
	after := fmt.Sprintf(" after %d of %s: these are shown, and nothing else is written", len(ready.Rows), fleet.Plural(len(found.Rows), "endpoint"))
	return errors.Join(ready.Text(stderr), &interruptedError{after})
}

// fleet judges every endpoint. It is nil when nothing could be observed; the error says what is missing, of the fleet or of
// endpoints of it.
func (l *looking) fleet(ctx context.Context, stdout, stderr io.Writer) (*savings.Fleet, []report.Report, error) {
	options := l.cycleOptions()
	options.Observe.Sources = planSources
	l.tagged(&options)
	reports, failures := l.once(ctx, options, false)
	if !slices.Contains(failures, nil) { // nobody knows what there is
		return nil, nil, errors.Join(failures...)
	}
	failures = append(failures, incomplete(reports, failures))
	subjects, metrics := l.subjects(reports)
	if twice := savings.Namesakes(subjects); twice != nil && l.options.recommend.output != "" {
		return nil, nil, fmt.Errorf("--output: %w", twice)
	}
	if said := l.options.saying(stdout, stderr); len(subjects) > 0 {
		if _, err := fmt.Fprintln(said, savings.Cost(l.options.recommend.days, len(subjects), metrics)); err != nil {
			return nil, nil, err
		}
	}
	rows := l.judged(ctx, reports, subjects, newProgress("endpoint", stderr, l.logs.Kit))
	requested := 0
	for i := range subjects {
		requested += subjects[i].Advice.Requested
		if rows[i].Err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", rows[i].Endpoint, rows[i].Err))
		}
	}
	found := savings.Of(l.options.recommend.days, requested, rows)
	return &found, reports, errors.Join(failures...)
}

// tagged reads the tags of every endpoint where steps are to be written: one may have opted out.
func (l *looking) tagged(options *cycle.Options) {
	if l.options.format != "" {
		options.Observe.Tagged = func(string) bool { return true }
	}
}

// subjects are the endpoints of all scopes, and how many metrics reading their histories requests.
func (l *looking) subjects(reports []report.Report) (all []savings.Subject, metrics int) {
	for i := range reports {
		r := &reports[i]
		for j := range r.Endpoints {
			s := l.subject(r, &r.Endpoints[j])
			metrics += advise.Reads(s.Advice.History.Endpoint, s.Advice.History.Variants)
			all = append(all, s)
		}
	}
	return all, metrics
}

// subject is an endpoint as it was observed, without its history.
func (l *looking) subject(r *report.Report, e *report.Endpoint) savings.Subject {
	s := savings.Subject{Advice: subjectOf(r, e.Name, l.options.recommend)}
	_, s.TTL = l.cfg.Objective(e.Name)
	for i := range e.Variants {
		v := &e.Variants[i]
		running := advise.Running{Variant: v.Name, Now: -1}
		if v.Current != nil {
			running.Now = *v.Current
		}
		if len(v.Types) > 0 {
			running.Price = r.Prices[v.Types[0]]
		}
		s.Running = append(s.Running, running)
	}
	switch why := r.Snapshot.Why(r.Snapshot.At, fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceAlarms); {
	case why != "":
		s.Unknown = errors.New("how it is scaled is not known: " + why)
	case e.Refused != "":
		s.Unknown = errors.New("how it is scaled is not known: " + e.Refused)
	case len(e.Variants) == 0:
		s.Unknown = errors.New("its variants are not known")
	default:
		s.Present, s.Notes, s.Unknown = simulate.Present(e.Endpoint, e.Variants[0].Behavior)
		s.Instances = s.Running[0].Now
	}
	return s
}

// judged reads the histories and replays them, an endpoint for each processor at the same time. What fails of one is in its row
// alone. The subjects learn what was requested.
func (l *looking) judged(ctx context.Context, reports []report.Report, subjects []savings.Subject, waits *progress) []savings.Row {
	rows := make([]savings.Row, len(subjects))
	activities := l.activities(ctx, reports)
	waits.begin(len(subjects))
	var judging errgroup.Group
	judging.SetLimit(runtime.GOMAXPROCS(0))
	for i := range subjects {
		judging.Go(func() error {
			s := &subjects[i]
			read, err := activities(s.Advice.Scope)
			if err == nil {
				err = l.readMinutes(ctx, l.reached(s.Advice.Scope).AWS, &s.Advice, l.options.recommend.days, read)
			}
			if err == nil {
				rows[i], err = s.Judge(ctx.Err)
			}
			switch young := (*youngError)(nil); {
			case errors.As(err, &young):
				rows[i] = s.Unjudged(err)
			case err != nil:
				rows[i] = s.Unjudged(nil)
				rows[i].Err = err
			}
			s.Advice.History = advise.History{} // it is large
			waits.done()
			return nil
		})
	}
	_ = judging.Wait() // failures are kept by row
	waits.end()
	return rows
}

// activities reads the scaling activities of each scope once, when they are first asked for.
func (l *looking) activities(ctx context.Context, reports []report.Report) func(fleet.Scope) ([]fleet.Activity, error) {
	from, _ := advise.Span(l.world.clock.Now(), time.Time{}, l.options.recommend.days)
	of := map[fleet.Scope]func() ([]fleet.Activity, error){}
	for i := range reports {
		scope := reports[i].Snapshot.Scope
		of[scope] = sync.OnceValues(func() ([]fleet.Activity, error) {
			return activitiesSince(ctx, l.reached(scope).AWS, from)
		})
	}
	return func(scope fleet.Scope) ([]fleet.Activity, error) { return of[scope]() }
}
