package advise

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Pattern is the time of the day at which work begins after a pause, and the days of the week on which it does.
type Pattern struct {
	Weekdays      []time.Weekday // sorted; all seven for a daily one
	First, Usual  time.Duration  // since midnight UTC: the earliest beginning, and the middle one
	Spread        time.Duration  // between the earliest and the latest beginning
	Begins        []time.Time    // that it was found in
	Days, Held    int            // of so many days of these weekdays, work began in the pattern on so many
	Weeks         int            // that the history holds, begun ones too
	Between       []time.Time    // other beginnings after a pause, which a schedule does not help
	Quiet         time.Duration  // the shortest pause before one of Begins
	FirstRequests float64        // that come within half an hour, in the middle of Begins
}

const (
	day         = 24 * time.Hour
	pause       = time.Hour        // without a request, before work begins anew
	leastDays   = 7                // of history, to tell a daily pattern
	leastWeeks  = 2                // of history, to tell weekdays apart
	mostSpread  = 90 * time.Minute // of the beginnings: what differs by more is no pattern
	leastHeld   = .8               // of the days on which work has to begin in the pattern
	afterBegins = 30 * time.Minute // in which the first requests are counted
)

// NoPatternError says why a history has no pattern that a schedule could follow.
type NoPatternError struct{ Why string }

func (e *NoPatternError) Error() string { return e.Why }

// Pattern looks for the days and the time at which work begins. Its error is a NoPatternError.
func (h History) Pattern() (Pattern, error) {
	first, came := h.Came()
	observed := h.To.Sub(first)
	if observed < leastDays*day {
		return Pattern{}, &NoPatternError{fmt.Sprintf("the history is of %s, and %d days are needed to tell a daily pattern", fleet.Lapse(observed), leastDays)}
	}
	begins, quiet := beginnings(first, came)
	if len(begins) < leastDays/2 {
		return Pattern{}, &NoPatternError{fmt.Sprintf("work began only %d times after a pause of an hour in %s", len(begins), fleet.Lapse(observed))}
	}
	byDay := map[time.Weekday]map[string]bool{} // the days on which work began, by weekday
	for _, at := range begins {
		if byDay[at.Weekday()] == nil {
			byDay[at.Weekday()] = map[string]bool{}
		}
		byDay[at.Weekday()][at.Format(time.DateOnly)] = true
	}
	p := Pattern{Weeks: int((observed + 7*day - 1) / (7 * day))}
	days := weekdays(first, h.To)
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		if n := days[weekday]; n > 0 && float64(len(byDay[weekday])) >= leastHeld*float64(n) {
			p.Weekdays = append(p.Weekdays, weekday)
		}
	}
	switch {
	case len(p.Weekdays) == 0:
		return Pattern{}, &NoPatternError{"work begins on no day of the week every time"}
	case len(p.Weekdays) < 7 && observed < leastWeeks*7*day:
		return Pattern{}, &NoPatternError{fmt.Sprintf("work does not begin every day, and the history of %s is too thin to tell the days of the week apart: %d weeks are needed", fleet.Lapse(observed), leastWeeks)}
	}
	p.gather(begins, quiet)
	for _, weekday := range p.Weekdays {
		p.Days += days[weekday]
	}
	for _, at := range p.Begins {
		if !mostly(at.Truncate(day), first, h.To) { // it began on a day that is cut off, which counts then
			p.Days++
		}
	}
	if len(p.Begins) == 0 || float64(p.Held) < leastHeld*float64(p.Days) {
		return Pattern{}, &NoPatternError{fmt.Sprintf("work begins at no time of the day: the most that lie within %s of each other are %d of %d days", fleet.Short(mostSpread), p.Held, p.Days)}
	}
	p.FirstRequests = firstRequests(first, came, p.Begins)
	return p, nil
}

// beginnings are the minutes in which a request comes after a pause, each with the length of it, as far as the
// history reaches.
func beginnings(first time.Time, came []float64) (begins []time.Time, quiet []time.Duration) {
	last, reached := -1, 0.0
	for i := 1; i < len(came); i++ {
		if came[i] < reached+.5 { // the backlog is a mean, so the number may fall a little
			continue
		}
		reached = came[i]
		if since := time.Duration(i-1-last) * time.Minute; since >= pause {
			begins, quiet = append(begins, first.Add(time.Duration(i-1)*time.Minute).UTC()), append(quiet, since)
		}
		last = i - 1
	}
	return begins, quiet
}

// weekdays counts the days of a span, those that it holds for the most part.
func weekdays(from, to time.Time) map[time.Weekday]int {
	days := map[time.Weekday]int{}
	for at := from.UTC().Truncate(day); at.Before(to); at = at.Add(day) {
		if mostly(at, from, to) {
			days[at.Weekday()]++
		}
	}
	return days
}

