package collector

import (
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// userSources are the sources as users know them: the label source of exporter_source_up.
var userSources = []string{
	string(fleet.SourceActivities), string(fleet.SourceAlarms), string(fleet.SourceEndpoints),
	string(fleet.SourceMetrics), string(fleet.SourceScaling), string(fleet.SourceTags),
}

// SourcesOf names the sources without which a series may be missing from the page although what it counts still exists, as
// values of the label source of exporter_source_up. The series of a histogram or a summary count as their metric. A series
// that AWS has no part in, such as exporter_source_up itself, needs none; one that this version does not know may need all.
func SourcesOf(series string) []string {
	name, ours := strings.CutPrefix(series, Prefix)
	if !ours && series != "" {
		return nil
	}
	for _, family := range Families() {
		for i := range family.Metrics {
			if metric := &family.Metrics[i]; metric.exposes(name) {
				return metric.sources()
			}
		}
	}
	return userSources
}

// exposes tells whether a series is one of the metric.
func (m *Metric) exposes(name string) bool {
	rest, ok := strings.CutPrefix(name, m.Name)
	suffixed := (m.Type == Histogram || m.Type == Summary) && (rest == "_sum" || rest == "_count" || rest == "_bucket")
	return ok && (rest == "" || suffixed)
}

// sources are those that the metric needs, and those that a single value of it needs: what a check looks at, for example.
func (m *Metric) sources() []string {
	among := func(metrics []Metric) bool {
		return slices.ContainsFunc(metrics, func(one Metric) bool { return one.Name == m.Name })
	}
	var names []string
	switch {
	case among(policyMetrics) || m.Name == stateName:
		return userSources
	case among(workMetrics) || among(adviceMetrics):
		names = append(names, string(fleet.SourceMetrics))
	}
	for _, source := range m.Needs {
		switch source {
		case fleet.SourceQueue:
			source = fleet.SourceMetrics
		case fleet.SourceTargets:
			source = fleet.SourceScaling
		case fleet.SourceActivities, fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceMetrics, fleet.SourceScaling, fleet.SourceTags:
		}
		names = append(names, string(source))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
