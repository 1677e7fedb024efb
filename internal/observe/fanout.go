package observe

import (
	"cmp"
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
	asked := some(ctx, keys, nil, ask)
	return asked.found, partial(asked.failed+len(asked.left), len(keys), cmp.Or(asked.failure, ctx.Err()))
}

// partial is the error of a question to so many keys, of which some have failed; nil when none has.
func partial(failed, of int, first error) error {
	if failed == 0 {
		return nil
	}
	if of == 1 {
		return first
	}
	return &Partial{Failed: failed, Of: of, First: first}
}

// asked is what asking for many keys brought.
type asked[V any] struct {
	found    map[string]V
	failed   int
	failure  error    // the first one
	left     []string // keys that were not asked for, in their order
	hopeless bool     // asking was given up: nothing but failures
}

// some asks for one key after the other, a few at a time, until it is enough; nil is never.
func some[V any](
	ctx context.Context, keys []string, enough func() bool, ask func(context.Context, string) (V, error),
) asked[V] {
	var (
		mu     sync.Mutex
		result = asked[V]{found: make(map[string]V, len(keys))}
		group  errgroup.Group
		stop   = func() bool {
			result.hopeless = result.hopeless || result.failed >= hopeless && len(result.found) == 0
			return result.hopeless || ctx.Err() != nil || enough != nil && enough()
		}
	)
	group.SetLimit(fanOut)
	skipped := make([]bool, len(keys))
	for i, key := range keys {
		group.Go(func() error {
			mu.Lock()
			skipped[i] = stop()
			mu.Unlock()
			if skipped[i] {
				return nil
			}
			value, err := ask(ctx, key)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				result.found[key] = value
			} else if result.failed++; result.failure == nil {
				result.failure = err
			}
			return nil
		})
	}
	_ = group.Wait() // no function returns an error: failures are counted
	for i, key := range keys {
		if skipped[i] {
			result.left = append(result.left, key)
		}
	}
	result.hopeless = result.hopeless || len(result.left) > 0 && ctx.Err() != nil && len(result.found) == 0
	return result
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
