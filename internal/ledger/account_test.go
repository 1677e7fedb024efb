package ledger

import (
	"fmt"
	"testing"
	"time"
)

func TestNext_readsEverythingAtTheStart(t *testing.T) {
	tests := map[string]struct{ at, hours, hoursTo, minutesTo string }{
		"in a month":                  {"2026-03-20 12:34:56", "2026-03-01 00:00", "2026-03-20 09:00", "2026-03-20 12:34"},
		"at a whole hour":             {"2026-03-20 12:00:00", "2026-03-01 00:00", "2026-03-20 09:00", "2026-03-20 12:00"},
		"while the old month is seen": {"2026-03-01 00:19:59", "2026-02-01 00:00", "2026-02-28 21:00", "2026-03-01 00:19"},
		"after that":                  {"2026-03-01 00:20:00", "2026-03-01 00:00", "2026-02-28 21:00", "2026-03-01 00:20"},
	}
	for name, test := range tests {
		want := Read{
			Hours: Span{minute(test.hours), minute(test.hoursTo)}, Minutes: Span{minute(test.hoursTo), minute(test.minutesTo)}, Whole: true,
		}
		if got := (&Account{}).Next(clock(test.at), never); got != want {
			t.Errorf("%s: hours %s to %s, minutes %s to %s", name, got.Hours.From.Time(), got.Hours.To.Time(),
				got.Minutes.From.Time(), got.Minutes.To.Time())
		}
	}
}

// An ordinary read begins fifteen minutes before the end of the one before it, one an hour three hours back, and one a
// day reads everything.
func TestNext_readsBackOnceAnHourAndOnceADay(t *testing.T) {
	const spread = 7*Hour + 42
	var a Account
	c := cloudwatch{}
	kinds := map[string]int{}
	c.poll(&a, clock("2026-03-20 12:40:00"), spread)
	for at := clock("2026-03-20 12:45:00"); at.Before(clock("2026-03-22 12:45:00")); at = at.Add(5 * time.Minute) {
		read, _ := c.poll(&a, at, spread)
		kind := "ordinary"
		switch back := read.Minutes.To - read.Minutes.From; {
		case read.Whole:
			kind = "whole at " + at.Format("15:04")
		case back > overlap+5:
			if kind = "late"; at.Minute() != 45 || read.Minutes.From != (MinuteOf(at)-3*Hour).hour() {
				t.Errorf("%s: late from %s", at, read.Minutes.From.Time())
			}
		}
		kinds[kind]++
	}
	if got, want := fmt.Sprint(kinds), fmt.Sprint(map[string]int{"late": 46, "ordinary": 528, "whole at 07:45": 2}); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What failed is due again in the next turn.
func TestNext_aLateReadThatFailedIsDueAgain(t *testing.T) {
	var a Account
	cloudwatch{}.poll(&a, clock("2026-03-20 12:41:00"), 42)
	for _, at := range []string{"2026-03-20 12:46:00", "2026-03-20 12:51:00"} {
		if read := a.Next(clock(at), 42); read.Minutes.From != minute("2026-03-20 09:00") {
			t.Errorf("%s: from %s", at, read.Minutes.From.Time())
		}
	}
	cloudwatch{}.poll(&a, clock("2026-03-20 12:51:00"), 42)
	if read := a.Next(clock("2026-03-20 12:56:00"), 42); read.Minutes.From != minute("2026-03-20 12:36") {
		t.Errorf("then from %s", read.Minutes.From.Time())
	}
}

func TestSpread_isEven(t *testing.T) {
	minutes, most := map[Minute]int{}, 0
	for i := range 1200 {
		spread := Spread(fmt.Sprintf("transcribe-%d", i))
		minutes[spread%Hour]++
		most = max(most, minutes[spread%Hour])
		if spread < 0 || spread >= Day {
			t.Fatalf("%d", spread)
		}
	}
	if len(minutes) != 60 || most > 40 {
		t.Errorf("%d minutes of the hour, %d in one of them", len(minutes), most)
	}
}

func TestLastRead_isOnceAMonth(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"2026-02-28 23:59:00", "2026-03-01 00:14:00", ""},
		{"2026-02-28 23:59:00", "2026-03-01 00:59:00", "2026-03-01 00:15:00"},
		{"2026-03-01 00:00:00", "2026-03-01 00:20:00", "2026-03-01 00:15:00"},
		{"2026-03-01 00:15:00", "2026-03-01 01:15:00", ""},
		{"2026-03-20 00:00:00", "2026-03-20 01:00:00", ""},
	} {
		at, ok := LastRead(clock(test.from), clock(test.to))
		if got := at.Format(time.DateTime); ok != (test.want != "") || ok && got != test.want {
			t.Errorf("%s to %s: %s, %t", test.from, test.to, got, ok)
		}
	}
}

