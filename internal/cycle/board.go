package cycle

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Board holds the newest report of every scope as one immutable set. Readers take the whole set.
type Board struct {
	set atomic.Pointer[report.Set]

	mu      sync.Mutex
	reports map[string]report.Report // by the scope's key
	claims  map[fleet.Scope]string   // which key observes an account and region
	retired []string                 // keys that are shown until all of heirs have been tried
	heirs   []string
}

// NewBoard returns a board without a report.
func NewBoard() *Board {
	b := &Board{reports: map[string]report.Report{}, claims: map[fleet.Scope]string{}}
	b.set.Store(&report.Set{})
	return b
}

// Set is what is published now. It is never nil and never changes.
func (b *Board) Set() *report.Set { return b.set.Load() }

// put publishes the report of one scope beside the present ones of the others.
func (b *Board) put(key string, r report.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reports[key] = r
	b.publish()
}

// claim reserves an account and region for one key, or names the key that has it.
func (b *Board) claim(key string, scope fleet.Scope) (holder string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if holder, taken := b.claims[scope]; taken && holder != key {
		return holder, false
	}
	b.claims[scope] = key
	return key, true
}

// retire gives up what the keys claimed and takes their reports off the board, but not before each of the heirs has
// been tried: one of them may observe the same account in another way, and its series must not have a gap.
func (b *Board) retire(keys, heirs []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.claims, func(_ fleet.Scope, holder string) bool { return slices.Contains(keys, holder) })
	b.retired = append(slices.DeleteFunc(b.retired, func(key string) bool { return slices.Contains(heirs, key) }), keys...)
	b.heirs = heirs
	b.publish()
}

// publish makes a new set of the present reports. The caller holds the lock.
func (b *Board) publish() {
	waiting := slices.ContainsFunc(b.heirs, func(key string) bool { return !b.reports[key].Tried() })
	if !waiting {
		for _, key := range b.retired {
			delete(b.reports, key)
		}
		b.retired, b.heirs = nil, nil
	}
	b.set.Store(&report.Set{Reports: sortedReports(b.reports)})
}

// sortedReports orders the reports by account and region. Two scopes may turn out to be the same account and region,
// or both fail before they know their account; their series would collide and spoil the whole scrape. Of those the one
// that knows most recently is shown.
func sortedReports(reports map[string]report.Report) []report.Report {
	byScope := map[fleet.Scope]report.Report{}
	for _, key := range slices.Sorted(maps.Keys(reports)) {
		r := reports[key]
		shown, ok := byScope[r.Snapshot.Scope]
		if !ok || lastSuccess(r).After(lastSuccess(shown)) {
			byScope[r.Snapshot.Scope] = r
		}
	}
	return slices.SortedFunc(maps.Values(byScope), func(a, b report.Report) int {
		return cmp.Or(
			cmp.Compare(a.Snapshot.Scope.AccountID, b.Snapshot.Scope.AccountID),
			cmp.Compare(a.Snapshot.Scope.Region, b.Snapshot.Scope.Region),
		)
	})
}

func lastSuccess(r report.Report) time.Time {
	source, _ := r.Snapshot.Source(fleet.SourceEndpoints)
	return source.LastSuccess
}
