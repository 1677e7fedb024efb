package simulate

import (
	"fmt"
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
)

// History is a trace of what CloudWatch has of an endpoint. What arrived until a moment is what had ended by then and what
// was waiting or in service, so the arrivals of a minute are what ended in it and by how much the backlog grew.
func History(h advise.History, e advise.Estimates) (Trace, error) {
	t := Trace{
		Source:  fmt.Sprintf("the history of %s from %s to %s", h.Endpoint, h.From.UTC().Format(time.RFC3339), h.To.UTC().Format(time.RFC3339)),
		Minutes: make([]Minute, max(0, int(h.To.Sub(h.From)/time.Minute))), Shape: HalfFixed,
		Service: time.Duration(e.Service.Value * float64(time.Second)), Starts: e.Provisioning.Seen,
	}
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
		if e.Arrivals.Apart {
			ended[i] += m.Failures
		}
		if m.Backlog.Known {
			backlog[i] = m.Backlog.Value
		}
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
