package observe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// unlisted is why the endpoints could not be listed, where those that somebody named were read all the same.
type unlisted struct{ err error }

func (u *unlisted) Error() string {
	return fmt.Sprintf("%s; only the endpoints that were named are read", u.err)
}

// Unwrap is why the list failed.
func (u *unlisted) Unwrap() error { return u.err }

// list lists the endpoints. Where somebody named some, a list that fails, or takes half of the time that there is, hides none
// of these: they are listed, and the error is an *unlisted. Once others are known, from a list that worked, all of them are shown
// until they are too old, as with any source that fails.
func (o Options) list(ctx context.Context, aws Endpoints, known endpointMemory) ([]fleet.EndpointSummary, error) {
	others := false
	for name := range known {
		others = others || !slices.Contains(o.Named, name)
	}
	if len(o.Named) == 0 || others {
		return aws.ListEndpoints(ctx)
	}
	listing := ctx
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		listing, cancel = context.WithTimeout(ctx, time.Until(end)/2)
		defer cancel()
	}
	summaries, err := aws.ListEndpoints(listing)
	if err == nil || ctx.Err() != nil {
		return summaries, err
	}
	summaries = nil
	for _, name := range o.Named {
		summaries = append(summaries, fleet.EndpointSummary{Name: name})
	}
	return summaries, &unlisted{err}
}

// first puts the endpoints that somebody named before the others: a turn may be cut short.
func (o Options) first(names []string) []string {
	named, others := []string{}, []string{}
	for _, name := range names {
		if slices.Contains(o.Named, name) {
			named = append(named, name)
		} else {
			others = append(others, name)
		}
	}
	return append(named, others...)
}
