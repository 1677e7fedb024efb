package cycle

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The machine's clock is set back by an hour: nothing waits for the time when it will be as late again.
func TestAsk_asksEverySourceAfterTheClockWasSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, "transcribe")
		c := New(a.scope(false), NewClock(1), options(), NewBoard(), log.NewNopLogger())
		if err := c.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.ask(t.Context())
		for len(c.running) > 0 {
			c.learn(<-c.answers)
			c.ask(t.Context())
		}
		asked := func() (sources []fleet.SourceName) {
			c.ask(t.Context())
			for source := range c.running {
				sources = append(sources, source)
			}
			for len(c.running) > 0 {
				c.learn(<-c.answers)
			}
			slices.Sort(sources)
			return sources
		}
		all := slices.Sorted(slices.Values(c.observer.Sources()))
		if early := asked(); len(early) > 0 {
			t.Fatalf("%v are asked before their time", early)
		}
		now := time.Now()
		c.clock = Clock{fleet.Clock{Machine: now, Shown: now.Add(-time.Hour), Speed: 1}}
		if got := asked(); !slices.Equal(got, all) {
			t.Errorf("%v are asked, want %v", got, all)
		}
		if again := asked(); len(again) > 0 {
			t.Errorf("%v are asked twice", again)
		}
		if pause := c.pause(); pause > c.intervals.Queue {
			t.Errorf("it sleeps for %s", pause)
		}
	})
}
