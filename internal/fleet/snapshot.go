package fleet

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// Scope is one account in one region: the unit of observation.
type Scope struct {
	AccountID string // twelve digits; empty until the credentials have said whose they are
	Region    string // for example us-east-1
}

// Snapshot is everything known of one scope at one moment.
type Snapshot struct {
	Scope       Scope
	At          time.Time         // when the snapshot was taken
	Sources     []Source          // one entry each, sorted by name
	Endpoints   []Endpoint        // asynchronous endpoints that are selected, sorted by name
	Targets     []Target          // every scalable target of an endpoint variant in the region, sorted by resource id
	Policies    []Policy          // every scaling policy of an endpoint variant in the region, sorted by resource id, then name
	Scheduled   []ScheduledAction // every scheduled action on a scalable target of an endpoint variant
	Alarms      []Alarm           // the alarms on endpoint metrics or with scaling actions, sorted by name
	OtherAlarms []string          // the names of all other metric alarms, sorted
	Orphans     []Orphan          // left of endpoints that are gone, sorted; good while the endpoints are fresh
	Early       Source            // of SourceTargets, while the policies are not known yet; else zero
	TagLabels   []TagLabel        // the tags that become labels of endpoint_info, sorted by label
	Ignored     map[Kind]int      // how many endpoints of the other kinds stand in the region

	Load          Load    // of one refresh, as it was when each kind was last asked
	Stretch       float64 // by how much a budget makes the intervals longer at most; 1 when it does not
	BilledMetrics uint64  // metrics requested of GetMetricData, and calls of ListMetrics, since the process started, counted as AWS bills them
	LateRevisions uint64  // datapoints that CloudWatch changed after their minute had settled, since the process started
}

// DollarsPerMetric is what AWS asks for one metric requested through GetMetricData. Up to five statistics of a metric in
// one call are one metric, and the number of datapoints does not matter.
const DollarsPerMetric = 0.01 / 1000

// ErrNotFound says that AWS does not know the thing that was asked for.
var ErrNotFound = errors.New("not found")

// ErrNotOffered says that AWS answers such a question to nobody who asks like this: the permission is missing, or the server
// does not know the operation.
var ErrNotOffered = errors.New("not offered")

// TagLabel says which tag of an endpoint becomes which label.
type TagLabel struct {
	Key   string // the tag's key, as in AWS
	Label string // the label's name, sanitised: tag_<name>
}

// Source returns the entry of the named source, and whether the snapshot has one.
func (s Snapshot) Source(name SourceName) (Source, bool) {
	if name == SourceTargets {
		if !s.Early.LastAnswer.IsZero() {
			return s.Early, true
		}
		name = SourceScaling
	}
	for _, source := range s.Sources {
		if source.Name == name {
			return source, true
		}
	}
	return Source{}, false
}

// Shown are the sources as users know them, sorted by name: the two of CloudWatch's metrics are one.
func (s Snapshot) Shown() []Source {
	var shown []Source
	var metrics *Source
	for _, source := range s.Sources {
		switch {
		case source.Name != SourceQueue && source.Name != SourceMetrics:
			shown = append(shown, source)
		case metrics == nil:
			metrics = &source
		default:
			*metrics = metrics.with(source)
		}
	}
	if metrics != nil {
		metrics.Name = SourceMetrics
		shown = append(shown, *metrics)
	}
	slices.SortFunc(shown, func(a, b Source) int { return cmp.Compare(a.Name, b.Name) })
	return shown
}

// Fresh tells whether what the named source said may still be shown at the given moment.
func (s Snapshot) Fresh(name SourceName, at time.Time) bool {
	source, ok := s.Source(name)
	return ok && source.Fresh(at)
}

// Why says why what the named sources said may not be shown at the given moment, for people; it is empty when all may.
func (s Snapshot) Why(at time.Time, names ...SourceName) string {
	for _, name := range names {
		source, _ := s.Source(name)
		if source.Fresh(at) {
			continue
		}
		switch name { // as users know it
		case SourceQueue:
			name = SourceMetrics
		case SourceTargets:
			name = SourceScaling
		}
		switch {
		case source.Err != "":
			return string(name) + ": " + source.Err
		case source.LastSuccess.IsZero():
			return string(name) + ": not read yet"
		}
		return string(name) + ": too old, last read " + Lapse(at.Sub(source.LastSuccess)) + " ago"
	}
	return ""
}

// Whole tells whether the newest observation of every source worked and is fresh at the given moment.
func (s Snapshot) Whole(at time.Time) bool {
	for _, source := range s.Sources {
		if !source.Up() || !source.Fresh(at) {
			return false
		}
	}
	return len(s.Sources) > 0
}
