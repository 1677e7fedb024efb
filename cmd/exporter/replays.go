package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"golang.org/x/sync/errgroup"

	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/simulate"
)

// replays carries the jobs of a study out, on all processors.
type replays struct {
	study    simulate.Study
	first    []sim.Request // those of the study's first seed, which most jobs are about
	progress progress
}

func newReplays(study simulate.Study, p progress) *replays {
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

// progress tells somebody who waits how far the replays are: on a terminal in one line, else in the log, each tenth.
type progress struct {
	terminal io.Writer // nil when there is none
	log      log.Logger
	lock     *sync.Mutex
	ready    *int
	of       *int
}

func newProgress(stderr io.Writer, logger log.Logger) progress {
	p := progress{log: logger, lock: &sync.Mutex{}, ready: new(int), of: new(int)}
	if file, ok := stderr.(*os.File); ok {
		if about, err := file.Stat(); err == nil && about.Mode()&os.ModeCharDevice != 0 {
			p.terminal = stderr
		}
	}
	return p
}

func (p progress) begin(jobs int) { *p.ready, *p.of = 0, jobs }

func (p progress) done() {
	p.lock.Lock()
	defer p.lock.Unlock()
	*p.ready++
	switch tenth := (*p.of + 9) / 10; {
	case p.terminal != nil:
		fmt.Fprintf(p.terminal, "\r%d of %d replays ", *p.ready, *p.of)
	case *p.ready%tenth == 0:
		_ = level.Debug(p.log).Log("msg", "replaying", "done", *p.ready, "of", *p.of)
	}
}

// end takes the line away.
func (p progress) end() {
	if p.terminal != nil {
		fmt.Fprint(p.terminal, "\r\x1b[K")
	}
}
