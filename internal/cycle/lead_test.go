package cycle

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// crown is worn by one process at most, and passed on.
type crown struct {
	mu   sync.Mutex
	held context.Context
	lose context.CancelFunc
}

func (c *crown) leads() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held
}

func (c *crown) win() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held, c.lose = context.WithCancel(context.Background())
}

func (c *crown) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lose()
	c.held = nil
}

func led(c *crown) Options {
	o := reconciling(func(r *report.Rules) { r.RecreateAfter = 0 })
	o.Leads = c.leads
	return o
}

// Another process may have written a moment ago, but each endpoint is read anew before it is written.
func TestLead_nothingIsWrittenBeforeAndTheViewIsFreshAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w, c := time.Now(), newAccount(t, "e"), newWheel(t), &crown{}
		defer w.end()
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, led(c))
		until(began, 7*time.Minute)
		if lines := a.Tried(); len(lines) != 0 || w.Set().Reports[0].Reconcile.Leader {
			t.Fatalf("written without leading: %q", lines)
		}
		c.win()
		until(began, 9*time.Minute)
		asked := a.Calls()
		first := slices.IndexFunc(asked, func(line string) bool { return strings.HasPrefix(line, "Write ") })
		if first < 0 || !slices.Contains(asked[:first], "DescribeScalingPolicies endpoint/e/variant/v") || !slices.Contains(asked[:first], "DescribeScalableTargets endpoint/e/variant/v") {
			t.Errorf("asked since it leads: %q", asked)
		}
		if !w.Set().Reports[0].Reconcile.Leader {
			t.Error("it does not say that it leads")
		}
	})
}

func TestLead_noWriteBeginsAfterItIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w, c := time.Now(), newAccount(t, "e"), newWheel(t), &crown{}
		defer w.end()
		c.win()
		a.Writing = func(step plan.Step) error {
			if step.Kind == plan.WakePolicy {
				c.drop()
			}
			return nil
		}
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, led(c))
		until(began, time.Hour)
		if lines := a.Tried(); !slices.Equal(lines, fromNothing("e")[:2]) {
			t.Errorf("written: %q", lines)
		}
		c.win()
		until(began, time.Hour+10*time.Minute)
		if lines := a.Tried(); !slices.Equal(lines, fromNothing("e")[2:]) {
			t.Errorf("written once it leads again: %q", lines)
		}
	})
}
