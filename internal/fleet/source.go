package fleet

import "time"

// SourceName names one kind of question asked of AWS. Sources fail and grow old independently of each other.
type SourceName string

// The sources of a snapshot.
const (
	SourceActivities SourceName = "activities" // DescribeScalingActivities
	SourceAlarms     SourceName = "alarms"     // DescribeAlarms
	SourceEndpoints  SourceName = "endpoints"  // ListEndpoints, DescribeEndpoint, DescribeEndpointConfig
	SourceMetrics    SourceName = "metrics"    // GetMetricData
	SourceScaling    SourceName = "scaling"    // DescribeScalableTargets, DescribeScalingPolicies, DescribeScheduledActions
	SourceTags       SourceName = "tags"       // ListTags, only where something selects or labels by tags
)

// Source is what is known about one source: whether its newest observation worked, and how old its knowledge is.
// What a failed source said last is kept, dated, until it expires.
type Source struct {
	Name        SourceName
	Err         string        // why the newest observation failed or was incomplete; empty when it worked
	LastAttempt time.Time     // when the newest observation ended; zero before the first
	LastSuccess time.Time     // when a complete observation last ended; zero if there was none
	Expires     time.Time     // when what the source said last may no longer be shown
	Duration    time.Duration // how long the newest observation took
}

// Up tells whether the source has been observed and its newest observation was complete.
func (s Source) Up() bool { return !s.LastAttempt.IsZero() && s.Err == "" }

// Fresh tells whether what the source said last may still be shown at the given moment.
func (s Source) Fresh(at time.Time) bool { return !s.LastSuccess.IsZero() && at.Before(s.Expires) }
