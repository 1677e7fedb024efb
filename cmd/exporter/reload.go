package main

import (
	"fmt"
	"sync"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/sagemaker-async/exporter/collector"
	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/cycle"
)

// reloader reads the configuration again and hands it to the cycles.
type reloader struct {
	options options
	leads   cycle.Leads
	aws     awsapi.Options
	group   *cycle.Group
	process *collector.ProcessMetrics
	clock   cycle.Clock
	logger  log.Logger

	mu sync.Mutex // one reload at a time
}

// reload puts the file as it is now in force, under the flags as they were at the start. A bad file changes nothing.
func (r *reloader) reload() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	cfg, err := r.options.config()
	if err == nil {
		err = r.group.Reload(scopesOf(cfg, r.aws, r.options.reconcile, cfg.Named()), cycleOptions(cfg, r.options, r.leads))
	}
	r.process.ConfigReloaded(err, r.clock.Now())
	if err != nil {
		_ = level.Error(r.logger).Log("msg", "not reloaded, the old configuration stays in force", "during", "reloading", "err", err)
		return fmt.Errorf("reloading: %w", err)
	}
	warn(r.logger, cfg)
	r.process.Configured(cfg.Polling.MaxStaleness.Duration(), float64(cfg.Polling.MonthlyBudgetDollars), float64(cfg.Thresholds.ThrottledRatio))
	_ = level.Info(r.logger).Log("msg", "reloaded", "file", r.options.configFile, "scopes", len(cfg.Scopes))
	return nil
}

// warn logs what still works in the configuration and should be written in another way.
func warn(logger log.Logger, cfg config.Config) {
	for _, warning := range cfg.Warnings() {
		_ = level.Warn(logger).Log("during", "reading the configuration", "msg", warning)
	}
}
