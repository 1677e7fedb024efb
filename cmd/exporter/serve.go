package main

import (
	"context"
	"io"
	"sync"

	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/version"
	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/collector"
	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/cycle"
	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/web"
)

// serve runs the exporter until the context ends: the cycles that observe AWS, and the HTTP server that shows what they
// published.
func serve(ctx context.Context, o options, stdout, stderr io.Writer) error {
	logs, err := daemon.NewLoggers(stderr, o.logLevel, o.logFormat)
	if err != nil {
		return err
	}
	logger := logs.Kit
	cfg, err := o.config()
	if err != nil {
		return err
	}
	warn(logger, cfg)
	alerting, err := shownAlerting(o.alerting)
	if err != nil {
		return err
	}
	world, err := open(ctx, o)
	switch {
	case err != nil && ctx.Err() != nil: // whoever stops it while it starts has seen no error
		return nil
	case err != nil:
		return err
	}
	defer world.close()
	if o.demo {
		introduce(stdout, o, world.aws.BaseURL)
		o.demoAWS = world.aws.BaseURL // commands join it
	}

	lead, err := newLeader(o, logger)
	if err != nil {
		return err
	}
	clock, aws := world.clock, world.aws
	board := cycle.NewBoard()
	process := collector.NewProcess()
	aws.Observe = func(c awsapi.Call) { process.AWSCall(c.Service, c.Operation, c.Code, c.Duration) }
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		process,
		daemon.GoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	group := cycle.NewGroup(clock, board, logger)
	reloads := &reloader{options: o, leads: lead.leads, aws: aws, group: group, process: process, clock: clock, logger: logger}
	handler, err := web.New(web.Options{
		TelemetryPath: o.telemetryPath,
		Metrics: &collector.Exposition{
			Reports: collector.New(board.Set, clock.Now),
			Process: registry,
			Failed: func(err error) {
				_ = level.Error(logger).Log("during", "gathering metrics", "err", err)
			},
		},
		Published: board.Set,
		Now:       clock.Now,
		Reload:    reloads.reload,
		Version:   version.Info(),
		Grafana:   o.grafana,
		Alerting:  alerting,
	})
	if err != nil {
		return err
	}

	_ = level.Info(logger).Log("msg", "starting", "version", version.Info(), "build", version.BuildContext())
	process.Configured(cfg.Polling.MaxStaleness.Duration(), float64(cfg.Polling.MonthlyBudgetDollars), float64(cfg.Thresholds.ThrottledRatio))
	process.ConfigReloaded(nil, clock.Now())
	actors, ctx := errgroup.WithContext(ctx)
	actors.Go(func() error { return daemon.Listen(ctx, o.web, handler, logs.Slog) })
	actors.Go(func() error {
		// The Lease is given back when the last write is over.
		holding, release := context.WithCancel(context.WithoutCancel(ctx))
		var held sync.WaitGroup
		held.Go(func() { lead.run(holding) })
		defer held.Wait()
		defer release()
		err := group.Start(ctx, scopesOf(cfg, aws, o.reconcile, cfg.Named()), cycleOptions(cfg, o, lead.leads))
		if err != nil && ctx.Err() == nil { // whoever stops it while it starts has seen no error
			return err
		}
		group.Wait()
		return nil
	})
	actors.Go(func() error {
		daemon.OnHangup(ctx, func() { _ = reloads.reload() }) // it has logged why
		return nil
	})
	err = actors.Wait()
	_ = level.Info(logger).Log("msg", "stopped")
	return err
}
