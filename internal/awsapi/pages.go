package awsapi

import (
	"context"
	"errors"
	"slices"
)

// errRepeated ends what would otherwise page for ever.
var errRepeated = errors.New("AWS repeated the page token")

// pages calls fetch with one page token after the other, nil first, until it returns none. The SDK's own paginators
// are not used: one that is given a repeated token either pages for ever or ends as if all had been read.
func pages(ctx context.Context, fetch func(token *string) (next *string, err error)) error {
	var token *string
	seen := map[string]bool{}
	for {
		next, err := fetch(token)
		switch {
		case err != nil:
			return explain(err)
		case next == nil || *next == "":
			return nil
		case seen[*next]:
			return errRepeated
		case ctx.Err() != nil:
			return explain(ctx.Err())
		}
		seen[*next] = true
		token = next
	}
}

// sorted sorts the rows of all pages; what AWS listed twice, because the list moved between two pages, stays once.
func sorted[T any](rows []T, compare func(a, b T) int) []T {
	slices.SortStableFunc(rows, compare)
	return slices.CompactFunc(rows, func(a, b T) bool { return compare(a, b) == 0 })
}
