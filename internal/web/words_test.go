package web

import (
	"math"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestLapse_hasTheTwoUnitsThatMatter(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 999 * time.Millisecond: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 59*time.Minute + 59*time.Second: "59 min",
		time.Hour: "1 h 0 min", 2*time.Hour + 7*time.Minute + 30*time.Second: "2 h 7 min", 24 * time.Hour: "1 d 0 h", 75*time.Hour + 59*time.Minute: "3 d 3 h",
	} {
		if got := lapse(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestReading_survivesWhatIsNoSensibleNumber(t *testing.T) {
	words := func(v float64) string { return lapse(seconds(v)) }
	for v, want := range map[float64]fact{
		math.Inf(1): {Why: "CloudWatch's datapoint is not a number"}, math.NaN(): {Why: "CloudWatch's datapoint is not a number"},
		-5: {Text: "0 s"}, 1e300: {Text: "36500 d 0 h"}, 61.5: {Text: "1 min"},
	} {
		if got := reading(fleet.Reading{At: at, Value: v, Expires: at.Add(1)}, at, words); got != want {
			t.Errorf("%v: got %+v, want %+v", v, got, want)
		}
	}
	for v, want := range map[float64]string{15: "15", 7.456: "7.46", 0.001: "0", 1e7: "10000000", 2.50: "2.5"} {
		if got := number(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}
