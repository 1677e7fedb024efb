package picture

import (
	"slices"
	"strings"
	"testing"
)

func TestAxis_hasTicksAtHoursAndDays(t *testing.T) {
	for minutes, want := range map[int]string{
		1:         "0d 00:00, 0d 00:01",
		59:        "0d 00:00, 0d 00:05, 0d 00:10, 0d 00:15, 0d 00:20, 0d 00:25, 0d 00:30, 0d 00:35, 0d 00:40, 0d 00:45, 0d 00:50, 0d 00:55, 0d 01:00",
		day:       "0d 00:00, 0d 02:00, 0d 04:00, 0d 06:00, 0d 08:00, 0d 10:00, 0d 12:00, 0d 14:00, 0d 16:00, 0d 18:00, 0d 20:00, 0d 22:00, 1d 00:00",
		2*day - 7: "0d 00:00, 0d 04:00, 0d 08:00, 0d 12:00, 0d 16:00, 0d 20:00, 1d 00:00, 1d 04:00, 1d 08:00, 1d 12:00, 1d 16:00, 1d 20:00, 2d 00:00",
		7 * day:   "0d, 1d, 2d, 3d, 4d, 5d, 6d, 7d",
		15 * day:  "0d, 2d, 4d, 6d, 8d, 10d, 12d, 14d, 16d",
	} {
		drawn, err := Draw(SVG, "", runs(minutes))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		panel, _, _ := strings.Cut(string(drawn), panels[1].title) // each has the same axis
		for _, label := range axisOf(minutes).moments() {
			if strings.Contains(panel, ">"+label+"</text>") && !slices.Contains(got, label) {
				got = append(got, label)
			}
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%d minutes have the ticks %s, want %s", minutes, got, want)
		}
	}
}

func TestAxis_hasEveryMinuteAndFewPoints(t *testing.T) {
	for minutes := 1; minutes < 40*day; minutes += 1 + minutes/7 {
		a := axisOf(minutes)
		if a.ticks > mostTicks || a.every%a.each != 0 || (a.points()-1)*a.each < minutes || (minutes+a.each-1)/a.each > mostPoints {
			t.Errorf("%d minutes have %+v, %d points", minutes, a, a.points())
		}
	}
}
