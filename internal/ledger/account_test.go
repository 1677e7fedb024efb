package ledger

import (
	"testing"
	"time"
)

// cloudwatch is a metric minute by minute: what it shows of each, and from when on.
type cloudwatch map[Minute][]version

// version is what CloudWatch says of a minute from a moment on.
type version struct {
	from time.Time
	Amount
}

// put publishes the amount of a minute; CloudWatch shows it after the delay that follows the minute's end.
func (c cloudwatch) put(m Minute, sum int64, delay time.Duration) {
	c[m] = append(c[m], version{(m + 1).Time().Add(delay), Amount{sum, 1}})
}

func (c cloudwatch) show(m Minute, at time.Time) (shown Amount) {
	for _, v := range c[m] {
		if !v.from.After(at) {
			shown = v.Amount
		}
	}
	return shown
}

// read answers a span at a period, as it is at the given moment.
func (c cloudwatch) read(s Span, period Minute, at time.Time) (points []Point) {
	for m := s.From; m < s.To; m += period {
		var sum Amount
		for i := range period {
			sum = sum.plus(c.show(m+i, at))
		}
		if sum != (Amount{}) {
			points = append(points, Point{m, sum})
		}
	}
	return points
}

// truth is the sum of the minutes of an epoch that have settled at the given moment.
func (c cloudwatch) truth(epoch, end Minute, at time.Time) (sum Amount) {
	for m := range c {
		if m >= epoch && m < end && m < settledBy(MinuteOf(at)) {
			sum = sum.plus(c.show(m, at))
		}
	}
	return sum
}

// poll reads what the account wants, and takes it in.
func (c cloudwatch) poll(a *Account, at, created time.Time) (read Read, revisions int) {
	read = a.Next(at, created)
	return read, a.Learn(at, created, read, c.read(read.Hours, Hour, at), c.read(read.Minutes, 1, at))
}

func clock(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return at
}

func minute(text string) Minute { return MinuteOf(clock(text + ":00")) }

var created = clock("2026-01-10 09:30:00")

func TestEpoch_isTheMonthOrTheCreation(t *testing.T) {
	tests := map[string]struct{ at, created, epoch string }{
		"an old endpoint":             {"2026-03-20 12:34:56", "2025-01-01 00:00:00", "2026-03-01 00:00"},
		"created in this month":       {"2026-03-20 12:34:56", "2026-03-10 09:59:59", "2026-03-10 09:00"},
		"the first second of a month": {"2026-03-01 00:00:00", "2025-01-01 00:00:00", "2026-03-01 00:00"},
		"the last second of a month":  {"2026-02-28 23:59:59", "2025-01-01 00:00:00", "2026-02-01 00:00"},
	}
	for name, test := range tests {
		if got := Epoch(clock(test.at), clock(test.created)); got != minute(test.epoch) {
			t.Errorf("%s: got %s", name, got.Time())
		}
	}
	zone := time.FixedZone("", 3600)
	if got := Epoch(time.Date(2026, 3, 1, 0, 30, 0, 0, zone), clock("2025-01-01 00:00:00")); got != minute("2026-02-01 00:00") {
		t.Errorf("the month is that of UTC, got %s", got.Time())
	}
}

func TestNext_readsBackWholeHoursAndThePresentOne(t *testing.T) {
	tests := map[string]struct{ at, hours, hoursTo, minutesTo string }{
		"in an hour":                      {"2026-03-20 12:34:56", "2026-03-01 00:00", "2026-03-20 12:00", "2026-03-20 12:34"},
		"while the last hour may change":  {"2026-03-20 12:14:59", "2026-03-01 00:00", "2026-03-20 11:00", "2026-03-20 12:14"},
		"when the last hour is over":      {"2026-03-20 12:15:00", "2026-03-01 00:00", "2026-03-20 12:00", "2026-03-20 12:15"},
		"at the turn of the month":        {"2026-03-01 00:03:00", "2026-02-01 00:00", "2026-02-28 23:00", "2026-03-01 00:03"},
		"after the grace of the old one":  {"2026-03-01 01:00:00", "2026-03-01 00:00", "2026-03-01 00:00", "2026-03-01 01:00"},
		"in the month of the creation":    {"2026-01-12 10:20:00", "2026-01-10 09:00", "2026-01-12 10:00", "2026-01-12 10:20"},
		"in the first hour after that":    {"2026-01-10 09:40:00", "2026-01-10 09:00", "2026-01-10 09:00", "2026-01-10 09:40"},
		"while the first hour may change": {"2026-01-10 10:14:00", "2026-01-10 09:00", "2026-01-10 09:00", "2026-01-10 10:14"},
	}
	for name, test := range tests {
		want := Read{
			Hours:   Span{minute(test.hours), minute(test.hoursTo)},
			Minutes: Span{minute(test.hoursTo), minute(test.minutesTo)},
		}
		if got := (Account{}).Next(clock(test.at), created); got != want {
			t.Errorf("%s: got hours %s to %s, minutes %s to %s", name, got.Hours.From.Time(), got.Hours.To.Time(),
				got.Minutes.From.Time(), got.Minutes.To.Time())
		}
	}
}

