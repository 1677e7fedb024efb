package fleet

import (
	"slices"
	"testing"
	"time"
)

func TestMutes_followsTheScheduleInItsTimeZone(t *testing.T) {
	day := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	nightly := MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT8H"}
	for _, test := range []struct {
		name      string
		rule      MuteRule
		at, until string // empty: it does not mute
	}{
		{"during the night", nightly, "2026-03-02 02:00", "2026-03-02 07:00"},
		{"at its beginning", nightly, "2026-03-01 23:00", "2026-03-02 07:00"},
		{"at its end", nightly, "2026-03-02 07:00", ""},
		{"by day", nightly, "2026-03-02 12:00", ""},
		{"in New York", MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT2H", Timezone: "America/New_York"}, "2026-01-10 05:30", "2026-01-10 06:00"},
		{"in New York in summer", MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT2H", Timezone: "America/New_York"}, "2026-07-10 05:30", ""},
		{"a weekend", MuteRule{Expression: "cron(0 18 * * FRI)", Duration: "P2DT12H"}, "2026-03-08 12:00", "2026-03-09 06:00"},
		{"a range over the end of the week", MuteRule{Expression: "cron(0,30 1-2 * * SAT-MON)", Duration: "PT10M"}, "2026-03-08 02:35", "2026-03-08 02:40"},
		{"the first of a month", MuteRule{Expression: "cron(0 1 1 JAN,APR *)", Duration: "PT6H"}, "2026-04-01 03:00", "2026-04-01 07:00"},
		{"another month", MuteRule{Expression: "cron(0 1 1 JAN,APR *)", Duration: "PT6H"}, "2026-03-01 03:00", ""},
		{"once", MuteRule{Expression: "at(2026-03-02T14:00)", Duration: "PT4H"}, "2026-03-02 15:00", "2026-03-02 18:00"},
		{"once, over", MuteRule{Expression: "at(2026-03-02T14:00)", Duration: "PT4H"}, "2026-03-03 15:00", ""},
		{"overlapping occurrences are one", MuteRule{Expression: "cron(0 0,6 * * *)", Duration: "PT8H"}, "2026-03-02 01:00", "2026-03-02 14:00"},
		{"before its start", MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT8H", Start: day("2026-03-03 00:00")}, "2026-03-02 02:00", ""},
		{"ended by its own end", MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT8H", Ends: day("2026-03-02 03:00")}, "2026-03-02 02:00", "2026-03-02 03:00"},
		{"expired", MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT8H", Ends: day("2026-03-02 03:00")}, "2026-03-02 04:00", ""},
	} {
		until, mutes := test.rule.Mutes(day(test.at))
		if mutes != (test.until != "") || mutes && !until.Equal(day(test.until)) {
			t.Errorf("%s: mutes %v until %s, want %q", test.name, mutes, until, test.until)
		}
	}
	always := MuteRule{Expression: "cron(0 0 * * *)", Duration: "P1D"}
	if until, mutes := always.Mutes(day("2026-03-02 02:00")); !mutes || !until.IsZero() {
		t.Errorf("a mute without end: %v until %s", mutes, until)
	}
}

// AWS says itself whether a rule is active. A schedule that says otherwise, or that is not understood, is not believed.
func TestMutes_believesAWSMoreThanTheSchedule(t *testing.T) {
	read := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	nightly := MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT8H", Read: read, Active: true}
	if until, mutes := nightly.Mutes(read.Add(time.Minute)); !mutes || !until.IsZero() {
		t.Errorf("AWS calls it active by day: mutes %v until %s", mutes, until)
	}
	for _, expression := range []string{"", "cron(0 23 * *)", "cron(0 23 1 * MON)", "cron(0 23 * * 1)", "cron(60 * * * *)", "at(tomorrow)", "rate(1 day)"} {
		rule := MuteRule{Expression: expression, Duration: "PT8H", Read: read}
		if rule.Valid() == nil {
			t.Errorf("%q is a schedule", expression)
		}
		if _, mutes := rule.Mutes(read); mutes {
			t.Errorf("%q mutes although AWS does not say so", expression)
		}
		rule.Active = true
		if _, mutes := rule.Mutes(read); !mutes {
			t.Errorf("%q does not mute although AWS says so", expression)
		}
	}
	for _, duration := range []string{"", "PT", "P", "8h", "PT0M", "P1Y", "P40D"} {
		if (MuteRule{Expression: "cron(0 23 * * *)", Duration: duration}).Valid() == nil {
			t.Errorf("%q is a duration", duration)
		}
	}
}

func TestMuted_namesTheRuleThatMutesForLongest(t *testing.T) {
	at := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	rules := []MuteRule{
		{Name: "long", Alarms: []string{"wake"}, Expression: "cron(0 0 * * *)", Duration: "PT8H"},
		{Name: "other", Alarms: []string{"page"}, Expression: "cron(0 0 * * *)", Duration: "PT12H"},
		{Name: "short", Alarms: []string{"page", "wake"}, Expression: "cron(0 1 * * *)", Duration: "PT2H"},
	}
	alarm := Alarm{Name: "wake"}
	if alarm.Mutes.Known {
		t.Error("nothing was read")
	}
	alarm = alarm.WithMutes(rules)
	mute, muted := alarm.Muted(at)
	if !alarm.Mutes.Known || !muted || mute.Rule != "long" || !mute.Until.Equal(at.Add(6*time.Hour)) {
		t.Errorf("muted %v by %+v", muted, mute)
	}
	if _, muted := alarm.Muted(at.Add(6 * time.Hour)); muted {
		t.Error("still muted at the end")
	}
}

func FuzzMutes_anyScheduleEndsAndIsConsistent(f *testing.F) {
	f.Add("cron(0 23 * * *)", "PT8H", "Europe/Berlin", int64(1_780_000_000))
	f.Add("at(2026-03-02T14:00)", "P15D", "", int64(1_780_000_000))
	f.Add("cron(*/5 * * * SUN-SAT)", "P1W", "UTC", int64(0))
	f.Fuzz(func(t *testing.T, expression, duration, zone string, unix int64) {
		rule := MuteRule{Expression: expression, Duration: duration, Timezone: zone}
		at := time.Unix(unix%4_000_000_000, 0)
		until, mutes := rule.Mutes(at)
		if mutes && !until.IsZero() && !until.After(at) {
			t.Errorf("at %s it mutes until %s", at, until)
		}
	})
}

func TestAhead_followsARuleForAMonth(t *testing.T) {
	const layout = "2006-01-02 15:04"
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		rule MuteRule
		want []string // the first two, begin and end
	}{
		{"nightly", MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT8H"}, []string{"2026-03-02 23:00", "2026-03-03 07:00", "2026-03-03 23:00", "2026-03-04 07:00"}},
		{"one that lasts is none to come", MuteRule{Expression: "cron(0 11 * * *)", Duration: "PT2H"}, []string{"2026-03-03 11:00", "2026-03-03 13:00", "2026-03-04 11:00", "2026-03-04 13:00"}},
		{"the first of a month", MuteRule{Expression: "cron(0 3 1 * *)", Duration: "PT1H"}, []string{"2026-04-01 03:00", "2026-04-01 04:00"}},
		{"in another month", MuteRule{Expression: "cron(0 3 1 JAN *)", Duration: "PT1H"}, nil},
		{"once", MuteRule{Expression: "at(2026-03-02T14:00)", Duration: "PT4H"}, []string{"2026-03-02 14:00", "2026-03-02 18:00"}},
		{"once, over", MuteRule{Expression: "at(2026-03-01T14:00)", Duration: "PT4H"}, nil},
		{"overlapping occurrences are one", MuteRule{Expression: "cron(0 22,23 * * *)", Duration: "PT2H"}, []string{"2026-03-02 22:00", "2026-03-03 01:00", "2026-03-03 22:00", "2026-03-04 01:00"}},
		{"not before its start", MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT8H", Start: at.Add(13 * time.Hour)}, []string{"2026-03-03 01:00", "2026-03-03 07:00", "2026-03-03 23:00", "2026-03-04 07:00"}},
		{"ended by its own end", MuteRule{Expression: "cron(0 23 * * *)", Duration: "PT8H", Ends: at.Add(12 * time.Hour)}, []string{"2026-03-02 23:00", "2026-03-03 00:00"}},
		{"expired", MuteRule{Expression: "no schedule", Duration: "PT8H", Ends: at}, nil},
		{"always from tonight on", MuteRule{Expression: "cron(0 0 * * *)", Duration: "P1D", Start: at.Add(time.Hour)}, []string{"2026-03-02 13:00", ""}},
	} {
		ahead, err := test.rule.Ahead(at)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		var got []string
		for from, until := range ahead {
			got = append(got, from.Format(layout), "")
			if !until.IsZero() {
				got[len(got)-1] = until.Format(layout)
			}
			if len(got) == 4 {
				break
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	for _, rule := range []MuteRule{
		{Expression: "cron(0 3 ? * SUN#1)", Duration: "PT1H"},
		{Expression: "cron(0 23 * * *)", Duration: "PT8H", Read: at, Active: true},
	} {
		if _, err := rule.Ahead(at); err == nil {
			t.Errorf("it is known when %+v mutes", rule)
		}
	}
}
