package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/cycle"
	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/iac"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/triage"
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
	l, reports, err := beginPlanning(ctx, o, stderr, false)
	if reports == nil {
		return 0, err
	}
	defer l.world.close()
	plans := plansOf(reports)
	return statusOf(plans), errors.Join(err, o.writePlans(stdout, plans))
}

// writePlans prints plans in the form that was asked for.
func (o options) writePlans(stdout io.Writer, plans []plan.Plan) error {
	switch {
	case o.format != "":
		return iac.Write(stdout, iac.Format(o.format), plans)
	case o.json:
		return plan.JSON(stdout, plans)
	}
	return plan.Text(stdout, plans)
}

// beginPlanning is the beginning of plan and apply: one observation. The reports are nil when there is nothing to show, and
// the error says why. Else the error says what is missing, and the caller closes the world.
func beginPlanning(ctx context.Context, o options, stderr io.Writer, writes bool) (*looking, []report.Report, error) {
	l, err := begin(ctx, o, stderr, writes)
	if err != nil {
		return nil, nil, err
	}
	reports, err := l.planned(ctx)
	if ctx.Err() != nil {
		reports, err = nil, l.interrupted(nil)
	}
	if reports == nil {
		l.world.close()
	}
	return l, reports, err
}

// interruptedError is of a command that was told to end before its end, by Ctrl-C or SIGTERM.
type interruptedError struct{ after string }

func (e *interruptedError) Error() string { return "interrupted" + e.after }

// interrupted says how far the command had come when it was told to end, by how many steps ended how.
func (l *looking) interrupted(ends map[plan.End]int) error {
	if !l.writes {
		return &interruptedError{}
	}
	after := " after " + fleet.Plural(ends[plan.Applied], "step")
	if n := ends[plan.Failed]; n > 0 {
		after += fmt.Sprintf("; %d failed", n)
	}
	if n := ends[plan.Unknown]; n > 0 {
		after += fmt.Sprintf("; AWS did not answer %d more, and may have carried that out", n)
	}
	return &interruptedError{after}
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
	writes  bool                                               // it may carry plans out
	began   time.Time                                          // when it first observed, in real time
	rules   report.Rules                                       // of plan and apply, once they have observed
	selects func(endpoint string, tags map[string]string) bool // as well

	connecting sync.Mutex
	connected  map[fleet.Scope]cycle.Connection
}

