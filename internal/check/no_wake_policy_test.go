package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestNoWakePolicy(t *testing.T) {
	percent := step(func(s *fleet.Step) { s.AdjustmentType = "PercentChangeInCapacity" })
	table(t, "no_wake_policy",
		row{"documented", nil, Critical, false, nil},
		row{"neither policy nor alarm", changes(without("wake", "alarm")), Critical, true, []string{`"v"`, "HasBacklogWithoutCapacity"}},
		row{"a policy alone", changes(without("alarm")), Critical, false, nil},
		row{"an alarm alone", changes(without("wake")), Critical, false, nil},
		row{"never at zero", changes(without("wake", "alarm"), minimum(1)), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
		row{"a percentage of nothing", changes(percent), Critical, true, []string{"PercentChangeInCapacity"}},
		row{"the alarm is to blame", changes(alarm(func(a *fleet.Alarm) { a.Threshold = 7 })), Critical, false, nil},
	)
}

// What has no wake policy needs not be told that its alarm is wrong as well.
func TestNoWakePolicy_hidesTheNextTwo(t *testing.T) {
	for name, change := range map[string]func(*fixture){
		"nothing": without("wake", "alarm"),
		"nothing that wakes": func(f *fixture) {
			f.wake.Step.AdjustmentType, f.wakeAlarm.ActionsEnabled, f.wakeAlarm.Period = "PercentChangeInCapacity", false, 1
		},
	} {
		f := healthy(change)
		if !f.find("no_wake_policy").Failed || f.find("wake_alarm_unwired") != nil || f.find("wake_alarm_wrong_metric") != nil {
			t.Errorf("%s: %q", name, f.failing())
		}
	}
}
