package reconcile

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// A minimum that a round lowered too soon and could not raise again is raised by a later round, whatever becomes of the alarm: until
// it is done, or somebody else has written it.
func TestRun_raisesInALaterRoundWhatItOwes(t *testing.T) {
	const register, alarm = "ApplicationAutoScaling.RegisterScalableTarget", "CloudWatch.PutMetricAlarm"
	for name, test := range map[string]struct {
		meanwhile func(*testing.T, *cloud)
		second    int // the minimum after the second round
		held      plan.Reason
		third     int // and after the third, in which nothing but the alarm is denied
	}{
		"nothing else":       {func(*testing.T, *cloud) {}, 2, "", 2},
		"it is still denied": {func(_ *testing.T, c *cloud) { c.Deny(register) }, 0, plan.WouldNotWake, 2},
		"the endpoint is updating": {func(_ *testing.T, c *cloud) {
			c.Rewrite = func(_ string, body []byte) []byte {
				return []byte(strings.ReplaceAll(string(body), "InService", "Updating"))
			}
		}, 0, plan.EndpointNotInService, 2},
		"somebody writes it": {func(t *testing.T, c *cloud) {
			c.Do(func(w *sim.World) {
				one := 1
				_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &one})
				awstest.Must(t, err)
			})
		}, 1, plan.WouldNotWake, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, first := newCloud(t, 2, "v"), (*Round)(nil)
			c.betrayed(t, func(_ context.CancelFunc, r *Round) {
				first = r
				c.afterwards("DescribeEndpoint", func() { c.Deny(register) })
			})
			if c.minimum("v") != 0 || c.harmed() != "v" {
				t.Fatalf("%s: the minimum is %d", name, c.minimum("v"))
			}
			c.Before = nil
			c.Allow(register)
			c.Deny(alarm)
			time.Sleep(5 * time.Minute)
			test.meanwhile(t, c)
			second, result := c.again(t.Context(), first, documented())
			if c.minimum("v") != test.second || test.held != "" && !heldFor(result, test.held) || result.Converged() {
				t.Errorf("%s: the minimum is %d; written %s, withheld %+v, left %+v", name, c.minimum("v"), c.Kinds(), result.Withheld, result.After)
			}
			c.Rewrite = nil
			c.Allow(register)
			time.Sleep(5 * time.Minute)
			third, _ := c.again(t.Context(), second, documented())
			if c.minimum("v") != test.third {
				t.Errorf("%s: in the third round the minimum is %d", name, c.minimum("v"))
			}
			c.Allow(alarm)
			time.Sleep(5 * time.Minute)
			if _, last := c.again(t.Context(), third, documented()); !last.Converged() || c.minimum("v") != 0 || c.harmed() != "" {
				t.Errorf("%s: in the end the minimum is %d; left %+v", name, c.minimum("v"), last.After)
			}
		})
	}
}

// heldFor tells whether something was withheld for that reason, by the round or by what it planned last.
func heldFor(result Result, reason plan.Reason) bool {
	for _, held := range append(result.Withheld, result.After.Withheld...) {
		if held.Reason == reason {
			return true
		}
	}
	return false
}

// The line of a minimum says what became of it, whatever looks there were before.
func TestResult_saysWhetherTheMinimumWasRaised(t *testing.T) {
	lowered := plan.Step{ResourceID: resource, Kind: plan.MinCapacity}
	var r Result
	r.stands(lowered)
	if len(r.slept) > 0 {
		t.Errorf("it was never asleep: %+v", r.slept)
	}
	r.lays(slept{step: lowered, reason: plan.WouldNotWake, why: "no alarm", not: errors.New("throttled").Error()})
	if line := r.slept[0].line(); line.Detail != "no alarm; the minimum was not raised again: throttled" || len(r.Owed()) != 1 {
		t.Errorf("%+v", line)
	}
	r.stands(lowered)
	if line := r.slept[0].line(); line.Detail != "no alarm; the minimum was raised again" || len(r.Owed()) != 0 {
		t.Errorf("%+v", line)
	}
	r.forget(lowered)
	if len(r.slept) > 0 {
		t.Errorf("%+v", r.slept)
	}
}
