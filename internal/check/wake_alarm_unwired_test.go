package check

import (
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestWakeAlarmUnwired(t *testing.T) {
	actions := func(arns ...string) func(*fixture) {
		return func(f *fixture) {
			f.wakeAlarm.AlarmActions = arns
			f.wakeAlarm.Policy = ""
		}
	}
	dead := strings.Replace(wakeARN, ":1:", ":9:", 1)
	gone := func(f *fixture) { f.variant.Target, f.variant.Policies = nil, nil }
	table(t, "wake_alarm_unwired",
		row{"documented", nil, Critical, false, nil},
		row{"with a pager", changes(alarm(func(a *fleet.Alarm) { a.AlarmActions = []string{"arn:of:a:pager", wakeARN} })), Critical, false, nil},
		row{"a dead policy", changes(actions(dead)), Critical, true, []string{"actions (1)", `"HasBacklogWithoutCapacity-Alarm-e-v"`}},
		row{"a pager alone", changes(actions("arn:of:a:pager")), Critical, true, nil},
		row{"no action", changes(actions()), Critical, true, []string{"actions (0)"}},
		row{"disabled", changes(alarm(func(a *fleet.Alarm) { a.ActionsEnabled = false })), Critical, true, []string{"disabled"}},
		row{"no alarm", changes(without("alarm")), Critical, true, []string{"No alarm"}},
		row{"no wake policy", changes(without("wake")), Critical, true, []string{"no scaling policy"}},
		row{"never at zero", changes(without("alarm"), minimum(1)), absent, false, nil},
		row{"nothing at all", changes(unregistered), absent, false, nil},
		row{"left when the target went", changes(actions(dead), gone), Critical, true, []string{"deleted together with the scalable target"}},
		row{"a pager of what was never scaled", changes(actions("arn:of:a:pager"), gone), absent, false, nil},
		row{"an alarm on the backlog", changes(func(f *fixture) { f.wakeAlarm.Metric = fleet.Backlog.Query("e").Metric }), Critical, false, nil},
	)
}
