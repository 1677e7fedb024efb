package explain

import (
	"fmt"
	"math"
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

func instances(n int) string { return fleet.Plural(n, "instance") }
