package reconcile

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
)

// Told to end at any of its calls, while nothing is answered any more, a round ends in the time that it has.
func TestRun_endsInTimeWhateverHangs(t *testing.T) {
	var calls []string
	synctest.Test(t, func(t *testing.T) { calls = newCloud(t, 2, "v").undisturbed(t, documented()) })
	for point, call := range calls {
		for _, late := range []bool{false, true} { // it hangs for a while before
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, 2, "v")
				ctx, end := context.WithCancel(t.Context())
				defer end()
				var told time.Time
				m := c.at(point, documented(), func() {
					c.AWS.SetFault("*", awssim.Fault{Break: awssim.Hang})
					terminate := func() { told = time.Now(); end() }
					if late {
						time.AfterFunc(7*time.Second, terminate)
					} else {
						terminate()
					}
				})
				c.round(ctx, func(r *Round) { r.Polled = m.polled })
				if took := time.Since(told); !m.done || told.IsZero() || took > Finishing {
					t.Errorf("told to end at call %d (%s), late %t: it takes %s", point, call, late, took)
				}
			})
		}
	}
}

// The write that lowers the minimum hangs when the process is told to end, beside an alarm that somebody has deleted, and AWS is
// slow. It is given up in time for the minimum to be raised again.
func TestRun_aHungWriteLeavesTimeToRaiseTheMinimum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		var told time.Time
		result := c.betrayed(t, func(end context.CancelFunc, _ *Round) {
			c.AWS.SetFault("ApplicationAutoScaling.RegisterScalableTarget", awssim.Fault{Break: awssim.Hang, Times: 1})
			for _, operation := range reading {
				c.AWS.SetFault(operation, awssim.Fault{Delay: 570 * time.Millisecond})
			}
			told = time.Now()
			end()
		})
		if took := time.Since(told); took > Finishing || c.minimum("v") != 2 || len(result.Owed()) > 0 {
			t.Errorf("after %s the minimum is %d; withheld %+v", took, c.minimum("v"), result.Withheld)
		}
	})
}
