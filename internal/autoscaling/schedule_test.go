package autoscaling

import (
	"testing"
	"time"
)

func TestParseSchedule_findsTheNextMoment(t *testing.T) {
	const layout = "2006-01-02 15:04"
	start := time.Date(2026, 3, 1, 10, 15, 0, 0, time.UTC)
	for _, test := range []struct{ schedule, zone, after, want string }{
		{"cron(0 6 * * ? *)", "", "2026-03-02 05:59", "2026-03-02 06:00"},
		{"cron(0 6 * * ? *)", "", "2026-03-02 06:00", "2026-03-03 06:00"},
		{"cron(0 22 ? * MON-FRI *)", "", "2026-03-06 23:00", "2026-03-09 22:00"},
		{"cron(0 20 ? * FRI-MON *)", "", "2026-03-02 21:00", "2026-03-06 20:00"}, // a Monday
		{"cron(*/15 8,20 1 jan,Jul ? 2026-2027)", "", "2026-03-06 23:00", "2026-07-01 08:00"},
		{"cron(0/30 8 * * ? *)", "", "2026-03-06 08:00", "2026-03-06 08:30"},
		{"cron(0 6 * * ? *)", "America/New_York", "2026-03-02 05:59", "2026-03-02 11:00"},
		{"cron(0 6 * * ? *)", "America/New_York", "2026-07-02 05:59", "2026-07-02 10:00"},
		{"cron(30 2 29 2 ? *)", "", "2026-03-02 05:59", ""}, // not within a year
		{"rate(2 hours)", "", "2026-03-02 05:59", "2026-03-02 06:15"},
		{"rate(1 day)", "", "2026-02-02 05:59", "2026-03-01 10:15"},
		{"at(2026-03-05T08:00:00)", "Europe/Berlin", "2026-03-02 05:59", "2026-03-05 07:00"},
		{"at(2026-03-05T08:00:00)", "", "2026-03-05 08:00", ""},
		{"cron(*/15 9-17 ? * MON-FRI *)", "", "2026-03-02 12:00", "2026-03-02 12:15"},
		{"cron(0 9 ? * SAT,SUN *)", "", "2026-03-02 12:00", "2026-03-07 09:00"},
		{"cron(0 0/6 * * ? *)", "", "2026-03-02 12:00", "2026-03-02 18:00"},
	} {
		next, err := ParseSchedule(test.schedule, test.zone, start)
		if err != nil {
			t.Errorf("%s: %v", test.schedule, err)
			continue
		}
		after, _ := time.Parse(layout, test.after)
		got := ""
		if at := next(after); !at.IsZero() {
			got = at.UTC().Format(layout)
		}
		if got != test.want {
			t.Errorf("%s in %q after %s: %q, want %q", test.schedule, test.zone, test.after, got, test.want)
		}
	}
	for _, bad := range []string{"", "cron(0 6 * *)", "cron(0 6 L * ? *)", "cron(61 6 * * ? *)", "rate(0 hours)", "rate(2 weeks)", "at(soon)", "every day", "cron(0 6 * * ? *"} {
		if _, err := ParseSchedule(bad, "", start); err == nil {
			t.Errorf("%q is understood", bad)
		}
	}
	if _, err := ParseSchedule("cron(0 6 * * ? *)", "Mars/Olympus", start); err == nil {
		t.Error("a time zone of Mars")
	}
}
