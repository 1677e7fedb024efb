package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// The exit status of explain for an endpoint that needs attention; healthy is 0, and an error 1.
const statusAttention = 2

// explainOnce observes one endpoint and says why it does or does not scale.
func explainOnce(ctx context.Context, o options, stdout, stderr io.Writer) (status int, err error) {
	seen, err := sightOf(ctx, o, o.explained, stderr)
	if err != nil {
		return 0, err
	}
	defer seen.world.close()
	explained := explain.Of(seen.report, seen.place.Endpoint, seen.world.clock.Now())
	write := func(out io.Writer) error { return explained.Text(out, o.verbose) }
	if o.json {
		write = explained.JSON
	}
	if err := errors.Join(seen.elsewhere, write(stdout)); err != nil || explained.Healthy() {
		return 0, err
	}
	return statusAttention, nil
}

// sight is the one endpoint that a command is about, as it was observed.
type sight struct {
	*looking
	place     explain.Place
	report    *report.Report // of its scope
	elsewhere error          // what could not be observed beside it
}

// sightOf observes the endpoint of that name. Who gets it closes its world.
func sightOf(ctx context.Context, o options, name string, stderr io.Writer, sources ...fleet.SourceName) (*sight, error) {
	place, err := explain.Parse(name)
	if err != nil {
		return nil, err
	}
	l, err := begin(ctx, o, stderr, false)
	if err != nil {
		return nil, err
	}
	r, elsewhere := l.find(ctx, place, sources...)
	if r == nil {
		l.world.close()
		return nil, elsewhere
	}
	return &sight{l, place, r, elsewhere}, nil
}

// find observes the endpoint, in whatever scope it is, and returns the report of that scope. CloudWatch's metrics cost
// money, so they are read of no other. A scope that was not reached may have an endpoint of the same name: that is an error
// beside the report, unless the user has said which is meant.
//
// Of the sources only those named are asked; none is all.
func (l *looking) find(ctx context.Context, place explain.Place, sources ...fleet.SourceName) (*report.Report, error) {
	options := l.cycleOptions(place.Endpoint)
	options.Observe.Sources, options.Observe.Named = sources, []string{place.Endpoint}
	l.tagged(&options)
	selected := options.Observe.Selected
	options.Observe.Selected = func(endpoint string) bool {
		return endpoint == place.Endpoint && (selected == nil || selected(endpoint))
	}
	reports, failures := l.once(ctx, options, false)
	if ctx.Err() != nil { // what was not read is not what is wrong
		return nil, l.interrupted(nil)
	}
	if !slices.Contains(failures, nil) { // nobody knows what there is
		return nil, errors.Join(failures...)
	}
	r, err := place.Find(reports)
	if none := (*explain.NotFoundError)(nil); errors.As(err, &none) {
		if endpointsUnread(reports) {
			return nil, errors.Join(errors.Join(failures...), incomplete(reports, failures), notKnown(place.Endpoint))
		}
		options.Observe.Selected, options.Observe.Named = selected, nil // to say what there is
		options.Observe.Sources = []fleet.SourceName{fleet.SourceEndpoints}
		reports, failures = l.once(ctx, options, false)
		_, err = place.Find(reports)
		return nil, errors.Join(errors.Join(failures...), incomplete(reports, failures), err)
	}
	if err == nil && place.Account != "" {
		return r, nil
	}
	return r, errors.Join(errors.Join(failures...), err)
}