// begin gets ready to look. What is to be read is the result, so nothing but warnings is logged beside it, unless a log is all
// that is left of what was written.
func begin(ctx context.Context, o options, stderr io.Writer, writes bool) (*looking, error) {
	if (!writes || o.screen) && o.logLevel == "info" {
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
	return &looking{options: o, cfg: cfg, world: world, logs: logs, writes: writes, connected: map[fleet.Scope]cycle.Connection{}}, nil
}

// onceStaleness is longer than any one observation lasts: what it read first is not dropped before it ends.
const onceStaleness = 24 * time.Hour

// cycleOptions say what to observe of which endpoints; none is all. Nothing is waited for: somebody who asks wants it now.
func (l *looking) cycleOptions(endpoints ...string) cycle.Options {
	options := cycleOptions(l.cfg, l.options, nil)
	options.Observe.MaxStaleness = onceStaleness
	options.Rules.Endpoints, options.Rules.RecreateAfter = endpoints, 0
	return options
}

// leastPatience is what a second observation of a command has when the first one has spent the time of both.
const leastPatience = 10 * time.Second

// once makes one complete observation of every scope. What it could not reach is an error of its scope, nil for the others.
// All observations of one command share one patience.
func (l *looking) once(ctx context.Context, options cycle.Options, writes bool) ([]report.Report, []error) {
	if l.began.IsZero() {
		l.began = time.Now()
	}
	within := max(leastPatience, cycle.OncePatience-time.Since(l.began))
	board := cycle.NewBoard()
	scopes := scopesOf(l.cfg, l.world.aws, writes, options.Observe.Named)
	for i := range scopes {
		scopes[i].Connect = l.remember(scopes[i].Connect)
	}
	failures := make([]error, len(scopes))
	var asking errgroup.Group
	for i, scope := range scopes {
		asking.Go(func() error {
			c := cycle.New(scope, l.world.clock, options, board, l.logs.Kit)
			if err := c.Connect(ctx); err != nil {
				failures[i] = fmt.Errorf("%s: %w", scope.Name, err)
				return nil
			}
			c.Once(ctx, within)
			return nil
		})
	}
	_ = asking.Wait() // failures are kept by scope
	return board.Set().Reports, failures
}

// remember keeps the connection of a scope that is reached.
func (l *looking) remember(connect cycle.Connect) cycle.Connect {
	return func(ctx context.Context) (cycle.Connection, error) {
		connection, err := connect(ctx)
		if err == nil {
			l.connecting.Lock()
			defer l.connecting.Unlock()
			l.connected[connection.Scope] = connection
		}
		return connection, err
	}
}

// reached is the connection of a scope that was reached.
func (l *looking) reached(scope fleet.Scope) cycle.Connection {
	l.connecting.Lock()
	defer l.connecting.Unlock()
	return l.connected[scope]
}

// naming adds the documented policy for endpoints that arguments name: the entries come first.
func naming(policies policy.Policies, endpoints []string) (policy.Policies, error) {
	for _, name := range endpoints {
		exactly, err := config.ParsePattern(regexp.QuoteMeta(name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		policies = append(policies, policy.ByName(exactly))
	}
	return policies, nil
}

// planningOptions are what plan and apply observe and conclude by.
func (l *looking) planningOptions() (cycle.Options, error) {
	options := l.cycleOptions(l.options.endpoints...)
	options.Observe.Sources = planSources
	if len(l.options.endpoints) > 0 {
		options.Observe.Named = l.options.endpoints
	}
	policies, err := naming(options.Rules.Policies, l.options.endpoints)
	options.Rules.Policies, options.Observe.Tagged = policies, policies.Reads
	if len(policies) == 0 { // an endpoint that has opted out is not offered, and the worst comes first
		options.Observe.Tagged = func(string) bool { return true }
		options.Observe.Sources = append(slices.Clone(planSources), fleet.SourceActivities, fleet.SourceQueue)
	}
	return options, err
}

// planned observes every scope for plan and apply. The reports are nil when there is nothing to show: nothing could be
// observed, or what the user named is nowhere. What could not be observed is an error beside them.
func (l *looking) planned(ctx context.Context) ([]report.Report, error) {
	options, err := l.planningOptions()
	if err != nil {
		return nil, err
	}
	l.rules, l.selects = options.Rules, options.Observe.Selects
	reports, failures := l.once(ctx, options, l.writes)
	unreached := slices.ContainsFunc(failures, func(err error) bool { return err != nil })
	failures = append(failures, incomplete(reports, failures))
	if len(options.Rules.Policies) == 0 {
		return nil, errors.Join(append(failures, unselected(reports, l.world.clock.Now()))...)
	}
	if err := notFound(reports, l.options.endpoints); err != nil {
		return nil, errors.Join(append(failures, err)...)
	}
	if !unreached {
		judged := 0
		if len(l.options.endpoints) > 0 { // who names endpoints asks nothing of the file's entries
			judged = len(l.cfg.Entries)
		}
		if err := unmatched(reports, options.Rules.Policies, judged); err != nil {
			return nil, errors.Join(append(failures, err)...)
		}
	}
	if len(plansOf(reports)) == 0 {
		reports = nil
	}
	return reports, errors.Join(failures...)
}

// unselected says that no policy selects anything, and what could be changed, as far as that is known.
func unselected(reports []report.Report, at time.Time) error {
	if sentence := triage.Unselected(reports, at); sentence != "" {
		return errors.New(sentence)
	}
	return selectionProblem(commandPlan)
}

// plansOf are the plans of the scopes of which something is known.
func plansOf(reports []report.Report) (plans []plan.Plan) {
	for _, r := range reports {
		if r.Plan.Unknown == "" {
			plans = append(plans, r.Plan)
		}
	}
	return plans
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

// notFound says which endpoints that the user named are in no scope, and which names are near.
func notFound(reports []report.Report, names []string) error {
	var failures []error
	for _, name := range names {
		switch {
		case slices.ContainsFunc(reports, func(r report.Report) bool { return r.Endpoint(name) != nil }):
		case endpointsUnread(reports):
			failures = append(failures, notKnown(name))
		default:
			failures = append(failures, &explain.NotFoundError{Place: explain.Place{Endpoint: name}, Candidates: explain.Candidates(reports, name)})
		}
	}
	return errors.Join(failures...)
}

// endpointsUnread tells whether the endpoints of a scope could not be read, so that nobody knows which there are.
func endpointsUnread(reports []report.Report) bool {
	return slices.ContainsFunc(reports, func(r report.Report) bool {
		source, _ := r.Snapshot.Source(fleet.SourceEndpoints)
		return !source.Up()
	})
}

func notKnown(endpoint string) error {
	return fmt.Errorf("%s: whether it exists is not known, because the endpoints could not be read", endpoint)
}

// unmatched says which patterns of policies, from one on, match the name of no endpoint, and which names are near. Where the
// endpoints of a scope are not known, nobody knows that.
func unmatched(reports []report.Report, policies policy.Policies, from int) error {
	if endpointsUnread(reports) {
		return nil
	}
	var failures []error
	for i := from; i < len(policies); i++ {
		entry := policies[i]
		if !slices.ContainsFunc(reports, func(r report.Report) bool {
			return slices.ContainsFunc(r.Endpoints, func(e report.Endpoint) bool { return entry.Endpoints.Match(e.Name) })
		}) {
			failures = append(failures, &unmatchedError{policies.Name(i), explain.Candidates(reports, literal(entry.Endpoints.String()))})
		}
	}
	return errors.Join(failures...)
}

// unmatchedError says that a pattern matches no endpoint.
type unmatchedError struct {
	policy     string
	candidates []string
}

func (e *unmatchedError) Error() string {
	said := "policy " + e.policy + " matches no asynchronous endpoint"
	if len(e.candidates) == 0 {
		return said + ": none is observed"
	}
	return said + "; there are " + strings.Join(e.candidates, ", ")
}

// literal is the text of a pattern without what makes it one.
func literal(pattern string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`.*+?()[]{}|^$\`, r) {
			return -1
		}
		return r
	}, pattern)
}
