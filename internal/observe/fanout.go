package observe

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// fanOut is how many questions of one kind are asked at the same time. The rate limiter of the client bounds the calls
// in a second; this bounds what one slow answer holds up.
const fanOut = 8

// hopeless is after how many failures without a single success asking is given up until the next turn: a missing
// permission or an outage costs a few calls, not one for each endpoint.
const hopeless = fanOut

// each asks for every key, a few at a time. What has no entry in the result could not be had, and the error says how
// many keys these are and why the first of them failed.
func each[V any](
	ctx context.Context, keys []string, ask func(context.Context, string) (V, error),
) (map[string]V, error) {
	var (
		mu       sync.Mutex
		found    = make(map[string]V, len(keys))
		failed   int
		failure  error
		group    errgroup.Group
		giveUp   = func() bool { return failed >= hopeless && len(found) == 0 || ctx.Err() != nil }
		answered = func(key string, value V, err error) {
			if err == nil {
				found[key] = value
				return
			}
			if failed++; failure == nil {
				failure = err
			}
		}
	)
	group.SetLimit(fanOut)
	for _, key := range keys {
		group.Go(func() error {
			mu.Lock()
			skip := giveUp()
			mu.Unlock()
			if skip {
				return nil
			}
			value, err := ask(ctx, key)
			mu.Lock()
			answered(key, value, err)
			mu.Unlock()
			return nil
		})
	}
	_ = group.Wait() // no function returns an error: failures are counted
	missing := len(keys) - len(found)
	switch {
	case missing == 0:
		return found, nil
	case failure == nil:
		failure = ctx.Err()
	}
	if len(keys) == 1 {
		return found, failure
	}
	return found, &Partial{Failed: missing, Of: len(keys), First: failure}
}

// Partial is the error of a question to many, of which some did not answer.
type Partial struct {
	Failed, Of int
	First      error
}

// Error gives figures and the first failure, which is that of another one each time.
func (p *Partial) Error() string {
	return fmt.Sprintf("%d of %d failed, the first: %s", p.Failed, p.Of, p.First)
}

// Unwrap is the first failure.
func (p *Partial) Unwrap() error { return p.First }
