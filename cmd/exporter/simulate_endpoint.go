package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/simulate"
)

// ask observes the endpoint for its present policy, and reads its history if that is to be replayed.
func (s *simulated) ask(ctx context.Context, o options, stderr io.Writer) error {
	f := o.simulate
	seen, err := sightOf(ctx, o, f.endpoint, stderr, planSources...)
	if err != nil {
		return err
	}
	defer seen.world.close()
	s.elsewhere = errors.Join(seen.elsewhere, incomplete([]report.Report{*seen.report}, nil))
	name := seen.place.Endpoint
	if endpoint := seen.report.Endpoint(name); endpoint != nil && len(endpoint.Variants) > 0 {
		if s.present, s.notes, err = simulate.Present(endpoint.Endpoint, endpoint.Variants[0].Behavior); err != nil {
			return errors.Join(s.elsewhere, fmt.Errorf("%s: %w", name, err))
		}
		s.study.Instances = *endpoint.Variants[0].Current
	}
	advice := subjectOf(seen.report, name, recommendOptions{latency: span(f.latency), service: span(f.service), concurrency: f.concurrency})
	s.study.Objective.Latency, s.study.Objective.Defaulted = advice.Wish.Latency, advice.Wish.Defaulted
	_, s.study.TTL = seen.cfg.Objective(name)
	if f.instanceType == "" {
		s.study.Price = advice.Wish.Price
	}
	if f.concurrency == 0 {
		s.study.Concurrency = advice.History.Concurrency
	}
	if f.history() {
		err = s.readHistory(ctx, seen.looking, advice, f, stderr)
	}
	return errors.Join(err, s.elsewhereIf(err))
}

// readHistory makes the trace of the endpoint's own history.
func (s *simulated) readHistory(ctx context.Context, l *looking, advice advise.Advice, f simulateOptions, stderr io.Writer) error {
	days := f.days
	if days == 0 {
		days = advise.MostDays
	}
	fmt.Fprintln(stderr, advise.Cost(advice.History.Endpoint, advice.History.Variants, days))
	if err := l.read(ctx, l.reached(advice.Scope).AWS, &advice, days); err != nil {
		return err
	}
	estimates, err := advise.Look(advice.History, advice.Given)
	if err != nil {
		return fmt.Errorf("%s: %w", advice.History.Endpoint, err)
	}
	s.study.Concurrency = max(1, int(math.Round(estimates.Concurrency.Value)))
	s.study.Trace, err = simulate.History(advice.History, estimates)
	return err
}

// elsewhereIf are the errors beside an observation, if the one that follows ends the command.
func (s *simulated) elsewhereIf(err error) error {
	if err == nil {
		return nil
	}
	return s.elsewhere
}
