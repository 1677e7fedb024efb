package fleet

import (
	"testing"
	"time"
)

func TestShort_leavesEmptyPartsOut(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 90 * time.Second: "1m30s", 5 * time.Minute: "5m", time.Hour: "1h", 90 * time.Minute: "1h30m", time.Hour + time.Second: "1h0m1s",
		10 * time.Minute: "10m", 20 * time.Hour: "20h",
	} {
		if got := Short(d); got != want {
			t.Errorf("%d: got %s, want %s", d, got, want)
		}
	}
}
