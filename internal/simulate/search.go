package simulate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sagemaker-async/exporter/internal/sim"
)

// Found is what a comparison or a search came to.
type Found struct {
	Summaries  []Summary // the present policy first, then by hours
	Candidates int
	Searched   bool
	Replays    int
	None       bool // a search found no policy that keeps the objective in every seed
}

// Best is the policy that a search proposes; nil without one.
func (f Found) Best() *Summary {
	for i := range f.Summaries {
		if f.Summaries[i].Best {
			return &f.Summaries[i]
		}
	}
	return nil
}

// Compare replays the present policy and all candidates with so many seeds.
func (s Study) Compare(present sim.Scaling, candidates []sim.Scaling, seeds int, run Runner) (Found, error) {
	if len(candidates) > MostCandidates {
		return Found{}, fmt.Errorf("%d candidates are more than %d: give fewer values", len(candidates), MostCandidates)
	}
	var jobs []Job
	for _, c := range slices.Concat([]sim.Scaling{present}, candidates) {
		jobs = append(jobs, s.seeds(c, 0, seeds)...)
	}
	results, err := run(jobs)
	if err != nil {
		return Found{}, err
	}
	f := Found{Candidates: len(candidates), Replays: len(jobs)}
	for of := range slices.Chunk(results, seeds) {
		f.Summaries = append(f.Summaries, summarize(of))
	}
	f.order()
	return f, nil
}

// batch is how many seeds of a policy are tried at a time.
const batch = 3

// shown is how many policies a search tells of beside the present one and its proposal.
const shown = 5

// Search looks for the cheapest candidate that keeps the objective in every seed. All are tried with the first seed; of
// those that keep it there, the cheapest are tried with the others, one after the other, until one keeps it in all; what
// is dearer needs no trial. One that misses it with a seed is not tried with all.
func (s Study) Search(present sim.Scaling, candidates []sim.Scaling, seeds int, run Runner) (Found, error) {
	if len(candidates) > MostCandidates {
		return Found{}, fmt.Errorf("%d candidates are more than %d: give fewer values", len(candidates), MostCandidates)
	}
	all := slices.Concat([]sim.Scaling{present}, candidates)
	jobs := make([]Job, 0, len(all))
	for i, c := range all {
		jobs = append(jobs, Job{Scaling: c, Seed: s.Seed, Hasty: i > 0})
	}
	first, err := run(jobs)
	if err != nil {
		return Found{}, err
	}
	rest, err := run(s.seeds(present, 1, seeds))
	if err != nil {
		return Found{}, err
	}
	f := Found{
		Candidates: len(candidates), Searched: true, None: true, Replays: len(jobs) + len(rest),
		Summaries: []Summary{summarize(append([]Result{first[0]}, rest...))},
	}
	good := slices.DeleteFunc(first, func(r Result) bool { return !r.Meets })
	slices.SortStableFunc(good, func(a, b Result) int { return cmp.Compare(a.Hours, b.Hours) })
	for _, r := range good {
		if r.Scaling == present {
			if f.Summaries[0].Met == seeds {
				f.Summaries[0].Best, f.None = true, false
				break
			}
			continue
		}
		results := []Result{r}
		for len(results) < seeds {
			some, err := run(s.seeds(r.Scaling, len(results), min(len(results)+batch, seeds)))
			if err != nil {
				return Found{}, err
			}
			f.Replays += len(some)
			results = append(results, some...)
			if slices.ContainsFunc(some, func(r Result) bool { return !r.Meets }) {
				break // it will not be the proposal
			}
		}
		tried := summarize(results)
		tried.Best = tried.Met == seeds
		f.None = !tried.Best
		f.Summaries = append(f.Summaries, tried)
		if tried.Best {
			break
		}
	}
	f.order()
	return f, nil
}

// order puts the present policy first and the others behind it, by what they cost. Of those that a search has tried, the
// dearest are the nearest to its proposal.
func (f *Found) order() {
	f.Summaries[0].Present = true
	others := f.Summaries[1:]
	slices.SortStableFunc(others, func(a, b Summary) int { return cmp.Compare(a.Hours.Median, b.Hours.Median) })
	if extra := len(others) - shown - 1; f.Searched && extra > 0 {
		best := f.Best()
		kept := slices.DeleteFunc(slices.Clone(others), func(o Summary) bool { return best != nil && o.Scaling == best.Scaling })
		kept = kept[max(0, len(kept)-shown):]
		if best != nil && !best.Present {
			kept = append(kept, *best)
		}
		slices.SortStableFunc(kept, func(a, b Summary) int { return cmp.Compare(a.Hours.Median, b.Hours.Median) })
		f.Summaries = append(f.Summaries[:1:1], kept...)
	}
}

// Other is the policy to show beside the present one: the proposal of a search, else the cheapest candidate that keeps the
// objective in every seed, else the one that does so in most; nil when there is none but the present one.
func (f Found) Other() *Summary {
	var other *Summary
	for i := range f.Summaries {
		switch s := &f.Summaries[i]; {
		case s.Present:
		case s.Best:
			return s
		case other == nil || s.Met*other.Seeds > other.Met*s.Seeds:
			other = s
		}
	}
	return other
}
