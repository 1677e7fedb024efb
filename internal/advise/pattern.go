package advise

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Pattern is a time of the day at which work begins after a pause, and the days of the week on which it does.
type Pattern struct {
	Weekdays      []time.Weekday // sorted; all seven for a daily one
	First         time.Duration  // the earliest beginning, since midnight UTC of these days; below 24 hours
	Spread        time.Duration  // between the earliest and the latest beginning, which may be after midnight
	Begins        []time.Time    // that it was found in, sorted
	Days, Held    int            // of so many days of these weekdays, work began in the pattern on so many
	Missed        int            // the newest of these days, in a row, on which it did not
	Weeks         int            // that the history holds, begun ones too
	Trial         Trial
	Quiet         time.Duration // the shortest pause before one of Begins
	FirstRequests float64       // that come within half an hour, in the middle of Begins
}

// Trial is how a time that every other day chose did on the days between, which had no part in the choice. So its share is
// that of any day, and not of the best window that could be found.
type Trial struct {
	From       time.Duration // since midnight UTC, below 24 hours
	Width      time.Duration
	Days, Held int
}

// AtLeast is on which share of all such days work begins within the trial's time, at least, with a confidence of 95 %.
func (t Trial) AtLeast() float64 { return AtLeast(t.Days, t.Held) }

// Patterns are the times of the day at which work begins.
type Patterns struct {
	Each   []Pattern   // by the time of the day
	Others []time.Time // beginnings after a pause that belong to none, which a schedule does not help
	Ended  []string    // times at which work began and does not any more, in words
}

const (
	day         = 24 * time.Hour
	pause       = time.Hour // without work, before it begins anew
	leastDays   = 7         // of history, to tell a daily pattern
	leastWeeks  = 2         // of history, to tell weekdays apart
	leastHeld   = .8        // of the days on which work has to begin in the pattern
	leastMissed = 3         // newest days in a row without it, before it may have ended
	afterBegins = 30 * time.Minute
)

// NoPatternError says why a history has no pattern that a schedule could follow.
type NoPatternError struct{ Why string }

func (e *NoPatternError) Error() string { return e.Why }

// Patterns looks for the days and the times at which work begins. Its error is a NoPatternError.
func (h History) Patterns() (Patterns, error) {
	observed := h.To.Sub(h.From)
	if observed < leastDays*day {
		return Patterns{}, &NoPatternError{fmt.Sprintf("the history is of %s, and %d days are needed to tell a daily pattern", fleet.Lapse(observed), leastDays)}
	}
	begins := h.beginnings()
	if len(begins) < leastDays/2 {
		return Patterns{}, &NoPatternError{fmt.Sprintf("work began only %d times after a pause of an hour in %s", len(begins), fleet.Lapse(observed))}
	}
	found, err := search{h.From, h.To, begins}.patterns()
	for i := range found.Each {
		found.Each[i].FirstRequests = h.firstRequests(found.Each[i].Begins)
	}
	return found, err
}

// beginning is a minute in which there is work after a pause, of which the length is known as far as the history reaches.
type beginning struct {
	at    time.Time
	quiet time.Duration
}

// beginnings are those of the history, sorted.
func (h History) beginnings() (begins []beginning) {
	if len(h.Minutes) == 0 {
		return nil
	}
	last := h.Minutes[0].At
	for _, m := range h.Minutes {
		if !m.works() {
			continue
		}
		if quiet := m.At.Sub(last); quiet >= pause {
			begins = append(begins, beginning{m.At.UTC(), quiet})
		}
		last = m.end()
	}
	return begins
}

// firstRequests is how many come within half an hour of a beginning, in the middle.
func (h History) firstRequests(begins []time.Time) float64 {
	first, came := h.Came()
	var counts []float64
	for _, at := range begins {
		i := int(at.Sub(first) / time.Minute)
		counts = append(counts, max(0, came[min(i+int(afterBegins/time.Minute), len(came)-1)]-came[i]))
	}
	slices.Sort(counts)
	return counts[len(counts)/2]
}

// Words say the pattern for people.
func (p Pattern) Words() string {
	return fmt.Sprintf("work begins %s between %s and %s UTC, on %d of %d days of %s, after a pause of %s at least", p.DayWords(), clock(p.First), clock(p.First+p.Spread),
		p.Held, p.Days, fleet.Plural(p.Weeks, "week"), fleet.Lapse(p.Quiet))
}

// Words say the trial for people.
func (t Trial) Words() string {
	return fmt.Sprintf("of every other day, none of which chose the time, it began between %s and %s UTC on %d of %d", clock(t.From), clock(t.From+t.Width), t.Held, t.Days)
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
	since = (since%day + day) % day
	return fmt.Sprintf("%02d:%02d", int(since/time.Hour), int(since%time.Hour/time.Minute))
}
