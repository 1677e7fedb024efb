package lease

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// story runs in virtual time.
func story(t *testing.T, tell func(t *testing.T, s *server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { tell(t, &server{}) })
}

// pass lets virtual time pass.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// told fails the test if a process was told something else since the last time.
func (p *process) told(t *testing.T, when string, changes []bool, failure string) {
	t.Helper()
	got, errors := p.take()
	if !slices.Equal(got, changes) {
		t.Errorf("%s: it was told %v, want %v", when, got, changes)
	}
	if text := strings.Join(errors, "\n"); failure == "" && text != "" || !strings.Contains(text, failure) {
		t.Errorf("%s: errors %q, want %q", when, text, failure)
	}
}

func TestLease_oneHoldsItAndGivesItBack(t *testing.T) {
	story(t, func(t *testing.T, s *server) {
		a := start(t, s, "a")
		pass(time.Second)
		a.told(t, "at the start", []bool{true}, "")
		if a.Held() == nil || s.holder() != "a" {
			t.Fatalf("holder %q", s.holder())
		}
		b := start(t, s, "b")
		pass(10 * time.Minute)
		if b.Held() != nil || s.holder() != "a" {
			t.Errorf("two hold it, or another one: %q", s.holder())
		}
		under := a.Held()
		a.stop()
		if under.Err() == nil || a.Held() != nil || s.holder() != "" {
			t.Error("it is given back and still held")
		}
		a.told(t, "at the end", []bool{false}, "")
		pass(12 * time.Second) // it need not wait until the Lease is over
		b.told(t, "afterwards", []bool{true}, "")
		if b.Held() == nil || s.holder() != "b" {
			t.Errorf("the other one: holder %q", s.holder())
		}
		if transitions := s.spec()["leaseTransitions"]; transitions != 1. {
			t.Errorf("%v transitions", transitions)
		}
	})
}

func TestLease_ofAHolderThatDiesIsTakenWhenItIsOver(t *testing.T) {
	story(t, func(t *testing.T, s *server) {
		// The clock of the holder was an hour fast: no process compares it with its own.
		s.set(map[string]any{"holderIdentity": "dead", "leaseDurationSeconds": 60, "renewTime": time.Now().Add(time.Hour).Format(microTime), "leaseTransitions": 7})
		a := start(t, s, "a")
		pass(time.Minute)
		if a.Held() != nil {
			t.Error("it is taken before it is over")
		}
		pass(12 * time.Second)
		if a.Held() == nil || s.spec()["leaseTransitions"] != 8. {
			t.Errorf("holder %q after %v transitions", s.holder(), s.spec()["leaseTransitions"])
		}
	})
}

func TestLease_thatIsTakenIsHeldNoMore(t *testing.T) {
	story(t, func(t *testing.T, s *server) {
		a := start(t, s, "a")
		pass(time.Second)
		under := a.Held()
		s.set(map[string]any{"holderIdentity": "thief"})
		pass(6 * time.Second) // the next renewal sees it
		a.told(t, "afterwards", []bool{true, false}, "")
		if under.Err() == nil || a.Held() != nil {
			t.Error("it is still held")
		}
		a.stop()
		if s.holder() != "thief" {
			t.Errorf("a process gave back what it did not hold: %q", s.holder())
		}
	})
}

func TestLease_thatIsDeletedIsMadeAnewByItsHolder(t *testing.T) {
	story(t, func(t *testing.T, s *server) {
		a := start(t, s, "a")
		pass(time.Second)
		b := start(t, s, "b")
		pass(time.Second) // it has seen who holds it
		for range 50 {
			s.remove()
			pass(12 * time.Second)
			if a.Held() == nil || b.Held() != nil || s.holder() != "a" {
				t.Fatalf("a holds it: %t, b holds it: %t, the holder is %q", a.Held() != nil, b.Held() != nil, s.holder())
			}
		}
		a.told(t, "all the time", []bool{true}, "")
	})
}

func TestLease_keepsItsTermWhenAnswersAreLost(t *testing.T) {
	story(t, func(t *testing.T, s *server) {
		a := start(t, s, "a")
		pass(time.Second)
		b := start(t, s, "b")
		turn := 0
		a.set(func(method string) fate { // each second write is applied, and its answer lost
			if method == http.MethodPut {
				turn++
			}
			return fate{mute: method == http.MethodPut && turn%2 == 0}
		})
		pass(time.Hour)
		if a.Held() == nil || b.Held() != nil {
			t.Error("it was lost")
		}
		got, errors := a.take()
		if !slices.Equal(got, []bool{true}) || len(errors) < 10 || !strings.Contains(errors[0], "writing the Lease monitoring/exporter") {
			t.Errorf("it was told %v, %d errors", got, len(errors))
		}
	})
}

