package fleet

import (
	"iter"
	"slices"
	"strings"
	"time"
)

// AlarmStates are the states of a CloudWatch alarm.
var AlarmStates = []string{"OK", "ALARM", "INSUFFICIENT_DATA"}

// Alarm is a CloudWatch metric alarm (DescribeAlarms).
type Alarm struct {
	Name                    string
	ARN                     string
	Description             string
	Metric                  Metric      // empty for a metric-math alarm
	Math                    []MathQuery // only for a metric-math alarm
	Statistic               string      // or the extended statistic, for example p90
	Unit                    string
	Period                  time.Duration
	EvaluationPeriods       int
	DatapointsToAlarm       int // AWS's default is EvaluationPeriods
	Threshold               float64
	Comparison              string // for example GreaterThanOrEqualToThreshold
	TreatMissingData        string // missing, notBreaching, breaching or ignore; AWS's default is missing
	ActionsEnabled          bool
	AlarmActions            []string
	OKActions               []string
	InsufficientDataActions []string
	State                   string // one of AlarmStates
	StateReason             string
	StateUpdated            time.Time // when the state was last evaluated to something new (StateUpdatedTimestamp)
	StateSince              time.Time // when the state last changed (StateTransitionedTimestamp)
	ConfigurationUpdated    time.Time // when the alarm was last written (AlarmConfigurationUpdatedTimestamp)
	Read                    time.Time // when CloudWatch was asked for all this
	Mutes                   Mutes
	Extras                  *AlarmExtras
}

// Trigger is an alarm with the state in which it triggers something.
type Trigger struct{ Alarm, State string }

// AlarmExtras are the settings of an alarm that nothing here decides by, nil for most. AWS replaces whole alarms, so who
// writes one has to write them back.
type AlarmExtras struct {
	LowSamples         string        // EvaluateLowSampleCountPercentile, evaluate or ignore; of a percentile only
	QueryID            string        // the alarm names its one metric as a query of metric math, under this id
	QueryLabel         string        // of that query
	WarmUpMinutes      int           // 0: none
	WarmUpWhole        bool          // the whole warm-up is waited for
	WallClock          *string       // evaluated by the wall clock of this time zone, empty for AWS's default; nil: by a sliding window
	TagsInNotification *TagsInAction // nil: not set
	FullActions        []string      // actions as CloudWatch lists them, of those to whose ARN AWS has appended who made them
}

// TagsInAction says which of the alarm's tags its notifications bear.
type TagsInAction struct {
	Enabled            bool
	Included, Excluded []string
}

// Role is what an alarm does for the scaling of a variant.
type Role string

// The roles of an alarm.
const (
	RoleHigh  Role = "high"  // adds instances at a moderate overload
	RoleLow   Role = "low"   // removes idle instances
	RoleWake  Role = "wake"  // brings an endpoint back from zero
	RoleOther Role = "other" // anything else that acts on the variant
)

// WiredAlarm is an alarm with the policy that it triggers.
type WiredAlarm struct {
	Policy string // the policy's name; empty when the alarm triggers none
	Alarm
}

// ScalesOut tells whether a step policy can add instances.
func (p Policy) ScalesOut() bool {
	if p.Step == nil {
		return false
	}
	for _, step := range p.Step.Adjustments {
		if step.Adds() {
			return true
		}
	}
	return false
}

// IsScalingAction tells whether an alarm action is the ARN of a scaling policy.
func IsScalingAction(arn string) bool {
	return strings.Contains(arn, ":autoscaling:") && strings.Contains(arn, ":scalingPolicy:")
}

// ScaledResource is the resource whose scaling policy an alarm action is the ARN of; empty when it is none of SageMaker's.
func ScaledResource(action string) string {
	if !IsScalingAction(action) {
		return ""
	}
	_, resource, _ := strings.Cut(action, ":resource/"+ServiceNamespace+"/")
	resource, _, _ = strings.Cut(resource, ":")
	return resource
}

// Actions are the actions of all states.
func (a *Alarm) Actions() []string {
	return slices.Concat(a.AlarmActions, a.OKActions, a.InsufficientDataActions)
}

// Metrics are those that the alarm watches, by itself or by metric math.
func (a *Alarm) Metrics() iter.Seq[*Metric] {
	return func(yield func(*Metric) bool) {
		if len(a.Math) == 0 && !yield(&a.Metric) {
			return
		}
		for i := range a.Math {
			if metric := a.Math[i].Metric; metric != nil && !yield(metric) {
				return
			}
		}
	}
}

// Endpoints are those whose metrics the alarm watches, each once.
func (a *Alarm) Endpoints() (names []string) {
	for metric := range a.Metrics() {
		if name, ok := metric.Dimension("EndpointName"); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Scales are the endpoints whose metrics the alarm watches, and those on whose policies it acts, each once.
func (a *Alarm) Scales() []string {
	names := a.Endpoints()
	for _, action := range a.Actions() {
		if name, _, ok := SplitResourceID(ScaledResource(action)); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// watches tells whether the alarm watches a metric of the endpoint that is not another variant's.
func (a *Alarm) watches(endpoint, variant string) bool {
	for metric := range a.Metrics() {
		of, ok := metric.Dimension("EndpointName")
		one, single := metric.Dimension("VariantName")
		if ok && of == endpoint && (!single || one == variant) {
			return true
		}
	}
	return false
}

// Concerns tells whether the alarm belongs into a snapshot: it watches a metric of endpoints, or acts in any state on a
// scaling policy of one, whether or not that exists.
func (a *Alarm) Concerns() bool {
	for metric := range a.Metrics() {
		if metric.Namespace == Namespace {
			return true
		}
	}
	return len(a.Endpoints()) > 0 ||
		slices.ContainsFunc(a.Actions(), func(action string) bool { return ScaledResource(action) != "" })
}
