package fleet

import (
	"strings"
	"time"
)

// VariantDimension is the scalable dimension of endpoint variants; ServiceNamespace is SageMaker's name in
// Application Auto Scaling.
const (
	VariantDimension = "sagemaker:variant:DesiredInstanceCount"
	ServiceNamespace = "sagemaker"
)

// ResourceID is the name by which Application Auto Scaling knows a variant.
func ResourceID(endpoint, variant string) string {
	return "endpoint/" + endpoint + "/variant/" + variant
}

// SplitResourceID is the inverse of ResourceID; ok is false for a resource that is no endpoint variant.
func SplitResourceID(id string) (endpoint, variant string, ok bool) {
	id, begins := strings.CutPrefix(id, "endpoint/")
	endpoint, variant, ok = strings.Cut(id, "/variant/")
	if !begins || !ok || strings.Contains(endpoint, "/") || strings.Contains(variant, "/") {
		return "", "", false
	}
	return endpoint, variant, true
}

// Target is a scalable target (DescribeScalableTargets).
type Target struct {
	ResourceID  string
	ARN         string
	RoleARN     string
	MinCapacity int
	MaxCapacity int
	Suspended   Suspension
	Created     time.Time
}

// Suspension says which kinds of scaling are suspended on a scalable target.
type Suspension struct{ ScaleIn, ScaleOut, Scheduled bool }

// Kinds names what is suspended, for people.
func (s Suspension) Kinds() (kinds []string) {
	for _, kind := range []struct {
		suspended bool
		name      string
	}{{s.ScaleIn, "scale-in"}, {s.ScaleOut, "scale-out"}, {s.Scheduled, "scheduled scaling"}} {
		if kind.suspended {
			kinds = append(kinds, kind.name)
		}
	}
	return kinds
}

// PolicyType is the type of a scaling policy.
type PolicyType string

// The types of scaling policies.
const (
	TargetTracking PolicyType = "TargetTrackingScaling"
	StepScaling    PolicyType = "StepScaling"
	Predictive     PolicyType = "PredictiveScaling"
)

// Policy is a scaling policy (DescribeScalingPolicies).
type Policy struct {
	ResourceID string
	Name       string
	ARN        string
	Type       PolicyType
	Tracking   *Tracking // only for TargetTracking
	Step       *Step     // only for StepScaling
	Alarms     []string  // names of the alarms that AWS lists with the policy, sorted
	Lost       []string  // of Alarms, those that AWS made and that do not trigger it any more: somebody deleted or changed them. See Join
	Created    time.Time
}

// TrackingAlarmPrefix begins the names of the alarms that Application Auto Scaling makes for tracking policies.
const TrackingAlarmPrefix = "TargetTracking-"

// In those names, of the alarm that scales out and of the one that scales in.
const (
	TrackingHigh = "-AlarmHigh-"
	TrackingLow  = "-AlarmLow-"
)

// Tracking is the configuration of a target-tracking policy. Exactly one of Predefined, Metric and Math is set.
type Tracking struct {
	TargetValue      float64
	Predefined       string         // predefined metric type, for example SageMakerVariantInvocationsPerInstance
	ResourceLabel    string         // of the predefined metric
	Metric           *Metric        // customised metric
	Statistic        string         // of the customised metric
	Unit             string         // of the customised metric; normally empty
	Math             []MathQuery    // customised metric by metric math
	ScaleInCooldown  *time.Duration // nil: DefaultCooldown
	ScaleOutCooldown *time.Duration // nil: DefaultCooldown
	DisableScaleIn   bool
}

// OnBacklogPerInstance tells whether it tracks ApproximateBacklogSizePerInstance, without metric math.
func (t *Tracking) OnBacklogPerInstance() bool {
	return t != nil && t.Metric != nil && t.Metric.Name == BacklogPerInstance.String()
}

// Forms is in how many forms the configuration says what it tracks; AWS takes exactly one.
func (t Tracking) Forms() (n int) {
	for _, given := range []bool{t.Predefined != "", t.Metric != nil, len(t.Math) > 0} {
		if given {
			n++
		}
	}
	return n
}

// MathQuery is one entry of a metric-math customised metric.
type MathQuery struct {
	ID         string
	Expression string
	Label      string
	Metric     *Metric // nil for an expression
	Statistic  string
	Unit       string
	ReturnData *bool
}

// Step is the configuration of a step-scaling policy.
type Step struct {
	AdjustmentType         string // ChangeInCapacity, ExactCapacity or PercentChangeInCapacity
	Adjustments            []StepAdjustment
	Cooldown               *time.Duration // nil: DefaultCooldown
	MinAdjustmentMagnitude *int
	Aggregation            string // Average, Minimum or Maximum
}

// DefaultCooldown is what Application Auto Scaling takes for SageMaker where a policy names no cooldown.
const DefaultCooldown = 300 * time.Second

// Cooldown is a cooldown of a policy, or AWS's default where it names none.
func Cooldown(named *time.Duration) time.Duration {
	if named == nil {
		return DefaultCooldown
	}
	return *named
}

// StepAdjustment is one step; a nil bound is infinite.
type StepAdjustment struct {
	Lower, Upper *float64 // distance of the metric from the alarm's threshold
	Adjustment   int
}

// Adds tells whether the step adds instances to some number of them.
func (s StepAdjustment) Adds() bool { return s.Adjustment > 0 }

// MetricNames are the names of the metrics or the predefined type that the policy tracks, sorted as AWS lists them.
// Step policies have none: their alarms choose.
func (p Policy) MetricNames() []string {
	if p.Tracking == nil {
		return nil
	}
	switch t := p.Tracking; {
	case t.Predefined != "":
		return []string{t.Predefined}
	case t.Metric != nil:
		return []string{t.Metric.Name}
	default:
		var names []string
		for _, query := range t.Math {
			if query.Metric != nil {
				names = append(names, query.Metric.Name)
			}
		}
		return names
	}
}

// ScheduledAction is a scheduled action on a scalable target (DescribeScheduledActions).
type ScheduledAction struct {
	ResourceID  string
	Name        string
	Schedule    string
	Timezone    string
	Start, End  time.Time // zero when unbounded
	MinCapacity *int
	MaxCapacity *int
}

// Key tells the policy from all others of its scope.
func (p Policy) Key() string { return p.ResourceID + " policy " + p.Name }

// Key tells the scheduled action from all others of its scope.
func (a ScheduledAction) Key() string { return a.ResourceID + " scheduled action " + a.Name }