func TestLease_whoseFirstAnswerIsLostIsGivenBackAtAStop(t *testing.T) {
	story(t, func(t *testing.T, s *server) {
		a := start(t, s, "a")
		a.set(func(method string) fate { return fate{mute: method == http.MethodPost} })
		pass(time.Second)
		if a.Held() != nil || s.holder() != "a" {
			t.Fatalf("without an answer nothing is held; the holder is %q", s.holder())
		}
		a.stop()
		if s.holder() != "" {
			t.Error("the others have to wait for its end")
		}
	})
}

func TestLease_isLostBeforeAnotherMayHaveIt(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fate    fate
		failure string
	}{
		{"the network is cut", fate{lost: true}, "the connection was cut"},
		{"no answer comes back", fate{mute: true}, "the connection was cut"},
		{"the API server fails", fate{error: 500}, "answered 500 Internal Server Error"},
		{"the token is not valid", fate{error: 401}, "answered 401 Unauthorized"},
		{"the Role is gone", fate{error: 403}, "answered 403 Forbidden"},
		{"answers come late", fate{back: 11 * time.Second}, "the connection was cut"},
		{"requests arrive late", fate{there: 40 * time.Second}, "the connection was cut"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			story(t, func(t *testing.T, s *server) {
				a := start(t, s, "a")
				pass(time.Second)
				under := a.Held()
				b := start(t, s, "b")
				pass(time.Minute)
				a.set(func(string) fate { return tt.fate })
				pass(25 * time.Second)
				if a.Held() == nil && !tt.fate.mute {
					t.Error("it is lost at the first failure")
				}
				pass(6 * time.Second)
				if a.Held() != nil || under.Err() == nil {
					t.Error("it is still held")
				}
				a.told(t, "afterwards", []bool{true, false}, tt.failure)
				pass(3 * time.Minute)
				if writes := tt.fate.error == 0 && !tt.fate.lost; !writes && b.Held() == nil {
					t.Error("the other one has not taken it")
				}
				a.set(func(string) fate { return fate{} })
				pass(3 * time.Minute)
				if (a.Held() == nil) == (b.Held() == nil) {
					t.Error("one holds it")
				}
			})
		})
	}
}

func TestLease_ofAProcessThatStandsStillIsNotHeld(t *testing.T) {
	story(t, func(t *testing.T, s *server) {
		a := start(t, s, "a")
		pass(time.Second)
		b := start(t, s, "b")
		pass(time.Minute)
		a.set(func(string) fate { return fate{deaf: 5 * time.Minute} })
		pass(36 * time.Second)
		if a.Held() != nil {
			t.Error("Run has not noticed, but the clock has")
		}
		a.set(func(string) fate { return fate{} })
		pass(5 * time.Minute)
		if a.Held() != nil || b.Held() == nil {
			t.Error("the other one holds it")
		}
	})
}

func TestLease_tellsTheSameErrorOnce(t *testing.T) {
	story(t, func(t *testing.T, s *server) {
		a := start(t, s, "a")
		a.set(func(string) fate { return fate{error: 403} })
		pass(time.Hour)
		a.told(t, "forbidden", nil, "reading the Lease monitoring/exporter: the API server answered 403 Forbidden")
		pass(time.Hour)
		a.told(t, "still forbidden", nil, "")
		a.set(func(string) fate { return fate{error: 503} })
		pass(time.Minute)
		a.told(t, "another error", nil, "503")
		a.set(func(string) fate { return fate{} })
		pass(time.Minute)
		a.told(t, "good again", []bool{true}, "")
	})
}

func TestLease_inANamespaceThatIsNotThere(t *testing.T) {
	story(t, func(t *testing.T, s *server) {
		told := &recorded{}
		l := newLease(&network{server: s, fates: func(string) fate { return fate{} }}, Name{"elsewhere", "exporter"}, "a", usual, told.notice(t))
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		l.Run(ctx)
		if _, errors := told.take(); len(errors) != 1 || !strings.Contains(errors[0], `writing the Lease elsewhere/exporter: the API server answered 404 Not Found: namespaces "elsewhere" not found`) {
			t.Errorf("got %q", errors)
		}
	})
}

func TestParseName_wantsTwoParts(t *testing.T) {
	if name, err := ParseName("monitoring/exporter"); err != nil || name != exporter {
		t.Errorf("got %v, %v", name, err)
	}
	for _, text := range []string{"", "exporter", "/exporter", "monitoring/", "a/b/c"} {
		if _, err := ParseName(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestIdentity_isNobodyElses(t *testing.T) {
	if one, other := Identity(), Identity(); one == other {
		t.Error("two processes would have the same")
	}
}
