package reconcile

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// muting puts a rule that mutes the wake alarm, now and for good, as soon as the alarm was written.
func muting(t *testing.T, c *cloud) {
	done := false
	c.Before = func(string, int) {
		if !done && strings.HasSuffix(c.Kinds(), "wake_alarm") {
			done = true
			c.Do(func(w *sim.World) {
				awstest.Must(t, w.PutAlarmMuteRule(fleet.MuteRule{
					Name: "quiet", Alarms: []string{policy.WakeAlarm("e", "v", "").Name}, Expression: "cron(* * * * *)", Duration: "PT1H",
				}))
			})
		}
	}
}

// heldAs tells whether a round withheld a step of the kind for that reason.
func heldAs(result Result, kind plan.Kind, reason plan.Reason) bool {
	for _, held := range result.Withheld {
		if held.Kind == kind && held.Reason == reason {
			return true
		}
	}
	return false
}

// Somebody mutes the wake alarm after the poll: nothing may scale to zero then.
func TestRun_readsTheMuteRulesBeforeTheEndpointMaySleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 2, "v")
		muting(t, c)
		result := c.round(t.Context())
		if c.target().MinCapacity != 2 || !heldAs(result, plan.MinCapacity, plan.WouldNotWake) {
			t.Errorf("the target is %+v; withheld %+v", c.target(), result.Withheld)
		}
		c.Before = nil
		c.Do(func(w *sim.World) { w.DeleteAlarmMuteRule("quiet") })
		if again := c.round(t.Context()); !again.Converged() || c.target().MinCapacity != 0 {
			t.Errorf("the rule is gone: %+v", again)
		}
	})
}

// Mute rules that cannot be read withhold what may let the endpoint sleep. Where the permission or the operation is missing
// nothing rests on them, as documented.
func TestRun_muteRulesThatCannotBeRead(t *testing.T) {
	for _, operation := range []string{"CloudWatch.ListAlarmMuteRules", "CloudWatch.GetAlarmMuteRule"} {
		for code, sleeps := range map[string]bool{
			"AccessDeniedException": true, "UnknownOperationException": true, "ThrottlingException": false, "InternalServiceFault": false,
		} {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, 2, "v")
				c.Do(func(w *sim.World) {
					awstest.Must(t, w.PutAlarmMuteRule(fleet.MuteRule{Name: "other", Alarms: []string{"other"}, Expression: "cron(* * * * *)", Duration: "PT1H"}))
				})
				c.AWS.SetFault(operation, awssim.Fault{Code: code})
				result := c.round(t.Context())
				if sleeps != (c.target().MinCapacity == 0) || sleeps == heldAs(result, plan.MinCapacity, plan.SourceFailed) {
					t.Errorf("%s %s: the target is %+v; withheld %+v", operation, code, c.target(), result.Withheld)
				}
				c.Allow(operation)
				if again := c.round(t.Context()); !again.Converged() {
					t.Errorf("%s no longer %s: %+v", operation, code, again)
				}
			})
		}
	}
}
