package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

func TestWakeAlarmUnwired(t *testing.T) {
	const dead = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:9:resource/sagemaker/endpoint/e/variant/v:policyName/"
	actions := func(actions ...string) func(*fixture) {
		return alarm(func(a *fleet.Alarm) { a.AlarmActions = actions })
	}
	page := another(change("page", "ChangeInCapacity", 1), fleet.Alarm{Metric: fleet.WithoutCapacity.Query("e").Metric, Threshold: .5})
	pages := func(f *fixture) {
		page(f)
		f.variant.Policies = f.variant.Policies[:len(f.variant.Policies)-1]
		f.variant.Alarms[3].Name, f.variant.Alarms[3].AlarmActions = "a-page", []string{"arn:aws:sns:us-east-1:111122223333:pager"}
	}
	table(t, "wake_alarm_unwired",
		row{"wired", nil, Critical, false, nil},
		row{"beside a pager", changes(actions("arn:aws:sns:us-east-1:111122223333:pager", wakeARN)), Critical, false, nil},
		row{"a policy made anew", changes(actions(dead + "HasBacklogWithoutCapacity-ScalingPolicy")), Critical, true, []string{"has another ARN", `"HasBacklogWithoutCapacity-ScalingPolicy"`}},
		row{"a policy that is gone", changes(actions(dead + "gone")), Critical, true, []string{"does not exist any more"}},
		row{"somebody's page is not it", changes(actions(dead+"gone"), pages), Critical, true, []string{`"HasBacklogWithoutCapacity-Alarm-e-v"`}},
		row{"no alarm", changes(without("alarm")), Critical, true, []string{"No alarm triggers", `"HasBacklogWithoutCapacity-ScalingPolicy"`}},
		row{"disabled", changes(alarm(func(a *fleet.Alarm) { a.ActionsEnabled = false })), Critical, true, []string{"are disabled", "enable-alarm-actions --alarm-names "}},
		row{"selected", changes(actions(dead+"gone"), planned(plan.WakeAlarm)), Critical, true, []string{"run plan and then apply"}},
		row{"selected, and the plan has another step", changes(actions(dead+"gone"), planned(plan.ScalableTarget)), Critical, true, []string{"make its ARN an action"}},
		row{"selected, and withheld", changes(actions(dead+"gone"), withheld(plan.WakeAlarm, plan.Ambiguous)), Critical, true, []string{"make its ARN an action", "The plan withholds the step that would fix it (wake alarm: ambiguous)."}},
		row{"never at zero", changes(actions(dead), minimum(1)), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
