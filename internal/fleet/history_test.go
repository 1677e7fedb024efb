package fleet

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// last are the newest minutes of a history in a word each: backlog/instances.
func last(h *History, n int) string {
	minutes := h.Minutes()
	var words []string
	for _, m := range minutes[len(minutes)-n:] {
		words = append(words, fmt.Sprintf("%v/%d", m.Backlog, m.Instances))
	}
	return strings.Join(words, " ")
}

func TestHistory_keepsTheNewestThreeHours(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	minute := func(n int, backlog float64) Point {
		return Point{At: noon.Add(time.Duration(n) * time.Minute), Value: backlog}
	}
	var none *History
	if len(none.Minutes()) != 0 {
		t.Error("nothing has minutes")
	}
	first := none.With([]Point{minute(-200, 7), minute(-180, 1), minute(-2, 5), minute(0, 9)}, noon.Add(20*time.Second), 2)
	if got := last(first, 3); got != "NaN/-1 5/-1 NaN/2" {
		t.Errorf("got %s", got)
	}
	if got := first.Minutes()[0]; got.Backlog != 1 || !got.At.Equal(noon.Add(-3*time.Hour)) {
		t.Errorf("it begins with %+v", got)
	}
	later := first.With([]Point{minute(-1, 6), minute(1, 8)}, noon.Add(3*time.Minute), 2)
	if got := last(later, 5); got != "5/-1 6/2 NaN/2 8/2 NaN/2" {
		t.Errorf("minutes in between are %s", got)
	}
	if got := last(first, 3); got != "NaN/-1 5/-1 NaN/2" {
		t.Errorf("the one before has changed: %s", got)
	}
	for name, test := range map[string]struct {
		to   time.Duration
		n    int
		want string
	}{
		"another number":      {5 * time.Minute, 3, "8/2 NaN/2 NaN/-1 NaN/3"},
		"the same minute":     {3 * time.Minute, 3, "5/-1 6/2 NaN/2 8/2 NaN/2"},
		"hours later":         {4 * time.Hour, 3, "NaN/-1 NaN/3"},
		"the clock is back":   {-time.Minute, 3, "NaN/-1 NaN/3"},
		"how many is unknown": {4 * time.Minute, NoInstances, "8/2 NaN/2 NaN/-1"},
		"beyond all counting": {4 * time.Minute, 1 << 40, "8/2 NaN/2 NaN/32767"},
	} {
		if got := last(later.With(nil, noon.Add(test.to), test.n), len(strings.Fields(test.want))); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestHistory_takesLittleMemory(t *testing.T) {
	if size := unsafe.Sizeof(History{}); size > 2<<10 {
		t.Errorf("it takes %d bytes", size)
	}
}
