package advise

import (
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Running is a variant as it runs now.
type Running struct {
	Variant string
	Now     int     // instances
	Price   float64 // dollars an hour for one instance; 0 is not known
}

// Usage is how many instances an endpoint had in its history, and how much of that had no work.
type Usage struct {
	Known   time.Duration // minutes in which the number of instances is known
	Hours   float64       // instance-hours in them
	Idle    float64       // of these hours, for which no request was queued or in service, at least
	Dollars float64       // for Hours; 0 where a price is not known
	Priced  bool          // each price that Dollars needs is known
}

// Share is the share of the instance-hours without work; 0 without any hours.
func (u Usage) Share() float64 {
	if u.Hours == 0 {
		return 0
	}
	return u.Idle / u.Hours
}

// Usage follows the number of instances through the history. CloudWatch has no such metric: the scaling activities say what was
// set, and the backlog through the backlog of each instance says it while there is a backlog. An instance counts from the moment
// at which it is asked for. At no moment do more instances work than requests are queued or in service, so the rest is idle.
func (h History) Usage(running []Running) Usage {
	minutes := h.length()
	backlog := make([]Gauge, minutes)
	for _, m := range h.Minutes {
		if i := h.index(m.At); i >= 0 && i < minutes {
			backlog[i] = m.Backlog
		}
	}
	u := Usage{Priced: true}
	all, known := make([]int, minutes), make([]int, minutes)
	for _, v := range running {
		paid := 0 // instance-minutes
		for i, n := range h.levels(v, len(running) == 1) {
			if n >= 0 {
				all[i], known[i], paid = all[i]+n, known[i]+1, paid+n
			}
		}
		hours := float64(paid) / 60
		u.Hours, u.Dollars = u.Hours+hours, u.Dollars+hours*v.Price
		u.Priced = u.Priced && (v.Price > 0 || hours == 0)
	}
	for i, n := range all {
		if known[i] == len(running) {
			u.Known += time.Minute
		}
		if backlog[i].Known {
			u.Idle += math.Max(0, float64(n)-backlog[i].Value) / 60
		}
	}
	if !u.Priced {
		u.Dollars = 0
	}
	return u
}

// length is how many whole minutes the history has room for.
func (h History) length() int { return max(0, int(h.To.Sub(h.From)/time.Minute)) }

// index is the number of the minute of a moment, below zero before the history begins.
func (h History) index(at time.Time) int { return int(math.Floor(at.Sub(h.From).Minutes())) }

// levels are the instances of a variant in each minute, -1 where they are not known. The queue tells of them where the variant
// is the only one.
func (h History) levels(v Running, alone bool) []int {
	levels := make([]int, h.length())
	for i := range levels {
		levels[i] = -1
	}
	changing := make([]bool, len(levels))
	first := -1 // what was there before anything is known
	for i := len(h.Activities) - 1; i >= 0; i-- {
		a := h.Activities[i]
		n, ok := a.Desired()
		_, variant, _ := fleet.SplitResourceID(a.ResourceID)
		if !ok || variant != v.Variant || len(a.NotScaled) > 0 || a.Status == "Failed" || a.Status == "Unfulfilled" {
			continue
		}
		at := h.index(a.Start)
		switch {
		case at < 0:
			first = n
		case at < len(levels):
			if first < 0 && n == 1 && a.ScaledOut(nil) {
				first = 0
			}
			levels[at] = n
		}
		for j := max(at, 0); j < len(levels) && (a.End.IsZero() || j <= h.index(a.End)); j++ {
			changing[j] = true
		}
	}
	if alone {
		for _, m := range h.Minutes {
			i := h.index(m.At)
			if n, ok := m.Instances(); ok && i >= 0 && i < len(levels) && !changing[i] {
				levels[i] = n
			}
		}
	}
	return filled(levels, changing, first, v.Now)
}

// filled are the levels with what is not told carried on. Before the first it is what was there first, or, if the queue told of
// it, that; where nothing is told at all it is the number now.
func filled(levels []int, changing []bool, first, now int) []int {
	told := len(levels)
	for i := range levels {
		if levels[i] >= 0 {
			told = i
			break
		}
	}
	switch {
	case first >= 0:
	case told == len(levels):
		first = now
	case !changing[told]:
		first = levels[told]
	}
	for i := range levels {
		if levels[i] < 0 {
			levels[i] = first
		}
		first = levels[i]
	}
	return levels
}
