package fleet

import "time"

// SourceName names one kind of question asked of AWS. Sources fail and grow old independently of each other.
type SourceName string

// The sources of a snapshot. CloudWatch's metrics are asked at two speeds, and what is asked at each fails and grows old by
// itself; users see SourceQueue as a part of SourceMetrics.
const (
	SourceActivities SourceName = "activities" // DescribeScalingActivities
	SourceAlarms     SourceName = "alarms"     // DescribeAlarms
	SourceEndpoints  SourceName = "endpoints"  // ListEndpoints, DescribeEndpoint, DescribeEndpointConfig
	SourceMetrics    SourceName = "metrics"    // GetMetricData, GetMetricStatistics: counters, latencies and utilisation
	SourceQueue      SourceName = "queue"      // GetMetricData: the queue metrics
	SourceScaling    SourceName = "scaling"    // DescribeScalableTargets, DescribeScalingPolicies, DescribeScheduledActions
	SourceTags       SourceName = "tags"       // ListTags, only where something selects or labels by tags

	// SourceTargets is the part of SourceScaling that is known before the rest in a first view: DescribeScalableTargets and
	// DescribeScheduledActions. It is asked with the rest, and users see the two as one.
	SourceTargets SourceName = "targets"
)

// Source is what is known about one source: whether its newest observation worked, and how old its knowledge is.
// What a failed source said last is kept, dated, until it expires.
type Source struct {
	Name        SourceName
	Err         string        // why the newest observation failed or was incomplete; empty when it worked
	Lacks       string        // what the newest observation did without although it worked, and why; normally empty
	Refused     int           // items and datapoints of the newest observation that cannot be and were left out
	LastAttempt time.Time     // when the newest observation ended; zero before the first
	LastSuccess time.Time     // when a complete observation last ended; zero if there was none
	LastAnswer  time.Time     // when it last said something, be it incomplete; zero if it never did
	Expires     time.Time     // when what it said at LastAnswer may no longer be shown; zero if it never said anything
	Duration    time.Duration // how long the newest observation took
	Progress    Progress      // of an observation under way that takes long; normally zero
}

// Progress is how far the description of endpoints has come.
type Progress struct{ Done, Of int }

// String says it for people; it is empty when nothing is under way.
func (p Progress) String() string {
	if p.Of == 0 {
		return ""
	}
	return "described " + Thousands(p.Done) + " of " + Thousands(p.Of) + " endpoints"
}

// Up tells whether the source has been observed and its newest observation was complete.
func (s Source) Up() bool { return !s.LastAttempt.IsZero() && s.Err == "" }

// Fresh tells whether what the source said last may still be shown at the given moment.
func (s Source) Fresh(at time.Time) bool { return at.Before(s.Expires) }

// with joins two sources that users see as one: it is up and fresh when both are.
func (s Source) with(other Source) Source {
	joined := Source{
		Name: s.Name, Err: s.Err, LastAttempt: s.LastAttempt, LastSuccess: s.LastSuccess, LastAnswer: s.LastAnswer,
		Expires: s.Expires, Duration: max(s.Duration, other.Duration), Refused: s.Refused + other.Refused,
	}
	switch {
	case s.Err == "":
		joined.Err = other.Err
	case other.Err != "" && other.Err != s.Err:
		joined.Err = s.Err + "; " + other.Err
	}
	if s.LastAttempt.IsZero() || other.LastAttempt.IsZero() {
		joined.LastAttempt = time.Time{}
	} else if other.LastAttempt.After(s.LastAttempt) {
		joined.LastAttempt = other.LastAttempt
	}
	if other.LastSuccess.Before(s.LastSuccess) {
		joined.LastSuccess = other.LastSuccess
	}
	if other.Expires.Before(s.Expires) {
		joined.LastAnswer, joined.Expires = other.LastAnswer, other.Expires
	}
	return joined
}
