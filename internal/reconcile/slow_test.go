package reconcile

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// reading are the operations by which a round reads.
var reading = []string{
	"SageMaker.DescribeEndpoint", "SageMaker.ListTags", "ApplicationAutoScaling.DescribeScalableTargets", "ApplicationAutoScaling.DescribeScalingPolicies",
	"ApplicationAutoScaling.DescribeScheduledActions", "CloudWatch.DescribeAlarms", "CloudWatch.ListAlarmMuteRules",
}

// Whatever forbids a write was read a few seconds before it, however slowly AWS answers: else it is not written, and that is said.
func TestRun_writesNothingFromWhatWasReadLongAgo(t *testing.T) {
	for delay, converges := range map[time.Duration]bool{100 * time.Millisecond: true, time.Second: true, 3 * time.Second: false, 8 * time.Second: false} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, 2, "v")
			polled := c.polled(documented())
			for _, operation := range reading {
				c.AWS.SetFault(operation, awssim.Fault{Delay: delay})
			}
			read := map[string]time.Time{}
			c.Before = func(call string, _ int) {
				operation := strings.Fields(call)[0]
				if read[operation] = time.Now(); !awstest.Writes(call) {
					return
				}
				for _, forbids := range []string{"DescribeEndpoint", "ListTags", "DescribeScheduledActions", "DescribeScalableTargets"} {
					if age := time.Since(read[forbids]); age > 10*time.Second {
						t.Errorf("each answer takes %s: %s is %s old at %s", delay, forbids, age, call)
					}
				}
			}
			began := time.Now()
			result := c.round(t.Context(), func(r *Round) { r.Polled = polled })
			took := time.Since(began)
			if result.Converged() != converges || c.harmed() != "" {
				t.Errorf("each answer takes %s: converged %t, written %s, withheld %+v", delay, result.Converged(), c.Kinds(), result.Withheld)
			}
			if !converges && (len(c.Steps()) > 0 || !heldAs(result, plan.ScalableTarget, plan.ViewTooOld) || !heldAs(result, plan.MinCapacity, plan.ViewTooOld) || result.Err == nil || took > 90*time.Second) {
				t.Errorf("each answer takes %s: after %s written %s, withheld %+v: %v", delay, took, c.Kinds(), result.Withheld, result.Err)
			}
		})
	}
}

// One slow answer is no reason to give up: what it holds up is read once more.
func TestRun_readsOnceMoreWhereOneAnswerIsSlow(t *testing.T) {
	for _, operation := range reading {
		synctest.Test(t, func(t *testing.T) {
			asked := map[time.Duration]int{} // how often it was, by how long one answer takes
			for _, delay := range []time.Duration{0, fresh + time.Second} {
				c := newCloud(t, 2, "v")
				slowed := false
				c.Before = func(call string, _ int) {
					if !strings.HasPrefix(call, strings.SplitAfter(operation, ".")[1]) {
						return
					}
					asked[delay]++
					if !slowed && delay > 0 && c.Kinds() != "" {
						slowed = true
						c.AWS.SetFault(operation, awssim.Fault{Delay: delay, Times: 1})
					}
				}
				if result := c.round(t.Context()); slowed != (delay > 0) || !result.Converged() {
					t.Errorf("%s: slowed %t, written %s, withheld %+v", operation, slowed, c.Kinds(), result.Withheld)
				}
			}
			if asked[0] == 0 || asked[fresh+time.Second] <= asked[0] {
				t.Errorf("%s was asked %v times: no more where an answer was slow", operation, asked)
			}
		})
	}
}
