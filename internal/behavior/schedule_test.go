package behavior

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) // a Monday

func scheduled(name, schedule string, least int) func(*shape) {
	return func(s *shape) {
		s.context.At = noon
		s.variant.Scheduled = append(s.variant.Scheduled, fleet.ScheduledAction{Name: name, Schedule: schedule, MinCapacity: &least})
	}
}

// The row 29: the minimum is 0 at night and 1 by day, and nothing wakes.
func TestOf_aScheduleThatWakesInTheMorning(t *testing.T) {
	b := target(1, 5, tracks, scheduled("night", "cron(0 20 * * ? *)", 0), scheduled("morning", "cron(0 8 * * ? *)", 1)).of()
	s := b.Scheduled
	if !b.Sleeps || s == nil || s.Next != "night" || !s.At.Equal(noon.Add(8*time.Hour)) || s.Wakes != 12*time.Hour || s.By != "morning" {
		t.Fatalf("%+v", s)
	}
	if b.ScalesIn.To != 1 || s.After.ScalesIn.To != 0 || s.After.Wakes.Verdict != No || s.After.Wakes.Fault == nil {
		t.Errorf("by day %+v, at night %+v", b.ScalesIn, s.After)
	}
}

func TestOf_aScheduleThatIsNotUnderstoodIsNotJudged(t *testing.T) {
	b := target(0, 5, documented, scheduled("odd", "cron(0 8 L * ? *)", 1)).of()
	if b.Scheduled.Reason == "" || len(b.NotJudged) != 1 || b.Scheduled.After != nil {
		t.Errorf("%+v %+v", b.Scheduled, b.NotJudged)
	}
	always := target(0, 5, documented, scheduled("nothing", "cron(0 8 * * ? *)", 0)).of()
	if always.Scheduled.Next != "" || always.Scheduled.After != nil || len(always.NotJudged) != 0 {
		t.Errorf("an action that changes nothing: %+v", always.Scheduled)
	}
}
