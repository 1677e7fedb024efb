package fleet

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// occurrences are the moments at which a schedule begins: once, or by a cron expression of five fields.
type occurrences struct {
	once                              time.Time // zero for a cron expression
	minute, hour, day, month, weekday uint64    // bit n: the field may be n
	zone                              *time.Location
}

// between yields the moments in the half-open range (from, to], in order.
func (o occurrences) between(from, to time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		if !o.once.IsZero() {
			if o.once.After(from) && !o.once.After(to) {
				yield(o.once)
			}
			return
		}
		last := to.In(o.zone)
		for day := from.In(o.zone); ; day = day.AddDate(0, 0, 1) {
			year, month, number := day.Date()
			midnight := time.Date(year, month, number, 0, 0, 0, 0, o.zone)
			if midnight.After(last) {
				return
			}
			if o.month>>month&1 == 0 || o.day>>number&1 == 0 || o.weekday>>midnight.Weekday()&1 == 0 {
				continue
			}
			for moment := range o.of(year, month, number) {
				if moment.After(from) && !moment.After(to) && !yield(moment) {
					return
				}
			}
		}
	}
}

// of yields the moments of one day.
func (o occurrences) of(year int, month time.Month, day int) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for hour := range 24 {
			for minute := range 60 {
				if o.hour>>hour&1 == 1 && o.minute>>minute&1 == 1 && !yield(time.Date(year, month, day, hour, minute, 0, 0, o.zone).UTC()) {
					return
				}
			}
		}
	}
}

var (
	errSchedule     = errors.New("not a schedule of a mute rule")
	errContradicted = errors.New("its schedule says otherwise than AWS")
)

// parseMuteSchedule reads the schedule of a rule as AWS documents it.
func parseMuteSchedule(r MuteRule) (s muteSchedule, err error) {
	s.start, s.expires = r.Start, r.Ends
	if s.zone, err = time.LoadLocation(r.Timezone); err != nil {
		return s, fmt.Errorf("reading the time zone: %w", err)
	}
	if s.duration, err = parseISODuration(r.Duration); err != nil {
		return s, err
	}
	if at, ok := strings.CutPrefix(r.Expression, "at("); ok {
		at = strings.TrimSuffix(at, ")")
		for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
			if s.once, err = time.ParseInLocation(layout, at, s.zone); err == nil {
				s.once = s.once.UTC()
				return s, nil
			}
		}
		return s, errSchedule
	}
	fields := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(r.Expression, "cron("), ")"))
	if !strings.HasPrefix(r.Expression, "cron(") || len(fields) != 5 {
		return s, errSchedule
	}
	if fields[2] != "*" && fields[4] != "*" {
		return s, errSchedule // AWS does not say whether both or one of the two must fit
	}
	for i, field := range []struct {
		bits      *uint64
		low, high int
		names     []string
	}{
		{&s.minute, 0, 59, nil},
		{&s.hour, 0, 23, nil},
		{&s.day, 1, 31, nil},
		{&s.month, 1, 12, months},
		{&s.weekday, 0, 6, weekdays},
	} {
		if *field.bits, err = parseCronField(fields[i], field.low, field.high, field.names); err != nil {
			return s, err
		}
	}
	return s, nil
}

// The names of months and days in a cron expression, in their order.
var (
	months   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// parseCronField reads *, lists and ranges of numbers or names.
func parseCronField(field string, low, high int, names []string) (bits uint64, err error) {
	for part := range strings.SplitSeq(field, ",") {
		first, last := low, high
		if part != "*" {
			from, to, isRange := strings.Cut(part, "-")
			if first, err = parseCronValue(from, low, high, names); err != nil {
				return 0, err
			}
			last = first
			if isRange {
				if last, err = parseCronValue(to, low, high, names); err != nil {
					return 0, err
				}
			}
		}
		for n := first; ; n++ {
			if n > high { // FRI-MON goes over the end of the week
				n = low
			}
			bits |= 1 << n
			if n == last {
				break
			}
		}
	}
	return bits, nil
}

func parseCronValue(text string, low, high int, names []string) (int, error) {
	for i, name := range names {
		if strings.EqualFold(text, name) {
			return low + i, nil
		}
	}
	if len(names) == len(weekdays) {
		return 0, errSchedule // AWS does not say which day is 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, errSchedule
	}
	return n, nil
}

var isoDuration = regexp.MustCompile(`^P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$`)

// parseISODuration reads an ISO 8601 duration of weeks, days, hours, minutes and seconds. Mute rules take a minute to 15 days.
func parseISODuration(text string) (d time.Duration, err error) {
	found := isoDuration.FindStringSubmatch(text)
	if found == nil {
		return 0, errSchedule
	}
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if n, err := strconv.Atoi(found[i+1]); err == nil {
			d += time.Duration(n) * unit
		}
	}
	if d <= 0 || d > mostMuted {
		return 0, errSchedule
	}
	return d, nil
}
