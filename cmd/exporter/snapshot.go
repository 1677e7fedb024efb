package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/file"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/snapshot"
)

// snapshotOptions are the flags of snapshot, and those by which other commands read what it wrote.
type snapshotOptions struct {
	endpoints []string // the only ones to observe
	redact    bool
	file      string // what plan and explain judge in place of AWS
}

// declare adds the command, and its flag to the commands that read its files.
func (s *snapshotOptions) declare(app *kingpin.Application) {
	observing := app.Command(commandSnapshot, "Observe once and print everything that was observed as JSON, for plan --snapshot and explain --snapshot. Exit status: 0, 1 error.")
	observing.Flag("redact", "Replace accounts, names and tags, each by the same one everywhere.").BoolVar(&s.redact)
	observing.Arg("endpoint", "The only endpoints to observe, by their exact names.").StringsVar(&s.endpoints)
	for _, reader := range []string{commandPlan, commandExplain} {
		app.GetCommand(reader).Flag("snapshot", "Judge this file, written by the command snapshot, and make no network calls.").
			PlaceHolder("FILE").StringVar(&s.file)
	}
}

// snapshotOnce observes once and prints what was observed. What could not be observed is an error beside it.
func snapshotOnce(ctx context.Context, o options, stdout, stderr io.Writer) error {
	l, err := begin(ctx, o, stderr, false)
	if err != nil {
		return err
	}
	defer l.world.close()
	options, names := l.cycleOptions(), o.snapshot.endpoints
	selected := options.Observe.Selected
	options.Observe.Selected = func(endpoint string) bool {
		return (len(names) == 0 || slices.Contains(names, endpoint)) && (selected == nil || selected(endpoint))
	}
	options.Observe.Tagged = func(string) bool { return true } // a plan that is made of the file has to know them
	reports, failures := l.once(ctx, options, false)
	if !slices.Contains(failures, nil) {
		return errors.Join(failures...)
	}
	failures = append(failures, incomplete(reports, failures), notFound(reports, names))
	var seen snapshot.File
	for _, r := range reports {
		if r.Tried() {
			seen.Scopes = append(seen.Scopes, snapshot.Only(r.Snapshot, names...))
		}
	}
	if o.snapshot.redact {
		seen = seen.Redact()
	}
	return errors.Join(append(failures, seen.Write(stdout))...)
}

// longestSnapshot is how many bytes of a snapshot file are read: an endpoint takes about 20 kB.
const longestSnapshot = 512 << 20

// offline reads the snapshot file and concludes from it by the configuration, as of the moment at which it was observed.
// It returns the policies too by which it does.
func offline(o options, endpoints ...string) ([]report.Report, policy.Policies, error) {
	cfg, err := o.config()
	if err != nil {
		return nil, nil, err
	}
	data, err := file.Read(o.snapshot.file, longestSnapshot)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the snapshot: %w", err)
	}
	read, err := snapshot.Read(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", o.snapshot.file, err)
	}
	options := cycleOptions(cfg, o, nil)
	options.Rules.Endpoints, options.Rules.RecreateAfter = endpoints, 0
	if options.Rules.Policies, err = naming(options.Rules.Policies, endpoints); err != nil {
		return nil, nil, err
	}
	var reports []report.Report
	for _, scope := range read.Scopes {
		if selected := options.Observe.Selected; selected != nil {
			scope.Endpoints = slices.DeleteFunc(scope.Endpoints, func(e fleet.Endpoint) bool { return !selected(e.Name) })
		}
		reports = append(reports, report.Build(scope, options.Rules, report.NewPast()))
	}
	return reports, options.Rules.Policies, nil
}

// planOffline prints the plan for what a snapshot file holds.
func planOffline(o options, stdout io.Writer) (status int, err error) {
	reports, policies, err := offline(o, o.endpoints...)
	if err != nil {
		return 0, err
	}
	if len(policies) == 0 {
		return 0, unselected(reports, newest(reports))
	}
	if err := notFound(reports, o.endpoints); err != nil {
		return 0, err
	}
	if len(o.endpoints) == 0 {
		if err := unmatched(reports, policies, 0); err != nil {
			return 0, err
		}
	}
	var plans []plan.Plan
	var failures []error
	for _, r := range reports {
		if r.Plan.Unknown == "" {
			plans = append(plans, r.Plan)
		}
		for _, name := range planSources {
			if why := r.Snapshot.Why(r.Snapshot.At, name); why != "" {
				failures = append(failures, fmt.Errorf("%s: %s", r.Snapshot.Scope.Region, why))
			}
		}
	}
	if plans != nil {
		failures = append(failures, o.writePlans(stdout, plans))
	}
	return statusOf(plans), errors.Join(failures...)
}

// newest is the moment of the newest of the snapshots.
func newest(reports []report.Report) (at time.Time) {
	for i := range reports {
		if taken := reports[i].Snapshot.At; taken.After(at) {
			at = taken
		}
	}
	return at
}

// explainOffline says why an endpoint of a snapshot file does or does not scale.
func explainOffline(o options, stdout io.Writer) (status int, err error) {
	place, err := explain.Parse(o.explained)
	if err != nil {
		return 0, err
	}
	reports, _, err := offline(o)
	if err != nil {
		return 0, err
	}
	r, err := place.Find(reports)
	if err != nil {
		return 0, err
	}
	explained := explain.Of(r, place.Endpoint, r.Snapshot.At)
	write := func(out io.Writer) error { return explained.Text(out, o.verbose) }
	if o.json {
		write = explained.JSON
	}
	if err := write(stdout); err != nil || explained.Healthy() {
		return 0, err
	}
	return statusAttention, nil
}
