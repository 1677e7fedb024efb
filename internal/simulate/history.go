package simulate

import (
	"fmt"
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// History is a trace of what CloudWatch has of an endpoint. What arrived until a moment is what had ended by then and what
// was waiting or in service, so the arrivals of a minute are what ended in it and by how much the backlog grew. service
// is the mean time on an instance; 0 takes the history's own.
func History(h advise.History, service time.Duration) (Trace, error) {
	t := Trace{
		Source:  fmt.Sprintf("the history of %s from %s to %s", h.Endpoint, h.From.UTC().Format(time.RFC3339), h.To.UTC().Format(time.RFC3339)),
		Minutes: make([]Minute, max(0, int(h.To.Sub(h.From)/time.Minute))), Shape: HalfFixed, Service: service, Starts: starts(h.Activities),
	}
	var onInstance time.Duration
	completed := 0
	ended, backlog := make([]int, len(t.Minutes)), make([]float64, len(t.Minutes))
	for i := range backlog {
		backlog[i] = math.NaN()
	}
	for _, m := range h.Minutes {
		i := int(m.At.Sub(h.From) / time.Minute)
		if i < 0 || i >= len(ended) {
			continue
		}
		ended[i] = m.Ended()
		if m.Backlog.Known {
			backlog[i] = m.Backlog.Value
		}
		if m.Total.Count > 0 && m.Total.Count == m.Waited.Count && m.Total.Sum > m.Waited.Sum {
			onInstance += m.Total.Sum - m.Waited.Sum
			completed += m.Total.Count
		}
	}
	if t.Service == 0 && completed > 0 {
		t.Service = onInstance / time.Duration(completed)
	}
	if t.Service == 0 {
		return Trace{}, fmt.Errorf("%s has no request that ended: give the mean time of a request on an instance by --service-time", t.Source)
	}
	arrivals(t.Minutes, ended, backlog)
	return t, t.problem()
}

// arrivals puts whole numbers into the minutes. Rounding is carried on, so that none is lost, and the number of all that
// have arrived never falls.
func arrivals(minutes []Minute, ended []int, backlog []float64) {
	at := ends(backlog)
	sum, told := 0.0, 0.0
	if len(at) > 0 {
		told = math.Round(at[0]) // were there when the history begins
	}
	for i := range minutes {
		sum += float64(ended[i])
		arrived := math.Round(sum + at[i+1])
		minutes[i].Arrivals = max(0, arrived-told)
		told = max(told, arrived)
	}
}

// ends are the backlogs at the ends of the minutes, and at the beginning of the first: between the means of two minutes.
// One that is not known is that of the last that is.
func ends(means []float64) []float64 {
	known := make([]float64, len(means))
	last := 0.0
	for i, v := range means {
		if !math.IsNaN(v) {
			last = v
		}
		known[i] = last
	}
	at := make([]float64, len(means)+1)
	for i := range at {
		before, after := known[max(0, i-1)], known[min(i, len(known)-1)]
		at[i] = (before + after) / 2
	}
	return at
}

// starts are the provisioning times of the scale-outs that worked.
func starts(activities []fleet.Activity) (took []time.Duration) {
	for i := range activities {
		a := &activities[i]
		if a.Status == "Successful" && a.ScaledOut(fleet.Earlier(activities[i+1:])) && a.End.After(a.Start) {
			took = append(took, a.End.Sub(a.Start))
		}
	}
	return took
}
