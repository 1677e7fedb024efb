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

// What will silence the alarm that wakes is found before it does, unless another alarm wakes as well.
func TestOf_aMuteRuleToComeIsFollowed(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	night := fleet.MuteRule{Name: "night", Expression: "cron(0 22 * * *)", Duration: "PT8H"}
	later := fleet.MuteRule{Name: "later", Expression: "cron(30 23 * * *)", Duration: "PT1H"}
	second := alarm("another", hb, ">=", 1, 3, triggers("wake"))
	burst := alarm("burst", bs, ">=", 10, 1, triggers("wake"))
	for _, test := range []struct {
		name  string
		also  func(*shape)
		rules map[string]fleet.MuteRule // by alarm
		want  string                    // alarm and beginning
	}{
		{"none", all(), nil, ""},
		{"the one alarm", all(), map[string]fleet.MuteRule{"wake-alarm": night}, "wake-alarm 22:00"},
		{"one of two", second, map[string]fleet.MuteRule{"wake-alarm": night}, ""},
		{"both", second, map[string]fleet.MuteRule{"wake-alarm": night, "another": night}, "wake-alarm 22:00"},
		{"the other one later", second, map[string]fleet.MuteRule{"wake-alarm": night, "another": later}, "wake-alarm 23:30"},
		{"the one that is left needs more requests", burst, map[string]fleet.MuteRule{"wake-alarm": night}, "wake-alarm 22:00"},
		{"the one that needs more requests", burst, map[string]fleet.MuteRule{"burst": night}, ""},
	} {
		s := target(0, 5, documented, test.also)
		s.context.At = at
		for i := range s.variant.Alarms {
			if rule, ok := test.rules[s.variant.Alarms[i].Name]; ok {
				s.variant.Alarms[i].Mutes = fleet.Mutes{Known: true, Rules: []fleet.MuteRule{rule}}
			}
		}
		got := ""
		if silence := s.of().Silence; silence != nil {
			got = silence.Alarm + " " + silence.From.Format("15:04")
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
