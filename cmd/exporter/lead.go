package main

import (
	"context"
	"fmt"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/sagemaker-async/exporter/internal/cycle"
	"github.com/sagemaker-async/exporter/internal/lease"
)

// leader is how the process comes to write: at once, or when it holds the Lease that the user named.
type leader struct {
	leads cycle.Leads // nil: at once
	run   func(context.Context)
}

// newLeader prepares to hold the Lease, if there is one.
func newLeader(o options, logger log.Logger) (leader, error) {
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
	held := lease.New(cluster, name, lease.Identity(), lease.Notice{
		Changed: func(held bool) {
			if held {
				_ = level.Info(logger).Log("msg", "holding the Lease: plans are carried out", "lease", o.lease)
			} else {
				_ = level.Warn(logger).Log("msg", "the Lease is lost: no write begins any more", "lease", o.lease)
			}
		},
		Failed: func(err error) {
			_ = level.Warn(logger).Log("msg", "a request for the Lease failed; retrying", "lease", o.lease, "err", err)
		},
	})
	return leader{leads: held.Held, run: held.Run}, nil
}