func TestAccount_showsNothingBeforeItIsReadBack(t *testing.T) {
	var a Account
	if total, ok := a.Total(); ok {
		t.Errorf("got %+v", total)
	}
	cloudwatch{}.poll(&a, clock("2026-03-20 12:34:00"), created)
	if total, ok := a.Total(); !ok || total != (Total{Since: minute("2026-03-01 00:00")}) {
		t.Errorf("got %+v, %t", total, ok)
	}
}

func TestAccount_countsSettledMinutesOnce(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-02-28 23:59"), 1_000_000, 0) // of the month before
	c.put(minute("2026-03-01 00:00"), 1, 0)
	c.put(minute("2026-03-20 11:59"), 10, 0)
	c.put(minute("2026-03-20 12:00"), 100, 0)
	c.put(minute("2026-03-20 12:29"), 1_000, 0)
	c.put(minute("2026-03-20 12:30"), 10_000, 0)
	var a Account
	for _, step := range []struct {
		at  string
		sum int64
	}{
		{"2026-03-20 12:34:59", 111}, // 12:29 ended less than five minutes ago
		{"2026-03-20 12:34:59", 111},
		{"2026-03-20 12:35:00", 1_111},
		{"2026-03-20 12:40:00", 11_111},
		{"2026-03-20 13:00:00", 11_111},
		{"2026-03-20 15:30:00", 11_111},
		{"2026-03-20 19:00:00", 11_111}, // so long after that whole hours are read again
	} {
		_, revisions := c.poll(&a, clock(step.at), created)
		if total, _ := a.Total(); total.Sum != step.sum || revisions != 0 {
			t.Errorf("%s: got %d, %d revisions", step.at, total.Sum, revisions)
		}
	}
}

func TestPace_isTheMeanOfTheSettledMinutesThatAreReadAgain(t *testing.T) {
	created := clock("2026-11-25 12:00:00")
	c := cloudwatch{}
	for text, sum := range map[string]int64{"12:07": 50, "12:08": 20, "12:12": 10, "12:16": 30, "12:19": 70} {
		c.put(minute("2026-11-25 "+text), sum, 0)
	}
	var a Account
	for _, step := range []struct {
		at   string
		pace float64
		ok   bool
	}{
		{"12:03:00", 0, false},
		{"12:09:59", 0, false}, // four minutes have settled
		{"12:10:00", 0, true},
		{"12:22:00", 11, true}, // 12:07 to 12:17
		{"12:23:00", 6, true},  // 12:08 to 12:18
		{"12:24:00", 4, true},  // 12:09 to 12:19
		{"14:30:00", 0, true},
	} {
		c.poll(&a, clock("2026-11-25 "+step.at), created)
		if pace, ok := a.Pace(); pace != step.pace || ok != step.ok {
			t.Errorf("%s: %v %v, want %v %v", step.at, pace, ok, step.pace, step.ok)
		}
	}
}

func TestAccount_readsTheMinutesThatItMissed(t *testing.T) {
	c := cloudwatch{}
	var a Account
	c.poll(&a, clock("2026-03-20 12:00:00"), created)
	for m := minute("2026-03-20 11:00"); m < minute("2026-03-20 14:40"); m++ {
		c.put(m, 1, time.Minute)
	}
	read, _ := c.poll(&a, clock("2026-03-20 14:40:00"), created)
	if want := (Read{Minutes: Span{minute("2026-03-20 11:45"), minute("2026-03-20 14:40")}}); read != want {
		t.Errorf("read %+v", read)
	}
	if total, _ := a.Total(); total.Sum != 2*60+35+15 { // those before 11:45 had been missing for good
		t.Errorf("got %d", total.Sum)
	}
	read, _ = c.poll(&a, clock("2026-03-20 17:40:00"), created)
	if read.Hours.Empty() {
		t.Errorf("three hours and more later it reads %+v", read)
	}
	if total, _ := a.Total(); total.Sum != 3*60+40 {
		t.Errorf("got %d", total.Sum)
	}
}

