package behavior

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) // a Monday

func TestParseSchedule_givesTheNextMoment(t *testing.T) {
	for _, test := range []struct{ schedule, zone, want string }{
		{"at(2026-03-02T13:30:00)", "", "2026-03-02T13:30:00Z"},
		{"at(2026-03-02T13:30:00)", "Europe/Berlin", "2026-03-02T12:30:00Z"},
		{"at(2026-03-02T11:00:00)", "", ""},
		{"rate(3 hours)", "", "2026-03-02T15:00:00Z"},
		{"cron(0 20 * * ? *)", "", "2026-03-02T20:00:00Z"},
		{"cron(0 8 * * ? *)", "", "2026-03-03T08:00:00Z"},
		{"cron(0 8 * * ? *)", "America/New_York", "2026-03-02T13:00:00Z"},
		{"cron(*/15 9-17 ? * MON-FRI *)", "", "2026-03-02T12:15:00Z"},
		{"cron(0 9 ? * SAT,SUN *)", "", "2026-03-07T09:00:00Z"},
		{"cron(30 6 1 JAN ? *)", "", "2027-01-01T06:30:00Z"},
		{"cron(0 0/6 * * ? *)", "", "2026-03-02T18:00:00Z"},
		{"cron(0 2 29 2 ? 2024)", "", ""},
	} {
		next, err := parseSchedule(test.schedule, test.zone, noon.Add(-24*time.Hour))
		if err != nil {
			t.Errorf("%s: %v", test.schedule, err)
			continue
		}
		got := ""
		if at := next(noon); !at.IsZero() {
			got = at.UTC().Format(time.RFC3339)
		}
		if got != test.want {
			t.Errorf("%s in %q: %s, want %s", test.schedule, test.zone, got, test.want)
		}
	}
	for _, schedule := range []string{"", "cron(0 8 * * ?)", "cron(0 8 L * ? *)", "cron(61 8 * * ? *)", "rate(0 hours)", "rate(5 fortnights)", "at(noon)", "every(day)", "cron(0 8 * * ? *"} {
		if _, err := parseSchedule(schedule, "", noon); err == nil {
			t.Errorf("%q is understood", schedule)
		}
	}
	if _, err := parseSchedule("cron(0 8 * * ? *)", "Mars/Olympus", noon); err == nil {
		t.Error("there is no such time zone")
	}
}

func scheduled(name, schedule string, least int) func(*shape) {
	return func(s *shape) {
		s.context.At = noon
		s.variant.Scheduled = append(s.variant.Scheduled, fleet.ScheduledAction{Name: name, Schedule: schedule, MinCapacity: &least})
	}
}

// The row 29: the minimum is 0 at night and 1 by day, and nothing wakes.
func TestOf_aScheduleThatWakesInTheMorning(t *testing.T) {
	b := target(1, 5, tracks, scheduled("night", "cron(0 20 * * ? *)", 0), scheduled("morning", "cron(0 8 * * ? *)", 1)).of()
	s := b.Scheduled
	if !b.Sleeps || s == nil || s.Next != "night" || !s.At.Equal(noon.Add(8*time.Hour)) || s.Wakes != 12*time.Hour || s.By != "morning" {
		t.Fatalf("%+v", s)
	}
	if b.ScalesIn.To != 1 || s.After.ScalesIn.To != 0 || s.After.Wakes.Verdict != No || s.After.Wakes.Fault == nil {
		t.Errorf("by day %+v, at night %+v", b.ScalesIn, s.After)
	}
}

func TestOf_aScheduleThatIsNotUnderstoodIsNotJudged(t *testing.T) {
	b := target(0, 5, documented, scheduled("odd", "cron(0 8 L * ? *)", 1)).of()
	if b.Scheduled.Reason == "" || len(b.NotJudged) != 1 || b.Scheduled.After != nil {
		t.Errorf("%+v %+v", b.Scheduled, b.NotJudged)
	}
	always := target(0, 5, documented, scheduled("nothing", "cron(0 8 * * ? *)", 0)).of()
	if always.Scheduled.Next != "" || always.Scheduled.After != nil || len(always.NotJudged) != 0 {
		t.Errorf("an action that changes nothing: %+v", always.Scheduled)
	}
}
