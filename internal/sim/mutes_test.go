package sim

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestMuteRule_mutesTheActionsAndNotTheState(t *testing.T) {
	s := newStory(t)
	s.asleep("a", scaling{})
	alarm := s.Alarms()[0].Name
	for _, a := range s.Alarms() {
		if a.Metric.Name == fleet.WithoutCapacity.String() {
			alarm = a.Name
		}
	}
	s.no(s.PutAlarmMuteRule(fleet.MuteRule{Name: "morning", Alarms: []string{alarm}, Expression: "cron(0 9 * * *)", Duration: "PT30M"}))
	s.no(s.Invoke("a", 3))
	s.after(20 * time.Minute)
	s.wantInstances("while the alarm is muted", "a", 0, 0)
	for _, a := range s.Alarms() {
		if a.Name == alarm && a.State != "ALARM" {
			t.Errorf("the muted alarm is %s", a.State)
		}
	}
	if rules := s.MuteRules(); len(rules) != 1 || !rules[0].Active {
		t.Errorf("rules %+v", rules)
	}
	s.after(15 * time.Minute)
	if _, desired := s.instances("a"); desired == 0 {
		t.Error("nothing is triggered after the mute")
	}
	s.DeleteAlarmMuteRule("morning")
	if len(s.MuteRules()) > 0 {
		t.Error("the rule is still there")
	}
	s.refuses(s.PutAlarmMuteRule(fleet.MuteRule{Name: "x", Expression: "rate(1 day)", Duration: "PT1H"}), "ValidationError", "schedule")
}
