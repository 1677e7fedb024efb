package snapshot

import (
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Only keeps the named endpoints, with their targets, policies, scheduled actions and alarms, and of all other alarms the
// names that have one of theirs in them: a wake alarm might be called so. No name keeps everything.
func Only(s fleet.Snapshot, endpoints ...string) fleet.Snapshot {
	if len(endpoints) == 0 {
		return s
	}
	named := func(endpoint string) bool { return slices.Contains(endpoints, endpoint) }
	ours := func(resource string) bool {
		endpoint, _, ok := fleet.SplitResourceID(resource)
		return ok && named(endpoint)
	}
	s.Endpoints = keep(s.Endpoints, func(e fleet.Endpoint) bool { return named(e.Name) })
	s.Targets = keep(s.Targets, func(t fleet.Target) bool { return ours(t.ResourceID) })
	s.Policies = keep(s.Policies, func(p fleet.Policy) bool { return ours(p.ResourceID) })
	s.Scheduled = keep(s.Scheduled, func(a fleet.ScheduledAction) bool { return ours(a.ResourceID) })
	s.Orphans = keep(s.Orphans, func(o fleet.Orphan) bool { return named(o.Endpoint) })
	joined := map[string]bool{}
	for _, e := range s.Endpoints {
		for _, v := range e.Variants {
			for _, a := range v.Alarms {
				joined[a.Name] = true
			}
		}
	}
	others := s.OtherAlarms
	s.Alarms = keep(s.Alarms, func(a fleet.Alarm) bool {
		if joined[a.Name] {
			return true
		}
		others = append(slices.Clip(others), a.Name)
		return false
	})
	s.OtherAlarms = keep(others, func(alarm string) bool {
		return slices.ContainsFunc(endpoints, func(endpoint string) bool { return strings.Contains(alarm, endpoint) })
	})
	slices.Sort(s.OtherAlarms)
	return s
}

// keep makes a list of those that are wanted; nil where there are none.
func keep[T any](list []T, wanted func(T) bool) (kept []T) {
	for _, item := range list {
		if wanted(item) {
			kept = append(kept, item)
		}
	}
	return kept
}
