// Package apply carries out the steps of a plan, in their order, and looks at nothing but the plan.
package apply

import (
	"context"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/plan"
)

// Writer sends one step to AWS.
type Writer interface {
	// Write returns the ARN of what was written, where AWS tells it. Writing the same step again changes nothing more.
	Write(ctx context.Context, step plan.Step) (arn string, err error)
}

// Outcome is how one step ended.
type Outcome = plan.Outcome

// Outcomes are how steps ended, in the order in which they were carried out.
type Outcomes []Outcome

// Endpoints names the endpoints that were written to, or should have been, each once.
func (o Outcomes) Endpoints() (names []string) {
	for _, outcome := range o {
		if name := outcome.Step.Endpoint(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// patience bounds one write with its retries.
const patience = 25 * time.Second

// Run carries out the steps of a plan one after the other. A failed step holds up the later ones that need it alone. Before each write it asks whether it may go on: when it may not,
// or the context has ended, no other write begins; the one under way is finished. It tells how each step ended as soon as
// it has, and returns how all ended that were begun.
func Run(ctx context.Context, p plan.Plan, writer Writer, may func() bool, tell func(Outcome)) Outcomes {
	var outcomes Outcomes
	var missing []plan.Step     // that failed, or were held up
	arns := map[string]string{} // of the wake policies, by resource id
	for _, step := range p.Steps {
		if ctx.Err() != nil || !may() {
			break
		}
		resolved, known := step.WithARNs(arns)
		if !known || slices.ContainsFunc(missing, step.Needs) {
			missing = append(missing, step)
			continue
		}
		arn, err := write(ctx, writer, resolved)
		if err != nil {
			missing = append(missing, step)
		} else if step.Kind == plan.WakePolicy {
			arns[step.ResourceID] = arn
		}
		if err == nil && resolved.Policy != nil && arn != "" {
			written := *resolved.Policy
			written.ARN, resolved.Policy = arn, &written
		}
		outcome := Outcome{Step: resolved, Err: err}
		tell(outcome)
		outcomes = append(outcomes, outcome)
	}
	return outcomes
}

func write(ctx context.Context, writer Writer, step plan.Step) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return writer.Write(ctx, step)
}
