package ledger

import (
	"testing"
	"time"
)

// steady counts a request in each minute of a span.
func steady(from, to string) cloudwatch {
	c := cloudwatch{}
	for m := minute(from); m < minute(to); m++ {
		c.put(m, 1, time.Minute)
	}
	return c
}

// follow polls an account every five minutes from one moment to another.
func (c cloudwatch) follow(a *Account, from, to string) {
	for at := clock(from + ":00"); !at.After(clock(to + ":00")); at = at.Add(5 * time.Minute) {
		c.poll(a, at, never)
	}
}

func TestDay_isTheHourThatRunsAndThoseBefore(t *testing.T) {
	c := steady("2026-03-01 00:00", "2026-03-21 00:00")
	kept := Daily()
	c.follow(&kept, "2026-03-18 12:00", "2026-03-20 12:35")
	for name, a := range map[string]*Account{"followed": &kept, "read back": func() *Account {
		a := Daily()
		c.poll(&a, clock("2026-03-20 12:35:00"), never)
		return &a
	}()} {
		day, ok := a.Day(clock("2026-03-20 12:35:00"))
		if want := (Total{minute("2026-03-19 13:00"), Amount{23*60 + 30, 23*60 + 30}}); !ok || day != want {
			t.Errorf("%s: %+v, %t, want %+v", name, day, ok, want)
		}
		if len(a.day.hours) > 24 {
			t.Errorf("%s: it keeps %d hours", name, len(a.day.hours))
		}
	}
}

// At the turn of the month the total begins anew, the day does not, also in a process that starts then.
func TestDay_goesOnAtTheTurnOfTheMonth(t *testing.T) {
	c := steady("2026-02-01 00:00", "2026-03-03 00:00")
	for _, at := range []string{
		"2026-03-01 00:00", "2026-03-01 00:05", "2026-03-01 00:20", "2026-03-01 00:40", "2026-03-01 02:00", "2026-03-01 06:00", "2026-03-02 12:00",
	} {
		kept, fresh := Daily(), Daily()
		c.follow(&kept, "2026-02-27 12:00", at)
		c.poll(&fresh, clock(at+":00"), never)
		until := settledBy(minute(at))
		for name, a := range map[string]*Account{"followed": &kept, "started": &fresh} {
			day, _ := a.Day(clock(at + ":00"))
			if want := int64(until - day.Since); day.Sum != want || want <= 23*60 || want > 24*60 {
				t.Errorf("%s, %s: %d since %s, want %d", at, name, day.Sum, day.Since.Time(), want)
			}
		}
	}
}

func TestDay_endsWithoutBeingRead(t *testing.T) {
	c := steady("2026-03-20 10:00", "2026-03-20 11:00")
	a := Daily()
	c.poll(&a, clock("2026-03-20 12:30:00"), never)
	for at, sum := range map[string]int64{
		"2026-03-21 09:30:00": 60, "2026-03-21 10:05:00": 60, "2026-03-21 11:06:00": 0, "2026-03-22 10:06:00": 0,
	} {
		if day, _ := a.Day(clock(at)); day.Sum != sum {
			t.Errorf("%s: %+v", at, day)
		}
	}
}

func TestDay_isNotKeptUnasked(t *testing.T) {
	c := steady("2026-03-20 10:00", "2026-03-20 11:00")
	var a Account
	c.follow(&a, "2026-03-20 10:00", "2026-03-20 12:00")
	if day, ok := a.Day(clock("2026-03-20 12:00:00")); ok || len(a.day.hours) > 0 {
		t.Errorf("%+v", day)
	}
}
