package savings

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// mornings are requests of half a minute that begin each day at a quarter past eight, some minutes later each other day, for two
// hours; on the days that works says, of so many days from a Monday on.
func mornings(days int, works func(time.Weekday) bool) Subject {
	s := subject(days, 0, sim.DocumentedScaling())
	h := &s.Advice.History
	for i := range h.Minutes {
		m := &h.Minutes[i]
		begin := 8*60 + 15 + m.At.Day()%2*10
		if at := m.At.Hour()*60 + m.At.Minute(); works(m.At.Weekday()) && at >= begin && at < begin+120 {
			m.Processed, m.Backlog.Value = 1, .5
			m.Total, m.Waited = advise.Timed{Sum: 30 * time.Second, Count: 1}, advise.Timed{Count: 1}
		}
	}
	return s
}

func workdays(day time.Weekday) bool { return day != time.Saturday && day != time.Sunday }

func everyDay(time.Weekday) bool { return true }

// The schedule has instances ready on the right days, so the first requests wait for nothing, at far less than an instance
// that stays.
func TestMorning_hasInstancesReadyBeforeTheFirstRequest(t *testing.T) {
	for name, tt := range map[string]struct {
		works       func(time.Weekday) bool
		days        int
		ready, back string
	}{
		"daily":  {everyDay, 8, "cron(0 8 * * ? *)", "cron(55 8 * * ? *)"},
		"weekly": {workdays, 15, "cron(0 8 ? * MON,TUE,WED,THU,FRI *)", "cron(55 8 ? * MON,TUE,WED,THU,FRI *)"},
	} {
		m, err := mornings(tt.days, tt.works).Morning(func() error { return nil })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if ready, back := m.Actions[0], m.Actions[1]; ready.Schedule != tt.ready || back.Schedule != tt.back || *ready.MinCapacity != 1 || *back.MinCapacity != 0 {
			t.Errorf("%s: %s, %s", name, ready.Schedule, back.Schedule)
		}
		demand, scheduled, constant := m.Ways[0], m.Ways[1], m.Ways[2]
		if scheduled.First >= demand.First/2 || scheduled.First > 3*time.Minute || scheduled.Hours > constant.Hours/2 {
			t.Errorf("%s: on demand %+v, scheduled %+v, constant %+v", name, demand, scheduled, constant)
		}
		if scheduled.Cold > demand.Cold-19 || constant.Cold != 0 { // one less on each day that has the pattern
			t.Errorf("%s: cold starts: on demand %v, scheduled %v, constant %v", name, demand.Cold, scheduled.Cold, constant.Cold)
		}
		if p := m.Patterns[0]; len(m.Patterns) != 1 || p.Held != p.Days || p.Trial.AtLeast() < .4 || p.Trial.AtLeast() >= 1 {
			t.Errorf("%s: %+v", name, m.Patterns)
		}
		var text, doc strings.Builder
		if err := errors.Join(m.Text(&text), m.JSON(&doc)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), "put-scheduled-action --region r ") || !strings.Contains(text.String(), "--schedule '"+tt.ready+"'") || !strings.Contains(doc.String(), `"schedule": "`+tt.ready+`"`) {
			t.Errorf("%s: %s%s", name, text.String(), doc.String())
		}
	}
}

// A first and a last day that are cut off count where work began on them, so it never began on more days than there are.
func TestMorning_countsDaysThatAreCutOff(t *testing.T) {
	s := mornings(9, everyDay)
	h := &s.Advice.History
	h.From, h.To = h.From.Add(7*time.Hour), h.To.Add(-14*time.Hour)
	h.Minutes = h.Minutes[7*60 : len(h.Minutes)-14*60]
	m, err := s.Morning(func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if p := m.Patterns[0]; p.Days != 9 || p.Held != 9 {
		t.Errorf("%d of %d days", p.Held, p.Days)
	}
}

// What is no pattern is refused with the reason.
func TestMorning_refusesWhatIsNoPattern(t *testing.T) {
	irregular := mornings(15, everyDay)
	for i := range irregular.Advice.History.Minutes { // another hour on each day
		m := &irregular.Advice.History.Minutes[i]
		at := irregular.Advice.History.From.Add(time.Duration(i) * time.Minute)
		begin := at.YearDay() * 7 % 20 * 60
		m.Processed, m.Backlog.Value, m.Total, m.Waited = 0, 0, advise.Timed{}, advise.Timed{}
		if minute := at.Hour()*60 + at.Minute(); minute >= begin && minute < begin+90 {
			m.Processed, m.Backlog.Value = 1, .5
			m.Total, m.Waited = advise.Timed{Sum: 30 * time.Second, Count: 1}, advise.Timed{Count: 1}
		}
	}
	for why, s := range map[string]Subject{
		"the history is of 5 d 0 h, and 7 days are needed":    mornings(5, everyDay),
		"too thin to tell the days of the week apart":         mornings(9, workdays),
		"work begins at no time of the day":                   irregular,
		"work began only 0 times after a pause of an hour in": subjectAlways(10),
	} {
		_, err := s.Morning(func() error { return nil })
		if none := (*advise.NoPatternError)(nil); !errors.As(err, &none) || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v", why, err)
		}
	}
}

// subjectAlways has work all the time.
func subjectAlways(days int) Subject {
	s := mornings(days, everyDay)
	for i := range s.Advice.History.Minutes {
		m := &s.Advice.History.Minutes[i]
		m.Processed, m.Total, m.Waited = 1, advise.Timed{Sum: 30 * time.Second, Count: 1}, advise.Timed{Count: 1}
	}
	return s
}

// Instances that have to be asked for before midnight are asked for on the days before.
func TestScheduled_movesTheDaysOverMidnight(t *testing.T) {
	p := advise.Pattern{Weekdays: []time.Weekday{time.Monday, time.Saturday}, First: 5 * time.Minute, Spread: 10 * time.Minute}
	actions := p.Scheduled(fleet.ResourceID("e", "v"), "", 2, 0, 10*time.Minute)
	if got := actions[0].Schedule; got != "cron(50 23 ? * SUN,FRI *)" {
		t.Error(got)
	}
	if got := actions[1].Schedule; got != "cron(45 0 ? * MON,SAT *)" {
		t.Error(got)
	}
	for _, a := range actions {
		if _, err := autoscaling.ParseSchedule(a.Schedule, a.Timezone, began); err != nil {
			t.Error(err)
		}
	}
}
