package advise

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// hours are a history of so many hours in which nothing is known of any minute.
func hours(n int) History {
	from := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	return History{Endpoint: "e", Variants: []string{"v"}, From: from, To: from.Add(time.Duration(n) * time.Hour)}
}

// set is a scaling activity that set a number of instances, so many minutes after the beginning of the history.
func set(h History, minute, n int, status string) fleet.Activity {
	return fleet.Activity{
		ResourceID: fleet.ResourceID("e", "v"), Status: status, Description: fmt.Sprintf("Setting desired instance count to %d.", n),
		Start: h.From.Add(time.Duration(minute) * time.Minute), End: h.From.Add(time.Duration(minute+5) * time.Minute),
	}
}

func TestUsage_followsTheActivities(t *testing.T) {
	for name, tt := range map[string]struct {
		activities []int // minute and number, the newest first
		status     string
		now        int
		hours      float64
		known      time.Duration
	}{
		"none: it stays as it is":      {nil, "", 2, 4, 2 * time.Hour},
		"none, asleep":                 {nil, "", 0, 0, 2 * time.Hour},
		"one before says how it began": {[]int{60, 1, -600, 3}, "Successful", 1, 4, 2 * time.Hour},
		"a wake begins at zero":        {[]int{30, 1}, "Successful", 1, 1.5, 2 * time.Hour},
		"else the beginning is open":   {[]int{60, 3}, "Successful", 3, 3, time.Hour},
		"one that failed sets nothing": {[]int{60, 9}, "Failed", 1, 2, 2 * time.Hour},
		"nor do all of a later time":   {[]int{600, 9}, "Successful", 1, 2, 2 * time.Hour},
	} {
		h := hours(2)
		for i := 0; i < len(tt.activities); i += 2 {
			h.Activities = append(h.Activities, set(h, tt.activities[i], tt.activities[i+1], tt.status))
		}
		u := h.Usage([]Running{{"v", tt.now, 2}})
		if math.Abs(u.Hours-tt.hours) > 1e-9 || u.Known != tt.known || math.Abs(u.Dollars-2*tt.hours) > 1e-9 || !u.Priced {
			t.Errorf("%s: %+v", name, u)
		}
	}
}

// More instances than requests are idle, and a minute of which the queue is not known is none.
func TestUsage_idleIsWhatNoRequestCanKeepBusy(t *testing.T) {
	h := hours(1)
	for i := range 45 {
		backlog := []float64{0, .5, 9}[i/15]
		h.Minutes = append(h.Minutes, Minute{At: h.From.Add(time.Duration(i) * time.Minute), Backlog: Gauge{backlog, true}})
	}
	u := h.Usage([]Running{{"v", 2, 0}})
	if want := (15*2 + 15*1.5) / 60.; math.Abs(u.Idle-want) > 1e-9 || u.Hours != 2 || u.Share() != u.Idle/2 || u.Priced || u.Dollars != 0 {
		t.Errorf("%+v, want %v hours idle", u, want)
	}
}

// The queue says how many run where nothing else does, but not while that changes.
func TestUsage_theQueueTellsOfInstances(t *testing.T) {
	h := hours(1)
	for i := range 60 {
		m := Minute{At: h.From.Add(time.Duration(i) * time.Minute), Backlog: Gauge{12, true}, PerInstance: Gauge{4, true}}
		if i >= 30 {
			m.PerInstance.Value = 12 // one is there: the others are still starting
		}
		h.Minutes = append(h.Minutes, m)
	}
	if u := h.Usage([]Running{{"v", 1, 1}}); math.Abs(u.Hours-2) > 1e-9 {
		t.Errorf("three for half an hour, and one: %+v", u)
	}
	starts := set(h, 30, 5, "Successful")
	starts.End = h.To
	h.Activities = []fleet.Activity{starts}
	if u := h.Usage([]Running{{"v", 5, 1}}); math.Abs(u.Hours-4) > 1e-9 {
		t.Errorf("three for half an hour, and five that start: %+v", u)
	}
}

// The story of a world whose truth is known: the replay's own account of what is paid, and the history's.
func TestUsage_isPlausibleBesideTheModel(t *testing.T) {
	for name, s := range stories {
		h := s.tell(t, 1)
		u := h.Usage([]Running{{"v", 0, 1}})
		if u.Known < h.To.Sub(h.From)*9/10 || u.Hours <= 0 || u.Idle > u.Hours {
			t.Errorf("%s: %+v of %s", name, u, h.To.Sub(h.From))
		}
	}
}
