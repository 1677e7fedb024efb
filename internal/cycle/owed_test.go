package cycle

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// serve remembers a minimum that it lowered beside an alarm that was deleted just then, and could not raise again: the plan shows it,
// and a later round raises it.
func TestReconcile_raisesInALaterRoundWhatItOwes(t *testing.T) {
	const register, alarm = "ApplicationAutoScaling.RegisterScalableTarget", "CloudWatch.PutMetricAlarm"
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t), newWheel(t)
		defer w.end()
		a.Do(func(w *sim.World) { awstest.Add(t, w, "e", 2, "v") })
		minimum := func() (found int) {
			a.Do(func(w *sim.World) { found = w.ScalableTargets()[0].MinCapacity })
			return found
		}
		var mu sync.Mutex
		betrayed, lowering, lowered := false, false, false
		a.Writing = func(step plan.Step) error {
			mu.Lock()
			defer mu.Unlock()
			if step.Kind == plan.MinCapacity && !betrayed {
				betrayed, lowering = true, true
				a.Do(func(w *sim.World) { awstest.Must(t, w.DeleteAlarms([]string{policy.WakeAlarm("e", "v", "").Name})) })
			}
			return nil
		}
		a.Before = func(call string, _ int) {
			mu.Lock()
			defer mu.Unlock()
			switch write := strings.HasPrefix(call, "RegisterScalableTarget"); {
			case lowering && write:
				lowering, lowered = false, true
			case lowered && !write:
				lowered = false
				a.Deny(register)
				a.Deny(alarm)
			}
		}
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, reconciling(func(r *report.Rules) { r.RecreateAfter = 0 }))
		until(began, 12*time.Minute)
		steps := w.Set().Reports[0].Plan.StepsOf("e")
		if minimum() != 0 || len(steps) == 0 || steps[0].Kind != plan.ScalableTarget || !slices.Equal(steps[0].Lines(), []string{"min_capacity: 0 -> 2"}) {
			t.Fatalf("denied: the minimum is %d, the plan is %+v\n%s", minimum(), steps, w.out)
		}
		a.Allow(register)
		until(began, 20*time.Minute)
		if minimum() != 2 {
			t.Errorf("allowed: the minimum is %d\n%s", minimum(), w.out)
		}
		a.Allow(alarm)
		until(began, 30*time.Minute)
		if r := w.Set().Reports[0]; minimum() != 0 || !r.Plan.Empty() {
			t.Errorf("in the end the minimum is %d, the plan %+v\n%s", minimum(), r.Plan, w.out)
		}
	})
}
