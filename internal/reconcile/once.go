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
// the plan as it is after that. The error says which endpoints could not be read, and how many were not tried because AWS
// did not answer. When the context ends, no other write begins.
func (o Once) Apply(ctx context.Context, polled *report.Report) (outcomes []plan.Outcome, after plan.Plan, err error) {
	after, spent, silence := polled.Plan, 0, time.Duration(0)
	for i, name := range polled.Pending {
		if o.Rules.MaxSteps > 0 && spent >= o.Rules.MaxSteps {
			break
		}
		round := Round{
			AWS: o.AWS, Clock: o.Clock, Name: name, Polled: polled, Policies: o.Rules.Policies, Selects: o.Selects,
			Rules:   plan.Rules{RecreateAfter: o.Rules.RecreateAfter, MaxSteps: max(0, o.Rules.MaxSteps-spent), Endpoints: o.Rules.Endpoints},
			History: report.NewPast().Observe(&polled.Snapshot).History,
			Tell:    o.Tell,
		}
		if o.Shown {
			round.Shown = &polled.Plan
		}
		began := o.Clock.Now()
		result := round.Run(ctx)
		outcomes, spent = append(outcomes, result.Outcomes...), spent+result.Spent()
		if result.Interrupted != nil {
			break
		}
		if result.Err != nil {
			err = errors.Join(err, fmt.Errorf("%s: reading endpoint %s: %w", polled.Snapshot.Scope.Region, name, result.Err))
		}
		after = after.With(name, result.Left())
		if silence += o.Clock.Now().Sub(began); !silent(result) {
			silence = 0
		}
		if left := len(polled.Pending) - i - 1; silence >= longestSilence && left > 0 {
			err = errors.Join(err, fmt.Errorf("%s: AWS has not answered for %s: %s not tried", polled.Snapshot.Scope.Region, fleet.Short(silence.Round(time.Second)), fleet.Plural(left, "endpoint")))
			break
		}
	}
	return outcomes, after, err
}

// longestSilence is for how long a run waits for endpoints in a row of which something was not answered, before it gives up:
// what hangs for two hangs for all. What fails at once holds up no others.
const longestSilence = 30 * time.Second

// silent tells whether AWS left a question or a step of a round without an answer.
func silent(result Result) bool {
	return result.Err != nil || slices.ContainsFunc(result.Outcomes, func(o plan.Outcome) bool { return o.End() == plan.Unknown })
}
