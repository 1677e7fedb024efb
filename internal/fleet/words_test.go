package fleet

import (
	"testing"
	"time"
)

func TestLapse_hasTheTwoUnitsThatMatter(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 999 * time.Millisecond: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 59*time.Minute + 59*time.Second: "59 min",
		time.Hour: "1 h 0 min", 2*time.Hour + 7*time.Minute + 30*time.Second: "2 h 7 min", 24 * time.Hour: "1 d 0 h", 75*time.Hour + 59*time.Minute: "3 d 3 h",
	} {
		if got := Lapse(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}
