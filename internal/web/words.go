package web

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// fact is what one cell shows: a text, or a dash that says why there is none.
type fact struct {
	Text string
	Why  string // for people who point at the dash or have it read to them
}

func known(text string) fact  { return fact{Text: text} }
func unknown(why string) fact { return fact{Why: why} }

// count is a number that AWS may not have told.
func count(n *int, otherwise string) fact {
	if n == nil {
		return unknown(otherwise)
	}
	return known(strconv.Itoa(*n))
}

// reading is the newest value of a metric, in words, while it is young enough.
func reading(r fleet.Reading, at time.Time, words func(float64) string) fact {
	switch {
	case !r.Known():
		return unknown("CloudWatch has no datapoint")
	case !r.Fresh(at):
		return unknown("the newest datapoint is of " + minute(r.At, at) + ", too old to be shown")
	case math.IsNaN(r.Value) || math.IsInf(r.Value, 0):
		return unknown("CloudWatch's datapoint is not a number")
	}
	return known(words(r.Value))
}

// number is a value with two decimals at most.
func number(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

// maxSeconds are a hundred years: more does not fit into a duration for long.
const maxSeconds = 100 * 365 * 24 * 3600

// seconds is the duration of so many seconds; AWS is not trusted to give sensible ones.
func seconds(v float64) time.Duration {
	return time.Duration(min(max(v, 0), maxSeconds) * float64(time.Second))
}

// lapse is a duration in the two units that matter, for example 2 h 7 min.
func lapse(d time.Duration) string {
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

// minute is a moment without its seconds, and without its date if that is the same as now.
func minute(moment, now time.Time) string {
	moment, now = moment.UTC(), now.UTC()
	if moment.Truncate(24 * time.Hour).Equal(now.Truncate(24 * time.Hour)) {
		return moment.Format("15:04 UTC")
	}
	return moment.Format("2006-01-02 15:04 UTC")
}

// moment is a moment to the second.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// since is a moment with how long ago it was.
func since(t, now time.Time) string { return minute(t, now) + ", " + lapse(now.Sub(t)) + " ago" }

// plural is a number with what it counts.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
