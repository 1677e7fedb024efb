package awsapi

import (
	"context"
	"crypto/sha256"
	"slices"
)

// pages calls fetch with one page token after the other, nil first, until it returns none, within the bounds of the
// operation; most is how many pages there may be, 0 is as many as the bounds say. The SDK's own paginators are not used:
// one that is given a repeated token either pages for ever or ends as if all had been read.
func pages(
	ctx context.Context, operation string, most int, fetch func(ctx context.Context, token *string) (next *string, err error),
) error {
	if most == 0 {
		most = bounds[operation].pages
	}
	if questionOf(ctx) == nil { // else it is one of several that are one question
		ctx = withQuestion(ctx)
	}
	var token *string
	seen := map[[sha256.Size]byte]bool{} // of tokens, which may be long
	for page := 1; ; page++ {
		next, err := fetch(ctx, token)
		if err != nil {
			return explain(err)
		}
		if next == nil || *next == "" {
			return nil
		}
		sum := sha256.Sum256([]byte(*next))
		switch {
		case seen[sum]:
			return explain(tooMuch(operation, "page token repeated"))
		case page >= most:
			return explain(tooMuch(operation, "more than %d pages", most))
		case ctx.Err() != nil:
			return explain(ctx.Err())
		}
		seen[sum] = true
		token = next
	}
}

// sorted sorts the rows of all pages; what AWS listed twice, because the list moved between two pages, stays once.
func sorted[T any](rows []T, compare func(a, b T) int) []T {
	slices.SortStableFunc(rows, compare)
	return slices.CompactFunc(rows, func(a, b T) bool { return compare(a, b) == 0 })
}
