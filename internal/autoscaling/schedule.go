package autoscaling

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Moments gives the moments of a schedule of Application Auto Scaling, at(...), rate(...) or cron(...), one after another:
// the first one after a moment. It is zero if there is none within a year.
type Moments func(after time.Time) time.Time

// ParseSchedule reads a schedule. What is not understood is an error: nothing is judged by it.
func ParseSchedule(schedule, zone string, start time.Time) (Moments, error) {
	location, err := time.LoadLocation(zone) // empty is UTC
	if err != nil {
		return nil, fmt.Errorf("the time zone %q is not known", zone)
	}
	kind, rest, _ := strings.Cut(strings.TrimSpace(schedule), "(")
	inner, ok := strings.CutSuffix(rest, ")")
	if !ok {
		return nil, fmt.Errorf("the schedule %q is not understood", schedule)
	}
	var next Moments
	switch kind {
	case "at":
		next, err = parseAt(inner, location)
	case "rate":
		next, err = parseRate(inner, start)
	case "cron":
		next, err = parseCron(inner, location)
	default:
		err = fmt.Errorf("unknown kind %q", kind)
	}
	if err != nil {
		return nil, fmt.Errorf("the schedule %q is not understood", schedule)
	}
	return next, nil
}

func parseAt(text string, location *time.Location) (Moments, error) {
	at, err := time.ParseInLocation("2006-01-02T15:04:05", text, location)
	return func(after time.Time) time.Time {
		if at.After(after) {
			return at
		}
		return time.Time{}
	}, err
}

func parseRate(text string, start time.Time) (Moments, error) {
	count, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(count)
	one := map[string]time.Duration{
		"minute": time.Minute, "minutes": time.Minute, "hour": time.Hour, "hours": time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
	}[unit]
	if err != nil || n <= 0 || one == 0 || start.IsZero() { // without a start nobody knows when it began
		return nil, fmt.Errorf("no rate: %q", text)
	}
	each := time.Duration(n) * one
	return func(after time.Time) time.Time {
		if after.Before(start) {
			return start
		}
		return start.Add(after.Sub(start).Truncate(each) + each)
	}, nil
}

// Bounded are the capacities of a target as a scheduled action leaves them. One that is set moves the other where they would
// cross; AWS does not say what else becomes of it.
func Bounded(least, most int, action *fleet.ScheduledAction) (newLeast, newMost int) {
	if action.MinCapacity != nil {
		least = *action.MinCapacity
		most = max(most, least)
	}
	if action.MaxCapacity != nil {
		most = *action.MaxCapacity
		least = min(least, most)
	}
	return least, most
}

// cron is which minutes, hours, days and months are named; days of the month and of the week both have to be.
type cron struct {
	minutes, hours, days, months, weekdays, years map[int]bool // nil: each
	location                                      *time.Location
}

func parseCron(text string, location *time.Location) (Moments, error) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return nil, fmt.Errorf("%d fields", len(fields))
	}
	c := cron{location: location}
	for i, into := range []struct {
		set      *map[int]bool
		from, to int
		names    string
	}{
		{&c.minutes, 0, 59, ""},
		{&c.hours, 0, 23, ""},
		{&c.days, 1, 31, ""},
		{&c.months, 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"},
		{&c.weekdays, 1, 7, "SUN MON TUE WED THU FRI SAT"},
		{&c.years, 1970, 2199, ""},
	} {
		set, err := parseField(fields[i], into.from, into.to, strings.Fields(into.names))
		if err != nil {
			return nil, err
		}
		*into.set = set
	}
	return c.next, nil
}

// parseField reads lists, ranges and steps; L, W and # are not understood.
func parseField(field string, from, to int, names []string) (map[int]bool, error) {
	if field == "*" || field == "?" {
		return nil, nil //nolint:nilnil // nil is each
	}
	one := func(text string) (int, error) {
		for i, name := range names {
			if strings.EqualFold(name, text) {
				return from + i, nil
			}
		}
		n, err := strconv.Atoi(text)
		if err == nil && (n < from || n > to) {
			err = fmt.Errorf("%d is not from %d to %d", n, from, to)
		}
		return n, err
	}
	set := map[int]bool{}
	for _, part := range strings.Split(field, ",") {
		span, step, stepped := strings.Cut(part, "/")
		by, err := 1, error(nil)
		if stepped {
			if by, err = strconv.Atoi(step); err != nil || by <= 0 {
				return nil, fmt.Errorf("no step: %q", part)
			}
		}
		first, last := from, to
		if span != "*" {
			low, high, ranged := strings.Cut(span, "-")
			if first, err = one(low); err != nil {
				return nil, err
			}
			switch {
			case ranged:
				if last, err = one(high); err != nil {
					return nil, err
				}
			case !stepped:
				last = first
			}
		}
		all := to - from + 1
		if last < first { // FRI-MON goes over the end
			last += all
		}
		for n := first; n <= last; n += by {
			set[from+(n-from)%all] = true
		}
	}
	return set, nil
}

func includes(set map[int]bool, n int) bool { return set == nil || set[n] }

func (c *cron) next(after time.Time) time.Time {
	at := after.In(c.location).Truncate(time.Minute).Add(time.Minute)
	for day := range 366 {
		if day > 0 {
			at = time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, c.location)
		}
		if !includes(c.years, at.Year()) || !includes(c.months, int(at.Month())) || !includes(c.days, at.Day()) || !includes(c.weekdays, int(at.Weekday())+1) {
			continue
		}
		for of := at.Day(); at.Day() == of; at = at.Add(time.Minute) {
			if !includes(c.hours, at.Hour()) {
				at = at.Add(time.Duration(59-at.Minute()) * time.Minute)
				continue
			}
			if includes(c.minutes, at.Minute()) {
				return at
			}
		}
		at = at.Add(-time.Minute) // back to the day that had none
	}
	return time.Time{}
}
