package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/apply"
	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/cycle"
	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// The exit statuses of plan and apply, beside 1 for an error.
const (
	statusNothing = 0 // nothing to change, nothing withheld
	statusPending = 2
)

// planSources are what a plan rests on. CloudWatch's metrics are not among them: they cost money, and no plan needs them.
var planSources = []fleet.SourceName{fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceTags}

// planOnce observes once and prints the plan.
func planOnce(ctx context.Context, o options, stdout, stderr io.Writer) (status int, err error) {
	plans, _, err := once(ctx, o, stderr, false)
	write := plan.Text
	if o.json {
		write = plan.JSON
	}
	if plans != nil {
		err = errors.Join(err, write(stdout, plans))
	}
	return statusOf(plans), err
}

// applyOnce observes, carries the plan out, observes again, and prints what was done and what is left.
func applyOnce(ctx context.Context, o options, stdout, stderr io.Writer) (status int, err error) {
	plans, outcomes, err := once(ctx, o, stderr, true)
	failed := 0
	for _, outcome := range outcomes {
		if outcome.Err != nil {
			failed++
		}
	}
	if failed > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d steps failed", failed, len(outcomes)))
	}
	switch {
	case plans == nil:
	case o.json:
		err = errors.Join(err, plan.JSONOutcomes(stdout, outcomes, plans))
	default:
		err = errors.Join(err, plan.TextOutcomes(stdout, outcomes), plan.Text(stdout, plans))
	}
	return statusOf(plans), err
}

func statusOf(plans []plan.Plan) int {
	if slices.ContainsFunc(plans, func(p plan.Plan) bool { return !p.Empty() }) {
		return statusPending
	}
	return statusNothing
}

// looking is what one complete observation needs.
type looking struct {
	options options
	cfg     config.Config
	world   world
	logs    daemon.Loggers

	connecting sync.Mutex
	connected  map[fleet.Scope]observe.AWS
}

// begin gets ready to look. What is to be read is the result, so nothing but warnings is logged beside it.
func begin(ctx context.Context, o options, stderr io.Writer, writes bool) (*looking, error) {
	if !writes && o.logLevel == "info" {
		o.logLevel = "warn"
	}
	logs, err := daemon.NewLoggers(stderr, o.logLevel, o.logFormat)
	if err != nil {
		return nil, err
	}
	cfg, err := o.config()
	if err != nil {
		return nil, err
	}
	world, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	return &looking{options: o, cfg: cfg, world: world, logs: logs, connected: map[fleet.Scope]observe.AWS{}}, nil
}

// cycleOptions say what to observe of which endpoints; none is all. Nothing is waited for: somebody who asks wants it now.
func (l *looking) cycleOptions(endpoints ...string) cycle.Options {
	options := cycleOptions(l.cfg, l.options, nil)
	options.Rules.Endpoints, options.Rules.RecreateAfter = endpoints, 0
	return options
}

// once makes one complete observation of every scope, and carries the plans out if it may write. What it could not reach
// is an error of its scope, nil for the others.
func (l *looking) once(ctx context.Context, options cycle.Options, writes bool) ([]report.Report, apply.Outcomes, []error) {
	board := cycle.NewBoard()
	scopes := scopesOf(l.cfg, l.world.aws, writes)
	for i := range scopes {
		scopes[i].Connect = l.remember(scopes[i].Connect)
	}
	failures, outcomes := make([]error, len(scopes)), make([]apply.Outcomes, len(scopes))
	var asking errgroup.Group
	for i, scope := range scopes {
		asking.Go(func() error {
			c := cycle.New(scope, l.world.clock, options, board, l.logs.Kit)
			switch err := c.Connect(ctx); {
			case err != nil:
				failures[i] = fmt.Errorf("%s: %w", scope.Name, err)
			case writes:
				outcomes[i] = c.Apply(ctx)
			default:
				c.Once(ctx)
			}
			return nil
		})
	}
	_ = asking.Wait() // failures are kept by scope
	return board.Set().Reports, slices.Concat(outcomes...), failures
}

// remember keeps the AWS of a scope that is reached.
func (l *looking) remember(connect cycle.Connect) cycle.Connect {
	return func(ctx context.Context) (cycle.Connection, error) {
		connection, err := connect(ctx)
		if err == nil {
			l.connecting.Lock()
			defer l.connecting.Unlock()
			l.connected[connection.Scope] = connection.AWS
		}
		return connection, err
	}
}

// reached is the AWS of a scope that was reached.
func (l *looking) reached(scope fleet.Scope) observe.AWS {
	l.connecting.Lock()
	defer l.connecting.Unlock()
	return l.connected[scope]
}

// once observes, and carries the plans out if it may write. It returns the plans as they are after that, nil when nothing
// could be observed. What could not be observed is an error beside them.
func once(ctx context.Context, o options, stderr io.Writer, writes bool) ([]plan.Plan, apply.Outcomes, error) {
	l, err := begin(ctx, o, stderr, writes)
	if err != nil {
		return nil, nil, err
	}
	defer l.world.close()
	options := l.cycleOptions(o.endpoints...)
	options.Observe.Sources = planSources
	reports, done, failures := l.once(ctx, options, writes)
	failures = append(failures, incomplete(reports, failures))
	if err := notFound(reports, o.endpoints); err != nil {
		failures = append(failures, err)
		if len(done) == 0 { // what was written to the others has to be told
			return nil, nil, errors.Join(failures...)
		}
	}
	var plans []plan.Plan
	for _, r := range reports {
		if r.Plan.Unknown == "" {
			plans = append(plans, r.Plan)
		}
	}
	return plans, done, errors.Join(failures...)
}

// incomplete says which sources could not be read. What a scope that was not reached says of each of its sources has
// been said of the scope.
func incomplete(reports []report.Report, unreached []error) error {
	said := map[string]bool{}
	for _, err := range unreached {
		if err != nil {
			said[errors.Unwrap(err).Error()] = true
		}
	}
	var failures []error
	for _, r := range reports {
		if !r.Tried() {
			continue
		}
		for _, source := range r.Snapshot.Shown() {
			if source.Err != "" && !said[source.Err] {
				failures = append(failures, fmt.Errorf("%s: reading %s: %s", r.Snapshot.Scope.Region, source.Name, source.Err))
			}
		}
	}
	return errors.Join(failures...)
}

// notFound says which endpoints that the user named are in no scope.
func notFound(reports []report.Report, names []string) error {
	var failures []error
	for _, name := range names {
		if !slices.ContainsFunc(reports, func(r report.Report) bool { return r.Endpoint(name) != nil }) {
			failures = append(failures, fmt.Errorf("%s: no asynchronous endpoint of that name is observed", name))
		}
	}
	return errors.Join(failures...)
}
