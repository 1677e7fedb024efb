package web

import (
	"html/template"
	"strconv"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/triage"
)

// fact is what one cell shows: a text, or a dash that says why there is none.
type fact struct {
	Text    string
	Picture template.HTML // in place of a text; empty for none
	Why     string        // for people who point at the dash or have it read to them
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

// reading is the newest value of a metric, in words, while it may be shown.
func reading(r fleet.Reading, at time.Time, words func(float64) string) fact {
	if why := triage.Hidden(r, at); why != "" {
		return unknown(why)
	}
	return known(words(r.Value))
}

// moment is a moment to the second.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// since is a moment with how long ago it was.
func since(t, now time.Time) string {
	return fleet.Minute(t, now) + ", " + fleet.Lapse(now.Sub(t)) + " ago"
}
