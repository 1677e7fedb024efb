package fleet

import "time"

// EndpointSummary is one row of ListEndpoints.
type EndpointSummary struct {
	Name         string
	ARN          string
	Status       string // one of Statuses
	Created      time.Time
	LastModified time.Time
}

// The statuses that decide something here.
const (
	InService = "InService" // nothing is being changed
	Updating  = "Updating"  // an update, or a change of the capacity, is under way
	// RollbackFailed is in service, with a mix of the old and the new configuration (AWS, DescribeEndpoint). Whether it scales is not documented.
	RollbackFailed = "UpdateRollbackFailed"
)

// Statuses are the states in which SageMaker says an endpoint can be, in the order of its documentation.
var Statuses = []string{
	"OutOfService", "Creating", Updating, "SystemUpdating", "RollingBack", InService, "Deleting", "Failed",
	RollbackFailed,
}

// Lasting are the statuses of an endpoint that stay until somebody does something.
var Lasting = []string{"OutOfService", "Failed", RollbackFailed}

// EndpointDescription is what DescribeEndpoint says of one endpoint.
type EndpointDescription struct {
	EndpointSummary
	ConfigName    string
	FailureReason string       // AWS's own words when the status is Failed
	Async         *AsyncConfig // set when the answer carries it; the endpoint config is the authority
	Variants      []VariantDescription
}

// VariantDescription is what DescribeEndpoint says of one production variant.
type VariantDescription struct {
	Name    string
	Current *int        // CurrentInstanceCount
	Desired *int        // DesiredInstanceCount
	Pools   []PoolCount // only where the variant has instance pools
}

// PoolCount is the number of running instances of one instance pool.
type PoolCount struct {
	InstanceType string
	Current      int
}

// Endpoint is one asynchronous endpoint with everything that was seen of it.
type Endpoint struct {
	EndpointSummary
	ConfigName    string
	FailureReason string
	Async         AsyncConfig
	Tags          map[string]string // nil where tags are not asked for or not known
	Variants      []Variant         // sorted by name
	Queue         Queue
	History       *History  // of its queue and instances; nil while CloudWatch has not been read
	Wakes         Histogram // seconds from the first minute with a backlog at zero instances to the first instance
	Refused       string    // why a part of what scales it was refused, so that nothing is written to it; empty when none was
	Unread        bool      // nothing older stands in for that part: what scales it is not known
	DescribedAt   time.Time // when DescribeEndpoint last answered for it
	SeenAt        time.Time // when it was last described, or listed with nothing to say that it had changed since
	Expires       time.Time // when this knowledge may no longer be shown
}

// Variant is one production variant of an endpoint with its scaling.
type Variant struct {
	Name      string
	Current   *int     // instances running, from DescribeEndpoint; nil when it did not say
	Desired   *int     // desired instances, from DescribeEndpoint; nil when it did not say
	Types     []string // instance types, the first choice first, from DescribeEndpointConfig
	Pools     []Pool   // sorted by priority, then type; empty where the variant has no instance pools
	Target    *Target  // nil when none is registered, or the scaling source is not known
	Policies  []Policy // sorted by name
	Scheduled []ScheduledAction
	Alarms    []WiredAlarm // sorted by policy, then alarm
	Activity  ActivityState
	Work      *Work // nil while nothing is known of it
}

// BacklogTarget is the target value of the policy that tracks ApproximateBacklogSizePerInstance, of several the highest; 0 where none does.
func (v *Variant) BacklogTarget() (target float64) {
	for i := range v.Policies {
		if tracks := v.Policies[i].Tracking; tracks.OnBacklogPerInstance() {
			target = max(target, tracks.TargetValue)
		}
	}
	return target
}

// Policy is the policy of that name; nil when there is none.
func (v *Variant) Policy(name string) *Policy {
	for i := range v.Policies {
		if v.Policies[i].Name == name && name != "" {
			return &v.Policies[i]
		}
	}
	return nil
}

// Pool is one instance pool of a variant.
type Pool struct {
	InstanceType string
	Priority     int // 1 is tried first
	Current      int // instances running in it
}

// Pace is how many requests all variants have processed in a second in the newest settled minutes, and whether any tells.
func (e Endpoint) Pace(at time.Time) (perSecond float64, known bool) {
	for _, variant := range e.Variants {
		if variant.Work != nil && variant.Work.Pace.Fresh(at) {
			perSecond, known = perSecond+variant.Work.Pace.Value, true
		}
	}
	return perSecond, known
}

// Instances is the number of instances running over all variants, and whether every variant's number is known.
func (e Endpoint) Instances() (n int, known bool) {
	for _, variant := range e.Variants {
		if variant.Current == nil {
			return 0, false
		}
		n += *variant.Current
	}
	return n, len(e.Variants) > 0
}
