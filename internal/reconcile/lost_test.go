package reconcile

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// lost are the ways in which AWS carries out a write and its answer is lost.
var lost = map[string]awssim.Fault{
	"closed": {Break: awssim.CloseConnection}, "cut": {Break: awssim.CutBody}, "hung": {Break: awssim.Hang}, "unreadable": {Break: awssim.MalformedBody},
}

// keeping keeps the minimum of every endpoint.
func keeping() policy.Policies {
	entry := policy.ByName(everything{})
	entry.Wanted.MinCapacity, entry.Wanted.KeepMinimum = policy.Setting[int]{}, true
	return policy.Policies{entry}
}

// carriedOut counts the writes of an operation that AWS carried out.
func (c *cloud) carriedOut(operation string) (n int) {
	for _, write := range c.AWS.Writes() {
		if write.Done && write.Operation == operation {
			n++
		}
	}
	return n
}

// A lost target is registered again with the instances that run as its minimum. Whatever becomes of the answer, the minimum
// that it had comes back.
func TestRun_keepsTheMinimumThoughTheAnswerIsLost(t *testing.T) {
	for name, fault := range lost {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			lowest, highest := 0, 2
			c.Do(func(w *sim.World) {
				_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &lowest, Max: &highest})
				awstest.Must(t, err)
			})
			seen, r := c.polled(keeping()), &Round{}
			r.History = r.History.Observe(&seen.Snapshot)
			c.Do(func(w *sim.World) { awstest.Must(t, w.DeregisterScalableTarget(resource)) })
			fault.Times = 1
			c.AWS.SetFault(writing[plan.ScalableTarget], fault)
			var result Result
			for n := range 3 {
				r, result = c.again(t.Context(), r, keeping())
				if n == 0 && (len(result.Outcomes) != 1 || result.Outcomes[0].End() != plan.Unknown || result.Spent() != 1) {
					t.Errorf("%s: %+v", name, result.Outcomes)
				}
				time.Sleep(5 * time.Minute)
			}
			if now := c.target(); !result.Converged() || now.MinCapacity != 0 || now.MaxCapacity != 2 {
				t.Errorf("%s: it is %+v; %+v", name, now, result.After)
			}
		})
	}
}

// Somebody else keeps writing a dead action, and each answer to its correction is lost: that is a fight all the same.
func TestRun_endsAFightThoughItsAnswersAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 0, "v")
		if result := c.round(t.Context()); !result.Converged() {
			t.Fatalf("at first: %+v", result)
		}
		dead := *c.alarm()
		dead.AlarmActions = []string{"arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:dead:resource/sagemaker/" + resource + ":policyName/" + policy.WakeName}
		n, r := c.carriedOut(writing[plan.WakeAlarm]), (*Round)(nil)
		c.AWS.SetFault(writing[plan.WakeAlarm], awssim.Fault{Break: awssim.CloseConnection})
		for range 10 {
			time.Sleep(5 * time.Minute)
			c.Do(func(w *sim.World) { awstest.Must(t, w.PutMetricAlarm(dead)) })
			r, _ = c.again(t.Context(), r, documented())
		}
		if corrected := c.carriedOut(writing[plan.WakeAlarm]) - n; corrected != 3 {
			t.Errorf("corrected %d times", corrected)
		}
	})
}

// The target's own update, whose answer was lost, is nobody else's change: what does not need it is written all the same.
func TestRun_aLostAnswerHoldsUpNothingElse(t *testing.T) {
	for name, done := range map[string]bool{"carried out": true, "not carried out": false} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 0, "v")
			if result := c.round(t.Context()); !result.Converged() {
				t.Fatalf("at first: %+v", result)
			}
			wrong := *c.alarm()
			wrong.Metric.Dimensions = append(slices.Clone(wrong.Metric.Dimensions), fleet.Dimension{Name: "VariantName", Value: "v"})
			c.Do(func(w *sim.World) { awstest.Must(t, w.PutMetricAlarm(wrong)) })
			fault := awssim.Fault{Break: awssim.CloseConnection, Times: 1}
			if !done {
				fault = awssim.Fault{Status: 504, Times: 1}
			}
			c.AWS.SetFault(writing[plan.ScalableTarget], fault)
			entry := policy.ByName(everything{})
			entry.Wanted.MaxCapacity = policy.Setting[int]{Value: 9, Enforced: true}
			result := c.round(t.Context(), func(r *Round) { r.Policies = policy.Policies{entry} })
			if len(c.alarm().Metric.Dimensions) != 1 {
				t.Errorf("%s: the alarm is not put right: %+v", name, result)
			}
		})
	}
}

// What AWS did not do is no correction, however often it gives no answer.
func TestRun_anOutageIsNoFight(t *testing.T) {
	for _, operation := range writing {
		synctest.Test(t, func(t *testing.T) {
			c, r := newCloud(t, 2, "v"), (*Round)(nil)
			c.AWS.SetFault(operation, awssim.Fault{Status: 504})
			var result Result
			for n := range 7 {
				if n == 6 {
					c.Allow(operation)
				}
				r, result = c.again(t.Context(), r, documented())
				time.Sleep(time.Minute)
			}
			if !result.Converged() {
				t.Errorf("%s: %+v", operation, result)
			}
		})
	}
}

// A round has so many steps, whatever becomes of the answers.
func TestRun_aLostAnswerIsAStep(t *testing.T) {
	for name, fault := range lost {
		synctest.Test(t, func(t *testing.T) {
			c := broken(t)
			for _, operation := range writing {
				c.AWS.SetFault(operation, fault)
			}
			result := c.round(t.Context(), func(r *Round) { r.Rules.MaxSteps = 1 })
			done := 0
			for _, operation := range writing {
				done += c.carriedOut(operation)
			}
			ends := slices.ContainsFunc(result.Outcomes, func(o plan.Outcome) bool { return o.End() != plan.Unknown })
			if unanswered := name != "cut" && name != "unreadable"; done != 1 || unanswered && ends {
				t.Errorf("%s: %d writes, %+v", name, done, result.Outcomes)
			}
		})
	}
}
