package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Once reconciles the endpoints of one scope once, without a past.
type Once struct {
	AWS     AWS
	Clock   Clock
	Rules   report.Rules
	Selects func(endpoint string, tags map[string]string) bool
	Tell    func(plan.Outcome)
	Shown   bool // the plan of the report was shown, and somebody agreed to it: nothing else is written
}

// Apply goes through the endpoints that have steps by a report that was polled just now. It returns how the steps ended, and
// the plan as it is after that. The error says which endpoints could not be read, and how many were not tried and why: AWS
// refused too many steps, left several endpoints without answers, or answered too slowly. When the context ends, no other
// write begins.
func (o Once) Apply(ctx context.Context, polled *report.Report) (outcomes []plan.Outcome, after plan.Plan, err error) {
	region, patience := polled.Snapshot.Scope.Region, patienceFor(len(polled.Plan.Steps))
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	after = polled.Plan
	var ends ends
	for i, name := range polled.Pending {
		if o.Rules.MaxSteps > 0 && ends.spent >= o.Rules.MaxSteps {
			break
		}
		began := o.Clock.Now()
		result := o.round(polled, name, ends.spent).Run(within)
		outcomes = append(outcomes, result.Outcomes...)
		if ctx.Err() != nil {
			for _, step := range result.Owed() {
				err = errors.Join(err, fmt.Errorf("%s: %s: the minimum was lowered to %d, and was not raised again: run apply again", region,
					step.ResourceID, step.Target.MinCapacity))
			}
			break
		}
		after = after.With(name, result.Left())
		if result.Err != nil {
			doing := "reading endpoint " + name
			if len(result.Owed()) > 0 {
				doing = "raising a minimum of endpoint " + name + " again"
			}
			err = errors.Join(err, fmt.Errorf("%s: %s: %w", region, doing, result.Err))
		}
		done := i + 1
		if result.Interrupted != nil {
			done = i
		}
		left := len(polled.Pending) - done
		if within.Err() != nil && left > 0 {
			err = errors.Join(err, fmt.Errorf("%s: AWS answers slowly: in %s %d of %s with steps were finished: run apply again",
				region, fleet.Short(patience), done, fleet.Plural(len(polled.Pending), "endpoint")))
		}
		if within.Err() != nil || result.Interrupted != nil {
			break
		}
		ends.add(result, o.Clock.Now().Sub(began))
		if why := ends.hopeless(o.Rules.MaxSteps); why != "" && left > 0 {
			err = errors.Join(err, fmt.Errorf("%s: %s: %s not tried", region, why, fleet.Plural(left, "endpoint")))
			break
		}
	}
	return outcomes, after, err
}

// round is the round of one endpoint, after so many steps.
func (o Once) round(polled *report.Report, name string, spent int) *Round {
	one := &Round{
		AWS: o.AWS, Clock: o.Clock, Name: name, Polled: polled, Policies: o.Rules.Policies, Selects: o.Selects,
		Rules:   plan.Rules{RecreateAfter: o.Rules.RecreateAfter, MaxSteps: max(0, o.Rules.MaxSteps-spent), Endpoints: o.Rules.Endpoints},
		History: report.NewPast().Observe(&polled.Snapshot).History,
		Tell:    o.Tell,
	}
	if o.Shown {
		one.Shown = &polled.Plan
	}
	return one
}

// patienceFor is for how long a run with so many steps goes on, in real time. A step with its reads takes half a second where AWS
// is well: this is ten times that, and what the first answers may take.
func patienceFor(steps int) time.Duration { return 30*time.Second + time.Duration(steps)*5*time.Second }

const (
	// longestSilence is for how long a run waits for endpoints in a row of which something was not answered: what hangs for two
	// hangs for all. What fails at once holds up no others.
	longestSilence = 30 * time.Second
	// mostRefused is how many steps AWS refuses before a run ends, or --reconcile.max-steps where that is less: what the role may
	// not write twenty times it may write at none of hundreds.
	mostRefused = 20
)

// ends are how the rounds of a run have ended so far.
type ends struct {
	spent   int           // steps that AWS carried out, or may have
	refused int           // steps that it refused
	last    error         // why it refused the newest of them
	silent  int           // rounds in a row in which something was not read or answered
	silence time.Duration // that they took
}

func (e *ends) add(result Result, took time.Duration) {
	e.spent += result.Spent()
	for _, outcome := range result.Outcomes {
		if outcome.End() == plan.Failed {
			e.refused, e.last = e.refused+1, outcome.Err
		}
	}
	if e.silent, e.silence = e.silent+1, e.silence+took; !silent(result) {
		e.silent, e.silence = 0, 0
	}
}

// hopeless says why the rest is not worth trying; it is empty where it is.
func (e *ends) hopeless(maxSteps int) string {
	most := mostRefused
	if maxSteps > 0 {
		most = min(most, maxSteps)
	}
	switch {
	case e.refused >= most:
		return fmt.Sprintf("AWS has refused %s, the newest with %q", fleet.Plural(e.refused, "step"), e.last)
	case e.silence >= longestSilence:
		return fmt.Sprintf("%s in a row could not be read, or a step was not answered, and that took %s", fleet.Plural(e.silent, "endpoint"), fleet.Short(e.silence.Round(time.Second)))
	}
	return ""
}

// silent tells whether AWS left a question or a step of a round without an answer.
func silent(result Result) bool {
	return result.Err != nil || slices.ContainsFunc(result.Outcomes, func(o plan.Outcome) bool { return o.End() == plan.Unknown })
}