// Whatever CloudWatch shows of the old month until 00:15 is in its total, also of an endpoint whose minute of the day is
// before that, and of one that is read each minute.
func TestAccount_countsWhatTheOldMonthShowsUntilItsLastRead(t *testing.T) {
	for _, interval := range []time.Duration{time.Minute, 5 * time.Minute} {
		for _, spread := range []Minute{0, 5, 10, 16, never} {
			c := cloudwatch{}
			for m, shown := range map[string]string{
				"2026-02-28 23:57": "00:04:00", "2026-02-28 23:40": "00:07:30", "2026-02-28 12:00": "00:11:30", "2026-02-28 01:00": "00:14:30",
			} {
				c.put(minute(m), 1, clock("2026-03-01 "+shown).Sub((minute(m) + 1).Time()))
			}
			var a Account
			whole := 0
			for at := clock("2026-02-28 23:50:00"); at.Before(clock("2026-03-01 00:20:00")); at = at.Add(interval) {
				if read, _ := c.poll(&a, at, spread); read.Whole && at.After(clock("2026-03-01 00:00:59")) {
					whole++
				}
			}
			if got := shown(&a, clock("2026-03-01 00:19:30")).Sum; got != 4 {
				t.Errorf("every %s, spread %d: %d, want 4", interval, spread, got)
			}
			if whole > 2 || spread == never && whole != 1 {
				t.Errorf("every %s, spread %d: read %d times from the beginning", interval, spread, whole)
			}
		}
	}
}

func TestAccount_showsNothingBeforeItIsReadBack(t *testing.T) {
	var a Account
	at := clock("2026-03-20 12:34:00")
	if total := shown(&a, at); !total.Since.IsZero() {
		t.Errorf("%+v", total)
	}
	cloudwatch{}.poll(&a, at, never)
	if total := shown(&a, at); !total.Since.Equal(clock("2026-03-01 00:00:00")) || total.Sum != 0 {
		t.Errorf("%+v", total)
	}
}

func TestAccount_countsSettledMinutesOnce(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-02-28 23:59"), 1_000_000, 0) // of the month before
	c.put(minute("2026-03-01 00:00"), 1, 0)
	c.put(minute("2026-03-20 08:59"), 10, 0)
	c.put(minute("2026-03-20 09:00"), 100, 0)
	c.put(minute("2026-03-20 12:29"), 1_000, 0)
	c.put(minute("2026-03-20 12:30"), 10_000, 0)
	var a Account
	c.follows(t, &a,
		step{"2026-03-20 12:34:59", 111, 0}, // 12:29 ended less than five minutes ago
		step{"2026-03-20 12:34:59", 111, 0},
		step{"2026-03-20 12:35:00", 1_111, 0},
		step{"2026-03-20 12:40:00", 11_111, 0},
		step{"2026-03-20 13:00:00", 11_111, 0},
		step{"2026-03-20 15:30:00", 11_111, 0},
		step{"2026-03-20 19:00:00", 11_111, 0}, // so long after that everything is read again
		step{"2026-03-22 19:00:00", 11_111, 0},
	)
}

func TestAccount_readsTheMinutesThatItMissed(t *testing.T) {
	c := cloudwatch{}
	for m := minute("2026-03-20 11:50"); m < minute("2026-03-20 17:40"); m++ {
		c.put(m, 1, time.Minute)
	}
	var a Account
	c.follows(t, &a,
		step{"2026-03-20 12:00:00", 5, 0},
		step{"2026-03-20 14:40:00", 165, 0},
		step{"2026-03-20 17:41:00", 346, 0},
	)
}

func TestAccount_lateDataIsCountedWhenItComes(t *testing.T) {
	c := cloudwatch{}
	at := minute("2026-03-20 12:00")
	c.put(at, 10, 0)
	c.put(at, 13, 8*time.Minute)         // more was found
	c.put(at+1, 5, 4*time.Minute)        // late, but before it settled
	c.put(at+2, 7, 9*time.Minute)        // after it had settled
	c.put(at+3, 100, 30*time.Minute)     // for the late read
	c.put(at+4, 1_000, 9*time.Hour)      // for the daily one
	c.put(at+5, 10_000, 23*time.Hour)    // for the next
	c.put(at+6, 100_000, 30*time.Minute) // for the late read
	var a Account
	c.follows(t, &a,
		step{"2026-03-20 12:08:00", 15, 0},
		step{"2026-03-20 12:10:00", 18, 1},
		step{"2026-03-20 12:12:00", 25, 1},
		step{"2026-03-20 12:30:00", 25, 0},
		step{"2026-03-20 12:50:00", 25, 0},
		step{"2026-03-20 12:59:00", 100_125, 2},
	)
	for at := clock("2026-03-20 13:04:00"); at.Before(clock("2026-03-20 23:59:00")); at = at.Add(5 * time.Minute) {
		c.poll(&a, at, never)
	}
	c.follows(t, &a, step{"2026-03-20 23:58:00", 100_125, 0}, step{"2026-03-21 00:00:00", 101_125, 1})
	for at := clock("2026-03-21 00:05:00"); at.Before(clock("2026-03-21 23:58:00")); at = at.Add(5 * time.Minute) {
		c.poll(&a, at, never)
	}
	c.follows(t, &a, step{"2026-03-21 23:58:00", 101_125, 0}, step{"2026-03-21 23:59:00", 111_125, 1})
}

