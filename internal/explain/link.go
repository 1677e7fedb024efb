package explain

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// is gives the link its verdict and the sentence for it.
func (l Link) is(verdict Verdict, format string, args ...any) Link {
	l.Verdict, l.Sentence = verdict, fmt.Sprintf(format, args...)
	return l
}

// fact adds what is known, of a moment where that matters.
func (l *Link) fact(name string, value any, of ...time.Time) {
	fact := Fact{Name: name, Value: value}
	if len(of) > 0 {
		fact.At = of[0]
	}
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case time.Time:
		if v.IsZero() {
			return
		}
		fact.Value = v.UTC()
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
	}
	l.Facts = append(l.Facts, fact)
}

// reading adds the newest value of a metric.
func (l *Link) reading(name string, reading fleet.Reading) { l.fact(name, reading.Value, reading.At) }

// limit adds what is asked for, if something is.
func (l *Link) limit(name string, d time.Duration) {
	if d > 0 {
		l.fact(name, d)
	}
}

// count adds a number that AWS may not have told.
func (l *Link) count(name string, n *int) {
	if n != nil {
		l.fact(name, *n)
	}
}

// amount is a value with two decimals at most.
func amount(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

func instances(n int) string { return plural(n, "instance") }

// plural is a number with what it counts.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
