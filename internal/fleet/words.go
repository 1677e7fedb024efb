package fleet

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxSeconds are a hundred years: more does not fit into a duration for long.
const maxSeconds = 100 * 365 * 24 * 3600

// Seconds is the duration of so many seconds; AWS is not trusted to give sensible ones.
func Seconds(v float64) time.Duration {
	return time.Duration(min(max(v, 0), maxSeconds) * float64(time.Second))
}

// Lapse is a duration for people in the two units that matter, for example 2 h 7 min.
func Lapse(d time.Duration) string {
	d = max(d, 0)
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < day:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d d %d h", d/day, d%day/time.Hour)
}

// Minute is a moment for people, without its seconds, and without its date if that is the same as now.
func Minute(moment, now time.Time) string {
	moment, now = moment.UTC(), now.UTC()
	if moment.Truncate(24 * time.Hour).Equal(now.Truncate(24 * time.Hour)) {
		return moment.Format("15:04 UTC")
	}
	return moment.Format("2006-01-02 15:04 UTC")
}

// Number is a value for people, with two decimals at most.
func Number(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

// Thousands is a number with commas, as 1,200.
func Thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Plural is a number with what it counts.
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// Capital is a text as it begins a sentence.
func Capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// ShellWord is a word as a shell takes it: as it is, or in quotes where a shell would read more into it.
func ShellWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_=./:@,+%", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
