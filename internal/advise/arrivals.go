package advise

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Arrivals say how many requests come, on the whole and at most.
type Arrivals struct {
	Rate    Estimate // requests a second; its spread is that between hours
	Windows []Window // the most that came within windows of several lengths, shortest first
	Waiting float64  // requests waiting or in service at the end
	Apart   bool     // failures were counted apart from what was processed
}

// Window is the most requests that came within a time of some length.
type Window struct {
	Length   time.Duration
	Requests float64
}

// PerSecond is the rate in the window.
func (w Window) PerSecond() float64 { return w.Requests / w.Length.Seconds() }

// The windows by which bursts are told from lasting load. Shorter ones would show how CloudWatch samples the queue.
var windows = []time.Duration{2 * time.Minute, 5 * time.Minute, tenMinutes, 30 * time.Minute, time.Hour}

const tenMinutes = 10 * time.Minute

// Peak is the most that came in windows of that length; the zero Window if history is shorter.
func (a Arrivals) Peak(length time.Duration) Window {
	for _, w := range a.Windows {
		if w.Length == length {
			return w
		}
	}
	return Window{}
}

// Came is how many requests had come by the beginning of each minute, from the first of which something is known, and by the
// end of the last. It adds up what left the queue and how the queue grew. The backlog at the turn of two minutes is taken for
// the mean of what both averaged, so the number may fall a little; while it is not known it is taken for unchanged.
func (h History) Came() (first time.Time, came []float64) {
	first, came, _ = h.came(h.failuresApart())
	return first, came
}

// came also says what is waiting or in service in the end.
func (h History) came(apart bool) (first time.Time, came []float64, level float64) {
	if len(h.Minutes) == 0 {
		return h.From, nil, 0
	}
	first = h.Minutes[0].At
	minutes := int(h.To.Sub(first) / time.Minute)
	ended, backlog := make([]float64, minutes), make([]Gauge, minutes)
	for _, m := range h.Minutes {
		i := int(m.At.Sub(first) / time.Minute)
		ended[i], backlog[i] = float64(m.Ended()), m.Backlog
		if apart {
			ended[i] += float64(m.Failures)
		}
	}
	came = make([]float64, minutes+1)
	level, left := turn(backlog, 0, 0), 0.0
	begin := level
	for i := range minutes {
		left += ended[i]
		level = turn(backlog, i+1, level)
		came[i+1] = left + level - begin
	}
	return first, came, level
}

// arrivals say how many requests come.
func (h History) arrivals() Arrivals {
	if len(h.Minutes) == 0 {
		return Arrivals{}
	}
	apart := h.failuresApart()
	_, came, level := h.came(apart)
	minutes := len(came) - 1
	a := Arrivals{Apart: apart, Waiting: level}
	total := math.Max(0, came[minutes])
	a.Rate = Estimate{
		Value: total / float64(minutes) / 60, Error: math.Sqrt(total) / float64(minutes) / 60, Samples: int(math.Round(total)),
		Spread: spreadOfHours(came),
		How:    fmt.Sprintf("InvocationsProcessed + ExpiredRequests + change of ApproximateBacklogSize in %d minutes", minutes),
	}
	if apart {
		a.Rate.How = "InvocationFailures + " + a.Rate.How
	}
	for _, length := range windows {
		n := int(length / time.Minute)
		if n > minutes {
			break
		}
		most := 0.0
		for i := n; i <= minutes; i++ {
			most = math.Max(most, came[i]-came[i-n])
		}
		a.Windows = append(a.Windows, Window{length, most})
	}
	return a
}

// turn is the backlog at the beginning of a minute.
func turn(backlog []Gauge, minute int, before float64) float64 {
	var known []float64
	for _, i := range []int{minute - 1, minute} {
		if i >= 0 && i < len(backlog) && backlog[i].Known {
			known = append(known, backlog[i].Value)
		}
	}
	switch len(known) {
	case 0:
		return before
	case 1:
		return known[0]
	}
	return (known[0] + known[1]) / 2
}

// spreadOfHours is the standard deviation of the rate between whole hours, 0 for less than two of them.
func spreadOfHours(came []float64) float64 {
	var rates []float64
	for i := 60; i < len(came); i += 60 {
		rates = append(rates, (came[i]-came[i-60])/3600)
	}
	if len(rates) < 2 {
		return 0
	}
	mean, squares := 0.0, 0.0
	for _, r := range rates {
		mean += r / float64(len(rates))
	}
	for _, r := range rates {
		squares += (r - mean) * (r - mean)
	}
	return math.Sqrt(squares / float64(len(rates)-1))
}

// failuresApart tells whether failures are not among what was processed: AWS does not say it. They are if they come in
// minutes in which nothing was processed.
func (h History) failuresApart() bool {
	failures, alone := 0, 0
	for _, m := range h.Minutes {
		failures += m.Failures
		if m.Processed == 0 && m.Total.Count == 0 {
			alone += m.Failures
		}
	}
	return 2*alone > failures
}

// provisioning are the times of successful scale-outs, from the start to the end of the activity.
func (h History) provisioning() Durations {
	var seen []time.Duration
	for i, activity := range h.Activities {
		older := h.Activities[i+1:]
		if activity.Status == "Successful" && !activity.End.IsZero() && activity.ScaledOut(fleet.Earlier(older)) && activity.End.After(activity.Start) {
			seen = append(seen, activity.End.Sub(activity.Start))
		}
	}
	return durations(seen, "scaling activities that added instances, start to end")
}

// wakes are the times that requests waited without any instance, until there was one. What still waits is none.
func (h History) wakes() Durations {
	var seen []time.Duration
	since, begun := time.Time{}, false // whether the history has its beginning
	for i, m := range h.Minutes {
		whole := i > 0 && h.Minutes[i-1].end().Equal(m.At)
		switch waits := m.WithoutCapacity.Known && m.WithoutCapacity.Value > 0; {
		case waits && since.IsZero():
			since, begun = m.At, i > 0
		case !waits && !since.IsZero():
			if begun && whole && m.PerInstance.Known {
				seen = append(seen, m.At.Sub(since))
			}
			since = time.Time{}
		}
	}
	return durations(seen, "minutes from the first request at zero instances to the first instance (HasBacklogWithoutCapacity)")
}

// idle is the longest time without a request.
func (h History) idle() (longest time.Duration) {
	if len(h.Minutes) == 0 {
		return 0
	}
	since := h.Minutes[0].At
	for _, m := range h.Minutes {
		if m.works() {
			longest, since = max(longest, m.At.Sub(since)), m.end()
		}
	}
	return slices.Max([]time.Duration{longest, h.To.Sub(since), 0})
}
