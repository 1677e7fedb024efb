package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-kit/log/term"
	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/reconcile"
	"github.com/sagemaker-async/exporter/internal/report"
)

// applyOnce observes once, and reconciles each endpoint that has steps. It prints what was done and what is left. On a
// terminal it shows the plan first, and asks.
func applyOnce(ctx context.Context, o options, stdout, stderr io.Writer) (status int, err error) {
	l, reports, err := beginPlanning(ctx, o, stderr, true)
	if reports == nil {
		return 0, err
	}
	defer l.world.close()
	shown := false
	if !o.yes && o.terminal() && slices.ContainsFunc(reports, func(r report.Report) bool { return len(r.Pending) > 0 }) {
		if asking := plan.Text(screenOf(stderr), plansOf(reports)); asking != nil {
			return 0, errors.Join(err, asking)
		}
		agreed, asking := confirmed(ctx, o.answers(), stderr)
		switch {
		case ctx.Err() != nil:
			return 0, l.interrupted(nil)
		case asking != nil || !agreed:
			_, _ = fmt.Fprintln(stderr, "Nothing was written.")
			return statusPending, errors.Join(err, asking)
		}
		shown = true
	}
	waits := newProgress("step", stderr, l.logs.Kit)
	outcomes, plans, failure := l.carryOut(ctx, reports, shown, waits)
	waits.end()
	err = errors.Join(err, failure)
	ends := map[plan.End]int{}
	for _, outcome := range outcomes {
		ends[outcome.End()]++
	}
	if ctx.Err() != nil { // what is left nobody knows
		return 0, errors.Join(plan.TextOutcomes(stderr, outcomes), l.interrupted(ends), failure)
	}
	if n := ends[plan.Failed]; n > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d steps failed", n, len(outcomes)))
	}
	if n := ends[plan.Unknown]; n > 0 {
		err = errors.Join(err, fmt.Errorf("AWS did not answer %d of %d steps, and may have carried them out: run plan", n, len(outcomes)))
	}
	if o.json {
		return statusOf(plans), errors.Join(err, plan.JSONOutcomes(stdout, outcomes, plans))
	}
	return statusOf(plans), errors.Join(err, plan.TextOutcomes(stdout, outcomes), plan.Text(stdout, plans))
}

// terminal tells whether somebody is there who can answer.
func (o options) terminal() bool { return o.stdin != nil || term.IsTerminal(os.Stdin) }

// answers are where the answer comes from.
func (o options) answers() io.Reader {
	if o.stdin != nil {
		return o.stdin
	}
	return os.Stdin
}

// confirmed asks whether the plan is to be carried out. Only yes, written out, is a yes.
func confirmed(ctx context.Context, in io.Reader, out io.Writer) (bool, error) {
	if _, err := fmt.Fprint(out, "Apply these steps? Only yes applies them: "); err != nil {
		return false, err
	}
	answers := make(chan string, 1)
	go func() { // it ends with the process, which a terminal may keep waiting for ever
		line, _ := bufio.NewReader(in).ReadString('\n')
		answers <- strings.TrimSpace(line)
	}()
	select {
	case answer := <-answers:
		return answer == "yes", nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// carryOut reconciles the endpoints that have steps, one after the other in each scope. Where the plan was shown nothing else
// is written. It returns how the steps ended, and the plans as they are after that.
func (l *looking) carryOut(ctx context.Context, reports []report.Report, shown bool, waits *progress) ([]plan.Outcome, []plan.Plan, error) {
	outcomes, plans, failures := make([][]plan.Outcome, len(reports)), make([]plan.Plan, len(reports)), make([]error, len(reports))
	steps := 0
	for i := range reports {
		steps += len(reports[i].Plan.Steps)
	}
	waits.begin(steps)
	var writing errgroup.Group
	for i := range reports {
		writing.Go(func() error {
			once := reconcile.Once{
				AWS: l.reached(reports[i].Snapshot.Scope).Writing, Clock: l.world.clock, Rules: l.rules, Selects: l.selects,
				Tell: l.tell(waits), Shown: shown,
			}
			outcomes[i], plans[i], failures[i] = once.Apply(ctx, &reports[i])
			return nil
		})
	}
	_ = writing.Wait() // failures are kept by scope
	plans = slices.DeleteFunc(plans, func(p plan.Plan) bool { return p.Unknown != "" })
	return slices.Concat(outcomes...), plans, errors.Join(failures...)
}

// tell is who is told of each step that has ended: the log, or on a terminal somebody who waits for the outcomes.
func (l *looking) tell(waits *progress) func(plan.Outcome) {
	if l.options.screen {
		return func(plan.Outcome) { waits.done() }
	}
	return func(outcome plan.Outcome) { reconcile.Log(l.logs.Kit, outcome) }
}
