package observe

import (
	"context"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// AWS is everything that an observation asks, split so that each source depends on its own questions only. One client
// usually answers all of them.
type AWS struct {
	Endpoints  Endpoints
	Backlogs   Backlogs                              // nil: no endpoint comes first
	Hurry      func(context.Context) context.Context // lets descriptions go faster in a first view; nil: they do not
	Tags       Tags
	Metrics    Metrics
	Scaling    Scaling
	Alarms     Alarms
	Mutes      Mutes // nil: mute rules are not asked for
	Watched    Watched
	Activities Activities
}

// Endpoints lists and describes the endpoints of a scope, of every kind.
type Endpoints interface {
	// ListEndpoints pages through all endpoints.
	ListEndpoints(ctx context.Context) ([]fleet.EndpointSummary, error)
	// DescribeEndpoint fails with fleet.ErrNotFound when the endpoint is gone.
	DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error)
	// DescribeEndpointConfig fails with fleet.ErrNotFound when the configuration is gone.
	DescribeEndpointConfig(ctx context.Context, name string) (fleet.EndpointConfig, error)
}

// Backlogs finds endpoints by their queues. Where it fails, the first view is made without.
type Backlogs interface {
	// EndpointsWithBacklog names the endpoints of which CloudWatch has had ApproximateBacklogSize lately. Some may be gone.
	// Billed is the number of requests, with an error too: AWS charges for one what it charges for a metric of MetricData.
	EndpointsWithBacklog(ctx context.Context) (names []string, billed int, err error)
}

// Tags reads the tags of one SageMaker resource.
type Tags interface {
	ListTags(ctx context.Context, arn string) (map[string]string, error)
}

// Metrics reads datapoints from CloudWatch.
type Metrics interface {
	// MetricData answers each query at the same index, in as few GetMetricData calls as AWS allows; from is inclusive,
	// to exclusive. With an error the series that are Complete are nevertheless good. Billed is the number of metrics
	// that AWS charges for.
	MetricData(ctx context.Context, queries []fleet.Query, from, to time.Time) (series []fleet.Series, billed int, err error)
	// MetricUnit is the unit of a metric's datapoints in the period that begins at from, for example Milliseconds.
	MetricUnit(ctx context.Context, metric fleet.Metric, from time.Time, period time.Duration) (string, error)
}

// Scaling reads what Application Auto Scaling knows of endpoint variants. Each method pages through everything.
type Scaling interface {
	ScalableTargets(ctx context.Context) ([]fleet.Target, error)
	ScalingPolicies(ctx context.Context) ([]fleet.Policy, error)
	ScheduledActions(ctx context.Context) ([]fleet.ScheduledAction, error)
}

// Alarms reads all metric alarms of a scope: an alarm that is wired to nothing is listed by no policy.
type Alarms interface {
	MetricAlarms(ctx context.Context) ([]fleet.Alarm, error)
}

// Watched reads the metric alarms of these names, as far as they exist.
type Watched interface {
	AlarmsNamed(ctx context.Context, names []string) ([]fleet.Alarm, error)
}

// Mutes reads the alarm mute rules of a scope. Where it fails, the alarms are read without.
type Mutes interface {
	// MuteRules lists the rules that have not expired: name, time of the last change, and whether each is active.
	MuteRules(ctx context.Context) ([]fleet.MuteRule, error)
	// MuteRule fails with fleet.ErrNotFound when the rule is gone.
	MuteRule(ctx context.Context, name string) (fleet.MuteRule, error)
}

// Activities reads scaling activities, not-scaled ones included.
type Activities interface {
	// ScalingActivities reads page after page, newest first, until AWS has no more or enough says so of the pages read
	// so far.
	ScalingActivities(ctx context.Context, enough func(read []fleet.Activity, pages int) bool) ([]fleet.Activity, error)
}
