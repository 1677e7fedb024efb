package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// A mute rule in the account is found by the check, and is gone with the rule.
func TestExplain_findsTheMuteRuleThatSilencesTheWakeAlarm(t *testing.T) {
	server, err := awssim.StartDemo(awssim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	explained := func() (string, int) {
		var out, failure bytes.Buffer
		status := run(t.Context(), []string{"explain", "ocr-nightly", "--demo", "--demo.aws=" + server.URL()}, &out, &failure)
		if failure.Len() > 0 {
			t.Error(failure.String())
		}
		return out.String(), status
	}
	if text, status := explained(); status != 0 || strings.Contains(text, "alarm_muted") {
		t.Fatalf("without a rule: exit status %d\n%s", status, text)
	}
	server.Do("us-east-1", func(w *sim.World) {
		if err := w.PutAlarmMuteRule(fleet.MuteRule{
			Name: "maintenance", Alarms: []string{"HasBacklogWithoutCapacity-Alarm-ocr-nightly-AllTraffic"}, Expression: "cron(* * * * *)", Duration: "PT1H",
		}); err != nil {
			t.Error(err)
		}
	})
	if text, _ := explained(); !strings.Contains(text, "alarm_muted") || !strings.Contains(text, `The mute rule "maintenance" silences`) {
		t.Errorf("with a rule: %s", text)
	}
	server.Do("us-east-1", func(w *sim.World) { w.DeleteAlarmMuteRule("maintenance") })
	if text, status := explained(); status != 0 || strings.Contains(text, "alarm_muted") {
		t.Errorf("the rule is gone: exit status %d\n%s", status, text)
	}
}
