// Package report holds what the readers of an observation need: the snapshot and everything that was concluded from it.
// It is pure, and what it holds is never changed once it is published.
package report

import (
	"errors"
	"fmt"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Report is one scope at one moment.
type Report struct {
	Snapshot fleet.Snapshot
}

// Build concludes from a snapshot. It is pure: the same snapshot gives the same report.
func Build(snapshot fleet.Snapshot) Report {
	return Report{Snapshot: snapshot}
}

// Set is the newest report of every scope, sorted by account and region. Readers take the whole set and so see one
// moment; nothing in it is ever changed.
type Set struct {
	Reports []Report
}

// ChangesAt is the first moment after the given one at which something in the set becomes too old to be shown: until then
// the set shows the same. It is zero if time alone changes nothing any more.
func (s Set) ChangesAt(at time.Time) (first time.Time) {
	for i := range s.Reports {
		for expires := range s.Reports[i].Snapshot.Expiries() {
			if expires.After(at) && (first.IsZero() || expires.Before(first)) {
				first = expires
			}
		}
	}
	return first
}

// Tried tells whether every source of the scope has been asked at least once.
func (r Report) Tried() bool {
	for _, source := range r.Snapshot.Sources {
		if source.LastAttempt.IsZero() {
			return false
		}
	}
	return len(r.Snapshot.Sources) > 0
}

// Ready says why the set may not yet be served: nil once every scope has been tried and the endpoints of at least one
// are known and fresh. What else is missing or stale belongs to the series up.
func (s Set) Ready(at time.Time) error {
	if len(s.Reports) == 0 {
		return errors.New("no scope has been observed yet")
	}
	fresh := 0
	for _, report := range s.Reports {
		if !report.Tried() {
			return fmt.Errorf("%s has not been observed yet", report.Snapshot.Scope.Region)
		}
		if report.Snapshot.Fresh(fleet.SourceEndpoints, at) {
			fresh++
		}
	}
	if fresh > 0 {
		return nil
	}
	source, _ := s.Reports[0].Snapshot.Source(fleet.SourceEndpoints)
	if source.Err == "" {
		return errors.New("no scope is fresh: the newest observation is too old")
	}
	return fmt.Errorf("no scope is fresh: %s: %s", s.Reports[0].Snapshot.Scope.Region, source.Err)
}
