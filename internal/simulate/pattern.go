package simulate

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// patterns are the made-up traces: how many times the mean rate comes in each minute.
var patterns = map[string]func(minute int) float64{
	// The same all the time.
	"constant": func(int) float64 { return 1 },
	// A wave over the day, nothing at midnight and twice the mean at noon.
	"daily": func(minute int) float64 { return 1 - math.Cos(2*math.Pi*float64(minute)/(24*60)) },
	// Everything of four hours in ten minutes, and nothing in between.
	"bursts": func(minute int) float64 {
		if minute%burstEvery < burstFor {
			return burstEvery / burstFor
		}
		return 0
	},
}

const (
	burstEvery = 4 * 60
	burstFor   = 10
)

// Patterns are the names of the made-up traces.
func Patterns() []string { return []string{"constant", "daily", "bursts"} }

// Pattern is a made-up trace of so many days, with so many requests a second in the mean.
func Pattern(name string, perSecond float64, days int, service time.Duration) (Trace, error) {
	shape, ok := patterns[name]
	switch {
	case !ok:
		return Trace{}, fmt.Errorf("%q is not a pattern: write one of %s", name, strings.Join(Patterns(), ", "))
	case !(perSecond > 0 && perSecond < 1e6):
		return Trace{}, fmt.Errorf("%v is not a number of requests a second: write for example 0.5", perSecond)
	}
	t := Trace{
		Source: fmt.Sprintf("the pattern %s of %g requests a second over %d day(s)", name, perSecond, days),
		Drawn:  true, Service: service, Shape: HalfFixed, Minutes: make([]Minute, days*24*60),
	}
	for i := range t.Minutes {
		t.Minutes[i].Arrivals = shape(i) * perSecond * 60
	}
	return t, t.problem()
}
