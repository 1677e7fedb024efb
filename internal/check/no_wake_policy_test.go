package check

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestNoWakePolicy(t *testing.T) {
	percent := step(func(s *fleet.Step) { s.AdjustmentType = "PercentChangeInCapacity" })
	late := step(func(s *fleet.Step) { *s.Adjustments[0].Lower = 1 })
	table(t, "no_wake_policy",
		row{"documented", nil, Critical, false, nil},
		row{"in other words", changes(alarm(func(a *fleet.Alarm) {
			a.Comparison, a.Threshold, a.Statistic, a.TreatMissingData = "GreaterThanThreshold", 0, "Maximum", "notBreaching"
		})), Critical, false, nil},
		row{"neither policy nor alarm", changes(without("wake", "alarm")), Critical, true, []string{`"v"`, "HasBacklogWithoutCapacity"}},
		row{"a policy alone is another check's", changes(without("alarm")), absent, false, nil},
		row{"an un-alarmed policy of another name", changes(without("alarm"), func(f *fixture) { f.variant.Policies[1].Name = "by-hand" }), Critical, true, nil},
		row{"an alarm alone is another check's", changes(without("wake")), absent, false, nil},
		row{"the alarm pages somebody", changes(without("wake"), alarm(func(a *fleet.Alarm) { a.AlarmActions = []string{"arn:aws:sns:us-east-1:111122223333:pager"} })), Critical, true, nil},
		row{"never at zero", changes(without("wake", "alarm"), minimum(1)), absent, false, nil},
		row{"no target", changes(unregistered), absent, false, nil},
		row{"a percentage of nothing", changes(percent), Critical, true, []string{"Nothing wakes"}},
		row{"bounds read as values", changes(late), Critical, true, []string{"no step", "lower bound 0"}},
		row{"the alarm is to blame", changes(alarm(func(a *fleet.Alarm) { a.Threshold = 7 })), absent, false, nil},
		row{"it calls a function", changes(alarm(func(a *fleet.Alarm) { a.AlarmActions = []string{"arn:aws:lambda:us-east-1:111122223333:function:wake"} })), absent, false, nil},
		row{"suspended is another check's", changes(func(f *fixture) { f.variant.Target.Suspended.ScaleOut = true }), absent, false, nil},
	)
}

// What has no wake policy needs not be told that its alarm is wrong as well.
func TestNoWakePolicy_hidesTheNextTwo(t *testing.T) {
	for name, change := range map[string]func(*fixture){
		"nothing": without("wake", "alarm"),
		"nothing that wakes": func(f *fixture) {
			f.wake.Step.AdjustmentType = "PercentChangeInCapacity"
		},
	} {
		f := healthy(change)
		if !f.find("no_wake_policy").Failed || f.find("wake_alarm_unwired") != nil || f.find("wake_alarm_wrong_metric") != nil {
			t.Errorf("%s: %q", name, f.failing())
		}
	}
}

// How bad it is that a variant does not wake depends on whether it ever is at zero, and on what else wakes.
func TestWaking_isAsBadAsWhatFollows(t *testing.T) {
	stays := func(f *fixture) { f.tracking.Tracking.DisableScaleIn = true }
	night := func(to int) func(*fixture) {
		return func(f *fixture) {
			least := []int{0, 1}
			f.variant.Target.MinCapacity = 1
			f.variant.Scheduled = []fleet.ScheduledAction{
				{Name: "night", Schedule: "cron(0 20 * * ? *)", MinCapacity: &least[0]},
				{Name: "morning", Schedule: "cron(0 " + map[int]string{1: "1", 8: "8"}[to] + " * * ? *)", MinCapacity: &least[1]},
			}
		}
	}
	sibling := func(f *fixture) {
		other := *healthy().variant
		other.Name = "w"
		f.endpoint.Variants = append(f.endpoint.Variants, other)
		f.variant = &f.endpoint.Variants[0]
	}
	// A real cause of a wake, of an alarm that was not changed since.
	woke := func(f *fixture) {
		f.variant.Alarms[2].ConfigurationUpdated = noon.Add(-48 * time.Hour)
		f.variant.Activity.Recent = []fleet.Activity{
			{
				Status: "Successful", Start: noon.Add(-time.Hour), Description: "Setting desired instance count to 1.",
				Cause: "monitor alarm " + f.variant.Alarms[2].Name + " in state ALARM triggered policy wake",
			},
			{Status: "Successful", Start: noon.Add(-2 * time.Hour), Description: "Setting desired instance count to 0."},
		}
	}
	nothing := without("wake", "alarm")
	blind := alarm(func(a *fleet.Alarm) { a.Unit = "Seconds" })
	for _, test := range []struct {
		name     string
		changes  []func(*fixture)
		check    string
		severity Severity
		says     string
	}{
		{"tracking brings it to zero", changes(nothing), "no_wake_policy", Critical, "wait until they expire"},
		{"it stays at two", changes(nothing, stays), "no_wake_policy", Warning, "Once it is at 0"},
		{"it stays, and is at zero", changes(nothing, stays, instancesRun(0)), "no_wake_policy", Critical, "expire"},
		{"another variant wakes", changes(nothing, sibling), "no_wake_policy", Warning, "Another variant"},
		{"woken in the night", changes(nothing, night(1)), "no_wake_policy", Warning, "up to 5h"},
		{"woken in the morning", changes(nothing, night(8)), "no_wake_policy", Critical, "up to 12h"},
		{"was seen to wake", changes(blind, woke), "wake_alarm_wrong_metric", Info, "has woken"},
		{"was changed since", changes(blind, woke, func(f *fixture) { f.variant.Alarms[2].ConfigurationUpdated = noon }), "wake_alarm_wrong_metric", Critical, "expire"},
	} {
		finding := healthy(test.changes...).find(test.check)
		if finding == nil || !finding.Failed || finding.Severity != test.severity || !strings.Contains(finding.Sentence, test.says) {
			t.Errorf("%s: %+v", test.name, finding)
		}
	}
}
