package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/cycle"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/terminal"
	"github.com/sagemaker-async/exporter/internal/triage"
)

// listOnce observes the fleet once and prints it, the worst first. With --watch it goes on as the exporter does, and prints
// what has changed until it is stopped.
func listOnce(ctx context.Context, o options, stdout, stderr io.Writer) (status int, err error) {
	l, err := begin(ctx, o, stderr, false)
	if err != nil {
		return 0, err
	}
	defer l.world.close()
	if o.watch {
		return l.watch(ctx, stdout)
	}
	reports, failures := l.once(ctx, l.cycleOptions(), false)
	switch {
	case ctx.Err() != nil:
		return 0, l.interrupted(nil)
	case !slices.Contains(failures, nil): // nobody knows what there is
		return 0, errors.Join(failures...)
	}
	failures = append(failures, incomplete(reports, failures))
	status, err = l.list(reports, stdout)
	return status, errors.Join(append(failures, err)...)
}

// list prints what was observed.
func (l *looking) list(reports []report.Report, out io.Writer) (status int, err error) {
	list := triage.ListOf(reports, l.world.clock.Now())
	write := list.Text
	if l.options.json {
		write = list.JSON
	}
	return statusOfList(list), write(out)
}

func statusOfList(list triage.List) int {
	if list.Healthy() {
		return 0
	}
	return statusAttention
}

// draw prints the list over what stands on the screen; where there is no room for all of it, its rows alone.
func (l *looking) draw(reports []report.Report, screen *terminal.Screen) (status int, err error) {
	list := triage.ListOf(reports, l.world.clock.Now())
	brief := list
	brief.Brief = true
	return statusOfList(list), screen.Redraw(list.Text, brief.Text)
}

// redrawn is how often --watch draws, on the clock of what is observed.
const redrawn = 5 * time.Second

// watch observes like the exporter, and prints the list again and again: on a terminal over the last one, else when it has
// changed. It goes on until the context ends; its status is that of the last list.
func (l *looking) watch(ctx context.Context, stdout io.Writer) (status int, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	board := cycle.NewBoard()
	var draws errgroup.Group
	draws.Go(func() (err error) {
		defer stop() // nobody reads any more
		status, err = l.redraw(ctx, board, stdout)
		return err
	})
	options := cycleOptions(l.cfg, l.options, nil)
	options.Rules.RecreateAfter = 0
	group := cycle.NewGroup(l.world.clock, board, l.logs.Kit)
	if err := group.Start(ctx, scopesOf(l.cfg, l.world.aws, false, options.Observe.Named), options); err != nil && ctx.Err() == nil {
		stop()
		_ = draws.Wait() // it was told to end, and has nothing to say
		return 0, err
	}
	group.Wait()
	err = draws.Wait()
	return status, err
}

// redraw prints the list until the context ends, the first time as soon as there is something to show.
func (l *looking) redraw(ctx context.Context, board *cycle.Board, stdout io.Writer) (status int, err error) {
	var shown *report.Set
	screen, onTerminal := stdout.(*terminal.Screen)
	onTerminal = onTerminal && !l.options.json
	for ctx.Err() == nil {
		set := board.Set()
		switch {
		case !slices.ContainsFunc(set.Reports, report.Report.Tried):
		case onTerminal:
			shown = set
			status, err = l.draw(set.Reports, screen)
		case set != shown:
			shown = set
			status, err = l.list(set.Reports, stdout)
		}
		if err != nil {
			return 0, err
		}
		wait := redrawn
		if shown == nil {
			wait = time.Second
		}
		select {
		case <-ctx.Done():
		case <-l.world.clock.After(wait):
		}
	}
	if shown == nil {
		return 0, l.interrupted(nil)
	}
	return status, nil
}
