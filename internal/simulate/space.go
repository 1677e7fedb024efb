package simulate

import (
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// Space is the values of the candidates; one that is empty keeps that of the present policy.
type Space struct {
	Min, Max              []int
	TargetValues          []float64
	In, Out, WakeCooldown []time.Duration
}

// MostCandidates bounds what is compared or searched.
const MostCandidates = 500

// Candidates are all combinations of the space around the present policy, without that one itself. A maximum below the
// minimum is none.
func (s Space) Candidates(present sim.Scaling) []sim.Scaling {
	list := []sim.Scaling{present}
	vary(&list, s.Min, func(c *sim.Scaling, v int) { c.Min = v })
	vary(&list, s.Max, func(c *sim.Scaling, v int) { c.Max = v })
	vary(&list, s.TargetValues, func(c *sim.Scaling, v float64) { c.TargetValue, c.NoTracking = v, false })
	vary(&list, s.In, func(c *sim.Scaling, v time.Duration) { c.In = v })
	vary(&list, s.Out, func(c *sim.Scaling, v time.Duration) { c.Out = v })
	vary(&list, s.WakeCooldown, func(c *sim.Scaling, v time.Duration) { c.WakeCooldown = v })
	for i := range list {
		if list[i].Min == 0 && list[i] != present {
			list[i].NoWake = false // nobody proposes to sleep for ever
		}
	}
	return slices.DeleteFunc(list, func(c sim.Scaling) bool { return c == present || c.Max < c.Min || c.Max == 0 })
}

// vary multiplies the list by the values.
func vary[T any](list *[]sim.Scaling, values []T, set func(*sim.Scaling, T)) {
	if len(values) == 0 {
		return
	}
	var varied []sim.Scaling
	for _, c := range *list {
		for _, v := range values {
			set(&c, v)
			if !slices.Contains(varied, c) {
				varied = append(varied, c)
			}
		}
	}
	*list = varied
}

// Around is where to search: for what the user has not fixed, values around those that the trace needs. One maximum is a bound: lower ones
// are tried too. It has about two hundred candidates.
func (s Study) Around(present sim.Scaling, fixed Space) Space {
	if len(fixed.Min) == 0 {
		fixed.Min = []int{0, 1}
	}
	if len(fixed.Max) < 2 {
		bound := slices.Clone(fixed.Max)
		hour, ten := s.Trace.Peak(60, s.Concurrency), s.Trace.Peak(10, s.Concurrency)
		for _, n := range []float64{hour * 1.15, ten * 1.15, ten * 2, float64(present.Max)} {
			most := max(1, int(math.Ceil(n)))
			if len(bound) > 0 {
				most = min(most, bound[0])
			}
			if !slices.Contains(fixed.Max, most) {
				fixed.Max = append(fixed.Max, most)
			}
		}
		slices.Sort(fixed.Max)
	}
	if len(fixed.TargetValues) == 0 {
		// The backlog per instance at which a request waits the whole latency, when its instance is busy all the time.
		budget := float64(s.Concurrency) * s.Objective.Latency.Seconds() / max(s.Trace.MeanService().Seconds(), 1e-3)
		for _, v := range []float64{
			.5 * float64(s.Concurrency), float64(s.Concurrency), 1.5 * float64(s.Concurrency), .15 * budget, .3 * budget, .5 * budget, .75 * budget,
		} {
			if v = tidy(v); !slices.Contains(fixed.TargetValues, v) {
				fixed.TargetValues = append(fixed.TargetValues, v)
			}
		}
		slices.Sort(fixed.TargetValues)
	}
	if len(fixed.In) == 0 {
		fixed.In = []time.Duration{policy.Cooldown, 2 * policy.Cooldown}
	}
	if len(fixed.Out) == 0 {
		fixed.Out = []time.Duration{time.Minute, policy.Cooldown}
	}
	return fixed
}

// tidy rounds a target value to two digits, at least a half.
func tidy(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(max(v, .5)))-1)
	return max(.5, math.Round(v/unit)*unit)
}
