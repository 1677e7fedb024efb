package main

import (
	"context"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"
	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/alerts"
	"github.com/sagemaker-async/exporter/collector"
	"github.com/sagemaker-async/exporter/internal/alerting"
	"github.com/sagemaker-async/exporter/internal/daemon"
)

// gcPercent is how much garbage there may be for what is in use, in percent.
const gcPercent = 40

// serve watches the exporter until the context ends: the rules with all they need, and the HTTP server that shows what they
// say.
func serve(ctx context.Context, o options, stderr io.Writer) error {
	logs, err := daemon.NewLoggers(stderr, o.logLevel, o.logFormat)
	if err != nil {
		return err
	}
	wanted, err := o.alerting()
	if err != nil {
		return err
	}
	// Most of the memory is garbage of the last scrape and evaluation. Half a minute lies between two of them, so it is cheap
	// to collect it sooner than Go does; Prometheus does too.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		daemon.GoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("sagemaker_async_alerting"),
	)
	wanted.Bundled, wanted.Registry, wanted.Logger = alerts.Rules, registry, logs.Slog
	wanted.Memory, wanted.SourcesOf = daemon.Memory(), collector.SourcesOf
	engine, err := alerting.New(wanted)
	if err != nil {
		return err
	}
	handler, err := pages(engine, registry)
	if err != nil {
		return err
	}
	_ = level.Info(logs.Kit).Log("msg", "starting", "version", version.Info(), "build", version.BuildContext())
	actors, ctx := errgroup.WithContext(ctx)
	actors.Go(func() error { return daemon.Listen(ctx, o.web, handler, logs.Slog) })
	actors.Go(func() error { return engine.Run(ctx) })
	actors.Go(func() error {
		daemon.OnHangup(ctx, func() { reload(engine, logs.Kit) })
		return nil
	})
	err = actors.Wait()
	_ = level.Info(logs.Kit).Log("msg", "stopped")
	return err
}

// reload reads rules and files again.
func reload(engine *alerting.Alerting, logger log.Logger) {
	if err := engine.Reload(time.Now()); err != nil {
		_ = level.Error(logger).Log("msg", "not reloaded, the old rules and files stay in force", "during", "reloading", "err", err)
		return
	}
	_ = level.Info(logger).Log("msg", "reloaded")
}
