package web

import (
	"math"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestReading_survivesWhatIsNoSensibleNumber(t *testing.T) {
	words := func(v float64) string { return fleet.Lapse(fleet.Seconds(v)) }
	for v, want := range map[float64]fact{
		math.Inf(1): {Why: "CloudWatch's datapoint is not a number"}, math.NaN(): {Why: "CloudWatch's datapoint is not a number"},
		-5: {Text: "0 s"}, 1e300: {Text: "36500 d 0 h"}, 61.5: {Text: "1 min"},
	} {
		if got := reading(fleet.Reading{At: at, Value: v, Expires: at.Add(1)}, at, words); got != want {
			t.Errorf("%v: got %+v, want %+v", v, got, want)
		}
	}
	for v, want := range map[float64]string{15: "15", 7.456: "7.46", 0.001: "0", 1e7: "10000000", 2.50: "2.5"} {
		if got := fleet.Number(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}
