package observe

import (
	"cmp"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// joined is what is known of scaling, ready to be looked up by variant.
type joined struct {
	wiring
	targets   map[string]*fleet.Target // by resource id
	scheduled map[string][]fleet.ScheduledAction
	alarms    map[string][]fleet.WiredAlarm // of the variants that were looked up
}

// join indexes what is known of scaling by resource id. It is made once for each sweep, not for each snapshot: a large
// fleet has thousands of alarms, and several snapshots a minute.
func (o *Observer) join() *joined {
	if o.joined != nil {
		return o.joined
	}
	j := &joined{
		wiring:    wire(o.scaling.policies, o.alarms),
		targets:   make(map[string]*fleet.Target, len(o.scaling.targets)),
		scheduled: map[string][]fleet.ScheduledAction{},
		alarms:    map[string][]fleet.WiredAlarm{},
	}
	for i := range o.scaling.targets {
		j.targets[o.scaling.targets[i].ResourceID] = &o.scaling.targets[i]
	}
	for _, action := range o.scaling.scheduled {
		j.scheduled[action.ResourceID] = append(j.scheduled[action.ResourceID], action)
	}
	o.joined = j
	return j
}

// endpoint puts together everything that is known of one endpoint.
func (o *Observer) endpoint(name string) fleet.Endpoint {
	known := o.endpoints[name]
	endpoint := fleet.Endpoint{
		EndpointSummary: known.description.EndpointSummary,
		ConfigName:      known.description.ConfigName,
		FailureReason:   known.description.FailureReason,
		Async:           known.async(),
		Tags:            o.tags[known.description.ARN],
		Queue:           o.queues[name],
		Wakes:           o.wakes[name].duration,
		DescribedAt:     known.describedAt,
		Question:        known.question,
		SeenAt:          known.seenAt,
		Expires:         known.seenAt.Add(o.options.lifetime(fleet.SourceEndpoints)),
		Variants:        make([]fleet.Variant, 0, len(known.description.Variants)),
	}
	for _, described := range known.description.Variants {
		endpoint.Variants = append(endpoint.Variants, o.variant(name, described, known.config))
	}
	slices.SortFunc(endpoint.Variants, func(a, b fleet.Variant) int { return cmp.Compare(a.Name, b.Name) })
	return endpoint
}

// alarmsOf lists the alarms of a variant; published snapshots share the list.
func (j *joined) alarmsOf(endpoint, variant string) []fleet.WiredAlarm {
	resource := fleet.ResourceID(endpoint, variant)
	found, ok := j.alarms[resource]
	if !ok {
		found = j.wiring.alarmsOf(endpoint, variant)
		j.alarms[resource] = found
	}
	return found
}

// async is the part of the configuration that makes the endpoint asynchronous.
func (k knownEndpoint) async() fleet.AsyncConfig {
	switch {
	case k.config.Async != nil:
		return *k.config.Async
	case k.description.Async != nil:
		return *k.description.Async
	}
	return fleet.AsyncConfig{}
}

func (o *Observer) variant(endpoint string, described fleet.VariantDescription, config fleet.EndpointConfig) fleet.Variant {
	resource, j := fleet.ResourceID(endpoint, described.Name), o.join()
	v := fleet.Variant{
		Name:      described.Name,
		Current:   described.Current,
		Desired:   described.Desired,
		Target:    j.targets[resource],
		Policies:  j.policies[resource],
		Scheduled: j.scheduled[resource],
		Alarms:    j.alarmsOf(endpoint, described.Name),
		Activity:  o.activity.states[resource],
		Work:      o.work.of(resource),
	}
	for _, configured := range config.Variants {
		if configured.Name != described.Name {
			continue
		}
		v.Pools = pools(configured.Pools, described.Pools)
		for _, pool := range v.Pools {
			v.Types = append(v.Types, pool.InstanceType)
		}
		if configured.InstanceType != "" {
			v.Types = append(v.Types, configured.InstanceType)
		}
	}
	return v
}

// pools joins the configured instance pools with the instances running in them, in the order in which they are tried.
func pools(configured []fleet.PoolConfig, counts []fleet.PoolCount) []fleet.Pool {
	var found []fleet.Pool
	for _, config := range configured {
		pool := fleet.Pool{InstanceType: config.InstanceType, Priority: config.Priority}
		for _, count := range counts {
			if count.InstanceType == config.InstanceType {
				pool.Current = count.Current
			}
		}
		found = append(found, pool)
	}
	slices.SortFunc(found, func(a, b fleet.Pool) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.InstanceType, b.InstanceType))
	})
	return found
}
