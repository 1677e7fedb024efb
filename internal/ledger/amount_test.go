package ledger

import (
	"math"
	"math/rand/v2"
	"testing"
)

// An hour is never less than the sum of its minutes, in whatever order CloudWatch adds its samples up, and more by less
// than a unit a minute and a billionth.
func TestWhole_anHourIsNoLessThanItsMinutes(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		scale := math.Pow(10, float64(chance.IntN(8))-2)
		unit := []float64{1, 1000, 1e6}[chance.IntN(3)]
		var samples []float64
		minutes, whole := int64(0), chance.IntN(2) == 0
		for range 60 {
			sum := 0.0
			for range chance.IntN(5) {
				v := scale * chance.Float64()
				if whole {
					v = math.Round(v*unit) / unit // milliseconds with their microseconds: no float64 is one of these exactly
				}
				samples, sum = append(samples, v), sum+v
			}
			whole, ok := Whole(sum*unit, false)
			if !ok {
				t.Fatal(sum)
			}
			minutes += whole
		}
		chance.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
		sum := 0.0
		for _, v := range samples {
			sum += v
		}
		hour, ok := Whole(sum*unit, true)
		if !ok || hour < minutes || float64(hour-minutes) > 61+sum*unit*hourMargin {
			t.Fatalf("the minutes are %d, the hour %d, %t", minutes, hour, ok)
		}
	}
}

func TestWhole_whatIsWholeStaysAsItIs(t *testing.T) {
	for _, n := range []float64{0, 1, 7, 1e6, 1<<29 - 1} {
		for _, hour := range []bool{false, true} {
			if got, ok := Whole(n, hour); !ok || got != int64(n) {
				t.Errorf("%v, %t: %d", n, hour, got)
			}
		}
	}
	sum := 0.0
	for range 7 {
		sum += 12.345 // 86.41499999999999
	}
	if got, _ := Whole(sum*1000, false); got != 86_415 {
		t.Errorf("seven times 12.345 ms are %d µs", got)
	}
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1), 1e300} {
		if got, ok := Whole(bad, false); ok {
			t.Errorf("%v is %d", bad, got)
		}
	}
}

// An hour that was rounded is no revision, one that has another sample is.
func TestDiffers_roundingIsNoRevision(t *testing.T) {
	for name, test := range map[string]struct {
		was, is Amount
		want    bool
	}{
		"the same":                 {Amount{100, 3}, Amount{100, 3}, false},
		"rounded":                  {Amount{100, 3}, Amount{160, 3}, false},
		"more than rounded":        {Amount{100, 3}, Amount{162, 3}, true},
		"less":                     {Amount{100, 3}, Amount{99, 3}, true},
		"a sample of no time":      {Amount{100, 3}, Amount{100, 4}, true},
		"events":                   {Amount{100, 0}, Amount{101, 0}, true},
		"the same events":          {Amount{100, 0}, Amount{100, 0}, false},
		"something out of nothing": {Amount{}, Amount{1, 1}, true},
	} {
		if got := differs(test.was, test.is, 60); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
