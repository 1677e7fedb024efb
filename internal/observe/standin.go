package observe

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// gap is what is not known of what scales an endpoint, because a part of an answer was refused.
type gap struct {
	why    string
	unread bool // nothing older stands in
}

// gaps are those of an answer, by endpoint.
type gaps map[string]gap

func (g gaps) add(endpoints []string, source fleet.SourceName, item fleet.RefusedItem, unread bool) {
	for _, name := range endpoints {
		known := g[name]
		if known.why == "" {
			known.why = string(source) + ": " + (&fleet.Refused{Items: []fleet.RefusedItem{item}}).Error()
		}
		g[name] = gap{known.why, known.unread || unread}
	}
}

// list is what one source has said of one kind of items.
type list[T any] struct {
	source fleet.SourceName
	before []T                   // what an older answer said; none where that is too old
	key    func(T) string        // the name of an item
	scales func(string) []string // the endpoints that an item scales by its name alone, as others say; may be nil
}

// standIn puts what an older answer said in the place of each item that was refused: an item that cannot be is not one
// that is gone. Where nothing older is known, what scales the endpoints of the item is not known either. An item that says
// of no endpoint that it scales it may scale any: then nothing of the answer is good.
func (l list[T]) standIn(items []T, err error, into gaps) (whole []T, refused, failed error) {
	named := (*fleet.Refused)(nil)
	if !errors.As(err, &named) {
		return items, nil, err
	}
	for _, item := range named.Items {
		is := func(one T) bool { return l.key(one) == item.Name }
		endpoints := item.Endpoints
		if l.scales != nil {
			endpoints = slices.Concat(endpoints, l.scales(item.Name))
		}
		at := slices.IndexFunc(l.before, is)
		if at < 0 && len(endpoints) == 0 {
			return nil, nil, err
		}
		into.add(endpoints, l.source, item, at < 0)
		if at >= 0 && !slices.ContainsFunc(items, is) { // on two pages it may have been good and bad
			items = append(slices.Clip(items), l.before[at])
		}
	}
	slices.SortStableFunc(items, func(a, b T) int { return strings.Compare(l.key(a), l.key(b)) })
	return items, err, nil
}

// unlessOutlived are the items of an older answer, as long as they may stand in.
func unlessOutlived[T any](before []T, since, at time.Time, lifetime time.Duration) []T {
	if !since.IsZero() && !at.Before(since.Add(lifetime)) {
		return nil
	}
	return before
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

// merged are the gaps of several lists.
func merged(all ...gaps) gaps {
	whole := gaps{}
	for _, some := range all {
		for name, one := range some {
			known := whole[name]
			whole[name] = gap{cmp.Or(known.why, one.why), known.unread || one.unread}
		}
	}
	return whole
}

// allRefused is one error of those of several lists; nil when none has refused anything.
func allRefused(errs ...error) error {
	var items []fleet.RefusedItem
	for _, err := range errs {
		if named := (*fleet.Refused)(nil); errors.As(err, &named) {
			items = append(items, named.Items...)
		}
	}
	if items == nil {
		return nil
	}
	return &fleet.Refused{Items: items}
}
