package advise

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// search looks for the times of the day at which work begins. A best window can be found in any noise, so it is chosen by every
// other day, and judged by the days between. Days are numbered since 1970.
type search struct {
	from, to time.Time
	begins   []beginning
}

const (
	wide         = 90 * time.Minute // of a window
	mostPatterns = 4
	mostChance   = .05 // that a window at any other time does as well
)

// slot is a time of the day, from so long after midnight UTC, or before it where start is below zero.
type slot struct{ start, width time.Duration }

// of is the day to which a moment in the slot belongs.
func (s slot) of(at time.Time) (number int, ok bool) {
	since := time.Duration(at.Unix())*time.Second - s.start
	number = int(since / day)
	return number, since-time.Duration(number)*day <= s.width
}

// begin is the moment at which the slot of a day begins.
func (s slot) begin(number int) time.Time {
	return time.Unix(0, 0).UTC().Add(time.Duration(number)*day + s.start)
}

// weekdays are days of the week.
type weekdays [7]bool

var (
	everyDay = weekdays{true, true, true, true, true, true, true}
	usual    = []weekdays{ // sets that are more likely than what a few days show
		everyDay,
		{false, true, true, true, true, true, false},
		{true, false, false, false, false, false, true}, // Monday to Friday, and the rest
		{true, true, true, true, true, false, false},
		{false, false, false, false, false, true, true}, // Sunday to Thursday, and the rest
	}
)

func (w weekdays) has(number int) bool { return w[weekday(number)] }

func weekday(number int) time.Weekday { return time.Weekday((number + int(time.Thursday)) % 7) }

// patterns takes one pattern after another, until none is left that holds.
func (s search) patterns() (found Patterns, err error) {
	rest := s
	for range mostPatterns {
		w, ok := rest.choose()
		if !ok {
			break
		}
		p, taken, holds := rest.judge(w)
		if !holds {
			break
		}
		if p.ended() {
			found.Ended = append(found.Ended, p.endedWords())
		} else {
			found.Each = append(found.Each, p)
		}
		rest.begins = slices.DeleteFunc(slices.Clone(rest.begins), func(b beginning) bool { return slices.Contains(taken, b.at) })
	}
	slices.SortFunc(found.Each, func(a, b Pattern) int { return cmp.Compare(a.First, b.First) })
	for _, b := range rest.begins {
		found.Others = append(found.Others, b.at)
	}
	switch {
	case len(found.Each) > 0:
		return found, nil
	case len(found.Ended) > 0:
		return found, &NoPatternError{found.Ended[0]}
	}
	return found, &NoPatternError{s.why()}
}

// days are those whose slot the history holds as a whole, of which work began on the held ones.
func (s search) days(of slot, on weekdays) (days []int, held map[int]bool) {
	held = map[int]bool{}
	for _, b := range s.begins {
		if number, ok := of.of(b.at); ok {
			held[number] = true
		}
	}
	first, _ := of.of(s.from)
	for number := first; !of.begin(number).Add(of.width).After(s.to); number++ {
		if on.has(number) && !of.begin(number).Before(s.from) {
			days = append(days, number)
		}
	}
	return days, held
}

// judges tells whether a day is one by which a window is judged; by the others it is chosen. Fourteen days have each day of the
// week once among both.
func (s search) judges(number int) bool {
	today, _ := slot{}.of(s.to)
	return (today-number)%2 == 0
}

// chosen is a slot and the days of the week on which work begins in it.
type chosen struct {
	slot
	on    weekdays
	score int
}

// choose finds the best slot by the days that do not judge: around each of their beginnings, and as narrow as they allow.
func (s search) choose() (best chosen, ok bool) {
	for _, b := range s.begins {
		if number, _ := (slot{}).of(b.at); s.judges(number) {
			continue
		}
		around := slot{b.at.Sub(b.at.Truncate(day)) - wide/2, wide}
		days, held := s.days(around, everyDay)
		w := chosen{}
		w.on, w.score = s.daysOfWeek(slices.DeleteFunc(days, s.judges), held)
		first, last := wide, time.Duration(0)
		for _, c := range s.begins {
			if number, in := around.of(c.at); in && !s.judges(number) && w.on.has(number) {
				since := c.at.Sub(around.begin(number))
				first, last = min(first, since), max(last, since)
			}
		}
		w.slot = slot{around.start + first, max(0, last-first)}
		if !ok || cmp.Or(cmp.Compare(best.score, w.score), cmp.Compare(w.width, best.width), cmp.Compare(w.start, best.start)) < 0 {
			best, ok = w, true
		}
	}
	return best, ok
}

// daysOfWeek are the days of the week on which work begins, with a score: a day on which it fails counts as two on which it
// holds, one outside of them on which it holds is against them, and days that are no usual set have to win by three.
func (s search) daysOfWeek(days []int, held map[int]bool) (best weekdays, score int) {
	var exact weekdays
	for _, number := range days {
		exact[weekday(number)] = exact[weekday(number)] || held[number]
	}
	of := func(set weekdays) (score int) {
		for _, number := range days {
			switch {
			case set.has(number) && held[number]:
				score++
			case set.has(number):
				score -= 2
			case held[number]:
				score--
			}
		}
		return score
	}
	best, score = everyDay, of(everyDay)
	if s.to.Sub(s.from) < leastWeeks*7*day {
		return best, score
	}
	for _, set := range usual {
		if n := of(set); n > score {
			best, score = set, n
		}
	}
	if n := of(exact) - 3; n > score {
		best, score = exact, n
	}
	return best, score
}

