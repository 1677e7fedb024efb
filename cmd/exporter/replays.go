package main

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/simulate"
)

// replays carries the jobs of a study out, on all processors.
type replays struct {
	study    simulate.Study
	first    []sim.Request // those of the study's first seed, which most jobs are about
	progress *progress
}

func newReplays(study simulate.Study, p *progress) *replays {
	return &replays{study: study, first: study.Trace.Requests(study.Seed), progress: p}
}

// runner runs jobs until the context ends.
func (r *replays) runner(ctx context.Context) simulate.Runner {
	return func(jobs []simulate.Job) ([]simulate.Result, error) {
		results := make([]simulate.Result, len(jobs))
		replaying, ctx := errgroup.WithContext(ctx)
		replaying.SetLimit(runtime.GOMAXPROCS(0))
		r.progress.begin(len(jobs))
		for i, job := range jobs {
			replaying.Go(func() (err error) {
				if err := ctx.Err(); err != nil {
					return err
				}
				requests := r.first
				if job.Seed != r.study.Seed {
					requests = r.study.Trace.Requests(job.Seed)
				}
				results[i], err = r.study.Run(job, requests)
				r.progress.done()
				return err
			})
		}
		err := replaying.Wait()
		r.progress.end()
		if err != nil {
			return nil, fmt.Errorf("simulating: %w", err)
		}
		return results, nil
	}
}
