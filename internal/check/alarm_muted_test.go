package check

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestAlarmMuted(t *testing.T) {
	silent := func(alarm int) func(*fixture) {
		return func(f *fixture) {
			known(f)
			f.variant.Alarms[alarm].Mutes.Rules = []fleet.MuteRule{{
				Name: "night", Alarms: []string{f.variant.Alarms[alarm].Name}, Expression: "cron(0 * * * *)", Duration: "PT1H", Active: true, Read: noon,
			}}
		}
	}
	tonight := func(f *fixture) {
		known(f)
		f.variant.Alarms[2].Mutes.Rules = []fleet.MuteRule{{
			Name: "night", Alarms: []string{f.variant.Alarms[2].Name}, Expression: "cron(0 22 * * *)", Duration: "PT8H", Read: noon,
		}}
	}
	table(t, "alarm_muted",
		row{"not known", nil, absent, false, nil},
		row{"none", changes(known), Warning, false, nil},
		row{"the wake alarm", changes(silent(2)), Warning, true, []string{`"night"`, `"HasBacklogWithoutCapacity-Alarm-e-v"`}},
		row{"the wake alarm, and requests wait", changes(silent(2), instancesRun(0), queued(3, time.Minute)), Critical, true, nil},
		row{"another alarm", changes(silent(1), instancesRun(0), queued(3, time.Minute)), Warning, true, nil},
		row{"the wake alarm, tonight", changes(tonight), Warning, true, []string{`"night" will silence`, "from 22:00 UTC until 2026-"}},
		row{"tonight, and requests wait now", changes(tonight, instancesRun(0), queued(3, time.Minute)), Warning, true, nil},
		row{"tonight, and it does not sleep", changes(tonight, func(f *fixture) { f.variant.Target.MinCapacity = 1 }), Warning, false, nil},
		row{"no target", changes(known, unregistered), absent, false, nil},
	)
}
