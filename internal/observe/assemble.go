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
	activity  map[string]fleet.ActivityState
}

// join indexes what is known of scaling by resource id.
func (o *Observer) join() joined {
	j := joined{
		wiring:    wire(o.scaling.policies, o.alarms),
		targets:   make(map[string]*fleet.Target, len(o.scaling.targets)),
		scheduled: map[string][]fleet.ScheduledAction{},
		activity:  o.activity.states,
	}
	for i := range o.scaling.targets {
		j.targets[o.scaling.targets[i].ResourceID] = &o.scaling.targets[i]
	}
	for _, action := range o.scaling.scheduled {
		j.scheduled[action.ResourceID] = append(j.scheduled[action.ResourceID], action)
	}
	return j
}

// endpoint puts together everything that is known of one endpoint.
func (o *Observer) endpoint(name string, j joined) fleet.Endpoint {
	known := o.endpoints[name]
	endpoint := fleet.Endpoint{
		EndpointSummary: known.description.EndpointSummary,
		ConfigName:      known.description.ConfigName,
		FailureReason:   known.description.FailureReason,
		Async:           known.async(),
		Tags:            o.tags[known.description.ARN],
		Queue:           o.metrics.queues[name].readings,
		Wakes:           o.wakes[name].duration,
		SeenAt:          known.seenAt,
		Expires:         known.seenAt.Add(o.options.lifetime(fleet.SourceEndpoints)),
	}
	for _, described := range known.description.Variants {
		endpoint.Variants = append(endpoint.Variants, variant(name, described, known.config, j))
	}
	slices.SortFunc(endpoint.Variants, func(a, b fleet.Variant) int { return cmp.Compare(a.Name, b.Name) })
	return endpoint
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

func variant(endpoint string, described fleet.VariantDescription, config fleet.EndpointConfig, j joined) fleet.Variant {
	resource := fleet.ResourceID(endpoint, described.Name)
	v := fleet.Variant{
		Name:      described.Name,
		Current:   described.Current,
		Desired:   described.Desired,
		Target:    j.targets[resource],
		Policies:  j.policies[resource],
		Scheduled: j.scheduled[resource],
		Alarms:    j.alarmsOf(endpoint, described.Name),
		Activity:  j.activity[resource],
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
