package observe

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// One is one endpoint with everything that scales it, read at about the same time.
type One struct {
	Description fleet.EndpointDescription
	Config      fleet.EndpointConfig // zero: the description alone tells what the endpoint is
	Tags        map[string]string
	Targets     []fleet.Target
	Policies    []fleet.Policy
	Scheduled   []fleet.ScheduledAction
	Alarms      []fleet.Alarm
}

// Asynchronous tells whether the endpoint is of the kind that is observed at all.
func (one One) Asynchronous() bool {
	return knownEndpoint{description: one.Description, config: one.Config}.kind() == fleet.KindAsync
}

// Endpoint puts together what was read, as a snapshot of that moment has it, and may be shown until then.
func (one One) Endpoint(at, until time.Time) fleet.Endpoint {
	name := one.Description.Name
	o := Observer{
		endpoints: endpointMemory{name: {description: one.Description, config: one.Config, describedAt: at, seenAt: at}},
		tags:      tagMemory{one.Description.ARN: one.Tags},
		scaling:   scalingMemory{targets: one.Targets, policies: one.Policies, scheduled: one.Scheduled},
		alarms:    one.Alarms, alarmsRead: at,
	}
	endpoint := o.endpoint(name)
	endpoint.Expires = until
	return endpoint
}

// Selects tells whether an endpoint of that name and tags is observed.
func (o Options) Selects(endpoint string, tags map[string]string) bool {
	return o.selects(endpoint, tags)
}
