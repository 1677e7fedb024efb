package observe

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// standIn puts what an older answer said in the place of each item that was refused: an item that cannot be is not one
// that is gone. The error is then only about those. Where nothing older is known, nothing of the answer is good.
func standIn[T any](list, before []T, key func(T) string, err error) (whole []T, refused, failed error) {
	named := (*fleet.Refused)(nil)
	if !errors.As(err, &named) {
		return list, nil, err
	}
	for _, item := range named.Items {
		is := func(one T) bool { return key(one) == item.Name }
		at := slices.IndexFunc(before, is)
		if at < 0 {
			return nil, nil, err
		}
		if !slices.ContainsFunc(list, is) { // on two pages it may have been good and bad
			list = append(slices.Clip(list), before[at])
		}
	}
	slices.SortStableFunc(list, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	return list, err, nil
}

// since is since when something has been refused without a break.
func since(before, at time.Time, refused error) time.Time {
	switch {
	case refused == nil:
		return time.Time{}
	case before.IsZero():
		return at
	}
	return before
}

// outlived tells whether what stands in is older than anything that may be shown.
func outlived(since, at time.Time, lifetime time.Duration) bool {
	return !since.IsZero() && !at.Before(since.Add(lifetime))
}