// A revision downward never lowers the total, wherever it is found, and is counted.
func TestAccount_revisionsDownwardAreCountedAndLowerNothing(t *testing.T) {
	at := minute("2026-03-20 12:00")
	for name, test := range map[string]struct {
		after time.Duration // of which the minute is over
		found string        // the poll that finds it
	}{
		"soon": {12 * time.Minute, "2026-03-20 12:15:00"}, "late": {40 * time.Minute, "2026-03-20 13:00:00"},
		"very late": {7 * time.Hour, "2026-03-21 00:00:00"},
	} {
		c := cloudwatch{}
		c.put(at, 10, 0)
		c.put(at+1, 5, 0)
		c.put(at, 4, test.after)
		c.put(minute("2026-03-21 00:30"), 2, 0)
		c.put(minute("2026-03-21 00:31"), 30, 0)
		var a Account
		c.poll(&a, clock("2026-03-20 12:10:00"), never)
		for now := clock("2026-03-20 12:15:00"); now.Before(clock("2026-03-21 00:30:00")); now = now.Add(5 * time.Minute) {
			_, revisions := c.poll(&a, now, never)
			want := 0
			if now.Equal(clock(test.found)) {
				want = 1
			}
			if total := shown(&a, now); total.Sum != 15 || revisions != want {
				t.Errorf("%s: %s: %d, %d revisions", name, now, total.Sum, revisions)
			}
		}
		c.follows(t, &a, step{"2026-03-21 00:36:00", 15, 0}, step{"2026-03-21 00:37:00", 41, 0}) // made up for first
	}
}

// The month turns by the clock, whatever was read when, and whenever the process started.
func TestAccount_theMonthTurnsByTheClock(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-02-10 12:00"), 100, 0)
	c.put(minute("2026-02-28 20:00"), 1_000, 4*time.Hour+3*time.Minute)
	c.put(minute("2026-02-28 23:30"), 10_000, 33*time.Minute)
	c.put(minute("2026-02-28 23:59"), 10, 4*time.Minute)
	c.put(minute("2026-02-28 23:58"), 100_000, 22*time.Minute) // after the old total was shown last: lost
	c.put(minute("2026-03-01 00:01"), 500_000, 0)
	february, march := clock("2026-02-01 00:00:00"), clock("2026-03-01 00:00:00")
	var kept Account
	c.poll(&kept, clock("2026-02-28 23:58:00"), Hour+3)
	for at := clock("2026-03-01 00:00:00"); at.Before(clock("2026-03-01 02:00:00")); at = at.Add(time.Minute) {
		if at.Minute()%5 == 2 {
			c.poll(&kept, at, Hour+3)
		}
		total := shown(&kept, at)
		want, since := int64(100), february
		switch {
		case !at.Before(clock("2026-03-01 00:30:00")):
			want, since = 500_000, march
		case !at.Before(clock("2026-03-01 00:20:00")):
			want, since = 0, march
		case !at.Before(clock("2026-03-01 00:17:00")): // the daily read in the turn
			want = 11_110
		case !at.Before(clock("2026-03-01 00:07:00")): // the late read
			want = 10_110
		}
		if total.Sum != want || !total.Since.Equal(since) {
			t.Errorf("%s: %d since %s, want %d since %s", at, total.Sum, total.Since, want, since)
		}
		var fresh Account
		c.poll(&fresh, at, Hour+3)
		if got := shown(&fresh, at); got.Sum < total.Sum || !got.Since.Equal(since) {
			t.Errorf("%s: one that starts shows %d since %s, and one that runs %d since %s", at, got.Sum, got.Since, total.Sum, since)
		}
	}
}