// mostly tells whether a span holds the day that begins at the moment for the most part.
func mostly(begin, from, to time.Time) bool {
	end := begin.Add(day)
	if begin.Before(from) {
		begin = from
	}
	if end.After(to) {
		end = to
	}
	return end.Sub(begin) > 3*day/4
}

// gather takes the beginnings that lie most densely within the spread that is allowed, one a day.
func (p *Pattern) gather(begins []time.Time, quiet []time.Duration) {
	of := func(at time.Time) time.Duration { return at.Sub(at.Truncate(day)) }
	var found []int
	for _, least := range begins {
		var within []int
		seen := map[string]bool{}
		for i, at := range begins {
			if d := of(at) - of(least); d >= 0 && d <= mostSpread && slices.Contains(p.Weekdays, at.Weekday()) && !seen[at.Format(time.DateOnly)] {
				within, seen[at.Format(time.DateOnly)] = append(within, i), true
			}
		}
		if len(within) > len(found) {
			found = within
		}
	}
	var times []time.Duration
	for i, at := range begins {
		if !slices.Contains(found, i) {
			p.Between = append(p.Between, at)
			continue
		}
		times, p.Begins = append(times, of(at)), append(p.Begins, at)
		if p.Quiet == 0 || quiet[i] < p.Quiet {
			p.Quiet = quiet[i]
		}
	}
	if p.Held = len(times); p.Held == 0 {
		return
	}
	slices.Sort(times)
	p.First, p.Usual, p.Spread = times[0], times[len(times)/2], times[len(times)-1]-times[0]
}

// firstRequests is how many come within half an hour of a beginning, in the middle.
func firstRequests(first time.Time, came []float64, begins []time.Time) float64 {
	var counts []float64
	for _, at := range begins {
		i := int(at.Sub(first) / time.Minute)
		counts = append(counts, came[min(i+int(afterBegins/time.Minute), len(came)-1)]-came[i])
	}
	slices.Sort(counts)
	return counts[len(counts)/2]
}

// Words say the pattern for people.
func (p Pattern) Words() string {
	return fmt.Sprintf("work begins %s between %s and %s UTC, on %d of %d days of %s, after a pause of %s at least", p.DayWords(), clock(p.First), clock(p.First+p.Spread),
		p.Held, p.Days, fleet.Plural(p.Weeks, "week"), fleet.Lapse(p.Quiet))
}

// DayWords are the days for people.
func (p Pattern) DayWords() string {
	if len(p.Weekdays) == 7 {
		return "every day"
	}
	return "on " + p.cronDays()
}

func (p Pattern) cronDays() string {
	var names []string
	for _, weekday := range p.Weekdays {
		names = append(names, strings.ToUpper(weekday.String()[:3]))
	}
	return strings.Join(names, ",")
}

func clock(since time.Duration) string {
	since = (since + day) % day
	return fmt.Sprintf("%02d:%02d", int(since/time.Hour), int(since%time.Hour/time.Minute))
}

// Scheduled are the scheduled actions of a variant that have so many instances ready when work begins, which takes them so long,
// and that give the minimum back when all beginnings are over.
func (p Pattern) Scheduled(resource string, instances, minimum int, provision time.Duration) []fleet.ScheduledAction {
	ready, back := p.First-provision-spare, p.First+p.Spread+afterBegins
	return []fleet.ScheduledAction{
		{ResourceID: resource, Name: "instances-ready", Schedule: p.cron(ready), Timezone: "UTC", MinCapacity: &instances},
		{ResourceID: resource, Name: "instances-on-demand", Schedule: p.cron(back), Timezone: "UTC", MinCapacity: &minimum},
	}
}

// spare is how much earlier than provisioning needs instances are asked for.
const spare = 5 * time.Minute

// cron is the expression of a moment on the days of the pattern. One before midnight, or after the next, moves the days.
func (p Pattern) cron(since time.Duration) string {
	shift := 0
	for ; since < 0; since += day {
		shift--
	}
	for ; since >= day; since -= day {
		shift++
	}
	moved := Pattern{}
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		if slices.Contains(p.Weekdays, (weekday-time.Weekday(shift)+7)%7) {
			moved.Weekdays = append(moved.Weekdays, weekday)
		}
	}
	minute, hour := int(since%time.Hour/time.Minute), int(since/time.Hour)
	if len(p.Weekdays) == 7 {
		return fmt.Sprintf("cron(%d %d * * ? *)", minute, hour)
	}
	return fmt.Sprintf("cron(%d %d ? * %s *)", minute, hour, moved.cronDays())
}
