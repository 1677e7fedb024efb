package snapshot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// consistent brings a scope into the order that the program relies on, and says what cannot be so.
func consistent(place string, s *fleet.Snapshot) error {
	if s.At.IsZero() {
		return fmt.Errorf("%s.at: it is missing", place)
	}
	sortDimensions(s)
	for i := range s.Sources {
		if s.Sources[i].Name == formerMetrics {
			s.Sources[i].Name = fleet.SourceMetrics
		}
	}
	sources := named(place+".sources", s.Sources, func(x fleet.Source) string { return string(x.Name) })
	endpoints := named(place+".endpoints", s.Endpoints, func(x fleet.Endpoint) string { return x.Name })
	targets := named(place+".targets", s.Targets, func(x fleet.Target) string { return x.ResourceID })
	policies := named(place+".policies", s.Policies, func(x fleet.Policy) string { return x.ResourceID + " " + x.Name })
	alarms := named(place+".alarms", s.Alarms, func(x fleet.Alarm) string { return x.Name })
	if err := cmp.Or(sources, endpoints, targets, policies, alarms); err != nil {
		return err
	}
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		if err := named(fmt.Sprintf("%s.endpoints[%s].variants", place, e.Name), e.Variants, func(x fleet.Variant) string { return x.Name }); err != nil {
			return err
		}
	}
	for _, source := range s.Sources {
		if !slices.Contains(knownSources, source.Name) {
			return fmt.Errorf("%s.sources: %q is none: there are %s", place, source.Name, strings.Trim(fmt.Sprint(knownSources), "[]"))
		}
	}
	return nil
}

// formerMetrics is what files of earlier versions call fleet.SourceMetrics.
const formerMetrics fleet.SourceName = "work"

// knownSources are the sources of a snapshot, sorted.
var knownSources = []fleet.SourceName{
	fleet.SourceActivities, fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceMetrics, fleet.SourceQueue, fleet.SourceScaling, fleet.SourceTags,
}

// named sorts a list by its names, of which each stands once and none is empty.
func named[T any](place string, list []T, name func(T) string) error {
	slices.SortStableFunc(list, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	for i, item := range list {
		switch {
		case strings.TrimSpace(name(item)) == "":
			return fmt.Errorf("%s: one has no name", place)
		case i > 0 && name(item) == name(list[i-1]):
			return fmt.Errorf("%s: %s stands twice", place, name(item))
		}
	}
	return nil
}

// sortDimensions sorts the dimensions of every metric, in which order they are compared.
func sortDimensions(s *fleet.Snapshot) {
	sorted := func(m *fleet.Metric) {
		if m != nil {
			slices.SortFunc(m.Dimensions, func(a, b fleet.Dimension) int { return strings.Compare(a.Name, b.Name) })
		}
	}
	queries := func(list []fleet.MathQuery) {
		for i := range list {
			sorted(list[i].Metric)
		}
	}
	for i := range s.Alarms {
		sorted(&s.Alarms[i].Metric)
		queries(s.Alarms[i].Math)
	}
	for i := range s.Policies {
		if t := s.Policies[i].Tracking; t != nil {
			sorted(t.Metric)
			queries(t.Math)
		}
		slices.Sort(s.Policies[i].Alarms)
	}
}
