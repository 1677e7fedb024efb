package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"k8s.io/klog/v2"

	"github.com/sagemaker-async/exporter/internal/cycle"
	"github.com/sagemaker-async/exporter/internal/lease"
)

// leader is how the process comes to write: at once, or when it holds the Lease that the user named.
type leader struct {
	leads cycle.Leads // nil: at once
	run   func(context.Context)
}

// newLeader prepares to hold the Lease, if there is one.
func newLeader(o options, logger log.Logger, library *slog.Logger) (leader, error) {
	if o.lease == "" {
		return leader{run: func(context.Context) {}}, nil
	}
	name, err := lease.ParseName(o.lease)
	if err != nil {
		return leader{}, fmt.Errorf("--reconcile.lease: %w", err)
	}
	cluster, err := lease.Access()
	if err != nil {
		return leader{}, fmt.Errorf("--reconcile.lease: %w", err)
	}
	klog.SetSlogLogger(library) // by itself the library writes to stderr, between the lines of the exporter's log
	held, err := lease.New(cluster, name, lease.Identity(), func(held bool) {
		if held {
			_ = level.Info(logger).Log("msg", "holding the Lease: plans are carried out", "lease", o.lease)
		} else {
			_ = level.Warn(logger).Log("msg", "the Lease is lost: no write begins any more", "lease", o.lease)
		}
	})
	if err != nil {
		return leader{}, fmt.Errorf("--reconcile.lease: %w", err)
	}
	return leader{leads: held.Held, run: held.Run}, nil
}
