package lease

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func after(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func ofB(all string) *record { return &record{"b", time.Minute, all} }

func TestTerm_next(t *testing.T) {
	mine := record{"a", time.Minute, "1"}
	free := &record{"", time.Second, "released"}
	none := term{times: usual, me: "a"}
	for _, tt := range []struct {
		name string
		term term
		now  int
		want move
	}{
		{"nothing was ever there", none.read(noon, nil), 0, create},
		{"released", none.read(noon, free), 0, take},
		{"of another, just seen", none.read(noon, ofB("1")), 0, wait},
		{"of another, almost over", none.read(noon, ofB("1")).read(after(59), ofB("1")), 59, wait},
		{"of another, over", none.read(noon, ofB("1")).read(after(60), ofB("1")), 60, take},
		{"of another, who renewed it", none.read(noon, ofB("1")).read(after(60), ofB("2")), 119, wait},
		{"of another, for longer than usual", none.read(noon, &record{"b", time.Hour, "1"}), 3599, wait},
		{"of another, for a time that nobody wrote", none.read(noon, &record{"b", 0, "1"}), 59, wait},
		{"own, of an earlier term", none.read(noon, &mine), 0, renew},
		{"own, and gone", none.wrote(noon, noon, mine).read(after(5), nil), 5, create},
		{"another's, and gone: it may not know yet", none.read(noon, ofB("1")).read(after(10), nil), 59, wait},
		{"another's, and gone since long", none.read(noon, ofB("1")).read(after(10), nil).read(after(60), nil), 60, create},
		{"gone, and made anew by another", none.read(noon, ofB("1")).read(after(10), nil).read(after(50), ofB("1")), 109, wait},
	} {
		if got := tt.term.next(after(tt.now)); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestTerm_countsFromBeforeTheRequest(t *testing.T) {
	mine := record{"a", time.Minute, "1"}
	held := term{times: usual, me: "a"}.wrote(noon, after(9), mine)
	if !held.holds(after(29)) || held.holds(after(30)) {
		t.Error("a term ends 30 seconds after the request began, however late the answer is")
	}
	if late := (term{times: usual, me: "a"}).wrote(noon, after(31), mine); late.holds(after(31)) {
		t.Error("an answer that comes after the end of the term begins one")
	}
	if failed := held.failed(); !failed.holds(after(29)) || failed.holds(after(30)) {
		t.Error("a failed renewal changes the end of the term")
	}
	for name, lost := range map[string]term{"another's": held.read(after(5), ofB("2")), "gone": held.read(after(5), nil)} {
		if lost.holds(after(5)) {
			t.Errorf("%s, and held", name)
		}
	}
	if changed := held.wrote(after(5), after(5), *ofB("2")); changed.holds(after(5)) {
		t.Error("something in between wrote another holder, and it is held")
	}
	if known := held.read(after(6), &mine); !known.holds(after(29)) || known.holds(after(30)) {
		t.Error("reading alone changes the end of the term")
	}
}

func TestTerm_pause(t *testing.T) {
	waiting := term{times: usual, me: "a"}.read(noon, ofB("1"))
	if least, most := waiting.pause(noon, noon, 0), waiting.pause(noon, noon, 1); least != 5*time.Second || most != 11*time.Second {
		t.Errorf("a process that waits comes after %s to %s", least, most)
	}
	held := term{times: usual, me: "a"}.wrote(noon, noon, record{"a", time.Minute, "1"})
	for _, tt := range []struct {
		began, now int
		want       time.Duration
	}{
		{0, 1, 4 * time.Second},    // a steady pace
		{5, 15, time.Second},       // after a request that took long
		{29, 29, time.Second},      // the end of the term is noticed in time
		{22, 28, time.Second},      // both
		{28, 28, 2 * time.Second},  // the same
		{30, 30, 10 * time.Second}, // lost: it waits as the others do
	} {
		if got := held.pause(after(tt.began), after(tt.now), 5./6); got != tt.want {
			t.Errorf("from %d, at %d: %s, want %s", tt.began, tt.now, got, tt.want)
		}
	}
}
