package fleet

import (
	"testing"
	"time"
)

func TestTotal_whichMonthIsShownIsDecidedByTheClock(t *testing.T) {
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, time.UTC)
	}
	march, april := at(3, 1, 0, 0), at(4, 1, 0, 0)
	old := Total{Since: march, Sum: 9, Samples: 3}
	turning := Total{Since: april, Sum: 2, Samples: 1, Before: Count{march, 9, 3}}
	for name, test := range map[string]struct {
		total   Total
		at      time.Time
		since   time.Time
		sum     int64
		samples int64
	}{
		"in the month":                      {old, at(3, 20, 12, 0), march, 9, 3},
		"after its end":                     {old, at(4, 1, 0, 19), march, 9, 3},
		"read after its end":                {turning, at(4, 1, 0, 19), march, 9, 3},
		"then it is 0":                      {turning, at(4, 1, 0, 20), april, 0, 0},
		"also if it was not read since":     {old, at(4, 1, 0, 20), april, 0, 0},
		"then the new one":                  {turning, at(4, 1, 0, 30), april, 2, 1},
		"of which nothing was read":         {old, at(4, 20, 0, 30), april, 0, 0},
		"not read for a month":              {old, at(5, 1, 0, 10), april, 0, 0},
		"not known":                         {Total{}, at(4, 1, 0, 25), time.Time{}, 0, 0},
		"a clock that was set back":         {Total{Since: april, Sum: 2, Samples: 1}, at(4, 1, 0, 10), april, 2, 1},
		"in another zone it is still UTC's": {turning, at(4, 1, 0, 19).In(time.FixedZone("", 5*3600)), march, 9, 3},
	} {
		if got := test.total.At(test.at); !got.Since.Equal(test.since) || got.Sum != test.sum || got.Samples != test.samples {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if year := Epoch(at(12, 31, 23, 59)).AddDate(0, 1, 0); year != time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) {
		t.Errorf("the next year begins %s", year)
	}
}
