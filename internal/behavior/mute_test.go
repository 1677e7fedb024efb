package behavior

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// A mute rule silences the alarm while it lasts, and no longer; an evaluation that is kept is not the one of before.
func TestOf_aMuteRuleSilencesTheAlarmWhileItLasts(t *testing.T) {
	at := time.Date(2026, 3, 2, 22, 0, 0, 0, time.UTC)
	s := target(0, 5, documented)
	waking := s.of().Wakes.By.Alarm
	if waking == "" {
		t.Fatal("it does not wake")
	}
	for i := range s.variant.Alarms {
		if a := &s.variant.Alarms[i].Alarm; a.Name == waking {
			a.Mutes = fleet.Mutes{Known: true, Rules: []fleet.MuteRule{{
				Name: "night", Alarms: []string{waking}, Expression: "cron(0 22 * * *)", Duration: "PT8H", Read: at, Active: true,
			}}}
		}
	}
	var cache Cache
	for _, test := range []struct {
		after time.Duration
		muted bool
	}{{0, true}, {7 * time.Hour, true}, {9 * time.Hour, false}, {23 * time.Hour, false}, {25 * time.Hour, true}} {
		b := cache.Of(&s.endpoint, s.variant, Context{At: at.Add(test.after)})
		fault := b.Wakes.Fault
		if b.Alarm(waking).Muted != test.muted || (b.Wakes.Verdict == No) != test.muted ||
			(fault != nil && fault.Kind == Silenced && fault.Alarm == waking) != test.muted {
			t.Errorf("after %s: muted %t, wakes %v, fault %+v", test.after, b.Alarm(waking).Muted, b.Wakes.Verdict, fault)
		}
	}
	if b := cache.Of(&s.endpoint, s.variant, Context{}); b.Alarm(waking).Muted || b.Wakes.Verdict != Yes {
		t.Errorf("without a moment no rule is asked: %+v", b.Wakes)
	}
}
