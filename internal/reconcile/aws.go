package reconcile

import (
	"cmp"
	"context"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// AWS is everything that a round of an endpoint asks and writes.
type AWS struct {
	Endpoints Endpoints
	Scaling   Scaling
	Alarms    Alarms
	Mutes     *observe.MuteRules // nil: mute rules are not asked for
	Writer    Writer
}

// Endpoints describes one endpoint. Each method fails with fleet.ErrNotFound when the thing is gone.
type Endpoints interface {
	DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error)
	DescribeEndpointConfig(ctx context.Context, name string) (fleet.EndpointConfig, error)
	ListTags(ctx context.Context, arn string) (map[string]string, error)
}

// Scaling reads what Application Auto Scaling knows of one endpoint's variants.
type Scaling interface {
	TargetsOf(ctx context.Context, resources []string) ([]fleet.Target, error)
	PoliciesOf(ctx context.Context, resource string) ([]fleet.Policy, error)
	ScheduledActionsOf(ctx context.Context, resource string) ([]fleet.ScheduledAction, error)
}

// Alarms reads the metric alarms of these names, as far as they exist.
type Alarms interface {
	AlarmsNamed(ctx context.Context, names []string) ([]fleet.Alarm, error)
}

// Writer sends one step to AWS.
type Writer interface {
	// Write returns the ARN of what was written, where AWS tells it. Writing the same step again changes nothing more.
	Write(ctx context.Context, step plan.Step) (arn string, err error)
}

// Clock tells the time of AWS, and waits by it.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// Bounds of one call with its retries, in real time: a call that hangs must not keep a round.
const (
	readPatience  = 20 * time.Second
	writePatience = 25 * time.Second
)

// Finishing is for how long a round goes on at most once it was told to end, in real time: the write under way has half of it,
// and what was lowered is seen to wake, or raised again. Kubernetes kills a pod terminationGracePeriodSeconds after SIGTERM.
const Finishing = 20 * time.Second

// outlast is a context that ends so long after another one.
func outlast(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		late, cancel := context.WithTimeout(longer, by)
		defer cancel()
		<-late.Done()
		end()
	})
	return longer, func() { stop(); end() }
}

// ask bounds one read.
func ask[T any](ctx context.Context, r *Round, read func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(r.patience, readPatience))
	defer cancel()
	return read(ctx)
}