// judge tries a slot on the other days, and makes a pattern of all days if it holds. The beginnings that are taken are its own,
// and what else begins in the slot.
func (s search) judge(w chosen) (p Pattern, taken []time.Time, holds bool) {
	slack := (wide - w.width) / 2
	wider := slot{w.start - slack, wide}
	days, held := s.days(wider, w.on)
	p.Trial = Trial{From: (wider.start + day) % day, Width: wide}
	for _, number := range days {
		if s.judges(number) {
			p.Trial.count(held[number])
		}
	}
	w.on = w.on.without(days, held)
	days = slices.DeleteFunc(days, func(number int) bool { return !w.on.has(number) })
	p.count(days, held)
	if p.Trial.Days < 2 || p.Held == 0 || tail(p.Trial.Days, p.Trial.Held, s.chance(w.on)) > mostChance ||
		float64(p.Held) < leastHeld*float64(p.Days) && !p.ended() {
		return p, nil, false
	}
	p.Weeks = int((s.to.Sub(s.from) + 7*day - 1) / (7 * day))
	last := time.Duration(math.MinInt64)
	first := time.Duration(math.MaxInt64)
	for _, b := range s.begins {
		number, ok := wider.of(b.at)
		if !ok || !w.on.has(number) {
			continue
		}
		taken = append(taken, b.at)
		since := b.at.Sub(slot{}.begin(number))
		first, last = min(first, since), max(last, since)
		p.Begins = append(p.Begins, b.at)
		if p.Quiet == 0 || b.quiet < p.Quiet {
			p.Quiet = b.quiet
		}
	}
	p.Spread = last - first
	p.on(w.on, first)
	return p, taken, true
}

func (t *Trial) count(held bool) {
	t.Days++
	if held {
		t.Held++
	}
}

// count counts the days, in their order, and those of them on which work began.
func (p *Pattern) count(days []int, held map[int]bool) {
	for _, number := range days {
		p.Days++
		p.Missed++
		if held[number] {
			p.Held++
			p.Missed = 0
		}
	}
}

// without are the days of the week but for those on which work never began, of two at least.
func (w weekdays) without(days []int, held map[int]bool) weekdays {
	var seen, never [7]int
	for _, number := range days {
		seen[weekday(number)]++
		if !held[number] {
			never[weekday(number)]++
		}
	}
	for i := range w {
		w[i] = w[i] && (seen[i] < 2 || never[i] < seen[i])
	}
	return w
}

// on sets the days of the week and the earliest beginning. One before midnight, or after the next, moves the days.
func (p *Pattern) on(days weekdays, first time.Duration) {
	shift := 0
	for ; first < 0; first += day {
		shift--
	}
	for ; first >= day; first -= day {
		shift++
	}
	p.First = first
	for i := range days {
		if days[(i-shift+7)%7] {
			p.Weekdays = append(p.Weekdays, time.Weekday(i))
		}
	}
}

// chance is the probability that work begins within a window as wide as that of a trial, at any time of these days.
func (s search) chance(on weekdays) float64 {
	const step = 15 * time.Minute
	all, with := 0, 0
	for start := time.Duration(0); start < day; start += step {
		days, held := s.days(slot{start, wide}, on)
		all += len(days)
		for _, number := range days {
			if held[number] {
				with++
			}
		}
	}
	return float64(with) / float64(max(all, 1))
}

// ended tells whether so many of the newest days are without the pattern that it has come to an end.
func (p Pattern) ended() bool {
	before := p.Days - p.Missed
	return p.Missed >= leastMissed && float64(p.Held) >= leastHeld*float64(before) &&
		math.Pow(1-float64(p.Held)/float64(max(before, 1)), float64(p.Missed)) < mostChance
}

// endedWords say for people what has ended.
func (p Pattern) endedWords() string {
	return fmt.Sprintf("work began %s between %s and %s UTC, on %d of %d days until %s, and on none of the %d such days since: it seems to have ended",
		p.DayWords(), clock(p.First), clock(p.First+p.Spread), p.Held, p.Days-p.Missed, p.Begins[len(p.Begins)-1].Format(time.DateOnly), p.Missed)
}

// why says what comes nearest to a pattern, of all days.
func (s search) why() string {
	var best Pattern
	for _, b := range s.begins {
		w := slot{b.at.Sub(b.at.Truncate(day)), wide}
		days, held := s.days(w, everyDay)
		p := Pattern{}
		p.count(days, held)
		if p.Held <= best.Held {
			continue
		}
		first, last := wide, time.Duration(0)
		for _, c := range s.begins {
			if number, ok := w.of(c.at); ok {
				since := c.at.Sub(w.begin(number))
				first, last, p.Begins = min(first, since), max(last, since), append(p.Begins, c.at)
			}
		}
		p.Spread = last - first
		p.on(everyDay, w.start+first)
		best = p
	}
	if best.ended() && best.Held > leastDays/2 {
		return best.endedWords()
	}
	why := "work begins at no time of the day"
	if best.Held > 0 {
		why += fmt.Sprintf(" that it keeps: the most that lie within %s of each other are %d of %d days", fleet.Short(wide), best.Held, best.Days)
		if chance := s.chance(everyDay); chance >= .1 {
			why += fmt.Sprintf(", and any other time has %d by chance", int(math.Round(chance*float64(best.Days))))
		} else {
			why += fmt.Sprintf(", from %s to %s", best.Begins[0].Format(time.DateOnly), best.Begins[len(best.Begins)-1].Format(time.DateOnly))
		}
	}
	if s.to.Sub(s.from) < leastWeeks*7*day {
		why += fmt.Sprintf("; the history of %s is too thin to tell the days of the week apart: %d weeks are needed", fleet.Lapse(s.to.Sub(s.from)), leastWeeks)
	}
	return why
}
