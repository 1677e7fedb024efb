package reconcile

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/sim"
)

var passing = []string{"ThrottlingException", "ConcurrentUpdateException", "ObjectNotFoundException"}

// What AWS refuses for a moment is written in the same round, once it was read again.
func TestRun_triesAgainWhatPassesByItself(t *testing.T) {
	for _, operation := range writing {
		for _, code := range passing {
			for times, converges := range map[int]bool{1: true, attempts - 1: true, attempts: false} {
				synctest.Test(t, func(t *testing.T) {
					c := newCloud(t, 2, "v")
					c.AWS.SetFault(operation, awssim.Fault{Code: code, Times: times})
					result := c.round(t.Context())
					if result.Converged() != converges || c.harmed() != "" {
						t.Errorf("%s %s %d times: converged %t; written %s, withheld %+v", operation, code, times, result.Converged(), c.Kinds(), result.Withheld)
					}
				})
			}
		}
	}
}

// Between an attempt that AWS refuses and the next one a rival acts: nothing of it is lost, and a no is obeyed.
func TestRun_readsAgainBeforeItTriesAgain(t *testing.T) {
	for _, kind := range []plan.Kind{plan.WakePolicy, plan.WakeAlarm, plan.TrackingPolicy, plan.MinCapacity} {
		for _, rival := range rivals() {
			synctest.Test(t, func(t *testing.T) {
				c := broken(t)
				polled := c.polled(documented())
				operation, acted, refused := writing[kind], -1, false
				if operation == "" {
					operation = map[plan.Kind]string{plan.TrackingPolicy: writing[plan.WakePolicy], plan.MinCapacity: writing[plan.ScalableTarget]}[kind]
				}
				c.Writing = func(step plan.Step) error {
					if step.Kind == kind && !refused {
						refused = true
						c.AWS.SetFault(operation, awssim.Fault{Code: "ThrottlingException", Times: 1})
						time.AfterFunc(500*time.Millisecond, func() {
							acted = len(c.Steps())
							rival.does(t, c)
						})
					}
					return nil
				}
				c.round(t.Context(), func(r *Round) { r.Polled = polled })
				switch {
				case acted < 0:
					t.Errorf("%s: %s did not act", kind, rival.name)
				case !rival.stands(c):
					t.Errorf("%s throttled, %s: it is lost; written %s", kind, rival.name, c.Kinds())
				case rival.stops && len(c.Steps()) > acted:
					t.Errorf("%s throttled, %s: written afterwards: %s", kind, rival.name, c.Kinds())
				case rival.name == "deregistered" && len(read(c, (*sim.World).ScalableTargets)) > 0:
					t.Errorf("%s throttled: the target is back", kind)
				case c.harmed() != "" && rival.name != "alarm metric": // the backlog wakes it as well
					t.Errorf("%s throttled, %s: %s sleeps for ever", kind, rival.name, c.harmed())
				}
			})
		}
	}
}

// Told to end, it waits for no other attempt.
func TestRun_endsBetweenTwoAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		ctx, end := context.WithCancel(t.Context())
		defer end()
		c.AWS.SetFault(writing[plan.WakeAlarm], awssim.Fault{Code: "ThrottlingException"})
		c.Writing = func(step plan.Step) error {
			if step.Kind == plan.WakeAlarm {
				if ctx.Err() != nil {
					t.Error("written after the end")
				}
				time.AfterFunc(100*time.Millisecond, end)
			}
			return nil
		}
		began := time.Now()
		result := c.round(ctx)
		if !errors.Is(result.Interrupted, context.Canceled) || len(result.Outcomes) != 2 || time.Since(began) > 2*time.Second {
			t.Errorf("after %s: %+v", time.Since(began), result)
		}
	})
}