// One that is not read any more turns too.
func TestAccount_turnsUnread(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-02-10 12:00"), 100, 0)
	var a Account
	c.poll(&a, clock("2026-02-11 12:00:00"), never)
	for at, want := range map[string]int64{
		"2026-02-28 23:59:00": 100, "2026-03-01 00:19:59": 100, "2026-03-01 00:20:00": 0, "2026-03-01 00:30:00": 0, "2026-04-01 00:10:00": 0,
	} {
		if total := shown(&a, clock(at)); total.Sum != want {
			t.Errorf("%s: %+v", at, total)
		}
	}
	if april := shown(&a, clock("2026-04-01 00:10:00")); !april.Since.Equal(clock("2026-03-01 00:00:00")) {
		t.Errorf("in April it is since %s", april.Since)
	}
}

func TestPace_isTheMeanOfTheNewestSettledMinutes(t *testing.T) {
	c := cloudwatch{}
	for text, sum := range map[string]float64{"12:07": 50, "12:08": 20, "12:12": 10, "12:16": 30, "12:19": 70} {
		c.put(minute("2026-11-25 "+text), sum, 0)
	}
	var a Account
	if _, ok := a.Pace(); ok {
		t.Error("there is a pace of nothing")
	}
	for _, step := range []struct {
		at   string
		pace float64
	}{{"12:03:00", 0}, {"12:22:00", 11}, {"12:23:00", 6}, {"12:24:00", 4}, {"14:30:00", 0}} {
		c.poll(&a, clock("2026-11-25 "+step.at), never)
		if pace, ok := a.Pace(); pace != step.pace || !ok {
			t.Errorf("%s: %v %v, want %v", step.at, pace, ok, step.pace)
		}
	}
}

func TestAccount_aClockThatIsSetBackLowersNothing(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-03-20 12:00"), 3, 0)
	c.put(minute("2026-03-20 12:28"), 4, 0)
	var a Account
	c.follows(t, &a, step{"2026-03-20 12:34:00", 7, 0}, step{"2026-03-20 12:20:00", 7, 0}, step{"2026-03-20 08:34:00", 7, 0},
		step{"2026-03-20 12:33:00", 7, 0}, step{"2026-03-20 12:40:00", 7, 0})
	if revisions := a.Learn(clock("2026-02-20 11:34:00"), Read{Minutes: Span{1, 2}}, nil, []Point{{1, Amount{5, 5}}}); revisions != 0 {
		t.Errorf("%d revisions", revisions)
	}
	c.follows(t, &a, step{"2026-03-20 12:41:00", 7, 0})
}

// A clock that is set back over the turn of a month stops nothing for long, however far ahead it was.
func TestAccount_aClockThatWasInAnotherMonth(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-02-10 12:00"), 5, 0)
	c.put(minute("2026-02-28 23:50"), 3, 0)
	var a Account
	c.follows(t, &a, step{"2026-02-28 23:58:00", 8, 0}, step{"2026-03-01 00:04:00", 8, 0})
	if read := a.Next(clock("2026-02-28 23:59:00"), never); !read.Minutes.Empty() {
		t.Errorf("a little before the turn it reads %+v", read)
	}
	c.follows(t, &a, step{"2026-03-01 00:04:00", 8, 0}, step{"2026-05-10 12:00:00", 0, 0}, step{"2026-02-28 23:59:00", 8, 0})
	c.put(minute("2026-03-01 00:01"), 2, 0)
	c.follows(t, &a, step{"2026-03-01 00:19:00", 8, 0}, step{"2026-03-01 00:31:00", 2, 0})
}

// What the page of metrics promises of late data, however the interval, the endpoint and the minute lie.
func TestAccount_lateDataIsCountedInTime(t *testing.T) {
	noon := clock("2026-03-20 12:00:00")
	for _, interval := range []time.Duration{5 * time.Minute, 7 * time.Minute, 15 * time.Minute, time.Hour} {
		for _, promise := range []struct{ late, within time.Duration }{
			{15 * time.Minute, 0}, {2*time.Hour - interval, time.Hour}, {23 * time.Hour, 24 * time.Hour},
		} {
			for spread := Minute(4); spread < Hour; spread += 11 {
				for i := range 14 {
					m := MinuteOf(noon) + Minute(i%2)*59 // the hour's first and last
					c := cloudwatch{}
					c.put(m, 1, promise.late)
					begin := noon.Add(-2*time.Hour + time.Duration(i)*interval/14)
					var a Account
					for at := begin; !at.After((m + 1).Time().Add(promise.late + promise.within + interval)); at = at.Add(interval) {
						c.poll(&a, at, spread)
					}
					if month, _ := a.Totals(); month.Sum != 1 {
						t.Fatalf("every %s, spread %d: %s, %s late, is not counted within %s", interval, spread, m.Time(), promise.late, promise.within)
					}
				}
			}
		}
	}
}
