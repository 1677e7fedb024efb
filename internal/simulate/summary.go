package simulate

import (
	"cmp"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// Summary is one policy over several seeds.
type Summary struct {
	Scaling sim.Scaling
	Present bool // the policy that the endpoint has
	Best    bool // the cheapest that was found to keep the objective
	Seeds   int
	Met     int // seeds in which it kept the objective

	P50, P95, P99, Worst Range[Wait]
	Mean                 time.Duration
	Requests             float64 // means over the seeds
	Expired              Range[int]
	Left                 Range[int]
	Wakes                Range[int]
	Peak                 Range[int]
	Hours                Range[float64]
}

// Range is the middle and the ends of what the seeds came to.
type Range[T any] struct{ Median, Least, Most T }

// summarize joins the results of one policy. Those that gave up count as seeds in which it missed, and for nothing else.
func summarize(results []Result) Summary {
	s := Summary{Seeds: len(results)}
	whole := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return r.GaveUp })
	for _, r := range results {
		s.Scaling = r.Scaling
		if r.Meets {
			s.Met++
		}
	}
	for _, r := range whole {
		s.Requests += float64(r.Requests) / float64(len(whole))
		s.Mean += r.Mean / time.Duration(len(whole))
	}
	s.P50 = rangeOf(whole, compareWaits, func(r Result) Wait { return r.P50 })
	s.P95 = rangeOf(whole, compareWaits, func(r Result) Wait { return r.P95 })
	s.P99 = rangeOf(whole, compareWaits, func(r Result) Wait { return r.P99 })
	s.Worst = rangeOf(whole, compareWaits, func(r Result) Wait { return r.Worst })
	s.Expired = rangeOf(whole, cmp.Compare, func(r Result) int { return r.Expired })
	s.Left = rangeOf(whole, cmp.Compare, func(r Result) int { return r.Left })
	s.Wakes = rangeOf(whole, cmp.Compare, func(r Result) int { return r.Wakes })
	s.Peak = rangeOf(whole, cmp.Compare, func(r Result) int { return r.Peak })
	s.Hours = rangeOf(whole, cmp.Compare, func(r Result) float64 { return r.Hours })
	return s
}

func compareWaits(a, b Wait) int {
	switch {
	case a.Never == b.Never:
		return cmp.Compare(a.Time, b.Time)
	case a.Never:
		return 1
	}
	return -1
}

func rangeOf[T any](results []Result, compare func(a, b T) int, of func(Result) T) (r Range[T]) {
	if len(results) == 0 {
		return r
	}
	values := make([]T, len(results))
	for i := range results {
		values[i] = of(results[i])
	}
	slices.SortFunc(values, compare)
	return Range[T]{values[(len(values)-1)/2], values[0], values[len(values)-1]}
}

// AtLeast is the share of all seeds in which the policy keeps its objective, at least, with a confidence of 95 %.
func (s Summary) AtLeast() float64 { return advise.AtLeast(s.Seeds, s.Met) }
