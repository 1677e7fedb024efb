package alerting

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/paging"
)

const (
	// longestUnseen is how long an alert is held at most because AWS does not answer the exporter.
	longestUnseen = 24 * time.Hour
	// longestMissing is how long it is held at most because the exporter does not name its account and region at all: it has
	// just been started, or no longer observes them. It is as long as a page of the bundled rules keeps firing.
	longestMissing = 15 * time.Minute
)

// scope is an account in a region. The account is empty where the exporter has not reached it yet.
type scope struct{ account, region string }

// observed is what a page says of a scope: whether each of its sources has been asked once, and of those that were whether
// their newest observation was whole.
type observed struct {
	tried bool
	up    map[string]bool // by source; one that is not asked at all is not there
}

// sees tells whether nothing is missing that one of the sources would have said.
func (o observed) sees(sources []string) bool {
	missing := func(source string) bool {
		up, known := o.up[source]
		return known && !up || !known && !o.tried
	}
	return !slices.ContainsFunc(sources, missing) && (o.tried || len(o.up) > 0)
}

// scopes are what the newest whole page says of each scope, and the one before it: rules may be evaluated for a moment between
// the two. And since when scopes of former pages are missing on it.
type scopes struct {
	seen, before map[scope]observed
	missing      map[scope]time.Time
}

// next are the scopes after a page that says that of its scopes.
func (s scopes) next(page map[scope]observed, at time.Time) scopes {
	next := scopes{page, s.seen, map[scope]time.Time{}}
	if s.seen == nil {
		next.before = page
	}
	for one := range s.seen {
		next.missing[one] = at
	}
	maps.Copy(next.missing, s.missing)
	maps.DeleteFunc(next.missing, func(one scope, since time.Time) bool {
		_, here := page[one]
		return here || one.account == "" || at.Sub(since) >= longestMissing
	})
	return next
}

// subject is what an alert is about, as far as its labels say: account, region, endpoint and variant.
type subject map[string]string

// subjectLabels are those that say it.
var subjectLabels = []string{paging.AccountLabel, paging.RegionLabel, paging.EndpointLabel, paging.VariantLabel}

// in tells whether a subject may be of a scope.
func (s subject) in(one scope) bool {
	return (s[paging.AccountLabel] == "" || s[paging.AccountLabel] == one.account) && (s[paging.RegionLabel] == "" || s[paging.RegionLabel] == one.region)
}

// unseen is a scope in which a source does not say what it would. The exporter may still name it.
type unseen struct {
	scope
	named bool
}

// unseen are the scopes of a subject of which the sources do not tell everything, sorted.
func (s scopes) unseen(of subject, sources []string) (found []unseen) {
	any := false
	regions := map[string]bool{} // of accounts that were not reached
	for one, state := range s.seen {
		switch {
		case one.account == "":
			regions[one.region] = true
		case of.in(one):
			if any = true; !state.sees(sources) || !s.before[one].sees(sources) {
				found = append(found, unseen{one, true})
			}
		}
	}
	for one := range s.missing {
		if of.in(one) {
			any = true
			found = append(found, unseen{one, regions[one.region]})
		}
	}
	if one := (scope{of[paging.AccountLabel], of[paging.RegionLabel]}); !any && one != (scope{}) {
		found = append(found, unseen{one, regions[one.region]})
	}
	slices.SortFunc(found, func(a, b unseen) int { return compareScopes(a.scope, b.scope) })
	return found
}

func compareScopes(a, b scope) int {
	return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region))
}
