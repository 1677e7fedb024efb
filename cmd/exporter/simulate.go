package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/picture"
	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/simulate"
)

// replayGC is how much garbage there may be beside what is in use while replays run: a trace of millions of requests is
// kept, and would be walked through again and again.
const replayGC = 200

// errNothingFound ends a search that found nothing; what it tried has been printed.
var errNothingFound = errors.New("simulate: no candidate keeps the objective in every seed")

// simulateOnce replays requests with the present policy and candidates, and prints how they compare.
func simulateOnce(ctx context.Context, o options, stdout, stderr io.Writer) error {
	logs, err := daemon.NewLoggers(stderr, o.logLevel, o.logFormat)
	if err != nil {
		return err
	}
	subject, err := subjectOfSimulation(ctx, o, stderr)
	if err != nil {
		return err
	}
	for _, note := range subject.notes {
		fmt.Fprintf(stderr, "%s: %s\n", o.simulate.endpoint, note)
	}
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(replayGC))
	}
	study, candidates := subject.study, o.simulate.space
	replaying := newReplays(study, newProgress("replay", stderr, logs.Kit))
	compare := study.Compare
	if o.simulate.search {
		candidates, compare = study.Around(subject.present, candidates), study.Search
	}
	found, err := compare(subject.present, candidates.Candidates(subject.present), o.simulate.seeds, replaying.runner(ctx))
	if err != nil {
		return err
	}
	write := found.Text
	if o.json {
		write = found.JSON
	}
	if err := write(stdout, study); err != nil {
		return err
	}
	if err := replaying.draw(ctx, o.simulate.picture, found); err != nil {
		return err
	}
	if found.None {
		return errors.Join(subject.elsewhere, errNothingFound)
	}
	return subject.elsewhere
}

// simulated is what a simulation is about.
type simulated struct {
	study   simulate.Study
	present sim.Scaling
	notes   []string

	elsewhere error // what could not be observed beside the endpoint
}

// subjectOfSimulation makes the study from the flags, the config file and, if one is named, the endpoint.
func subjectOfSimulation(ctx context.Context, o options, stderr io.Writer) (s simulated, err error) {
	cfg, err := o.config()
	if err != nil {
		return s, err
	}
	f := o.simulate
	s.present = sim.DocumentedScaling()
	s.study = simulate.Study{
		Concurrency: f.concurrency, Provision: f.provision, Seed: f.seed, Price: cfg.InstancePrices()[f.instanceType],
		Objective: simulate.Objective{Latency: f.latency, Share: f.percentile / 100},
	}
	if s.study.Assumptions, err = simulate.Assume(f.assume); err != nil {
		return s, err
	}
	if !f.history() {
		if s.study.Trace, err = f.read(); err != nil {
			return s, err
		}
	}
	if f.endpoint != "" {
		if err := s.ask(ctx, o, stderr); err != nil {
			return s, err
		}
	} else {
		s.study.Documented = true
		if s.study.Objective.Latency == 0 {
			s.study.Objective.Latency, s.study.TTL = cfg.Objective("")
			s.study.Objective.Defaulted = !cfg.SetsLatency("")
		}
	}
	t := &s.study.Trace
	t.Shape, t.Even = simulate.Shape(f.shape), f.even
	if f.provision > 0 {
		t.Starts = nil // what was seen is not asked for
	}
	s.study.Concurrency = max(1, s.study.Concurrency)
	s.study.Instances = max(s.study.Instances, s.present.Min)
	return s, nil
}

// read makes the trace of a file or of a pattern.
func (o simulateOptions) read() (simulate.Trace, error) {
	if o.pattern != "" {
		service, days := o.service, o.days
		if service == 0 {
			service = patternService
		}
		if days == 0 {
			days = patternDays
		}
		t, err := simulate.Pattern(o.pattern, o.rate, days, service)
		if err != nil {
			return t, fmt.Errorf("--pattern: %w", err)
		}
		return t, nil
	}
	file, err := os.Open(o.trace)
	if err != nil {
		return simulate.Trace{}, fmt.Errorf("--trace: %w", err)
	}
	defer func() { _ = file.Close() }()
	return simulate.CSV(o.trace, file, o.service)
}

// draw draws the present policy and the best other one into a file; without a name it does nothing.
func (r *replays) draw(ctx context.Context, name string, found simulate.Found) error {
	if name == "" {
		return nil
	}
	form, err := picture.Form(name)
	if err != nil {
		return err
	}
	jobs := []simulate.Job{{Scaling: found.Summaries[0].Scaling, Seed: r.study.Seed, Timeline: true}}
	if other := found.Other(); other != nil {
		jobs = append(jobs, simulate.Job{Scaling: other.Scaling, Seed: r.study.Seed, Timeline: true})
	}
	results, err := r.runner(ctx)(jobs)
	if err != nil {
		return err
	}
	var runs []picture.Run
	for i, result := range results {
		runs = append(runs, picture.Run{Name: [...]string{"present", "proposed"}[i], Minutes: result.Minutes})
	}
	drawn, err := picture.Draw(form, r.study.Trace.Source, runs)
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, drawn, 0o644); err != nil { //nolint:gosec // a picture is for whoever is shown it
		return fmt.Errorf("--picture: %w", err)
	}
	return nil
}
