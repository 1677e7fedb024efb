package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

func always() bool { return true }

// paper is a writer that takes steps down.
type paper struct {
	lines []string
	fail  map[plan.Kind]error // of variant a
	after func()              // a write
}

func (p *paper) Write(ctx context.Context, step plan.Step) (string, error) {
	line := fmt.Sprintf("%s %s", step.ResourceID, step.Kind)
	if step.Alarm != nil {
		line += fmt.Sprint(" ", step.Alarm.AlarmActions)
	}
	p.lines = append(p.lines, line)
	if p.after != nil {
		p.after()
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err := p.fail[step.Kind]; err != nil && step.ResourceID == "a" {
		return "", err
	}
	return "arn:" + step.ResourceID + ":" + string(step.Kind), nil
}

// twoVariants is a plan for a and b; the alarm of b wakes both.
func twoVariants() plan.Plan {
	var p plan.Plan
	for _, resource := range []string{"a", "b"} {
		for _, kind := range []plan.Kind{plan.TrackingPolicy, plan.WakePolicy} {
			p.Steps = append(p.Steps, plan.Step{ResourceID: resource, Kind: kind, Action: plan.Create})
		}
	}
	p.Steps = append(p.Steps, plan.Step{
		ResourceID: "b", Kind: plan.WakeAlarm, Alarm: &fleet.Alarm{AlarmActions: []string{"pager"}}, Triggers: []string{"a", "b"},
		Wakes: []string{"a", "b"},
	})
	return p
}

func TestRun_writesInOrderAndResolvesWhatItMade(t *testing.T) {
	p := &paper{}
	var told Outcomes
	outcomes := Run(t.Context(), twoVariants(), p, always, func(o Outcome) { told = append(told, o) })
	want := []string{
		"a tracking_policy", "a wake_policy", "b tracking_policy", "b wake_policy", "b wake_alarm [pager arn:a:wake_policy arn:b:wake_policy]",
	}
	if !slices.Equal(p.lines, want) || len(outcomes) != 5 || len(told) != 5 {
		t.Errorf("written %q, %d outcomes, told of %d", p.lines, len(outcomes), len(told))
	}
	if actions := outcomes[4].Step.Alarm.AlarmActions; len(actions) != 3 {
		t.Errorf("the outcome has the actions %q", actions)
	}
}

func TestRun_aFailureHoldsUpWhatNeedsTheStepAlone(t *testing.T) {
	p := twoVariants()
	for _, resource := range []string{"a", "b"} {
		p.Steps = append(p.Steps, plan.Step{ResourceID: resource, Kind: plan.MinCapacity})
	}
	for kind, want := range map[plan.Kind][]string{
		plan.TrackingPolicy: {
			"a tracking_policy", "a wake_policy", "b tracking_policy", "b wake_policy",
			"b wake_alarm [pager arn:a:wake_policy arn:b:wake_policy]", "a min_capacity", "b min_capacity",
		},
		plan.WakePolicy: {"a tracking_policy", "a wake_policy", "b tracking_policy", "b wake_policy"}, // both share the alarm
	} {
		p, w := p, &paper{fail: map[plan.Kind]error{kind: errors.New("denied")}}
		outcomes := Run(t.Context(), p, w, always, func(Outcome) {})
		if !slices.Equal(w.lines, want) || len(outcomes) != len(want) {
			t.Errorf("%s fails: written %q, %d outcomes", kind, w.lines, len(outcomes))
		}
	}
}

func TestRun_theEndOfTheContextFinishesThePresentWrite(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	p := &paper{after: stop}
	outcomes := Run(ctx, twoVariants(), p, always, func(Outcome) {})
	if len(p.lines) != 1 || len(outcomes) != 1 || outcomes[0].Err != nil {
		t.Errorf("written %q, outcomes %+v", p.lines, outcomes)
	}
}

func TestRun_asksBeforeEachWrite(t *testing.T) {
	p := &paper{}
	Run(t.Context(), twoVariants(), p, func() bool { return len(p.lines) < 2 }, func(Outcome) {})
	if want := []string{"a tracking_policy", "a wake_policy"}; !slices.Equal(p.lines, want) {
		t.Errorf("written %q", p.lines)
	}
}

func TestEndpoints_areNamedOnce(t *testing.T) {
	of := func(resource string) Outcome { return Outcome{Step: plan.Step{ResourceID: resource}} }
	got := Outcomes{of("endpoint/e/variant/v"), of("endpoint/f/variant/v"), of("endpoint/e/variant/w")}.Endpoints()
	if !slices.Equal(got, []string{"e", "f"}) {
		t.Errorf("got %q", got)
	}
}
