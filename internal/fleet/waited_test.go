package fleet

import (
	"testing"
	"time"
)

func TestWaited_goesOnWhileNothingRuns(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	zero, two := 0, 2
	for name, test := range map[string]struct {
		running *int
		seconds float64
		want    time.Duration
		since   time.Time
	}{
		"none runs":           {&zero, 600, 13 * time.Minute, noon.Add(-13 * time.Minute)},
		"none runs and waits": {&zero, 0, 0, time.Time{}},
		"some run":            {&two, 600, 10 * time.Minute, time.Time{}},
		"it is not known":     {nil, 600, 10 * time.Minute, time.Time{}},
	} {
		e := Endpoint{Variants: []Variant{{Current: test.running, Desired: test.running}}}
		e.Queue[OldestAge] = Reading{At: noon.Add(-3 * time.Minute), Value: test.seconds}
		if age, since := e.Waited(noon); age != test.want || !since.Equal(test.since) {
			t.Errorf("%s: %s since %s", name, age, since)
		}
	}
}
