package observe

import (
	"cmp"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// join indexes what is known of scaling. It is made once for each sweep, not for each snapshot: a large fleet has
// thousands of alarms, and several snapshots a minute.
func (o *Observer) join() *fleet.Join {
	if o.joined == nil {
		o.joined = fleet.NewJoin(o.scaling.targets, o.scaling.policies, o.scaling.scheduled, o.alarms, o.alarmsRead)
	}
	return o.joined
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
		History:         o.histories[name],
		Wakes:           o.wakes[name].duration,
		DescribedAt:     known.describedAt,
		SeenAt:          known.seenAt,
		Expires:         known.seenAt.Add(o.options.lifetime(fleet.SourceEndpoints)),
		Variants:        make([]fleet.Variant, 0, len(known.description.Variants)),
	}
	for _, missing := range []gaps{o.scaling.gaps, o.gaps} {
		endpoint.Refused, endpoint.Unread = cmp.Or(endpoint.Refused, missing[name].why), endpoint.Unread || missing[name].unread
	}
	for _, described := range known.description.Variants {
		endpoint.Variants = append(endpoint.Variants, o.variant(name, described, known.config))
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

func (o *Observer) variant(endpoint string, described fleet.VariantDescription, config fleet.EndpointConfig) fleet.Variant {
	resource := fleet.ResourceID(endpoint, described.Name)
	v := fleet.Variant{
		Name:     described.Name,
		Current:  described.Current,
		Desired:  described.Desired,
		Activity: o.activity.states[resource],
		Work:     o.metrics.of(resource),
	}
	o.join().Fill(endpoint, &v)
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