func TestAccount_latePointsAndRevisionsAreCounted(t *testing.T) {
	c := cloudwatch{}
	at := minute("2026-03-20 12:00")
	c.put(at, 10, 0)
	c.put(at, 13, 8*time.Minute)  // more was found
	c.put(at, 11, 12*time.Minute) // and less
	c.put(at+1, 5, 4*time.Minute) // late, but before it settled
	c.put(at+2, 7, 9*time.Minute) // after it had settled
	var a Account
	for _, step := range []struct {
		at        string
		sum       int64
		revisions int
	}{
		{"2026-03-20 12:08:00", 15, 0},
		{"2026-03-20 12:10:00", 18, 1},
		{"2026-03-20 12:12:00", 25, 1},
		{"2026-03-20 12:14:00", 25, 1}, // the truth is 23, but what was shown stays
		{"2026-03-20 12:30:00", 25, 0},
	} {
		_, revisions := c.poll(&a, clock(step.at), created)
		if total, _ := a.Total(); total.Sum != step.sum || revisions != step.revisions {
			t.Errorf("%s: got %d, %d revisions", step.at, total.Sum, revisions)
		}
	}
	c.put(minute("2026-03-20 12:40"), 2, 0)
	c.put(minute("2026-03-20 12:41"), 3, 0)
	c.poll(&a, clock("2026-03-20 12:46:00"), created)
	if total, _ := a.Total(); total.Sum != 25 {
		t.Errorf("what AWS took back is made up for first, got %d", total.Sum)
	}
	c.poll(&a, clock("2026-03-20 12:47:00"), created)
	if total, _ := a.Total(); total.Sum != 28 {
		t.Errorf("got %d", total.Sum)
	}
}

func TestAccount_oldMonthStandsUntilItHasSettled(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-02-10 12:00"), 100, 0)
	c.put(minute("2026-02-28 23:59"), 10, 4*time.Minute)
	c.put(minute("2026-03-01 00:01"), 1, 0)
	var kept Account
	february, march := minute("2026-02-01 00:00"), minute("2026-03-01 00:00")
	for _, step := range []struct {
		at    string
		since Minute
		sum   int64
	}{
		{"2026-02-28 23:58:00", february, 100},
		{"2026-03-01 00:03:00", february, 100},
		{"2026-03-01 00:06:00", february, 110},
		{"2026-03-01 00:11:00", february, 110},
		{"2026-03-01 00:15:59", february, 110},
		{"2026-03-01 00:16:00", march, 1},
		{"2026-03-01 05:00:00", march, 1},
	} {
		at := clock(step.at)
		c.poll(&kept, at, created)
		if total, ok := kept.Total(); !ok || total.Since != step.since || total.Sum != step.sum {
			t.Errorf("%s: got %d since %s", step.at, total.Sum, total.Since.Time())
		}
		if restarted := (Account{}); at.Before(clock("2026-03-01 00:16:00")) || at.After(clock("2026-03-01 01:00:00")) {
			c.poll(&restarted, at, created)
			if total, ok := restarted.Total(); !ok || total.Since != step.since || total.Sum != step.sum {
				t.Errorf("%s, after a restart: got %d since %s", step.at, total.Sum, total.Since.Time())
			}
		}
	}
}

func TestAccount_newMonthThatIsNotLowerStandsAtZeroFirst(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-02-28 23:00"), 3, 0)
	c.put(minute("2026-03-01 00:02"), 8, 0)
	var a Account
	for _, step := range []struct {
		at  string
		sum int64
	}{
		{"2026-02-28 23:58:00", 3},
		{"2026-03-01 00:06:00", 3},
		{"2026-03-01 00:16:00", 0},
		{"2026-03-01 00:21:00", 0},
		{"2026-03-01 00:26:00", 8},
	} {
		c.poll(&a, clock(step.at), created)
		if total, ok := a.Total(); !ok || total.Sum != step.sum {
			t.Errorf("%s: got %+v", step.at, total)
		}
		if turning := a.Turning(clock(step.at), created); turning != (step.at > "2026-03" && step.at < "2026-03-01 00:26") {
			t.Errorf("%s: turning %t", step.at, turning)
		}
	}
}

func TestAccount_recreatedEndpointBeginsAnew(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-03-10 12:00"), 3, 0)
	var a Account
	c.poll(&a, clock("2026-03-20 12:00:00"), created)
	again := clock("2026-03-20 12:10:00")
	if read := a.Next(clock("2026-03-20 12:20:00"), again); read != (Read{
		Hours: Span{minute("2026-03-20 12:00"), minute("2026-03-20 12:00")}, Minutes: Span{minute("2026-03-20 12:00"), minute("2026-03-20 12:20")},
	}) {
		t.Errorf("reads %+v", read)
	}
	c.poll(&a, clock("2026-03-20 12:20:00"), again)
	if total, _ := a.Total(); total != (Total{Since: minute("2026-03-20 12:00")}) {
		t.Errorf("got %+v", total)
	}
}

func TestAccount_clockThatIsSetBackChangesNothing(t *testing.T) {
	c := cloudwatch{}
	c.put(minute("2026-03-20 12:00"), 3, 0)
	c.put(minute("2026-03-20 12:28"), 4, 0)
	var a Account
	c.poll(&a, clock("2026-03-20 12:34:00"), created)
	for _, at := range []string{"2026-03-20 12:20:00", "2026-03-20 11:34:00", "2026-02-20 11:34:00", "2026-03-20 12:33:00"} {
		c.poll(&a, clock(at), created)
		if total, _ := a.Total(); total != (Total{minute("2026-03-01 00:00"), Amount{7, 2}}) {
			t.Errorf("%s: got %+v", at, total)
		}
	}
}
